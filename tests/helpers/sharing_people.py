"""People who share a library in Milvus, each with a copy, and what is there of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from library_fixtures import fill

from rag.index.library import Library
from rag.index.milvus_client import Milvus
from rag.index.schema import WORDS
from rag.index.shared_collections import SharedNames
from rag.index.shared_library import follow
from rag.models.embedder import Embedder

NAMES = SharedNames.of("valley")
MILL = "The mill at Oberwiesen burned down on 4 May 1907. Nobody was hurt."
# Of more than one part, with signs of four bytes, line ends of two and an accent of its own.
LONG = (
    "\ufeffDie Mühle 🐐 brannte 1907.\r\nDie Ziege u\u0308berlebte.\r\n\r\n" + "Sie steht 🐐 noch heute im Tal. " * 600
)


@dataclass
class Person:
    """Whoever shares: with a copy, files and a name of their own."""

    folder: Path
    library: Library
    milvus: Milvus
    embedder: Embedder

    def writes(self, **texts: str) -> None:
        fill(self.library, self.folder, {f"{name}.txt": text for name, text in texts.items()}, self.embedder)

    def follows(self) -> None:
        follow(self.library, self.milvus, "valley", self.folder.name)

    def texts(self) -> dict[str, str]:
        return {entry.name: self.library.document(entry.id).text for entry in self.library.entries()}

    def id(self, name: str) -> str:
        return next(entry.id for entry in self.library.entries() if entry.name == f"{name}.txt")

    def removes(self, name: str) -> None:
        self.library.remove(self.id(name))


def rows(library: Library, name: str) -> list[object]:
    """All that a library holds of a document, but for where its file lies."""
    entry = next(entry for entry in library.entries() if entry.name == name)
    chunks = library.openings([entry.id])[entry.id]
    facts = [row[1:] for row in library.chunks(chunks).values()]
    sentences = [(s.start, s.end, s.vector.tobytes()) for of in library.sentences(chunks).values() for s in of]
    words = [dict(library.words_of(table, chunks[0] - 1, len(chunks))).values() for table in WORDS]
    document = library.document(entry.id)
    told = (document.text, document.title, document.date, document.language, document.body, document.pages)
    made = library.made_of()[entry.id]
    return [
        told,
        document.omissions,
        document.encoding,
        entry.tags,
        facts,
        sentences,
        [[*each] for each in words],
        made,
    ]


def stored(milvus: Milvus) -> tuple[set[str], set[str]]:
    """The versions that documents name, and those that there is anything of."""
    named = {str(row["version"]) for row in milvus.every(NAMES.documents, "sequence >= 0", ["version"])} - {""}
    there = {
        str(row["version"])
        for collection in (NAMES.parts, NAMES.sentences)
        for row in milvus.every(collection, "number >= 0", ["version"])
    }
    return named, there
