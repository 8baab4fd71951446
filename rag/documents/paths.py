"""Paths as people write them, and as the file system has them."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

from rag.errors import UsageError
from rag.localization import N_, gettext

_KINDS = {
    stat.S_IFDIR: N_("a folder (directory)"),
    stat.S_IFIFO: N_("a pipe"),
    stat.S_IFSOCK: N_("a socket"),
    stat.S_IFCHR: N_("a device"),
    stat.S_IFBLK: N_("a device"),
}
_OTHER = N_("something else")
# A folder that no machine has: below it stand the paths of files that lie on others.
_ELSEWHERE = "/beleg:shared/"


def path_of(writer: str, path: str) -> str:
    """Return what a file that lies with another `writer` is known by here."""
    return f"{_ELSEWHERE}{writer}{path}"


def writer_of(path: str) -> tuple[str, str]:
    """Return whose file a path of `path_of` is, and its path there; ("", path) for one of this machine."""
    if not elsewhere(path):
        return "", path
    writer, sign, there = path.removeprefix(_ELSEWHERE).partition("/")
    return writer, sign + there


def elsewhere(path: str) -> bool:
    """Whether a document's file lies on another machine, so that nothing can be told of it here."""
    return path.startswith(_ELSEWHERE)


def absolute(given: str) -> Path:
    """Return a path in full, "~" replaced. Raises UsageError for the home of somebody this machine does not know."""
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(
            gettext("There is no home folder for {given}.").format(given=given), gettext("Write the path in full.")
        ) from error


def real(path: Path) -> Path:
    """Return the one path that a file or folder has: no link in it, no "..", names as the folder lists them.

    What does not exist keeps its name. Links that go round in circles stay as they are.
    """
    try:
        whole = Path(os.path.realpath(path))
    except ValueError:  # no file system has such a name
        return path.absolute()
    known = Path(whole.anchor)
    for name in whole.parts[1:]:
        known /= _listed(known, name)
    return known


def _listed(folder: Path, name: str) -> str:
    """Return a name as its folder lists it: some file systems take other capitals or accents for the same."""
    here = folder / name
    others = {name.swapcase(), unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)} - {name}
    try:
        if not any((folder / other).exists() and (folder / other).samefile(here) for other in others):
            return name
        names = [entry.name for entry in folder.iterdir()]
        if name in names:
            return name
        return next((listed for listed in names if (folder / listed).samefile(here)), name)
    except (OSError, ValueError):
        return name


def is_folder(path: Path) -> bool:
    """Return whether there is a folder at a path, or a link to one; False where that cannot be seen."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def linked(path: Path) -> bool:
    """Return whether there is a link at a path."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def size_and_time(path: Path) -> tuple[int | None, int | None]:
    """Return the size (bytes) and the time of the last change (ns since 1970) of what is at a path, None if unseen."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None, None
    return status.st_size, status.st_mtime_ns


def gone(path: Path) -> bool:
    """Return whether there is surely nothing at a path; what cannot be looked at may be there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def filled(folder: Path) -> bool:
    """Return whether there is anything in a folder but what is hidden: not so where a drive is to be mounted."""
    try:
        return any(not entry.name.startswith(".") for entry in folder.iterdir())
    except (OSError, ValueError):
        return False


def oddity(mode: int) -> str:
    """Return what a mode (`st_mode`) is where it is no file's, such as "a pipe"; "" for a file's."""
    return "" if stat.S_ISREG(mode) else gettext(_KINDS.get(stat.S_IFMT(mode), _OTHER))
