"""Held: a model that writes from a quote is told what the quote needs to be understood, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library_fixtures import fill

from rag.answering.query import understood
from rag.answering.quote_context import Given, given
from rag.answering.sentence_selection import quote_of, select, weigh
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

LONG = "The harbour master of Husum, who had seen many a ship come and go in forty years of service, " * 6
TEXTS = {
    "ferry.txt": "The ferry Rosalinde was old. She sank off Husum in 1907. Captain Lohse swam.",
    "toll.md": "# Tolls\n\nThe ferry Rosalinde took these tolls until 1907:\n\n- a cow 3 pence\n- a horse 5 pence\n",
    "prices.md": "---\ndate: 1907-03-01\n---\n# Prices\n\nAll of this was paid in crowns.\n\n## Husum ferry in 1906\n\n"
    "| Year | Cow | Horse |\n| --- | --- | --- |\n| 1905 | 2 | 4 |\n| 1906 | 3 | 5 |\n",
    "crew.md": "# The Rosalinde\n\nShe was a ferry.\n\n## Crew\n\nThe captain of the ferry was Lohse. He swam.\n",
    "long.txt": f"{LONG}wrote it down. He had a parrot.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("harbour")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        yield library


def of(text: str, question: str, library: Library, embedder: Embedder, reader: Reader) -> Given:
    """What is given of the sentence with such a text, when that is asked."""
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    query = understood(search)
    read = select(weigh(query, list(passages), library), reader).read
    candidate = next(each for each in read if each.option.text == text)
    return given(candidate, quote_of(query, candidate))


def test_the_sentence_before_says_who_she_is(library: Library, embedder: Embedder, reader: Reader) -> None:
    told = of("She sank off Husum in 1907.", "When did the ferry sink?", library, embedder, reader)
    assert told.before == "The ferry Rosalinde was old." and told.language == "en"
    assert told.answering and told.answering in told.text


def test_an_item_has_what_its_list_hangs_on(library: Library, embedder: Embedder, reader: Reader) -> None:
    told = of("a horse 5 pence", "What was the toll for a horse?", library, embedder, reader)
    assert told.before == "The ferry Rosalinde took these tolls until 1907:" and told.source == "Tolls"


def test_a_row_has_the_heads_of_its_columns_its_heading_and_the_date_of_its_document(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    told = of("Year: 1906 · Cow: 3 · Horse: 5", "What did a horse cost in 1906?", library, embedder, reader)
    assert "Husum ferry in 1906" in told.before and "#" not in told.before
    assert told.source == "Prices, 1907-03-01"


def test_a_heading_that_is_what_stands_before_too_is_told_once(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    told = of("The captain of the ferry was Lohse.", "Who was the captain of the ferry?", library, embedder, reader)
    assert told.before == "Crew"


def test_of_a_long_sentence_before_only_the_end_is_told(library: Library, embedder: Embedder, reader: Reader) -> None:
    told = of("He had a parrot.", "Who had a parrot?", library, embedder, reader)
    assert len(told.before) == 300 and told.before.endswith("wrote it down.")
