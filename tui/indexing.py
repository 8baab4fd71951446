"""One run of indexing: told as it goes, and stopped between documents or within a long one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.system.cancellation import CancelToken, Stopped
from tui.messages import Counted, IndexedOn

if TYPE_CHECKING:
    from rag.documents.discovery import Source
    from rag.index.report import Report
    from rag.models.embedder import Embedder
    from rag.settings import Settings
    from tui.shelf import Shelf

Post = Callable[[Message], Any]


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
    from rag.index.vector_index import renew_index

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
            stoppable = indexing.Stoppable(embedder, cancel)
            if paths is None:
                report = indexing.refresh(library, stoppable, each, look=cancel.check)
            else:
                report = indexing.index(paths, library, stoppable, each, look=cancel.check, read_all=read_all)
            if library.count()[0]:
                renew_index(library)
        except Stopped:
            report = None
        post(Counted(*library.count()))
    if report is not None:
        shelf.note(report, paths, tried)
    return report
