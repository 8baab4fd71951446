"""The one tool that writes: it indexes files of folders that the person has allowed, and of no others.

What a client names is resolved, and so is every file that is found below it: a link in an allowed folder is as good
as what it leads to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from rag.documents.discovery import Source
from rag.errors import LibraryUnusable, UsageError
from rag.index import update
from rag.index.library import Library
from rag.index.stores import hand_on
from rag.index.vector_index import renew_index
from rag.localization import gettext
from rag.models.bundled import load_embedder
from rag.models.encoder_backends import Embedder
from rag.serving.model_context.arriving import arriving, told
from rag.serving.model_context.records import Indexed
from rag.serving.opened import Opened
from rag.serving.requests import Work
from rag.serving.service import Service
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line

_CLIENT = "index"  # it takes its turns apart from those who ask


class IndexingTool:
    """What may be indexed: files below `folders`, which are there, by their real paths."""

    def __init__(self, service: Service, folders: Sequence[Path]) -> None:
        self._service = service
        self._folders = tuple(folders)

    async def index(
        self,
        path: Annotated[str, Field(description="A file or folder, in full, in one of the allowed folders.")],
        context: Context[Any, Any],
    ) -> Indexed:
        """Add a file or a folder to the library, or bring it up to date; documents whose file is gone stay.

        A run that takes longer than some minutes is cut off; what it did stays, and the next one goes on.
        """
        loop = asyncio.get_running_loop()

        def tell(n: int, name: str) -> None:
            asyncio.run_coroutine_threadsafe(context.report_progress(n, None, one_line(name)), loop)

        with told(self._service):
            work = _indexing(allowed(path, self._folders), self._folders, tell)
            async with aclosing(arriving(self._service, work, _CLIENT)) as reports:
                async for report in reports:
                    return report
        raise ToolError(gettext("Nothing was indexed."))


def allowed(path: str, folders: Sequence[Path]) -> Path:
    """Return the real path of a file or folder. Raises UsageError for one outside of the folders, or none at all."""
    given = Path(path)
    try:
        found = given.resolve(strict=True) if given.is_absolute() else None
    except (OSError, ValueError, RuntimeError):  # none such, a NUL in it, links in a circle
        found = None
    if found is None or not _inside(found, folders):
        # The same words for what is not there: which files there are elsewhere is nobody's business.
        raise UsageError(
            gettext("{path} is no file or folder in an allowed one.").format(path=one_line(path, 200)),
            gettext("Allowed are: {folders}").format(folders=", ".join(map(str, folders))),
        )
    return found


def _inside(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _indexing(path: Path, folders: Sequence[Path], tell: Callable[[int, str], None]) -> Work[Indexed]:
    def work(opened: Opened, cancel: CancelToken) -> Iterator[Indexed]:
        outside = 0

        def inside(files: Iterable[Source]) -> Iterator[Source]:
            nonlocal outside
            for n, source in enumerate(files, 1):
                if not _inside(Path(source.path).resolve(), folders):
                    outside += 1
                    continue
                tell(n, source.name)
                yield source

        with _to_fill(opened) as (library, embedder):
            report = update.index([str(path)], library, embedder, inside, keep_vanished=True, look=cancel.check)
            renew_index(library)
            hand_on(library, opened.settings, cancel.check)
            yield Indexed(
                new=report.new,
                changed=report.changed,
                unchanged=len(report.unchanged) + len(report.moved),
                unreadable=[f"{name.name}: {reason}" for name, reason in report.unreadable],
                outside=outside,
                documents=library.count()[0],
            )

    return work


@contextmanager
def _to_fill(opened: Opened) -> Iterator[tuple[Library, Embedder]]:
    """Yield the library with its embedder; where there is none, it is made: the person has allowed to index."""
    try:
        assistant = opened.assistant
    except LibraryUnusable:  # there is none, or nothing is in it; of any other that is told when it is opened here
        with Library(opened.settings.library, create=True) as library:
            yield library, load_embedder(opened.settings)
        return
    yield assistant.library, assistant.embedder
