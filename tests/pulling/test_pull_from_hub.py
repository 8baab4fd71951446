"""Held: a model comes from a hub whole and right or not at all, and a pull goes on where it was left."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulling_models import CONTENT, FILE, REPO, Pulling, model, sha256
from small_hub import COMMIT, SmallHub, blob_id

from rag.errors import BelegError, ModelUnavailable
from rag.models.pulled import record_of
from rag.pulling import hub as hubs

PULLED = f"small/{FILE}"


def refused(pulling: Pulling, **changes: object) -> BelegError:
    with pytest.raises(ModelUnavailable) as caught:
        pulling(model(**changes))  # type: ignore[arg-type]
    assert caught.value.remedy
    assert not (pulling.store / "small").exists()
    return caught.value


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short, where the hub does not name them."""
    monkeypatch.setattr(hubs, "_WAIT", 0.01)


def test_a_file_is_pulled_once_and_is_its_owners_alone(hub: SmallHub, pulling: Pulling) -> None:
    made = pulling(model())
    assert pulling.files == {PULLED: CONTENT}
    assert made.verified and made.revision == COMMIT and made.source == f"hub:{REPO}"
    assert made == record_of(pulling.store, "small")
    assert pulling.positions[-1] == len(CONTENT)
    assert stat.S_IMODE((pulling.store / PULLED).stat().st_mode) == 0o600
    before = len(hub.asked)
    assert pulling(model()) == made and len(hub.asked) == before


def test_a_connection_that_is_cut_goes_on_where_it_was(hub: SmallHub, pulling: Pulling) -> None:
    hub.cut_at = [400_000, 700_000]
    pulling(model())
    assert pulling.files == {PULLED: CONTENT}
    starts = [int(wanted.removeprefix("bytes=").removesuffix("-") or 0) for wanted in hub.gets()]
    assert starts[0] == 0 and 0 < starts[1] <= 400_000 < starts[2] + hubs._BLOCK <= 700_000 + hubs._BLOCK
    assert any("asking again" in text for text in pulling.told)


def test_a_hub_that_gives_no_part_of_a_file_gives_all_of_it_again(hub: SmallHub, pulling: Pulling) -> None:
    hub.cut_at, hub.ranges = [400_000], False
    pulling(model())
    assert pulling.files == {PULLED: CONTENT}


def test_what_was_pulled_before_a_stop_is_not_pulled_again(hub: SmallHub, pulling: Pulling) -> None:
    hub.cut_at = [500_000] + [0] * 9
    error = refused(pulling)
    assert "cannot be reached" in error.reason and "goes on where it stopped" in error.remedy
    (left,) = pulling.files
    assert left.startswith("small.unfinished/") and 400_000 < len(pulling.files[left]) <= 500_000
    hub.cut_at, hub.asked = [], []
    pulling(model())
    assert pulling.files == {PULLED: CONTENT}
    assert hub.gets()[0] not in ("", "bytes=0-")


def test_a_file_that_changed_on_the_hub_meanwhile_begins_anew(hub: SmallHub, pulling: Pulling) -> None:
    hub.cut_at = [500_000] + [0] * 9
    refused(pulling, files={FILE: ""})
    hub.cut_at = []
    changed = b"GGUF" + bytes(len(CONTENT) - 4)
    hub.files[f"{REPO}/{FILE}"] = changed
    pulling(model({FILE: ""}))
    assert pulling.files == {PULLED: changed}


@pytest.mark.usefixtures("hub")
def test_a_file_other_than_the_catalogue_says_is_deleted_and_said(pulling: Pulling) -> None:
    error = refused(pulling, files={FILE: "0" * 64})
    assert "is deleted" in error.reason and sha256(CONTENT) in error.reason
    assert pulling.files == {}


def test_a_file_that_changed_on_the_way_is_deleted_and_said(hub: SmallHub, pulling: Pulling) -> None:
    hub.sent[f"{REPO}/{FILE}"] = CONTENT[:-1] + b"!"
    assert "did not arrive" in refused(pulling).reason
    assert pulling.files == {}


def test_more_than_was_announced_is_not_written(hub: SmallHub, pulling: Pulling) -> None:
    hub.sent[f"{REPO}/{FILE}"] = CONTENT * 3
    assert "nonsense" in refused(pulling).reason
    assert sum(map(len, pulling.files.values())) <= len(CONTENT)


def test_a_file_that_is_no_model_is_deleted(hub: SmallHub, pulling: Pulling) -> None:
    hub.files[f"{REPO}/{FILE}"] = b"<html>Please log in.</html>"
    assert "not a GGUF" in refused(pulling, files={FILE: ""}).reason
    assert pulling.files == {}


def test_a_file_without_a_known_sha256_is_held_to_the_first_one_even_after_it_was_removed(
    hub: SmallHub, pulling: Pulling
) -> None:
    from rag.models.pulled import remove

    made = pulling(model({FILE: ""}))
    assert not made.verified and made.files[FILE].sha256 == sha256(CONTENT)
    remove(pulling.store, "small")
    hub.files[f"{REPO}/{FILE}"] = CONTENT + b"and more"
    error = refused(pulling, files={FILE: ""})
    assert "sha256" in error.reason and "delete small.json first" in error.remedy
    hub.files[f"{REPO}/{FILE}"] = CONTENT
    assert pulling(model({FILE: ""})).files == made.files


def test_a_file_of_the_same_name_from_elsewhere_is_another_model(hub: SmallHub, pulling: Pulling) -> None:
    from rag.models.pulled import remove
    from rag.pulling.pull import asked_for

    hub.files["other/repo/small.gguf"] = CONTENT + b"other"
    pulling(asked_for(f"hf:{REPO}/{FILE}"))
    with pytest.raises(ModelUnavailable, match="from elsewhere") as caught:
        pulling(asked_for("hf:other/repo/small.gguf"))
    assert "beleg models remove small" in caught.value.remedy
    remove(pulling.store, "small")
    assert pulling(asked_for("hf:other/repo/small.gguf")).source == "hub:other/repo"


@pytest.mark.parametrize(
    ("asked", "said"), [("owner/none/small.gguf", "has no"), ("owner/small-gguf/other.gguf", "has no")]
)
def test_what_the_hub_does_not_have_is_named(hub: SmallHub, pulling: Pulling, asked: str, said: str) -> None:
    from rag.pulling.pull import asked_for

    assert hub.url
    with pytest.raises(ModelUnavailable, match=said) as caught:
        pulling(asked_for(f"hf:{asked}"))
    assert asked.split("/")[1] in caught.value.reason


def test_a_hub_that_asks_to_wait_is_asked_again_after_that(hub: SmallHub, pulling: Pulling) -> None:
    hub.answers = [(429, "1"), (503, "0")]
    pulling(model())
    assert pulling.files == {PULLED: CONTENT}
    assert any("429: asking again in 1 s" in text for text in pulling.told), pulling.told


def test_a_hub_that_asks_to_wait_for_long_is_told_and_not_waited_for(hub: SmallHub, pulling: Pulling) -> None:
    hub.answers = [(429, "86400")]
    error = refused(pulling)
    assert "429" in error.reason and "86400" in error.reason and "later" in error.remedy


@pytest.mark.parametrize(
    ("answer", "said"), [((401, ""), "not for everybody|answered 401"), ((418, ""), "418"), ((500, "9999"), "500")]
)
def test_any_other_refusal_is_told_by_its_number(
    hub: SmallHub, pulling: Pulling, answer: tuple[int, str], said: str
) -> None:
    hub.answers = [answer] * 9
    with pytest.raises(ModelUnavailable, match=said):
        pulling(model())


def test_a_hub_that_may_not_be_asked_is_not(hub: SmallHub, pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refused(pulling).reason
    assert hub.asked == []


def test_a_hub_that_is_not_there_is_said_soon(pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached" in refused(pulling).reason


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"sha": 5}', b'{"siblings": [{"rfilename": 7}]}', b"\xff"])
def test_a_server_that_answers_nonsense_is_said_to(
    hub: SmallHub, pulling: Pulling, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import small_hub

    def nonsense(self: small_hub._Handler, _: str) -> None:
        self._end(200, {"Content-Type": "application/json"}, answer)

    monkeypatch.setattr(small_hub._Handler, "_list", nonsense)
    assert "nonsense" in refused(pulling, role="embedder").reason
    assert hub.asked


# --- folders ---------------------------------------------------------------------------

FOLDER = {
    "config.json": b"{}",
    "model.safetensors": CONTENT,
    "tokenizer.json": b"{ }",
    "1_Pooling/config.json": b'{"a": 1}',
    "README.md": b"# x",
    "pytorch_model.bin": b"pickled",
    "onnx/model.onnx": b"onnx",
    "onnx/config.json": b"{}",
    "code.py": b"import os",
    ".hidden.json": b"{}",
}


def test_of_a_repository_only_what_is_needed_is_pulled_and_nothing_pickled(hub: SmallHub, pulling: Pulling) -> None:
    hub.files = {f"{REPO}/{name}": content for name, content in FOLDER.items()}
    made = pulling(model({"model.safetensors": sha256(CONTENT)}, role="embedder"))
    needed = ["config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"]
    assert pulling.files == {f"small/{name}": FOLDER[name] for name in needed}
    assert sorted(made.files) == sorted(needed)


@pytest.mark.parametrize("evil", ["../config.json", "/tmp/config.json", "1_a/../../config.json", "..\\config.json"])
def test_no_name_leads_out_of_the_folder(hub: SmallHub, pulling: Pulling, evil: str) -> None:
    hub.files = {f"{REPO}/{name}": content for name, content in {"model.safetensors": CONTENT, evil: b"{}"}.items()}
    pulling(model({}, role="embedder"))
    assert list(pulling.files) == ["small/model.safetensors"]


def test_a_repository_without_safetensors_is_refused(hub: SmallHub, pulling: Pulling) -> None:
    hub.files = {f"{REPO}/config.json": b"{}", f"{REPO}/pytorch_model.bin": b"pickled"}
    assert "safetensors" in refused(pulling, files={}, role="reader").reason


def test_a_small_file_that_changed_on_the_way_is_seen_by_gits_hash(hub: SmallHub, pulling: Pulling) -> None:
    hub.files = {f"{REPO}/config.json": b'{"a": 1}', f"{REPO}/model.safetensors": CONTENT}
    hub.sent[f"{REPO}/config.json"] = b'{"a": 2}'
    assert len(blob_id(b"")) == 40
    assert "config.json" in refused(pulling, files={}, role="reader").reason


# --- the disk --------------------------------------------------------------------------


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file can grow beyond 300 KB, which a full disk is much like."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_fills_up_is_said_and_gone_on_from(hub: SmallHub, pulling: Pulling) -> None:
    error = refused(pulling)
    assert "disk is full" in error.reason and "goes on" in error.remedy
    resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1:] * 2)
    hub.asked = []
    pulling(model())
    assert pulling.files == {PULLED: CONTENT} and hub.gets()[0] not in ("", "bytes=0-")


def test_a_disk_that_is_too_small_is_said_before_anything_is_pulled(hub: SmallHub, pulling: Pulling) -> None:
    assert "too little room" in refused(pulling, size=10**15).reason
    assert hub.asked == []


@pytest.mark.skipif(os.name != "posix", reason="a folder that is a file is told otherwise elsewhere")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnavailable, match="cannot be written to"):
        Pulling(tmp_path / "file" / "models")(model())


def test_what_was_put_there_by_hand_is_not_touched(hub: SmallHub, pulling: Pulling) -> None:
    (pulling.store / "small").mkdir(parents=True)
    (pulling.store / "small" / "mine.txt").write_text("mine")
    with pytest.raises(ModelUnavailable, match="in the way"):
        pulling(model())
    assert list(pulling.files) == ["small/mine.txt"] and hub.asked == []
