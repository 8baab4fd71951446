"""Exclusion: what is left out of a folder that is walked, by patterns as in `.gitignore`.

A file `.belegignore` counts for its folder and all below; one further down wins, as in git, and what
a command asks to exclude wins over all. `.gitignore` itself is not looked at: what is kept out of a
repository (exports, scans, private notes) is often just what one has questions about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.document import read_bytes
from rag.errors import UnreadableDocument, UsageError
from rag.localization import gettext

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE = ".belegignore"
_MOST = 1000  # patterns of a file, each matched with every name
_LONGEST = 500  # characters of a pattern
_MOST_STARS = 3  # of a pattern: with each, matching a long name takes a hundred times longer


@dataclass(frozen=True, slots=True)
class Level:
    """The patterns of a folder ("…/"), for files and for folders below it."""

    folder: str
    files: GitIgnoreSpec
    folders: GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What counts in a folder, the strongest last."""

    levels: tuple[Level, ...] = ()
    asked: tuple[Level, ...] = ()

    def excludes(self, path: str, is_folder: bool) -> bool:
        """Return whether a path below the folder is left out; what is in a folder that is, is not asked for."""
        for level in reversed(self.levels + self.asked):
            patterns = level.folders if is_folder else level.files
            if (left_out := patterns.check_file(path[len(level.folder) :]).include) is not None:
                return left_out
        return False

    def within(self, folder: Path) -> tuple[Exclusion, str]:
        """Return what counts in a folder that has a `.belegignore`, and what is wrong with that file, "" if nothing.

        Lines that are no patterns are left out. Raises UnreadableDocument for a file that cannot be read.
        """
        lines = read_bytes(folder / FILE).decode("utf-8-sig", "surrogateescape").splitlines()
        if len(lines) > _MOST:
            raise UnreadableDocument(folder / FILE, gettext("it has more than {most} lines").format(most=_MOST))
        wrong = [
            gettext("line {n}: {reason}").format(n=number, reason=why)
            for number, line in enumerate(lines, 1)
            if (why := _wrong(line))
        ]
        level = _level(folder, [line for line in lines if not _wrong(line)])
        return replace(self, levels=(*self.levels, level)), "; ".join(wrong[:5])


def asked(folder: Path, patterns: Sequence[str]) -> Exclusion:
    """Return what counts in a folder that is named, by the patterns of the command. Raises UsageError for a bad one."""
    for pattern in patterns:
        if why := _wrong(pattern):
            raise UsageError(
                gettext("--exclude {pattern!r} makes no sense: {why}.").format(pattern=pattern, why=why),
                gettext("Patterns are as in .gitignore."),
            )
    return Exclusion(asked=(_level(folder, patterns),) if patterns else ())


def _level(folder: Path, lines: Sequence[str]) -> Level:
    from pathspec import GitIgnoreSpec

    # The library matches paths of files only; for a folder a pattern of folders ("drafts/") is like any other.
    of_folders = [line.rstrip().rstrip("/") if line.rstrip().endswith("/") else line for line in lines]
    below = f"{folder}/" if folder.name else str(folder)
    return Level(below, GitIgnoreSpec.from_lines(lines), GitIgnoreSpec.from_lines(of_folders))


def _wrong(line: str) -> str:
    """Return why a line is no pattern that is matched, "" if it is one; files come from strangers."""
    if len(line) > _LONGEST:
        return gettext("it is longer than {most} characters").format(most=_LONGEST)
    if line.count("*") - 2 * line.count("**/") - line.count("/**") > _MOST_STARS or line.count("**") > 2:
        return gettext("it has more than {most} stars, or more than two times **").format(most=_MOST_STARS)
    try:
        _level(Path("/"), [line])
    except (ValueError, re.error) as error:
        return gettext("it is no pattern ({error})").format(error=error)
    return ""
