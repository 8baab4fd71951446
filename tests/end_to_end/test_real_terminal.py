"""For once everything is real: a terminal (tmux), the command, keys, and what can be read off the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.settings import Settings

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(not TMUX and not os.environ.get("CI"), reason="tmux is not installed")


class Terminal:
    """A tmux pane in a server of its own."""

    def __init__(self, name: str, width: int, height: int, command: str, environment: dict[str, str]) -> None:
        assert TMUX, "CI needs tmux"
        self._tmux = [TMUX, "-u", "-L", name, "-f", "/dev/null"]
        variables = [part for key, value in environment.items() for part in ("-e", f"{key}={value}")]
        size = ["-x", str(width), "-y", str(height)]
        unset = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        subprocess.run([*self._tmux, "new-session", "-d", *size, *variables, command], check=True, env=unset)

    def keys(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def screen(self) -> str:
        done = subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, text=True)
        return done.stdout

    def wait(self, condition: Callable[[str], bool], seconds: float = 60) -> str:
        """Return the screen once it meets the condition."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen()
            if condition(screen):
                return screen
            time.sleep(0.1)  # the terminal tells nobody when it changes
        raise AssertionError(f"the screen never came to be so:\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(settings: Settings, tmp_path: Path) -> Iterator[Terminal]:
    beleg = Path(sys.executable).with_name("beleg")
    environment = {
        "BELEG_LIBRARY": str(settings.library),
        "BELEG_CACHE": str(settings.cache),
        "BELEG_STATE": str(settings.state),
        "LANG": "C.UTF-8",
    }
    command = f"{beleg}; echo ended with $? > {tmp_path}/ended; sleep 60"
    terminal = Terminal(f"beleg-{os.getpid()}", 140, 40, command, environment)
    yield terminal
    terminal.close()


def flat(screen: str) -> str:
    return " ".join(screen.split())


def test_a_question_is_typed_and_its_answer_and_sources_are_read_off_the_screen(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.wait(lambda screen: "Ask your documents" in screen)
    terminal.keys("-l", "How many North Korean troops are in Kursk?")
    terminal.keys("Enter")
    screen = terminal.wait(lambda screen: "The sources give different figures" in flat(screen))
    assert "[1]" in screen
    screen = terminal.wait(lambda screen: "kursk-lage.txt" in screen)
    assert "11.000" in screen

    terminal.keys("M-1", "Enter")
    terminal.wait(lambda screen: "quote 1 of" in screen and "11.000 nordkoreanische" in flat(screen))

    started = time.monotonic()
    terminal.keys("C-q")
    ended = tmp_path / "ended"
    terminal.wait(lambda _: ended.exists() and ended.read_text() != "", 10)
    assert ended.read_text().strip() == "ended with 0"
    assert time.monotonic() - started < 2  # a second, and what tmux and the shell take
