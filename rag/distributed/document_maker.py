"""Documents read, cut and embedded by workers; the process that runs `beleg index` alone looks for files and writes.

Files travel to the workers as bytes, so that these need not see the folders that they are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from rag import __version__
from rag.distributed.actor_pool import ActorPool, WorkerDied
from rag.distributed.workers import Connected
from rag.documents.ocr import Ocr, find_ocr
from rag.documents.reader_process import ReaderProcess
from rag.errors import UnreadableDocument, WorkersUnavailable
from rag.index.document_making import FileRead, Maker, make_document
from rag.index.preparation import recipe
from rag.index.rows import EmbedderIdentity, Prepared
from rag.localization import gettext, interface_language, use
from rag.models.bundled import load_embedder
from rag.models.embedder import Embedder
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Which embedder a worker has."""

    fingerprint: str
    name: str


@dataclass(frozen=True, slots=True)
class About:
    """What a worker makes documents by; all must make them by the same."""

    version: str
    recipe: str
    embedder: str


class DocumentMaker:
    """The actor: a reader process and an embedder that stay."""

    def __init__(self, settings: Settings, language: str, ocr: bool) -> None:
        self._settings, self._language, self._by_ocr = settings, language, ocr
        self._reader = ReaderProcess()

    @cached_property
    def _embedder(self) -> Embedder:
        use(self._language)  # what is told of documents is told in the words of whoever asks
        return load_embedder(self._settings)

    @cached_property
    def _ocr(self) -> Ocr | None:
        return find_ocr() if self._by_ocr else None

    def about(self) -> About:
        """Return what this worker makes documents by. Raises ModelUnavailable."""
        return About(__version__, recipe(), self._embedder.fingerprint)

    def do(self, file: FileRead) -> Prepared | tuple[str]:
        """Return a file's document, or why it cannot be read."""
        identity = Identity(self._embedder.fingerprint, self._embedder.name)
        try:
            return replace(make_document(file, self._reader, self._embedder, self._ocr), embedder=identity)
        except UnreadableDocument as error:
            return (error.reason,)


def making_elsewhere(
    workers: Connected, embedder: EmbedderIdentity, ocr: bool, look: Callable[[], object]
) -> tuple[ActorPool, Maker]:
    """Return the workers, a context manager, and what has them make documents.

    Raises WorkersUnavailable where one is of another version, or has another embedder than `embedder`.
    """
    pool = ActorPool(DocumentMaker, (workers.settings, interface_language(), ocr), workers, look)
    wanted = About(__version__, recipe(), embedder.fingerprint)
    for about in pool.ask_each():
        if about != wanted:
            pool.__exit__()
            raise WorkersUnavailable(
                gettext("A worker has another version of Beleg, or another embedder, than this machine."),
                gettext("Install version {version} there, with the same embedder.").format(version=__version__),
            )

    def make(files: Iterable[FileRead]) -> Iterator[tuple[FileRead, Callable[[], Prepared]]]:
        for file, result in pool.spread(files):
            yield file, partial(_made, file, result)

    return pool, make


def _made(file: FileRead, result: Callable[[], Prepared | tuple[str]]) -> Prepared:
    try:
        made = result()
    except WorkerDied as error:
        raise UnreadableDocument(file.source.path, str(error)) from error
    if isinstance(made, tuple):
        raise UnreadableDocument(file.source.path, made[0])
    return made
