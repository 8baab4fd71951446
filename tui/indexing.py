"""One run of indexing: told as it goes, and stopped between documents or within a long one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.errors import StoreUnusable
from rag.localization import gettext
from rag.system.cancellation import CancelToken, Stopped
from rag.system.logs import notice
from rag.text.sanitize import one_line
from tui.library_watch import about
from tui.messages import Counted, IndexedOn, ManyFound
from tui.work import Quit

if TYPE_CHECKING:
    from rag.documents.discovery import Source
    from rag.index.library import Entry, Library
    from rag.index.report import Report
    from rag.models.embedder import Embedder
    from rag.settings import Settings
    from tui.shelf import Shelf

Post = Callable[[Message], Any]


def begin(work: Callable[[], None], many: Callable[[], str], sure: Callable[[], None], post: Post) -> None:
    """Do the work, unless there are so `many` files that a person is asked, and it is done once they are `sure`."""
    with suppress(Quit):
        if asked := many():
            post(ManyFound(asked, sure))
        else:
            work()


def run(
    paths: Sequence[str] | None,
    settings: Settings,
    embedder: Embedder,
    cancel: CancelToken,
    post: Post,
    shelf: Shelf,
    *,
    read_all: bool = False,
) -> Report | None:
    """Index files and folders, or without any what has changed; return None when it was stopped by `cancel`.

    Documents that are done stay, and so do those of a folder that more than half of the files
    are gone from. With `read_all` files of the same size and time are read, too. How it went is noted
    on the `shelf`. Raises BelegError.
    """
    from rag.index import update as indexing
    from rag.index.library import Library
    from rag.index.stoppable_embedder import Stoppable

    tried: set[Path] = set()

    def each(files: Iterable[Source]) -> Iterator[Source]:
        files = list(files)
        for done, file in enumerate(files):
            cancel.check()
            post(IndexedOn(done, len(files), file.name))
            tried.add(file.path)
            yield file

    with Library(settings.library, create=True) as library:
        report: Report | None
        try:
            stoppable = Stoppable(embedder, cancel)
            if paths is None:
                report = indexing.refresh(library, stoppable, each, look=cancel.check)
            else:
                report = indexing.index(paths, library, stoppable, each, look=cancel.check, read_all=read_all)
            _send(library, settings, cancel)
        except Stopped:
            report = None
        post(Counted(*library.count(), about(library)))
    if report is not None:
        shelf.note(report, paths, tried)
    return report


@contextmanager
def handing_on(settings: Settings) -> Iterator[Library]:
    """Yield the library, open; what was changed within is sent to those who share it."""
    from rag.index.library import Library
    from rag.index.stores import hand_on

    with Library(settings.library) as library:
        yield library
        hand_on(library, settings)


def _send(library: Library, settings: Settings, cancel: CancelToken) -> None:
    """Bring what is searched up to date; a store that cannot be asked is told, and follows later."""
    from rag.index.stores import renew_store

    try:
        renew_store(library, settings, cancel.check)
    except StoreUnusable as error:
        notice(str(error))


def check_paths(paths: Sequence[str], entries: Callable[[], Sequence[Entry]]) -> None:
    """Raise UsageError for the first path that stands for nothing, in the file system or among the documents."""
    from rag.documents.discovery import check
    from rag.index.update import places

    for path in paths:
        check(path, lambda: places(entries()).values())


def question(paths: Sequence[str]) -> str:
    """Return what to ask before these paths are indexed, "" where they hold few files."""
    from rag.documents.counting import count

    found = count(paths)
    if not found.many:
        return ""
    named = one_line(", ".join(paths), 60)
    if found.whole:
        return gettext("{count:,} files in {folder}: read them all?").format(count=found.files, folder=named)
    return gettext("More than {count:,} files in {folder}, which were not all counted: read them all?").format(
        count=found.files, folder=named
    )
