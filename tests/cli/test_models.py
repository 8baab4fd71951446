"""Held: `beleg models` lists, pulls, uses and removes models, and a stop leaves only what can be gone on with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tiny_readers
from sending_signals import MAIN, environment, heed
from small_hub import SmallHub, serving
from tiny_embedder import save_bag_of_words

from rag.index.library import Library
from rag.models.embedder import open_embedder

FILE = "Small-Q4.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 8000
ASKED = f"hf:owner/repo/{FILE}"


@dataclass(frozen=True)
class Home:
    """A folder with settings, models and a library, and the environment that names them."""

    folder: Path
    variables: dict[str, str]

    def beleg(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rag", *arguments],
            env=environment(**{**self.variables, **more}), capture_output=True, text=True, timeout=200, cwd=self.folder,
        )  # fmt: skip

    @property
    def settings(self) -> str:
        return (self.folder / "settings.toml").read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Home:
    (tmp_path / "settings.toml").write_text('# mine\nmode = "quote"\n', encoding="utf-8")
    names = {"SETTINGS": "settings.toml", "MODELS": "models", "LIBRARY": "library", "LOGS": "logs", "STATE": "state"}
    variables = {f"BELEG_{key}": str(tmp_path / name) for key, name in names.items()}
    return Home(tmp_path, {**variables, "BELEG_CACHE": str(cache), "HF_HUB_OFFLINE": "", "HF_TOKEN": ""})


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    with serving(SmallHub({f"owner/repo/{FILE}": CONTENT})) as served:
        yield served


def test_what_is_embedded_is_in_use_and_the_rest_can_be_pulled(home: Home) -> None:
    done = home.beleg("models")
    assert done.returncode == 0, done.stderr
    starred = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("*")]
    assert starred == ["smollm2-135m", "all-minilm-l6-v2", "beleg-reader"]
    assert "qwen3-4b" in done.stdout and "to pull, unverified" in done.stdout
    rows = json.loads(home.beleg("models", "--json").stdout)
    assert [row["name"] for row in rows if row["in_use"]] == starred
    assert all(row["get"] for row in rows) and {row["state"] for row in rows} == {"embedded", "to pull"}
    assert not (home.folder / "models").exists()


def test_a_file_of_a_hub_is_pulled_used_listed_and_removed(home: Home, hub: SmallHub) -> None:
    done = home.beleg("models", "pull", ASKED, HF_ENDPOINT=hub.url)
    assert done.returncode == 0, done.stderr
    assert "was not known before" in done.stderr and "beleg models use small-q4" in done.stderr
    assert (home.folder / "models" / "small-q4" / FILE).read_bytes() == CONTENT
    hub.asked = []
    assert "is here already" in home.beleg("models", "pull", ASKED, HF_ENDPOINT=hub.url).stderr
    assert hub.asked == []

    done = home.beleg("models", "use", "small-q4")
    assert done.returncode == 0 and home.settings == '# mine\nmode = "quote"\nllm = "small-q4"\n', done.stderr
    assert "compose mode only" in done.stderr
    (row,) = [row for row in json.loads(home.beleg("models", "--json").stdout) if row["name"] == "small-q4"]
    assert (row["state"], row["in_use"], row["size"], row["verified"]) == ("pulled", True, len(CONTENT), False)

    done = home.beleg("models", "remove", "small-q4")
    assert done.returncode == 2 and "is in use" in done.stderr
    assert home.beleg("models", "use", "none").returncode == 0
    assert home.settings == '# mine\nmode = "quote"\n'
    assert home.beleg("models", "remove", "small-q4").returncode == 0
    assert not (home.folder / "models" / "small-q4").exists()
    assert home.beleg("models", "remove", "small-q4").returncode == 2


def test_a_pull_that_is_stopped_ends_soon_and_goes_on_where_it_was(home: Home, hub: SmallHub) -> None:
    hub.cut_at, hub.stall = [1_000_000], 30.0
    command = [sys.executable, "-c", MAIN, "-", "models", "pull", ASKED]
    variables = environment(**home.variables, HF_ENDPOINT=hub.url)
    process = subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True, preexec_fn=heed)
    store = home.folder / "models"
    patience = time.monotonic() + 60
    while not (parts := [*store.rglob("*.part")]) or parts[0].stat().st_size < 900_000:
        assert time.monotonic() < patience and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and time.monotonic() - begun < 5, errors
    assert "stopped" in errors and "Traceback" not in errors
    assert [path.name for path in store.iterdir() if path.suffix != ".lock"] == ["small-q4.unfinished"]
    hub.stall, hub.asked = 0.0, []
    assert home.beleg("models", "pull", ASKED, HF_ENDPOINT=hub.url).returncode == 0
    assert (store / "small-q4" / FILE).read_bytes() == CONTENT
    assert int(hub.gets()[0].removeprefix("bytes=").removesuffix("-")) >= 900_000


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pull", "zyx"], 2, "There is no model zyx"),
        (["pull", "hf:owner/repo/pickle.bin"], 2, "There is no model"),
        (["pull", "hf:owner/../../x.gguf"], 2, "There is no model"),
        (["use", "zyx"], 2, "There is no model zyx"),
        (["use", "bge-m3"], 2, "beleg models pull bge-m3"),
        (["use", "./missing.gguf"], 4, "There is no model file"),
        (["use", "settings.toml/x"], 4, "no model file"),
        (["remove", "../settings.toml"], 2, "no name"),
        (["--llm", "zyx", "use", "./missing.gguf"], 4, "missing.gguf"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    arguments: list[str], code: int, said: str, home: Home
) -> None:
    done = home.beleg("models", *arguments)
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert home.settings == '# mine\nmode = "quote"\n'


def test_a_server_is_written_as_it_is_given(home: Home) -> None:
    server = "openai:http://127.0.0.1:8080/v1#small"
    assert home.beleg("models", "use", server).returncode == 0
    assert f'llm = "{server}"' in home.settings
    (row,) = [row for row in json.loads(home.beleg("models", "--json").stdout) if row["name"] == server]
    assert (row["state"], row["in_use"]) == ("server", True)


def test_what_counts_more_than_the_file_is_told(home: Home) -> None:
    (home.folder / "writer.gguf").write_bytes(b"GGUF")
    done = home.beleg("models", "use", "./writer.gguf", BELEG_LLM="other.gguf")
    assert done.returncode == 0 and "BELEG_LLM" in done.stderr
    assert str(home.folder / "writer.gguf") in home.settings


def test_with_another_embedder_the_library_is_embedded_anew(home: Home, cache: Path) -> None:
    (home.folder / "mill.txt").write_text("The mill at the brook burned down in 1907.", encoding="utf-8")
    assert home.beleg("index", "mill.txt").returncode == 0
    bag = save_bag_of_words(home.folder / "bag")
    done = home.beleg("models", "use", "./bag")
    assert done.returncode == 0 and "1 document rebuilt" in done.stderr, done.stderr
    assert f'embedder = "{bag}"' in home.settings
    with Library(home.folder / "library") as library:
        library.refuse_other(open_embedder(bag, cache, threads=1))
    assert "1907" in home.beleg("ask", "When did the mill burn down?").stdout
    assert home.beleg("models", "use", "none", "--role", "embedder").returncode == 0
    assert "1907" in home.beleg("ask", "When did the mill burn down?").stdout


def test_an_embedder_that_the_environment_overrules_rebuilds_no_library(home: Home) -> None:
    bag = save_bag_of_words(home.folder / "bag")
    done = home.beleg("models", "use", "./bag", BELEG_EMBEDDER=str(bag))
    assert done.returncode == 2 and "counts more" in done.stderr
    assert home.settings == '# mine\nmode = "quote"\n'


def test_where_an_embedder_cannot_be_used_the_setting_stays_as_it_was(home: Home) -> None:
    (home.folder / "nothing").mkdir()
    done = home.beleg("models", "use", "./nothing")
    assert done.returncode == 4 and "Traceback" not in done.stderr, done.stderr
    assert home.settings == '# mine\nmode = "quote"\n'
    assert sorted(path.name for path in home.folder.iterdir()) == ["logs", "nothing", "settings.toml"]


def test_a_reader_is_known_by_its_architecture_and_tried_before_it_is_used(home: Home) -> None:
    reader = tiny_readers.save_bert_spans(home.folder / "theirs")
    done = home.beleg("models", "use", "./theirs", BELEG_CACHE=str(home.folder / "cache"))
    assert done.returncode == 0 and f'reader = "{reader}"' in home.settings, done.stderr
