"""An interactive shell that has read what `beleg completion` prints for it, types, and presses Tab."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

_COMMANDS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "-N", "-i"]}
# What makes ctrl+g write the line, as it is then, to a file; no shell shows a line as it is.
_SHOWN = {
    "bash": ["bind 'set enable-bracketed-paste off'", 'bind -x \'"\\C-g": printf "%s\\n" "$READLINE_LINE" > line\''],
    "zsh": [
        "autoload -U compinit; compinit -u -D",
        "unsetopt zle_bracketed_paste",
        'show() { print -r -- "$BUFFER" > line }; zle -N show; bindkey "^G" show',
    ],
    "fish": ["bind \\cg 'commandline > line'"],
}
_SECONDS = 60


class Shell:
    """One of bash, zsh and fish, in a folder where its script lies as `script`."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self._line = folder / "line"
        self._terminal, its = pty.openpty()
        self._process = subprocess.Popen(
            ["setsid", "-c", *_COMMANDS[name]], cwd=folder, env=environment, stdin=its, stdout=its, stderr=its
        )
        os.close(its)
        for line in (*_SHOWN[name], ". ./script" if name != "fish" else "source script", "echo rea''dy"):
            self._type(line + "\r")
        self._until_ready()

    def completed(self, line: str) -> str:
        """Type a line and Tab; return the line as it is then, without the end of a line."""
        self._line.unlink(missing_ok=True)
        self._type(f"\x15{line}\t\x07")  # an empty line before, and what writes it after
        ends = time.monotonic() + _SECONDS
        while not (self._line.exists() and self._line.read_text().endswith("\n")):
            assert time.monotonic() < ends, self._said()
            self._said()
        return self._line.read_text().removesuffix("\n")

    def _type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _said(self) -> str:
        if not select.select([self._terminal], [], [], 0.1)[0]:
            return ""
        return os.read(self._terminal, 65536).decode(errors="replace")

    def _until_ready(self) -> None:
        said, ends = "", time.monotonic() + _SECONDS
        while not re.search("ready", said):
            assert time.monotonic() < ends, said
            said += self._said()

    def close(self) -> None:
        os.close(self._terminal)
        self._process.kill()
        self._process.wait()
