"""A document's rows are whole before anything is written, and the library writes them as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.documents.chunking import split
from rag.documents.document import Document, read
from rag.errors import UnreadableDocument
from rag.index.library import Library
from rag.index.preparation import prepare_document, recipe
from rag.index.schema import WORDS
from rag.models.embedder import Embedder, Kind, Vectors

# Wrapped, so that chunks begin in the midst of lines.
TEXT = "Die alte Mühle am Bach hatte ein großes Rad aus Holz. Es drehte sich Tag und Nacht, und\n" * 20


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "mill.txt").write_text(f"{TEXT}\n\nDer Bach\n\n{TEXT}", encoding="utf-8")
    return read(tmp_path / "mill.txt")


class Refusing:
    """An embedder that must not be asked."""

    fingerprint, name, dimension, max_tokens = "none", "none", 384, 256

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        raise AssertionError(f"{len(texts)} texts were embedded as {kind}")


def test_each_sentence_has_the_vector_that_the_embedder_gives_it(document: Document, embedder: Embedder) -> None:
    prepared = prepare_document(document, embedder)
    assert [row.chunk for row in prepared.chunks] == split(document)
    assert prepared.embedder.fingerprint == embedder.fingerprint and prepared.recipe == recipe()
    texts = [document.text[start:end] for row in prepared.chunks for start, end in row.sentences]
    vectors = np.concatenate([row.vectors for row in prepared.chunks])
    assert vectors.shape == (len(texts), embedder.dimension)
    assert np.array_equal(vectors, embedder.encode(texts, "document"))


def test_a_chunk_is_found_by_its_words_its_heading_and_their_english(document: Document, embedder: Embedder) -> None:
    last = prepare_document(document, embedder).chunks[-1]
    assert set(last.terms) == set(WORDS)
    assert last.chunk.context.endswith("Der Bach")
    assert {"muhl", "bach"} <= set(last.terms["stems"].split())
    assert {"mill", "big"} <= set(last.terms["glosses"].split())
    assert {"<muh", "<bak"} <= set(last.terms["pieces"].split())


def test_the_library_holds_what_was_prepared_row_for_row(
    tmp_path: Path, document: Document, embedder: Embedder
) -> None:
    prepared = prepare_document(document, embedder)
    with Library(tmp_path / "library", create=True) as library:
        library.add(prepared)
        ids = sorted(library.chunks_of([document.id]))
        kept, held = library.chunks(ids), library.sentences(ids)
        assert len(ids) == len(prepared.chunks) > 2
        for chunk_id, row in zip(ids, prepared.chunks, strict=True):
            chunk = row.chunk
            assert kept[chunk_id] == (document.id, chunk.start, chunk.end, chunk.context, chunk.language)
            assert tuple((each.start, each.end) for each in held[chunk_id]) == row.sentences
            assert np.array_equal([each.vector for each in held[chunk_id]], row.vectors)
            for table in WORDS:
                found = library._db.execute(f"SELECT words FROM {table} WHERE rowid = ?", (chunk_id,)).fetchone()
                assert found == (row.terms[table],)
        assert library.known(recipe()) == {document.id: document.sha256}
        assert library.known("another") == {document.id: ""}


def test_a_document_of_too_many_sentences_is_refused_before_any_is_embedded(document: Document) -> None:
    with pytest.raises(UnreadableDocument, match="more than 10 sentences"):
        prepare_document(document, Refusing(), most=10)
