"""Shell words: the paths in a line as people and terminals write them.

A terminal types what is dropped on it as words for a shell: in quotes, or with backslashes, several with
spaces between; a file manager copies `file://` addresses. But a name may hold spaces, quotes, backslashes
and percent signs itself. So what is there as it stands is taken as it stands, and is read as words only
where it is not.
"""

from __future__ import annotations

import glob
import os
import re
import shlex
from collections.abc import Callable
from itertools import islice
from urllib.parse import unquote_to_bytes

from rag.documents.paths import absolute
from rag.errors import UsageError

_MOST_WORDS = 64  # that one name is tried for: each try asks the file system
_SPACE = " \t\r\n"  # what parts words in a shell; other spaces are letters of names, as in those of macOS's screenshots
_DRIVE = re.compile(r"[A-Za-z]:\\|\\\\")
_PATH = re.compile(r"[/~]|\.\.?/|[A-Za-z]:\\|\\\\|file:/", re.IGNORECASE)  # how one begins that is written in full
_FILE = re.compile(r"file:(?://(?:localhost)?)?(?=/(?!/))", re.IGNORECASE)


def paths_in(line: str, stands: Callable[[str], bool] | None = None) -> list[str]:
    """Return the paths that a line names, in order; [] for an empty one.

    `stands` says whether there is something at a path, or a pattern matches. What is neither there nor reads
    as words comes back whole, for it to be told as it was written.
    """
    stands = stands or _stands
    line = line.strip(_SPACE)
    found: list[str] = []
    sure = True  # that these are several: each is quoted, or written in full
    at = 0
    while at < len(line):
        end = _literal(line, at, stands)
        if end is None:
            read, end = _word(line, at)
            path = _local(read, stands)
            sure = sure and (path != line[at:end] or path[0] in "/~")
            found.append(path)
        else:
            found.append(line[at:end])
        at = end + len(line[end:]) - len(line[end:].lstrip(_SPACE))
    if not sure and not any(glob.has_magic(path) or stands(path) for path in found):
        return [line]
    return [path for path in found if path]


def begins_path(line: str) -> bool:
    """Whether a line begins as one does that names a path in full; no look at the disk."""
    return bool(_PATH.match(line.strip(_SPACE).lstrip("'\"")))


def only_paths_in(line: str) -> list[str]:
    """Return the paths of a line that names nothing else, each written in full and there; [] for any other line."""
    paths = paths_in(line) if begins_path(line) else []
    return paths if all(_PATH.match(path) and _stands(path) for path in paths) else []


def written(path: str) -> str:
    """Return a path as a word that `paths_in` reads as that path again."""
    return shlex.quote(path) if re.search(rf"[{_SPACE}'\"\\]", path) else path


def _literal(line: str, at: int, stands: Callable[[str], bool]) -> int | None:
    """Return where the longest stretch ends that is there as it stands, None if there is none."""
    gaps = islice(re.finditer(rf"(?<=[^{_SPACE}])(?=[{_SPACE}]|$)", line[at:]), _MOST_WORDS)
    ends = [at + gap.start() for gap in gaps]
    return next((end for end in reversed(ends) if stands(line[at:end])), None)


def _word(line: str, at: int) -> tuple[str, int]:
    """Return the word that begins at a place, without its quotes and backslashes, and its end.

    A quote that does not end is a letter, and what follows it belongs to the same name.
    """
    began, made = at, ""
    windows = bool(_DRIVE.match(line, at))  # its backslashes stand between folders
    while at < len(line) and line[at] not in _SPACE:
        mark = line[at]
        if mark in "'\"":
            end = _closing(line, at + 1, mark)
            if end < 0:
                return line[began:], len(line)
            made += _unquoted(line[at + 1 : end], mark)
            at = end + 1
        elif mark == "\\" and not windows and at + 1 < len(line):
            made += line[at + 1]
            at += 2
        else:
            made += mark
            at += 1
    return made, at


def _unquoted(inside: str, mark: str) -> str:
    if mark == "'" or _DRIVE.match(inside):
        return inside
    return re.sub(r'\\(["\\$`])', r"\1", inside)


def _closing(line: str, at: int, mark: str) -> int:
    """Return where a quotation ends that has begun before, -1 if nowhere."""
    escapes = mark == '"' and not _DRIVE.match(line, at)
    while at < len(line):
        if line[at] == mark:
            return at
        at += 2 if escapes and line[at] == "\\" else 1
    return -1


def _local(word: str, stands: Callable[[str], bool]) -> str:
    """Return the path of a `file:` address on this machine; any other word as it is."""
    address = _FILE.match(word)
    if address is None:
        return word
    path = word[address.end() :]
    decoded = os.fsdecode(unquote_to_bytes(path))
    return path if stands(path) and not stands(decoded) else decoded


def _stands(path: str) -> bool:
    try:
        whole = str(absolute(path))
        if os.path.lexists(whole):
            return True
        head, deep, _ = whole.partition("**")  # which all of a disk may lie below
        if not glob.has_magic(head):
            return bool(deep) and os.path.lexists(head)
        return any(True for _ in glob.iglob(head))
    except (OSError, ValueError, UsageError):
        return False
