"""Held: nobody's words leave with a log. Real questions, real failures, every word of them marked."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from rag.index import hybrid_search
from rag.index.library import FILE
from tui.command import main

pytestmark = pytest.mark.slow

Beleg = Callable[..., int]

# What stands in questions, documents, their titles, folders and file names, and in what is asked for and not there.
MARKED = "zyx"
ASKED = "When did the zyxmill at Zyxwiesen burn down?"
MILL = (
    f"The zyxmill at Zyxwiesen burned down on 4 May 1907. The {MARKED}miller Karl Zyxlohse rebuilt it within two years."
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    articles = folder / "zyx articles"
    articles.mkdir()
    (articles / "zyxmill.txt").write_text(MILL, encoding="utf-8")
    (articles / "zyxbroken.pdf").write_bytes(b"%PDF-1.7 zyxnothing")
    (articles / "zyxbroken.docx").write_bytes(b"PK\x03\x04 zyxnothing")
    rows = [
        {"id": "zyx-1", "question": "When did the zyxmill burn down?"},
        {"id": "zyx-2", "question": "Who zyxrebuilt it?", "follows": "zyx-1"},
        {"id": "zyx-3", "question": "What of the zyx?", "documents": ["zyxmissing.txt"]},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "zyxquestions.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture
def beleg(place: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Beleg:
    """The command, with its log in the folder "logs"."""
    for name in [name for name in os.environ if name.startswith("BELEG_")]:
        monkeypatch.delenv(name)
    for name, value in {"LIBRARY": place / "library", "LOGS": place / "logs", "CACHE": cache}.items():
        monkeypatch.setenv(f"BELEG_{name}", str(value))
    monkeypatch.chdir(place)
    return lambda *arguments: main(arguments)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has a part of the engine fail from then on, and say on what."""

    def prepare(question: str, *_: object) -> NoReturn:
        raise KeyError(f"not {question!r} in the document zyxmill.txt")

    return lambda: monkeypatch.setattr(hybrid_search, "prepare", prepare)


def logged(place: Path) -> str:
    return "".join(file.read_text() for file in (place / "logs").iterdir())


def test_no_word_of_questions_documents_and_file_names_enters_the_log(
    place: Path, beleg: Beleg, failing: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beleg("index", "zyx articles") == 5
    assert beleg("ask", ASKED) == 0
    assert beleg("--mode", "compose", "ask", ASKED) == 0
    assert beleg("ask", "How much does the zyxferry to Zyxtown cost?") == 3
    assert beleg("ask", "") == 2 and beleg("ask", f"{MARKED} " * 20_000) == 2
    assert beleg("--mode", "compose", "--llm", "none.gguf", "ask", ASKED) == 4
    assert beleg("batch", "zyxquestions.jsonl", "-o", "zyxanswers.jsonl") == 5
    assert beleg("eval", "zyxquestions.jsonl") == 2
    assert beleg("search", ASKED) == 0 and beleg("show", "zyxmissing") == 2 and beleg("index", "zyxmissing") == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ASKED}\nAnd who was the zyxmiller?\n"))
    assert beleg("chat", "--plain", "--continue") == 0
    failing()
    assert beleg("ask", ASKED) == 4 and beleg("batch", "zyxquestions.jsonl") == 5
    (place / "library" / FILE).write_bytes(b"zyx, which is no database" * 1000)
    assert beleg("ask", ASKED) == 4
    text = logged(place)
    assert MARKED not in text.lower()
    for said in (
        "answered from",
        "not_found from",
        "builtins.KeyError",
        "answering/assistant.py",
        "exit code 4",
        "UsageError",
    ):
        assert said in text, said


def test_a_full_log_shows_the_question(beleg: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LOG": "full", "LOGS": str(tmp_path / "logs"), "LIBRARY": str(tmp_path / "library")}.items():
        monkeypatch.setenv(f"BELEG_{name}", value)
    assert beleg("index", "zyx articles/zyxmill.txt") == 0 and beleg("ask", ASKED) == 0
    assert f"question {ASKED}, documents zyxmill.txt" in logged(tmp_path)


def test_an_unexpected_error_of_a_command_is_a_sentence_and_no_traceback(
    place: Path, tmp_path: Path, beleg: Beleg, failing: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    library = ("--library", str(tmp_path / "library"))
    assert beleg(*library, "index", "zyx articles/zyxmill.txt") == 0
    failing()
    capfd.readouterr()
    assert beleg(*library, "ask", "Who?") == 4
    out, err = capfd.readouterr()
    assert out == "" and err == (
        "beleg: It failed unexpectedly (KeyError: \"not 'Who?' in the document zyxmill.txt\"). "
        f"Please report this, with {place}/logs/beleg.log and what `beleg doctor` prints.\n"
    )


# The chat, on a terminal, with a key that finds a fault in it.
CRASHING = """
import sys
from pathlib import Path
from rag.cli import options
from rag.system.cancellation import CancelToken
from rag.settings import Settings
from tui import command
from tui.app import BelegApp
def on_mount(self):
    self.call_after_refresh(fails, "the zyxquestion that a variable holds")
def fails(question):
    raise KeyError("zyxword")
BelegApp.on_mount = on_mount
settings = Settings(library=Path(sys.argv[1]), state=Path(sys.argv[1]), logs=Path(sys.argv[2]))
options.begin_log(settings, "chat")
sys.exit(command._run(BelegApp(settings), CancelToken()))
"""


def test_a_fault_in_the_chat_ends_it_with_a_sentence_that_names_the_log(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-c", CRASHING, str(tmp_path / "library"), str(tmp_path / "logs")]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "300", "LINES": "40"}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # the other side has closed
        pass
    os.close(master)
    text = shown.decode("utf-8", "replace")
    assert process.wait(60) == 4, text
    assert "beleg: It failed unexpectedly (KeyError: 'zyxword'). Please report this, with " in text
    assert (
        f"{tmp_path}/logs/beleg.log" in text.replace("\r\n", "")
        and "Traceback" not in text
        and "zyxquestion" not in text
    )
    log = (tmp_path / "logs" / "beleg.log").read_text()
    assert "builtins.KeyError" in log and " fails\n" in log and "zyx" not in log
