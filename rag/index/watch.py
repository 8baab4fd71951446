"""Watching: when is it time to bring a folder's documents up to date again?

What changes is only taken as a sign that something has: the next run looks at all of the folder, as any
run does, and reads what has changed. So nothing is missed that the system does not tell of, and a file
that is written in many steps is read when it has been left alone for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.exclusion import FILE as IGNORE
from rag.documents.readers import READERS
from rag.errors import BelegError

if TYPE_CHECKING:
    from watchfiles import Change

_STEP = 100  # ms between looks at what the system tells
_QUIET = 500  # ms without a change, after which it is time
_LONGEST = 10.0  # seconds after which it is time though changes go on


def moments(folders: Sequence[Path], library: Path, look: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Yield once all folders are watched, and from then on whenever files in them have changed; without end.

    A folder may go and come back: that is a change, too. What happens in the folder `library`, in hidden
    ones and to files that are no documents is none. `look` is called twice a second, and may raise to stop it.
    Raises BelegError where the system watches no more folders.
    """
    while True:
        known = _identities(folders)
        there = [folder for folder, identity in known.items() if identity]
        if not there:
            yield
            while _identities(folders) == known:
                look()
                time.sleep(_QUIET / 1000)
            continue
        try:
            yield from _while_there(folders, known, library, look)
        except FileNotFoundError:  # one has gone just now
            continue
        except (OSError, RuntimeError) as error:  # the latter is the library's own
            raise BelegError(
                f"The folders cannot be watched: {error}.",
                "Name a smaller folder, allow more (sysctl fs.inotify.max_user_watches), "
                "or have it look itself: WATCHFILES_FORCE_POLLING=1.",
            ) from error


def _while_there(
    folders: Sequence[Path], known: dict[Path, tuple[int, int] | None], library: Path, look: Callable[[], object]
) -> Iterator[None]:
    """Yield the moments until one of the folders goes or comes."""
    from watchfiles import watch

    waiting, began = True, time.monotonic()  # for the moment that the folders are watched
    changes = watch(
        *(folder for folder, identity in known.items() if identity),
        watch_filter=lambda change, path: _counts(change, Path(path), folders, library),
        step=_STEP,
        rust_timeout=_QUIET,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    with closing(changes):
        for found in changes:
            look()
            if _identities(folders) != known:
                return
            began = began if waiting else time.monotonic()
            waiting = waiting or bool(found)
            if waiting and (not found or time.monotonic() - began > _LONGEST):
                waiting = False
                yield


def _identities(folders: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    """Return what tells a folder from another one at its path; None where there is none."""
    return {folder: _identity(folder) for folder in folders}


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _counts(change: Change, path: Path, folders: Sequence[Path], library: Path) -> bool:
    """Return whether a change may be one of documents."""
    if path.is_relative_to(library):
        return False
    above = next((folder for folder in folders if path.is_relative_to(folder)), path.parent)
    *outer, name = path.relative_to(above).parts or ("",)
    if any(part.startswith(".") for part in outer) or (name.startswith(".") and name != IGNORE):
        return False
    known = path.suffix.lower() in READERS or name in ("", IGNORE)
    return known or change.name == "deleted" or path.is_dir()
