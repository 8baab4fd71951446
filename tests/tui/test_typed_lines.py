"""The line-by-line chat at a terminal: lines are edited and brought back there, and nowhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sending_signals import heed
from transcripts import answer, quote

from rag.conversations.store import Conversations, new_id

_ALONE = """
import sys
from tui.typed_lines import lines
for line in lines(sys.argv[1:]):
    print("got", ascii(line), flush=True)
print("readline" in sys.modules, file=sys.stderr)
"""
_CHAT = "import sys; from tui.command import main; sys.exit(main())"
UP, DOWN, RIGHT, LEFT, HOME, END_OF_LINE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x01", "\x05"
CTRL_C, CTRL_D, CTRL_R, CTRL_U = "\x03", "\x04", "\x12", "\x15"


class Typing:
    """A program on a terminal of its own, which is kept open to look at."""

    def __init__(
        self, code: str, arguments: Sequence[str] = (), term: str = "xterm", stdout: int | None = None, **more: str
    ) -> None:
        self._master, self._slave = pty.openpty()
        self.before = termios.tcgetattr(self._slave)
        self.written = ""
        self._seen = 0
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("BELEG_", "PYTHONIOENCODING"))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=self._slave,
            stdout=self._slave if stdout is None else stdout,
            stderr=self._slave,
            env=clean | {"TERM": term, "INPUTRC": os.devnull, "LANG": "C.UTF-8", **more},
            preexec_fn=self._begin,
        )

    @staticmethod
    def _begin() -> None:
        heed()
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that ctrl+c is its signal

    def keys(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait(self, words: str, seconds: float = 60) -> str:
        """Return what is written after the words waited for last, until these have come."""
        end = time.monotonic() + seconds
        while (at := self.written.find(words, self._seen)) < 0:
            assert time.monotonic() < end, self.written
            if select.select([self._master], [], [], 0.1)[0]:
                self.written += os.read(self._master, 65536).decode(errors="replace")
        shown, self._seen = self.written[self._seen : at + len(words)], at + len(words)
        return shown

    def ask(self, keys: str, got: str) -> None:
        """Type a line, and see what it is read as."""
        self.wait("> ")
        self.keys(keys + "\r")
        self.wait(f"got {got!a}")

    def end(self) -> int:
        return self.process.wait(60)

    @property
    def settings(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def typing() -> Iterator[type[Typing]]:
    made: list[Typing] = []

    class Kept(Typing):
        def __init__(self, *arguments: object, **more: object) -> None:
            made.append(self)
            super().__init__(*arguments, **more)  # type: ignore[arg-type]

    yield Kept
    for each in made:
        each.close()


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_line_is_edited_and_earlier_ones_are_brought_back(typing: type[Typing], term: str) -> None:
    typed = typing(_ALONE, ["Who?", "Wem gehört\tdie Mühle?", "Wem gehört die Mühle?"], term)
    typed.ask(f"hen{HOME}W{END_OF_LINE}?", "When?")
    typed.ask(f"Müh{LEFT}{LEFT}\x7f", "üh")  # a letter of two bytes is one
    typed.ask(f"wrong{CTRL_U}right", "right")
    typed.ask(UP, "right")
    typed.ask(UP * 3, "When?")  # after "right", asked twice but there once, and "üh"
    typed.ask(UP * 5, "Wem gehört die Mühle?")  # earlier ones, the same but once
    typed.ask(f"{CTRL_R}Who", "Who?")
    typed.ask(f"{UP}{DOWN}new", "new")
    typed.wait("> ")
    typed.keys(CTRL_D)
    assert typed.wait("True").strip() != ""
    assert typed.end() == 0
    assert typed.settings == typed.before


def test_a_terminal_that_can_do_no_more_is_sent_no_escapes(typing: type[Typing]) -> None:
    typed = typing(_ALONE, [], "dumb")
    typed.ask("Who?", "Who?")
    typed.wait("> ")
    typed.keys(CTRL_D)
    typed.wait("True")
    assert "\x1b" not in typed.written


def test_what_is_pasted_stays_one_line_and_comes_back_without_its_breaks(typing: type[Typing]) -> None:
    typed = typing(_ALONE, [], "xterm-256color")
    typed.wait("> ")
    typed.keys("\x1b[200~Who found\nthe stone?\x1b[201~\r")
    typed.wait(f"got {'Who found' + chr(10) + 'the stone?'!a}")
    typed.ask(UP, "Who found the stone?")


def test_escapes_in_earlier_lines_are_not_sent_to_the_terminal(typing: type[Typing]) -> None:
    typed = typing(_ALONE, ["Who \x1b]0;title\x07 \u202e?"], "dumb")
    typed.ask(UP, "Who \ufffd]0;title\ufffd \ufffd?")
    assert not set("\x1b\x07\u202e") & set(typed.written)


def test_tab_is_no_completion_of_file_names(typing: type[Typing]) -> None:
    typing(_ALONE, []).ask("/et\t", "/et\t")


def test_where_the_answers_go_to_a_file_there_is_no_editing(typing: type[Typing], tmp_path: Path) -> None:
    with (tmp_path / "answers").open("wb") as file:
        typed = typing(_ALONE, ["Who?"], "xterm-256color", file.fileno())
    typed.wait("> ")
    typed.keys("When?\n" + CTRL_D)
    typed.wait("False")
    assert typed.end() == 0
    assert (tmp_path / "answers").read_text(encoding="utf-8") == "got 'When?'\n"
    assert "\x1b" not in typed.written


def test_in_a_pipe_there_is_no_editing_nor_a_prompt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, "Who?"], input="When?\n", capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("got 'When?'\n", "False\n")


# --- the chat itself -------------------------------------------------------------------------


@pytest.fixture
def library(seed_library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seed_library, tmp_path / "library"))


def chat(typing: type[Typing], library: Path, cache: Path, term: str = "xterm-256color") -> Typing:
    folders = {"BELEG_LIBRARY": str(library), "BELEG_CACHE": str(cache), "BELEG_STATE": str(library / "state")}
    typed = typing(_CHAT, ["chat", "--plain"], term, **folders)
    typed.wait("brings earlier questions back")
    typed.wait("> ")
    return typed


def test_the_questions_of_saved_conversations_are_brought_back_and_can_be_changed_and_asked(
    typing: type[Typing], library: Path, cache: Path
) -> None:
    saved = Conversations(library)
    for question in ("What burned down?", "When was the Rosetta Stone fuond?"):
        saved.save(new_id(), answer(quote("It burned in 1907."), question=question))
    typed = chat(typing, library, cache)
    typed.keys(UP + LEFT * 4 + "\x7f" + RIGHT + "u" + "\r")
    assert "July 1799" in typed.wait("Sources")
    typed.wait("> ")
    assert saved.questions(1) == ["When was the Rosetta Stone found?"]  # what is typed is saved
    typed.keys(UP * 3 + "\r")
    typed.wait("reading")
    typed.wait("\n> ")
    typed.keys(CTRL_D)
    assert typed.end() in (0, 3)
    assert saved.questions(2) == ["When was the Rosetta Stone found?", "What burned down?"]
    files = {file.name for file in library.rglob("*") if b"What burned down?" in file.read_bytes()}
    assert {name.split("-")[0] for name in files} == {"conversations.sqlite"}  # kept there, and nowhere else


def test_where_the_chat_cannot_be_drawn_it_goes_on_line_by_line_without_an_escape(
    typing: type[Typing], library: Path, cache: Path
) -> None:
    typed = chat(typing, library, cache, "dumb")
    typed.keys("When was the Rosetta Stone found?\r")
    assert "July 1799" in typed.wait("Sources")
    typed.wait("\n> ")
    typed.keys(CTRL_D)
    assert typed.end() == 0
    assert "\x1b" not in typed.written


def test_conversations_that_cannot_be_read_are_no_end_of_the_chat(
    typing: type[Typing], library: Path, cache: Path
) -> None:
    (library / "conversations.sqlite").write_bytes(b"no database, and longer than the head of one" * 10)
    typed = chat(typing, library, cache)
    assert "beleg: earlier questions cannot be brought back" in typed.written
    typed.keys(CTRL_D)
    assert typed.end() == 0


@pytest.mark.parametrize("how", ["ctrl+c", "SIGTERM"])
def test_a_signal_at_the_prompt_ends_the_chat_and_leaves_the_terminal_as_it_was(
    typing: type[Typing], library: Path, cache: Path, how: str
) -> None:
    typed = chat(typing, library, cache)
    typed.keys("half a question")
    typed.wait("half a question")
    assert typed.settings != typed.before
    if how == "ctrl+c":
        typed.keys(CTRL_C)
    else:
        typed.process.send_signal(signal.SIGTERM)
    assert typed.end() == 130
    assert typed.settings == typed.before
    assert "Traceback" not in typed.written
