"""A disk that is full: a small file system where one may be mounted, else a limit to what a file may hold."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BALLAST = "ballast"


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder on a disk of which so much is left as `leave` says. `way` says how that is brought about."""

    folder: Path
    mounted: bool

    @property
    def way(self) -> str:
        return "a mounted tmpfs" if self.mounted else "RLIMIT_FSIZE"

    def leave(self, kilobytes: int) -> Callable[[], None] | None:
        """Fill the disk but for so much; return what a run has to do before it begins, if anything."""
        if not self.mounted:
            size = kilobytes * 1024
            return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        self.clear()
        with (self.folder / _BALLAST).open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                held = file.tell()
        with (self.folder / _BALLAST).open("r+b") as file:
            file.truncate(max(0, held - kilobytes * 1024))
        return None

    def clear(self) -> None:
        """Make room again."""
        (self.folder / _BALLAST).unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Give a disk of so many megabytes."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
