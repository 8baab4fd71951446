"""Copies text where it can, and says what it did.

All ways are taken at once: the terminal is asked to (OSC 52), which also works over ssh but
is never confirmed, and the system's own tool is called, which is. (pyperclip would call the
tools too, but lets them write on the screen and does not tell when they fail.)

tmux drops what the chat asks of the terminal, unless it is told otherwise (`set-clipboard on`),
but does the same itself when it is given the text. So there it is asked, and only that is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence

from rag.localization import gettext

# A tool, and the variable without which it has no screen to copy for.
_TOOLS = (
    (("wl-copy",), "WAYLAND_DISPLAY"),
    (("xclip", "-selection", "clipboard"), "DISPLAY"),
    (("xsel", "--clipboard", "--input"), "DISPLAY"),
    (("pbcopy",), ""),
    (("clip.exe",), ""),
    (("termux-clipboard-set",), ""),
)
_DEAF = {"", "dumb", "linux", "vt100", "vt220"}  # terminals that know no OSC 52
_PATIENCE = 3  # seconds for a tool


def copy(send: Callable[[str], None], text: str, what: str) -> tuple[bool, str]:
    """Copy `text`, which `send` asks the terminal to; return whether it may have worked, and what to tell."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # halves of characters, which PDFs may hold, have no UTF-8
    ways = []
    if by_tmux := with_tmux(text, os.environ):
        ways.append(gettext("copied to {where}").format(where=by_tmux))
    if hears(os.environ):
        send(text)  # in tmux too: it is also what ctrl+v in the chat pastes
        if not by_tmux:
            ways.append(gettext("sent to {where}").format(where=_terminal(os.environ)))
    if tool := with_tool(text, os.environ):
        ways.append(gettext("copied with {tool}").format(tool=tool))
    if ways:
        return True, f"{what}: " + gettext(" and ").join(ways)
    return False, gettext("No clipboard works here.")


def ways(environment: Mapping[str, str]) -> list[str]:
    """Return the ways there are here, without taking them."""
    first = _taken_by_tmux(environment) or (_terminal(environment) if hears(environment) else "")
    return [*filter(None, [first]), *(command[0] for command in _usable(environment))]


def hears(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may know OSC 52; there is no way to ask it."""
    return environment.get("TERM", "") not in _DEAF and environment.get("TERM_PROGRAM") != "Apple_Terminal"


def _terminal(environment: Mapping[str, str]) -> str:
    """Name the terminal's clipboard, with what may be in the way: over ssh a tmux is there, but out of reach."""
    between = environment.get("TMUX") or environment.get("TERM", "").startswith(("tmux", "screen"))
    if between:
        return gettext("the terminal’s clipboard (OSC 52, which tmux drops unless set-clipboard is on)")
    return gettext("the terminal’s clipboard (OSC 52)")


# --- tmux -----------------------------------------------------------------------------------


def with_tmux(text: str, environment: Mapping[str, str]) -> str:
    """Have tmux take the text; return where it is then, or "" where tmux is not there or does not take it."""
    if not (where := _taken_by_tmux(environment)):
        return ""
    if _called(("tmux", "load-buffer", "-w", "-"), text) is not None:
        return where
    return _buffer() if _called(("tmux", "load-buffer", "-"), text) is not None else ""


def _buffer() -> str:
    return gettext("tmux’s buffer (prefix ] pastes it)")


def _taken_by_tmux(environment: Mapping[str, str]) -> str:
    """Return where a text goes that tmux takes, "" where no tmux answers.

    tmux says of its terminal whether that has a clipboard: since 3.2, and not when it is detached.
    """
    if not environment.get("TMUX"):
        return ""
    features = _called(("tmux", "display-message", "-p", "#{client_termfeatures}"))
    if features is None:
        return ""
    if "clipboard" in features.strip().split(","):
        return gettext("tmux’s buffer and the terminal’s clipboard")
    return _buffer()


# --- the system's tools ---------------------------------------------------------------------


def _usable(environment: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the system's tools that are there and have what they need."""
    ready = (command for command, needs in _TOOLS if not needs or environment.get(needs))
    return [command for command in ready if shutil.which(command[0])]


def with_tool(text: str, environment: Mapping[str, str]) -> str:
    """Copy with the system's tool; return its name, or "" where there is none that works."""
    return next((command[0] for command in _usable(environment) if _called(command, text, mute=True) is not None), "")


def _called(command: Sequence[str], text: str = "", *, mute: bool = False) -> str | None:
    """Give a tool the text; return what it says, or None where it fails.

    A mute one is not listened to: xclip and wl-copy stay, and would keep the pipe open.
    """
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL if mute else subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return "" if mute else done.stdout.decode(errors="replace")
