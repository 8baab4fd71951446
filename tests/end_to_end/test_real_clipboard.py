"""Copying in a real tmux, shown on a terminal that this test reads: where the text ends, and whether it is told so."""

from __future__ import annotations

import base64
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(not TMUX and not os.environ.get("CI"), reason="tmux is not installed")

TEXT = "Die Mühle brannte 1907 nieder. [1]\n“東京”"
_COPIES = """
import sys
from pathlib import Path
from textual.app import App
from tui import clipboard

class Copies(App):
    def on_ready(self):
        self.exit(clipboard.copy(self.copy_to_clipboard, sys.argv[1], "The answer")[1])

Path(sys.argv[2]).write_text(str(Copies().run()), encoding="utf-8")
"""


class Shown:
    """A tmux server of its own, by a name that no dying one has, shown on a terminal of which every byte is kept."""

    def __init__(self, term: str) -> None:
        assert TMUX, "CI needs tmux"
        self._tmux = [TMUX, "-u", "-L", f"beleg-clipboard-{os.urandom(6).hex()}", "-f", "/dev/null"]
        self.written = b""
        self._tell("new-session", "-d", "-x", "100", "-y", "30", "sh")
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.execve(TMUX, [*self._tmux, "attach"], os.environ | {"TERM": term, "TMUX": ""})
        self._reads = threading.Thread(target=self._read, daemon=True)
        self._reads.start()
        until(lambda: self._tell("list-clients") != "")

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._terminal, 65536)
            except OSError:
                return
            if not part:
                return
            self.written += part

    def _tell(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def set_clipboard(self, value: str) -> None:
        self._tell("set-option", "-s", "set-clipboard", value)

    def run(self, program: Path, *arguments: str) -> None:
        self._tell("respawn-pane", "-k", sys.executable, str(program), *arguments)

    def buffers(self) -> list[str]:
        names = self._tell("list-buffers", "-F", "#{buffer_name}").split()
        return [self._tell("show-buffer", "-b", name) for name in names]

    def clipboard(self) -> set[str]:
        """Return all that the terminal was asked to take."""
        sent = re.findall(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", self.written)
        return {base64.b64decode(each).decode() for each in sent}

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._reads.join(10)
        os.close(self._terminal)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.05)  # a terminal tells nobody when it changes


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Iterator[Shown]:
    shown = Shown(request.param)
    yield shown
    shown.close()


@pytest.mark.parametrize("setting", ["external", "on", "off"])
@pytest.mark.parametrize(
    ("shown", "takes"), [("xterm-256color", True), ("vt100", False)], indirect=["shown"], ids=["xterm", "vt100"]
)
def test_what_is_told_of_the_clipboard_in_tmux_is_what_happened(
    shown: Shown, takes: bool, setting: str, tmp_path: Path
) -> None:
    program, told = tmp_path / "copies.py", tmp_path / "told"
    program.write_text(_COPIES, encoding="utf-8")
    shown.set_clipboard(setting)
    shown.run(program, TEXT, str(told))
    until(lambda: told.exists() and told.read_text(encoding="utf-8") != "")
    said = told.read_text(encoding="utf-8")
    assert TEXT in shown.buffers()
    if takes:
        assert said.startswith("The answer: copied to tmux’s buffer and the terminal’s clipboard")
        until(lambda: shown.clipboard() == {TEXT}, 5)
    else:
        assert said.startswith("The answer: copied to tmux’s buffer (prefix ] pastes it)")
        assert shown.clipboard() == set()
