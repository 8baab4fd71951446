"""A sorted text file as a dictionary on disk: nothing is loaded, only what is asked for is read.

A line is a key and its fields, separated by tabs; lines are sorted by the bytes of their
key. The file is mapped into memory; one key in every two kilobytes is read when it is
opened, which says in which stretch of the file a key must lie. So opening takes a
millisecond or two, an entry about two microseconds, and several processes share one copy.
And it stays a text that can be read, compared and corrected with any editor. Lines that
begin with "#" stand first and say what the file is.
"""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rag.errors import LexiconUnusable
from rag.localization import gettext
from rag.system.atomic_write import atomic_write

HEAD = "# beleg lexicon 1"
_STRETCH = 2048  # bytes between landmarks
_LONGEST_KEY = 1024


class Table:
    """An open table. Not for keys that hold tabs or line breaks."""

    def __init__(self, path: Path) -> None:
        """Map the file; raises LexiconUnusable where there is none or it is another kind of file."""
        try:
            with path.open("rb") as stream:
                self._bytes = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # mmap calls an empty file a ValueError
            raise LexiconUnusable(
                gettext("{path} cannot be read: {error}.").format(path=path, error=error),
                gettext("Install Beleg anew."),
            ) from error
        if self._bytes[: len(HEAD) + 1] != f"{HEAD}\n".encode():
            raise LexiconUnusable(
                gettext("{path} is no lexicon table of this version.").format(path=path),
                gettext("Build it anew: see rag/lexicon."),
            )
        self.path = path
        self._keys, self._starts = self._landmarks()
        if self._keys != sorted(self._keys):
            raise LexiconUnusable(
                gettext("{path} is not sorted by its keys.").format(path=path),
                gettext("Build it anew: see rag/lexicon."),
            )

    def _landmarks(self) -> tuple[list[bytes], list[int]]:
        """Return the keys of some lines, in order, and where these lines start."""
        keys: list[bytes] = []
        starts: list[int] = []
        for at in range(0, len(self._bytes), _STRETCH):
            start = self._bytes.find(b"\n", at) + 1
            tab = self._bytes.find(b"\t", start, start + _LONGEST_KEY)
            if start and tab >= 0 and (not starts or start > starts[-1]):
                keys.append(self._bytes[start:tab])
                starts.append(start)
        return keys, [*starts, len(self._bytes)]

    def get(self, key: str) -> list[str] | None:
        """Return the fields of `key`, or None."""
        wanted = key.encode("utf-8", "replace")
        number = bisect_right(self._keys, wanted)
        low = self._starts[number - 1] - 1 if number else 0
        at = self._bytes.find(b"\n%b\t" % wanted, low, self._starts[number] + len(wanted) + 2)
        if at < 0:
            return None
        start = at + len(wanted) + 2
        end = self._bytes.find(b"\n", start)
        line = self._bytes[start : end if end >= 0 else None]
        return line.decode("utf-8", "replace").split("\t")

    def items(self) -> Iterator[tuple[str, list[str]]]:
        """Yield every key with its fields, in order."""
        for line in self._bytes[:].splitlines():
            if not line.startswith(b"#"):
                key, *fields = line.decode("utf-8", "replace").split("\t")
                yield key, fields


def write(path: Path, about: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
    """Write a table; `about` are lines that say what it is, where it comes from and its licence."""
    lines = [HEAD, *(f"# {line}" for line in about)]
    lines += ["\t".join([key, *rows[key]]) for key in sorted(rows, key=lambda key: key.encode("utf-8"))]
    # Whole or not at all, and never in place: a running program may have the old file mapped.
    with atomic_write(path) as unfinished:
        unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
