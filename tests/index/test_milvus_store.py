"""A library's copy in Milvus finds what the library does, and follows it; held with Milvus Lite and its server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from library_fixtures import fill, other_embedder
from milvus_server import MilvusServer

from rag.documents.document import document_id
from rag.errors import StoreUnusable
from rag.index import milvus_sending
from rag.index.library import Library
from rag.index.milvus_client import Milvus
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Field, Store, Within
from rag.index.stores import open_store, send
from rag.index.update import rebuild
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.text.char_ngrams import pieces
from rag.text.language import stems

TEXTS = {
    "mill.txt": "The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt. " + "It is a museum now. " * 40,
    "ferry.txt": "The ferry sank on a stormy night. Its captain's name was O'Neil. Two goats were never found.",
    "bruecke.txt": "Die Brücke über die Wiese wurde 1911 eröffnet. Sie kostete 1,5 Millionen Mark und trug die Bahn.",
    "copy.txt": "The ferry sank on a stormy night. Its captain's name was O'Neil. Two goats were never found.",
}
QUESTIONS = ["When did the mill burn down?", "Wer baute die Brücke über die Wiese?", "What was O'Neil's 1.5 ferry?"]


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
        yield library


@pytest.fixture(params=["in process", "server"])
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    if request.param == "in process":
        yield Settings(library=tmp_path / "library", store=f"milvus:{tmp_path}/s.db")
        return
    with MilvusServer(tmp_path / "served") as server:
        yield Settings(library=tmp_path / "library", store=server.store)


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", store=f"milvus:{tmp_path}/s.db")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr("rag.system.logs._tell", lines.append)
    return lines


def ids(library: Library, *names: str) -> list[str]:
    return [entry.id for entry in library.entries() if entry.name in names]


def within(library: Library, *names: str) -> Within:
    documents = ids(library, *names)
    return Within(documents, library.chunks_of(documents))


def agree(library: Library, store: Store, embedder: Embedder) -> None:
    """All that the library itself finds, this store finds too, by whatever it is limited to."""
    itself = SqliteStore.of(library)
    limits = [(None, ()), (within(library, "mill.txt", "bruecke.txt"), ()), (None, ids(library, "copy.txt"))]
    for question, vector in zip(QUESTIONS, embedder.encode(QUESTIONS, "query"), strict=True):
        for limit, without in limits:
            near, like = (each.nearest(vector, 1000, limit, without) for each in (store, itself))
            assert list(near) == pytest.approx(list(like)) and near == pytest.approx(like, abs=1e-5)
            assert near or not library.count()[0]
            asked: list[tuple[Field, list[str], str | None]] = [("pieces", pieces(question), None)]
            asked += [("stems", stems(question, each), each) for each in ("de", "en")]
            asked += [("glosses", stems(question, "en"), None), ("stems", [], None)]
            for field, tokens, language in asked:
                words, wanted = (each.lexical(field, tokens, 99, language, limit, without) for each in (store, itself))
                assert words.keys() == wanted.keys(), (question, field, language)
                assert list(words.values()) == sorted(words.values(), reverse=True)
                assert all(score > 0 for score in words.values())


def test_it_finds_what_the_library_finds(library: Library, settings: Settings, embedder: Embedder) -> None:
    with closing(open_store(library, settings)) as store:
        agree(library, store, embedder)


def test_a_word_with_signs_in_it_is_one_word_as_in_the_library(library: Library, settings: Settings) -> None:
    with closing(open_store(library, settings)) as store:
        assert store.lexical("stems", ["o'neil"], 9).keys() == library.chunks_of(ids(library, "ferry.txt", "copy.txt"))
        assert store.lexical("stems", ["o"], 9) == store.lexical("pieces", ["mil"], 9) == {}
        assert store.lexical("pieces", ["<mil"], 9).keys() >= library.chunks_of(ids(library, "mill.txt"))
        assert store.lexical("stems", ["1.5"], 9).keys() == library.chunks_of(ids(library, "bruecke.txt"))


def test_it_follows_what_is_added_changed_moved_and_removed(
    library: Library, settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    with closing(open_store(library, settings)) as store:
        fill(library, tmp_path, {"mill.txt": "The mill was sold in 1950.", "new.txt": "Geese fly south."}, embedder)
        library.remove(ids(library, "ferry.txt")[0])
        (there,) = ids(library, "bruecke.txt")
        moved = tmp_path / "elsewhere" / "bruecke.txt"
        assert library.move(there, document_id(moved), str(moved), "bruecke.txt")
        store = store.followed()
        assert store.followed() is store
        agree(library, store, embedder)
        for name in ("mill.txt", "new.txt", "bruecke.txt", "copy.txt"):
            library.remove(ids(library, name)[0])
        agree(library, store.followed(), embedder)
    send(library, settings)  # a library without a chunk is no error


def test_a_rebuild_with_another_embedder_is_sent_anew_by_who_indexes_and_told_to_who_asks(
    library: Library, settings: Settings, embedder: Embedder, told: list[str]
) -> None:
    open_store(library, settings).close()
    rebuild(library, other_embedder(embedder), lambda _: None)
    with pytest.raises(StoreUnusable, match="another embedder"):
        open_store(library, settings)
    send(library, settings)
    assert any("made anew" in line for line in told)
    with closing(open_store(library, settings)) as store:
        agree(library, store, other_embedder(embedder))


def test_what_is_lacking_is_seen_and_sent_anew_by_who_indexes(
    library: Library, here: Settings, embedder: Embedder
) -> None:
    with closing(open_store(library, here)) as store:
        store._milvus.delete(store._names.chunks, "id == 1")  # type: ignore[attr-defined]
    with pytest.raises(StoreUnusable, match=r"does not hold what the library does: \d of \d chunks"):
        open_store(library, here)
    send(library, here)
    with closing(open_store(library, here)) as store:
        agree(library, store, embedder)


# --- what is in the way ----------------------------------------------------------------------


def a_collection(settings: Settings, name: str) -> None:
    """Make a collection of somebody else's."""
    from pymilvus import DataType, MilvusClient

    with closing(MilvusClient(settings.store.removeprefix("milvus:"))) as client:
        schema, indexes = client.create_schema(), client.prepare_index_params()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("theirs", DataType.FLOAT_VECTOR, dim=2)
        indexes.add_index("theirs", index_type="FLAT", metric_type="IP")
        client.create_collection(name, schema=schema, index_params=indexes)
        client.insert(name, [{"id": 1, "theirs": [1.0, 0.0]}])


def test_a_collection_of_somebody_else_s_is_never_touched(library: Library, tmp_path: Path) -> None:
    name = f"beleg_{library.vector_state.library}"
    with MilvusServer(tmp_path / "served") as server:
        settings = Settings(library=library.folder, store=server.store)
        a_collection(settings, name)
        a_collection(settings, f"{name}_sentences")
        for attempt in (open_store, send):
            with pytest.raises(StoreUnusable, match=f"{name} of Milvus at http.*made otherwise.*drop or rename"):
                attempt(library, settings)
        from pymilvus import MilvusClient

        with closing(MilvusClient(server.store.removeprefix("milvus:"))) as client:
            assert client.query(name, filter="id == 1", output_fields=["id"])


def test_the_note_of_another_library_is_seen(library: Library, here: Settings) -> None:
    with closing(open_store(library, here)) as store:
        state = store.state.__class__("0" * 32, store.state.embedder, 1, 0)  # type: ignore[attr-defined]
        milvus_sending.kept.note(store._milvus, store._names, state)  # type: ignore[attr-defined]
    for attempt in (open_store, send):
        with pytest.raises(StoreUnusable, match="it is of another library"):
            attempt(library, here)


def test_an_older_copy_of_the_library_is_told_from_the_one_that_was_sent(
    library: Library, here: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    import shutil

    library._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(library.folder, tmp_path / "older")
    fill(library, tmp_path, {"new.txt": "Geese fly south."}, embedder)
    open_store(library, here).close()
    with Library(tmp_path / "older") as older, pytest.raises(StoreUnusable, match="a later state of the library"):
        open_store(older, here)


def test_a_server_that_is_gone_is_told_and_asked_again_once_it_is_back(
    library: Library, embedder: Embedder, tmp_path: Path
) -> None:
    with MilvusServer(tmp_path / "served") as server:
        settings = Settings(library=library.folder, store=server.store)
        with closing(open_store(library, settings)) as store:
            server.stop()
            for _ in range(2):
                with pytest.raises(StoreUnusable, match=f"Milvus at http://127.0.0.1:{server.port} does not answer"):
                    store.lexical("stems", ["mill"], 9)
            server.start()
            agree(library, store, embedder)
            server.stop()
            fill(library, tmp_path, {"new.txt": "Geese fly south."}, embedder)
            with pytest.raises(StoreUnusable, match="does not answer"):
                store.followed()
            server.start()
            agree(library, store.followed(), embedder)


def test_an_address_where_no_milvus_is_is_told(library: Library, told: list[str]) -> None:
    for address in ("http://127.0.0.1:9", "http://no-such-host.invalid:1"):
        with pytest.raises(StoreUnusable, match=r"does not answer.*--store sqlite"):
            open_store(library, Settings(library=library.folder, store=f"milvus:{address}"))
    (line,) = told  # of the host that is not this machine
    assert "are sent to http://no-such-host.invalid:1, which searches them; on the way they can be read." in line


def test_a_folder_that_another_program_has_open_is_told(library: Library, here: Settings) -> None:
    with closing(open_store(library, here)):
        with closing(open_store(library, here)):  # twice in one process is no other program
            pass
        done = run(_OPEN, str(library.folder), here.store)
    assert "is open in another program" in done.stderr


def test_what_milvus_names_without_sense_is_no_find(
    library: Library, here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_store(library, here)) as store:
        odd = {1: float("nan"), 2: 0.5, 10**30: 0.9, -4: 0.8, 999_999: 0.7, 3: float("inf")}
        monkeypatch.setattr(Milvus, "search", lambda *_: odd)
        assert store.lexical("stems", ["mill"], 9) == {2: 0.5}


# --- killed in the middle -------------------------------------------------------------------

# Sends one chunk at a time, and ends without a word before what comes after so many steps.
_KILLED = """
import os, signal, sys
from pathlib import Path
from rag.index import milvus_collections, milvus_sending
from rag.index.library import Library
from rag.index.milvus_client import Milvus
from rag.index.stores import open_store
from rag.settings import Settings
left = int(sys.argv[3])
def counting(name):
    real = getattr(Milvus, name)
    def step(self, *arguments):
        global left
        if left == 0: os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(self, *arguments)
    setattr(Milvus, name, step)
for name in ("create", "upsert", "delete", "drop"): counting(name)
milvus_sending._AT_ONCE = 1
with Library(Path(sys.argv[1])) as library:
    open_store(library, Settings(library=Path(sys.argv[1]), store=sys.argv[2])).close()
"""


def killed(library: Library, settings: Settings, steps: int) -> int:
    command = [sys.executable, "-c", _KILLED, str(library.folder), settings.store, str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


@pytest.mark.parametrize("steps", [1, 2, 4, 5, 7])
def test_whoever_is_killed_in_the_middle_goes_on_from_there(
    library: Library, settings: Settings, embedder: Embedder, tmp_path: Path, steps: int
) -> None:
    assert killed(library, settings, steps) == -9
    library.remove(ids(library, "copy.txt")[0])  # what was sent of it has to go again
    fill(library, tmp_path, {"mill.txt": "The mill was sold in 1950.", "new.txt": "Geese fly south."}, embedder)
    assert killed(library, settings, 3) == -9
    with closing(open_store(library, settings)) as store:
        agree(library, store, embedder)
        assert milvus_sending.differences(library, store._milvus) == ""  # type: ignore[attr-defined]


# --- what else it does ------------------------------------------------------------------------


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})


_OPEN = """
import sys; from pathlib import Path
from rag.index.library import Library
from rag.index.stores import open_store
from rag.settings import Settings
with Library(Path(sys.argv[1])) as library:
    store = open_store(library, Settings(library=Path(sys.argv[1]), store=sys.argv[2]))
"""


def test_in_process_it_listens_on_no_port_and_leaves_no_file_for_others(
    library: Library, here: Settings, tmp_path: Path
) -> None:
    code = _OPEN + (
        "    import os\n"
        "    own = {os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') "
        "if os.path.exists(f'/proc/self/fd/{fd}')}\n"
        "    rows = [line.split() for name in ('tcp', 'tcp6') for line in open(f'/proc/self/net/{name}')]\n"
        "    print([row[1] for row in rows if row[3] == '0A' and f'socket:[{row[9]}]' in own])\n"
        "    store.close()\n"
    )
    (tmp_path / "tmp").mkdir()
    done = run(code, str(library.folder), here.store, TMPDIR=str(tmp_path / "tmp"))
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert (tmp_path / "s.db").stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "tmp").iterdir())


def test_without_the_extra_it_is_said_what_to_install(library: Library, here: Settings) -> None:
    for name in ("pymilvus", "milvus_lite"):
        done = run(f"import sys; sys.modules[{name!r}] = None\n" + _OPEN, str(library.folder), here.store)
        assert "pip install 'beleg[milvus]'" in done.stderr and name.replace("_", "-") in done.stderr


def test_a_token_is_in_no_error(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.index.milvus_client import _unusable

    monkeypatch.setenv("BELEG_MILVUS_TOKEN", "root:hush-hush")
    assert "hush" not in str(_unusable(1, "no such user: root:hush-hush", "here", "root:hush-hush"))
    with pytest.raises(StoreUnusable, match="does not answer") as failed:
        open_store(library, Settings(library=library.folder, store="milvus:http://127.0.0.1:9"))
    assert "hush" not in str(failed.value)
