"""What can be read of a library: its documents, chunks, sentences and vectors.

What belongs together is read in one `snapshot`.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.documents.document import Document
from rag.errors import LibraryUnusable
from rag.index.exact_vectors import FILE, ExactVectors, read, write
from rag.index.library_words import LibraryWords
from rag.index.rows import Entry, Sentence, Vectors, VectorState, entry, joined, unpacked_about
from rag.index.schema import WORDS
from rag.localization import gettext

_Read = TypeVar("_Read")
_MOST_KEPT = 64  # documents
_AT_ONCE = 20_000  # chunks whose vectors are read
_LATER = 0.05  # of the chunks: so many may have come since the file of vectors was written
_FACTS = ("id", "path", "name", "title", "date", "language", "text", "body", "sha256", "size", "modified")
_TAGS = "(SELECT json_group_array(tag) FROM tags WHERE document_id = documents.id)"


class LibraryReader(LibraryWords):
    """A library as it is read."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        super().__init__(folder, create=create)
        self._documents: dict[str, tuple[tuple[object, ...], Document]] = {}
        self._kept: dict[str, tuple[str, Any]] = {}
        self._exact: tuple[VectorState, ExactVectors | None] | None = None

    def entries(self) -> list[Entry]:
        """Return the list of documents, by name."""
        with self._guard():
            rows = self._db.execute(
                "SELECT id, path, name, title, date, language,"
                " (SELECT count(*) FROM chunks WHERE document_id = documents.id), length(text), indexed,"
                f" size, modified, content, {_TAGS}, about FROM documents ORDER BY name, path"
            ).fetchall()
        with self._sound():
            return [entry(row[:12], json.loads(row[12]), unpacked_about(row[13])) for row in rows]

    def _once(self, what: str, read: Callable[[], _Read]) -> _Read:
        """Return what `read` returns, which takes long in a large library: it is asked once of each state."""
        if self._db.in_transaction and not self._depth:  # what is being written may not come to be
            return read()
        with self.snapshot():
            stamp = self.stamp
            kept = self._kept.get(what)
            if kept is None or kept[0] != stamp:
                kept = self._kept[what] = (stamp, read())
        found: _Read = kept[1]
        return found

    def same_texts(self) -> list[list[tuple[str, str, str]]]:
        """Return (id, path, name) of the documents whose text others have too, those of one text together."""
        return self._once("same texts", self._same_texts)

    def _same_texts(self) -> list[list[tuple[str, str, str]]]:
        found: dict[str, list[tuple[str, str, str]]] = {}
        with self._guard():
            rows = self._db.execute(
                "SELECT content, id, path, name FROM documents WHERE content IN"
                " (SELECT content FROM documents GROUP BY content HAVING count(*) > 1) ORDER BY content, name, path"
            )
            for content, *facts in rows:
                found.setdefault(content, []).append((facts[0], facts[1], facts[2]))
        return list(found.values())

    def count(self) -> tuple[int, int]:
        """Return how many documents and chunks there are."""
        return self._once("count", self._count)

    def _count(self) -> tuple[int, int]:
        with self._guard():
            row = self._db.execute("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)").fetchone()
        return int(row[0]), int(row[1])

    def languages(self) -> set[str]:
        """Return the languages that chunks are written in."""
        return set(self._once("languages", self._languages))

    def _languages(self) -> set[str]:
        with self.snapshot():
            if (words := self._word_index()) is not None:
                return words.languages
        with self._guard():
            return {row[0] for row in self._db.execute("SELECT DISTINCT language FROM chunks")}

    def missing(self, documents: Collection[str]) -> bool:
        """Whether one of some documents, by id, is not there."""
        ids = json.dumps(sorted(set(documents)))
        with self._guard():
            there = "SELECT count(*) FROM documents WHERE id IN (SELECT value FROM json_each(?))"
            return int(self._db.execute(there, (ids,)).fetchone()[0]) < len(set(documents))

    def document(self, document_id: str) -> Document:
        """Return one document; raises LibraryUnusable if it has left meanwhile.

        While it does not change it is the same object, so that a long conversation holds its text once.
        """
        with self._guard(), self.snapshot():
            known = self._documents.get(document_id)
            stamp = self._db.execute(
                "SELECT indexed, sha256, content, path, name, size, modified FROM documents WHERE id = ?",
                (document_id,),
            ).fetchone()
            if known is not None and known[0] == stamp:
                return known[1]
            row = self._db.execute(
                "SELECT id, path, name, title, date, language, text, body, sha256, size, modified, pages, about"
                " FROM documents WHERE id = ?",
                (document_id,),
            ).fetchone()
        if row is None:
            raise self._has_left()
        with self._sound():
            document = Document(
                **dict(zip(_FACTS, row, strict=False)),
                pages=tuple(json.loads(row[11])),
                **unpacked_about(row[12])._asdict(),
            )
        self._documents[document_id] = (stamp, document)
        if len(self._documents) > _MOST_KEPT:
            del self._documents[next(iter(self._documents))]
        return document

    def _has_left(self) -> LibraryUnusable:
        return LibraryUnusable(
            gettext("A document has just left the library in {folder}.").format(folder=self.folder),
            gettext("Ask again."),
        )

    def chunks(self, ids: Collection[int]) -> dict[int, tuple[str, int, int, str, str]]:
        """Return (document id, start, end, context, language) of chunks, by id."""
        with self._guard():
            rows = self._db.execute(
                'SELECT id, document_id, start, "end", context, language FROM chunks'
                " WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(ids)),),
            )
            return {row[0]: tuple(row[1:]) for row in rows}

    def sentences(self, chunk_ids: Collection[int]) -> dict[int, list[Sentence]]:
        """Return the sentences of chunks, in order, by chunk id."""
        found: dict[int, list[Sentence]] = {chunk_id: [] for chunk_id in chunk_ids}
        with self._guard(), self._sound():
            rows = self._db.execute(
                'SELECT chunk_id, start, "end", vector FROM sentences'
                " WHERE chunk_id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(sorted(chunk_ids)),),
            )
            for chunk_id, start, end, vector in rows:
                found[chunk_id].append(Sentence(start, end, np.frombuffer(vector, dtype=np.float32)))
        return found

    def vectors(self, after: int = 0, most: int = -1) -> tuple[NDArray[np.int64], Vectors]:
        """Return the chunk id and the vector of every sentence, by chunk: shapes (n,) and (n, dimension).

        Only those of chunks with an id above `after`, and of `most` chunks, are looked at; all, if it is negative.
        """
        return self._vectors("SELECT id FROM chunks WHERE id > ? ORDER BY id LIMIT ?", (after, most))

    def vectors_of(self, chunks: Collection[int]) -> tuple[NDArray[np.int64], Vectors]:
        """Return the chunk id and the vector of every sentence of chunks that are there, as `vectors` does."""
        ordered, of_these = sorted(chunks), "SELECT value FROM json_each(?)"
        exact = self._exact_vectors()
        if exact is None:
            return self._vectors(of_these, (json.dumps(ordered),))
        later = bisect_right(ordered, exact.state.chunks)
        found = exact.of(ordered[:later])
        if later == len(ordered):
            return found
        others = self._vectors(of_these, (json.dumps(ordered[later:]),))
        return joined(found, others)

    def _exact_vectors(self) -> ExactVectors | None:
        """Return the file of the vectors, where it is of an earlier state of the library, or of this one."""
        with self.snapshot():
            now = self.vector_state
        if self._exact is None or self._exact[0] != now:
            kept = self._exact[1] if self._exact is not None else None
            if kept is None or not kept.state.leads_to(now):
                kept = read(self.folder / FILE)
            self._exact = now, kept if kept is not None and kept.state.leads_to(now) else None
        return self._exact[1]

    def renew_exact_vectors(self) -> None:
        """Write the file of the vectors, if there is none, or much came after it. That is for a large library."""
        with self.snapshot():
            state, kept = self.vector_state, self._exact_vectors()
            if self.read_only or (kept is not None and state.chunks - kept.state.chunks <= _LATER * state.chunks):
                return
            write(self.folder / FILE, state, self._vectors_size(), self.vectors_in_parts())
        self._exact = None

    def _vectors_size(self) -> int:
        """Return about how many bytes all vectors take."""
        with self._guard():
            row = self._db.execute("SELECT id, length(vector) FROM sentences ORDER BY id DESC LIMIT 1").fetchone()
        return int(row[0]) * int(row[1]) if row else 0

    def vectors_in_parts(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield what `vectors` returns, of some chunks at a time."""
        after = 0
        while len((part := self.vectors(after, _AT_ONCE))[0]):
            after = int(part[0][-1])
            yield part

    def _vectors(self, chosen: str, given: Sequence[Any]) -> tuple[NDArray[np.int64], Vectors]:
        with self._guard():
            rows = self._db.execute(
                f"SELECT chunk_id, vector FROM sentences WHERE chunk_id IN ({chosen}) ORDER BY chunk_id, id", given
            ).fetchall()
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.float32)
        with self._sound():
            ids, vectors = zip(*rows, strict=True)
            joined = np.frombuffer(b"".join(vectors), dtype=np.float32)
            return np.array(ids, dtype=np.int64), joined.reshape(len(rows), -1)

    def vector_sample(self, step: int) -> Vectors:
        """Return the vectors of the sentences of every `step`-th chunk by id: shape (n, dimension)."""
        with self._guard():
            rows = self._db.execute(
                "SELECT vector FROM sentences WHERE chunk_id IN (SELECT id FROM chunks WHERE id % ? = 0)", (step,)
            ).fetchall()
        with self._sound():
            return np.frombuffer(b"".join(row[0] for row in rows), dtype=np.float32).reshape(len(rows), -1)

    def chunks_to_send(self, after: int, most: int) -> list[tuple[int, str, str, str, str, str]]:
        """Return (id, document id, language, stems, glosses, pieces) of the first chunks with an id above `after`."""
        words = ", ".join(f"(SELECT words FROM {table} WHERE rowid = chunks.id)" for table in WORDS)
        with self._guard():
            return self._db.execute(
                f"SELECT id, document_id, language, {words} FROM chunks WHERE id > ? ORDER BY id LIMIT ?", (after, most)
            ).fetchall()

    def sentence_count(self) -> int:
        """Return how many sentences there are."""
        with self._guard():
            return int(self._db.execute("SELECT count(*) FROM sentences").fetchone()[0])

    def openings(self, documents: Collection[str]) -> dict[str, list[int]]:
        """Return the ids of the chunks of documents, in the order of their text, by document id."""
        found: dict[str, list[int]] = {identity: [] for identity in documents}
        with self._guard():
            rows = self._db.execute(
                "SELECT document_id, id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?))"
                " ORDER BY document_id, start",
                (json.dumps(sorted(documents)),),
            )
            for identity, chunk in rows:
                found[identity].append(chunk)
        return found
