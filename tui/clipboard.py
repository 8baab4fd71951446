"""Copies text where it can, and says what it did.

Two ways are taken at once: the terminal is asked to (OSC 52), which also works over ssh but
is never confirmed, and the system's own tool is called, which is. (pyperclip would call the
tools too, but lets them write on the screen and does not tell when they fail.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from textual.app import App

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


def copy(app: App[Any], text: str, what: str) -> tuple[bool, str]:
    """Copy `text`; return whether it may have worked, and what to tell the person."""
    ways = []
    if hears(os.environ):
        App.copy_to_clipboard(app, text)  # what the terminal is sent, and not what an application makes of it
        ways.append("sent to the terminal’s clipboard (OSC 52)")
    if tool := with_tool(text, os.environ):
        ways.append(f"copied with {tool}")
    if ways:
        return True, f"{what}: {' and '.join(ways)}"
    return False, "No clipboard works here."


def hears(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may know OSC 52; there is no way to ask it."""
    return environment.get("TERM", "") not in _DEAF and environment.get("TERM_PROGRAM") != "Apple_Terminal"


def tools(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the system's tools that are there and have what they need."""
    return [command[0] for command in _usable(environment)]


def _usable(environment: Mapping[str, str]) -> list[tuple[str, ...]]:
    ready = (command for command, needs in _TOOLS if not needs or environment.get(needs))
    return [command for command in ready if shutil.which(command[0])]


def with_tool(text: str, environment: Mapping[str, str]) -> str:
    """Copy with the system's tool; return its name, or "" where there is none that works."""
    for command in _usable(environment):
        try:
            done = subprocess.run(
                command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command[0]
    return ""
