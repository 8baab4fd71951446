"""A file's bytes to a document with all that is written of it: here, or wherever a `Maker` has it done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from rag.documents.discovery import Source
from rag.documents.document import read
from rag.documents.ocr import Ocr, with_ocr
from rag.documents.reader_process import ReaderProcess
from rag.index.preparation import prepare_document
from rag.index.rows import Prepared
from rag.models.embedder import Embedder

_MOST_SENTENCES = 400_000  # a document: twice what 20 MB of prose hold; each is a vector in memory


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that a document is to be made of. `name` is the document's, `size` None where it may still change.

    `known` says whether the library has a document of it, which the new one replaces.
    """

    source: Source
    name: str
    raw: bytes
    size: int | None
    known: bool


# Takes files as they come, and yields each, in order, with what returns its document, or raises what kept it from
# being made (UnreadableDocument, say). It may read ahead.
Maker = Callable[[Iterable[FileRead]], Iterator[tuple[FileRead, Callable[[], Prepared]]]]


def make_document(file: FileRead, reader: ReaderProcess, embedder: Embedder, ocr: Ocr | None = None) -> Prepared:
    """Return a file's document, ready to be written. Raises UnreadableDocument."""
    extract = with_ocr(ocr, reader.extract) if ocr else reader.extract
    source = file.source
    document = replace(read(source.path, file.name, file.raw, extract), size=file.size, modified=source.modified)
    return prepare_document(document, embedder, most=_MOST_SENTENCES)


def making_here(reader: ReaderProcess, embedder: Embedder, ocr: Ocr | None) -> Maker:
    """Return what makes documents in this process, one after the other, each when it is asked for."""

    def make(files: Iterable[FileRead]) -> Iterator[tuple[FileRead, Callable[[], Prepared]]]:
        for file in files:
            yield file, lambda file=file: make_document(file, reader, embedder, ocr)  # type: ignore[misc]

    return make
