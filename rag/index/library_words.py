"""What words find in a library, and what its indexes follow it by.

FTS5 is asked, and in a large library the word index, which finds the same sooner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from rag.index.library_file import LibraryFile
from rag.index.rows import VectorState
from rag.index.word_index import BESIDE, LEAST, WordIndex, follow, renewed

CHUNKS_OF = "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?))"


class LibraryWords(LibraryFile):
    """A library as it is searched for words."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        super().__init__(folder, create=create)
        self._words: tuple[VectorState, WordIndex | None] | None = None

    def lexical(
        self,
        table: str,
        tokens: Collection[str],
        most: int,
        language: str | None = None,
        documents: Collection[str] = (),
        without: Collection[str] = (),
    ) -> dict[int, float]:
        """Return the BM25 score of the best chunks that hold any of `tokens`, by chunk id.

        `table` is "stems", "glosses" or "pieces". With `language`, only chunks in it are looked
        at, with `documents`, only chunks of those, with `without`, none of those.
        """
        return self.lexical_begun(table, tokens, most, language, documents, without)()

    def lexical_begun(
        self,
        table: str,
        tokens: Collection[str],
        most: int,
        language: str | None = None,
        documents: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Callable[[], dict[int, float]]:
        """Ask the library's file for `lexical`; return what is left, which any thread may do beside others.

        That is all of it where the library is large, and nothing in a small one, which FTS5 searches.
        """
        if not tokens:
            return dict
        with self.snapshot():
            if (words := self._word_index()) is not None:
                within = self.chunks_of(documents) if documents else None
                return partial(words.best, table, set(tokens), most, language, within, self.chunks_of(without))
        found = self._by_fts5(table, tokens, most, language, documents, without)
        return lambda: found

    def _by_fts5(
        self,
        table: str,
        tokens: Collection[str],
        most: int,
        language: str | None,
        documents: Collection[str],
        without: Collection[str],
    ) -> dict[int, float]:
        query = " OR ".join('"' + token.replace('"', "") + '"' for token in sorted(set(tokens)))
        # The plus keeps SQLite from asking the index of words anew for every chunk that is allowed.
        where = "AND +rowid IN (SELECT id FROM chunks WHERE language = ?)" if language else ""
        more = [language] if language else []
        for ids, among in ((documents, "IN"), (without, "NOT IN")):
            if ids:
                where += f" AND +rowid {among} ({CHUNKS_OF})"
                more.append(json.dumps(sorted(ids)))
        with self._guard():
            rows = self._db.execute(
                f"SELECT rowid, -bm25({table}) AS score FROM {table} WHERE {table} MATCH ? {where}"
                " ORDER BY score DESC, rowid LIMIT ?",
                (query, *more, most),
            )
            return {row[0]: max(0.0, row[1]) for row in rows}

    def chunks_holding(self, table: str, tokens: Collection[str], language: str) -> dict[int, str]:
        """Return the document id of every chunk in a language that holds any of `tokens`, by chunk id.

        `table` is as in `lexical`; a token that ends in "*" stands for all that begin with it.
        """
        if not tokens:
            return {}
        query = " OR ".join(_quoted(token) for token in sorted(set(tokens)))
        with self._guard():
            rows = self._db.execute(
                "SELECT id, document_id FROM chunks WHERE language = ?"
                f" AND id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)",
                (language, query),
            )
            return dict(rows.fetchall())

    def holding(self, table: str, tokens: Collection[str]) -> dict[str, int]:
        """Return in how many chunks each of `tokens` occurs; those in none are left out."""
        with self.snapshot():
            if (words := self._word_index()) is not None:
                return words.holding(table, set(tokens))
        with self._guard():
            rows = self._db.execute(
                f"SELECT term, doc FROM {table}_counts WHERE term IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(set(tokens))),),
            )
            return dict(rows.fetchall())

    def chunks_of(self, documents: Collection[str]) -> set[int]:
        """Return the ids of the chunks of documents, by document id."""
        with self._guard():
            return {row[0] for row in self._db.execute(CHUNKS_OF, (json.dumps(sorted(documents)),))}

    @property
    def vector_state(self) -> VectorState:
        """Which vectors there are."""
        with self._guard(), self.snapshot(), self._sound():
            removals = self._db.execute("SELECT coalesce(max(id), 0) FROM removed").fetchone()[0]
            return VectorState(self._meta("id"), self._meta("embedder"), int(self._meta("chunks")), int(removals))

    def removed(self, after: int) -> list[tuple[int, int]]:
        """Return the first and the last id of the chunks that were removed, by removal, above the removal `after`."""
        with self._guard():
            return self._db.execute("SELECT first, last FROM removed WHERE id > ? ORDER BY id", (after,)).fetchall()

    # --- the word index, of a large library --------------------------------------------------

    @property
    def words_beside(self) -> bool:
        """Whether words are looked for in so large an index that it pays to do so beside what else is looked for."""
        words = self._word_index()
        return words is not None and words.total >= BESIDE

    def _word_index(self) -> WordIndex | None:
        """Return the index of the words as they are in this snapshot; None where FTS5 is to be asked."""
        state = self.vector_state
        if self._words is None or self._words[0] != state:
            self._words = state, follow(self, state, self._words[1] if self._words else None)
        return self._words[1]

    def renew_words(self) -> None:
        """Write the file of the word index of a large library, if there is none or it has fallen behind too far."""
        with self.snapshot():
            state = self.vector_state
            if state.chunks >= LEAST and not self.read_only and self._word_index() is None:
                renewed(self, state)
                self._words = None

    def words_of(self, table: str, after: int, most: int) -> list[tuple[int, str]]:
        """Return the ids and words of up to `most` chunks with ids above `after`, by id; `table` is as in `lexical`."""
        with self._guard():
            rows = f"SELECT rowid, words FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"
            return self._db.execute(rows, (after, most)).fetchall()

    def languages_of(self, after: int) -> list[tuple[int, str]]:
        """Return the ids and languages of the chunks with ids above `after`."""
        with self._guard():
            return self._db.execute("SELECT id, language FROM chunks WHERE id > ?", (after,)).fetchall()


def _quoted(token: str) -> str:
    bare = '"' + token.rstrip("*").replace('"', "") + '"'
    return bare + "*" if token.endswith("*") else bare
