"""File discovery: which files the paths stand for that people name: files, folders, patterns.

Each file is found once, by its real path, however often and by whatever way it is named.
Links to files are followed, links to folders only where they are named themselves, so that
a link in a circle ends nothing and a link to a whole disk is not walked unasked.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path

from rag.documents.exclusion import FILE as IGNORE
from rag.documents.exclusion import Exclusion, asked
from rag.documents.paths import absolute, is_folder, linked, oddity, real
from rag.documents.readers import READERS
from rag.errors import UnreadableDocument, UsageError
from rag.localization import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index, by its real path, and the name it has below the folder that was named.

    `size` (bytes) and `modified` (ns since 1970) are as it was found, None where that was not to be seen.
    """

    path: Path
    name: str
    size: int | None = field(default=None, compare=False)
    modified: int | None = field(default=None, compare=False)
    named: bool = field(default=False, compare=False)  # itself, and not only a folder or a pattern


@dataclass(slots=True)
class Found:
    """What paths stand for: files by real path, folders that were named, and what is refused, with the reason.

    `excluded` are the files and folders that patterns leave out.
    """

    files: dict[Path, Source] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)
    excluded: set[Path] = field(default_factory=set)


def find(paths: Sequence[str], known: Collection[Path] = (), exclude: Sequence[str] = ()) -> Found:
    """Return what `paths` stand for, each file once, in order.

    Folders are walked for the endings that have a reader; hidden files and folders are
    left out, and what `exclude` or a `.belegignore` says (see `exclusion`). A file that is named
    is tried whatever its ending, and though it be excluded. `known` are the real paths of
    documents: a path that is gone but had some is refused, not wrong. Raises UsageError for a
    path that stands for nothing, and for a pattern that is none.
    """
    found = Found()
    asked(Path("/"), exclude)  # a pattern that is none is said before anything is walked
    for given in paths:
        _add(given, found, known, exclude)
    return found


def check(given: str, known: Callable[[], Collection[Path]] = tuple) -> None:
    """Raise UsageError for a path that stands for nothing, without walking a folder.

    `known` gives the real paths of documents, which are asked for only where a path is gone.
    """
    path = absolute(given)
    try:
        path.stat()
    except (OSError, ValueError):
        _add(given, Found(), known())


def _add(given: str, found: Found, known: Collection[Path], exclude: Sequence[str] = ()) -> None:
    path = absolute(given)
    try:
        status = path.stat()
    except ValueError as error:
        raise UsageError(
            gettext("There is no file or folder {given!r}.").format(given=given), gettext("Check the path.")
        ) from error
    except OSError as error:
        if glob.has_magic(given):
            _add_pattern(given, found, known, exclude)
        elif isinstance(error, FileNotFoundError | NotADirectoryError):
            count = sum(each.is_relative_to(real(path)) for each in known)
            if not count:
                raise UsageError(
                    gettext("There is no file or folder {given}.").format(given=given), gettext("Check the path.")
                ) from error
            found.refused[real(path)] = gettext("it is gone, or not mounted;") + " " + _stay(count)
        else:
            found.refused[path] = _cannot(error)
        return
    top = real(path)
    if is_folder(top):
        found.folders.append(top)
        _walk(top, "", found, asked(top, exclude))
    else:
        _take(top, path.name, status, found)
        if top in found.files:
            found.files[top] = replace(found.files[top], named=True)


def _take(path: Path, name: str, status: os.stat_result, found: Found) -> None:
    if what := oddity(status.st_mode):
        found.refused[path] = gettext("it is {what}, not a file").format(what=what)
    else:
        found.files.setdefault(path, Source(path, name, status.st_size, status.st_mtime_ns))


def _stay(count: int) -> str:
    return ngettext(
        "its document stays (`beleg forget` removes it)",
        "its {n} documents stay (`beleg forget` removes them)",
        count,
    ).format(n=count)


def _cannot(error: OSError) -> str:
    return gettext("{error}; documents from there stay").format(error=error.strerror or error)


def _walk(folder: Path, prefix: str, found: Found, above: Exclusion) -> None:
    """Find the files below a real path, in the order of their names; these begin with `prefix`."""
    waiting = _shown(folder, prefix, found, above)
    while waiting:
        entry, name, rules = waiting.pop()
        inside = entry.is_dir(follow_symlinks=False)
        if rules.excludes(entry.path, inside):
            found.excluded.add(real(Path(entry.path)) if entry.is_symlink() else Path(entry.path))
        elif inside:
            waiting += _shown(Path(entry.path), f"{name}/", found, rules)
        elif entry.is_file(follow_symlinks=False):
            if Path(entry.name).suffix.lower() in READERS:
                _look(Path(entry.path), name, found)
        else:
            _look(Path(entry.path), name, found)


def _shown(folder: Path, prefix: str, found: Found, above: Exclusion) -> list[tuple[os.DirEntry[str], str, Exclusion]]:
    """Return what is in a folder and not hidden, with the names it has in the library, the last first.

    With it comes what is excluded there, by what is excluded `above`.
    """
    entries = _entries(folder, found)
    rules = _rules(folder, found, above) if any(entry.name == IGNORE for entry in entries) else above
    shown = [entry for entry in reversed(entries) if not entry.name.startswith(".")]
    return [(entry, prefix + entry.name, rules) for entry in shown if rules]


def _rules(folder: Path, found: Found, above: Exclusion) -> Exclusion | None:
    """Return what is excluded in a folder with a `.belegignore`; None, and it is refused, where that is not known."""
    try:
        rules, wrong = above.within(folder)
    except UnreadableDocument as error:
        found.refused[folder] = gettext("nothing in it is indexed, for its {file} cannot be read: {reason}").format(
            file=IGNORE, reason=error.reason
        )
        return None
    if wrong:
        found.refused[folder / IGNORE] = gettext("its other lines count, but {wrong}").format(wrong=wrong)
    return rules


def _entries(folder: Path, found: Found) -> list[os.DirEntry[str]]:
    """Return what is in a folder by name; one that cannot be read is refused, and empty."""
    try:
        with os.scandir(folder) as listing:
            return sorted(listing, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        found.refused[folder] = _cannot(error)
        return []


def _look(path: Path, name: str, found: Found) -> None:
    """Find one thing in a folder that is no folder: a file of a known ending, or what is none and would block."""
    known = path.suffix.lower() in READERS
    try:
        status = path.stat()
    except OSError as error:
        if known:
            nowhere = linked(path) and isinstance(error, FileNotFoundError)
            found.refused[path] = gettext("the file it is a link to is gone") if nowhere else _cannot(error)
        return
    if stat.S_ISDIR(status.st_mode):
        return  # a link leads to it
    if known or oddity(status.st_mode):
        _take(real(path) if linked(path) else path, name, status, found)


# --- patterns ----------------------------------------------------------------------------


def _add_pattern(given: str, found: Found, known: Collection[Path], exclude: Sequence[str]) -> None:
    before = len(found.refused)
    whole = absolute(given)
    for base, rest in _readings(whole):
        root = real(base)
        matched = False
        outside = asked(root, exclude)
        inside = _rules(root, found, outside) if (root / IGNORE).exists() else outside
        rules: dict[Path, Exclusion | None] = {root.parent: outside, root: inside}
        for match in _matches(root, rest, found):
            matched = True
            name = match.relative_to(root).as_posix()
            above = _rules_above(match, found, rules)
            if above is None or (match != root and above.excludes(str(match), is_folder(match))):
                found.excluded.add(match)
            elif is_folder(match):
                _walk(real(match), "" if match == root else f"{name}/", found, above)
            else:
                _look(real(match.parent) / match.name, name, found)
        if matched or len(found.refused) > before:
            return
    here = real(whole)
    count = sum(path.is_relative_to(here) or fnmatchcase(str(path), str(whole)) for path in known)
    if not count:
        raise UsageError(
            gettext("Nothing matches {given}.").format(given=given), gettext("Check the pattern; in a shell, quote it.")
        )
    found.refused[here] = gettext("nothing is there any more;") + " " + _stay(count)


def _rules_above(path: Path, found: Found, known: dict[Path, Exclusion | None]) -> Exclusion | None:
    """Return what is excluded in the folder of a path; None where that folder itself is.

    `known` is what was found of folders before; it begins with the topmost.
    """
    unknown = list(takewhile(lambda folder: folder not in known, path.parents))
    for folder in reversed(unknown):
        above = known[folder.parent]
        if above and above.excludes(str(folder), True):
            above = None
        known[folder] = _rules(folder, found, above) if above and (folder / IGNORE).exists() else above
    return known[path.parent]


def _readings(whole: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the ways to read a pattern, as a folder and the parts below it that are patterns.

    "notes [2024]/*.md" is first of all about the folder of just that name, if there is one.
    """
    first = next(index for index, part in enumerate(whole.parts) if glob.has_magic(part))
    literal = first
    while literal < len(whole.parts) - 1 and is_folder(Path(*whole.parts[: literal + 1])):
        literal += 1
    for at in dict.fromkeys((literal, first)):
        yield Path(*whole.parts[:at]), whole.parts[at:]


def _matches(folder: Path, parts: tuple[str, ...], found: Found) -> Iterator[Path]:
    """Yield what a pattern stands for below a folder. "**" goes through no links: they may go in circles."""
    first, rest = parts[0], parts[1:]
    if first == "**":
        while rest[:1] == ("**",):
            rest = rest[1:]
        if not rest:
            yield folder
            return
        for at in _folders(folder, found):
            yield from _matches(at, rest, found)
        return
    if glob.has_magic(first):
        entries = _entries(folder, found)
        names = [entry.name for entry in entries if fnmatchcase(entry.name, first)]
        names = [name for name in names if first.startswith(".") or not name.startswith(".")]
    else:
        names = [first] if os.path.lexists(folder / first) else []
    for name in names:
        if not rest:
            yield folder / name
        elif is_folder(folder / name):
            yield from _matches(folder / name, rest, found)


def _folders(top: Path, found: Found) -> Iterator[Path]:
    """Yield a folder and all below it that are neither hidden nor links."""
    waiting = [top]
    while waiting:
        at = waiting.pop()
        yield at
        entries = (entry for entry in _entries(at, found) if not entry.name.startswith("."))
        inner = [at / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(inner)
