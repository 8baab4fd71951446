"""Finds the processes of Ray's actors that descend from this one."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill_one(kind: str) -> int:
    """Kill a process of the actors of a class, and return its number."""
    process = actors(kind)[0]
    os.kill(process, signal.SIGKILL)
    return process


def actors(kind: str) -> list[int]:
    """Return the processes of the actors of a class, below this process."""
    parents, titles = dict[int, int](), dict[int, str]()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(stat[1])
            titles[int(folder.name)] = (folder / "cmdline").read_text()
    found = []
    for process, title in titles.items():
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        if title.startswith(f"ray::{kind}") and above == os.getpid():
            found.append(process)
    return sorted(found)
