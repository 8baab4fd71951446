"""Held: a model that writes is given the sentences that were weighed, as they stand, and what they stand after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from library_fixtures import fill

from rag.answering.prompt_context import GAP, Excerpt, excerpts, in_document_order
from rag.answering.query import understood
from rag.answering.sentence_selection import READ, Quote, Selection, select, weigh
from rag.index.hybrid_search import Passage, retrieve
from rag.index.library import Library
from rag.index.vector_index import open_index
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader

WEATHER = " ".join(f"On day {day} it rained on the harbour from {day % 12} o'clock." for day in range(1, 13))
TEXTS = {
    "ferry.txt": f"The ferry Rosalinde was old. She sank off Husum in 1907. {WEATHER} Captain Lohse swam.",
    "toll.md": "# Tolls\n\nThe ferry Rosalinde took these tolls until 1907:\n\n- a cow 3 pence\n- a horse 5 pence\n",
    "prices.md": "# Prices\n\nAll of this was paid in crowns.\n\n## Husum ferry in 1906\n\nThe fare rose soon.\n\n"
    "| Year | Cow | Horse |\n| --- | --- | --- |\n| 1905 | 2 | 4 |\n| 1906 | 3 | 5 |\n",
    "organ.txt": "Marta Quandt has played the organ for 25 years. The organ of the church has 900 pipes.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("harbour")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        yield library


def chosen(question: str, library: Library, embedder: Embedder, reader: Reader) -> tuple[list[Passage], Selection]:
    search, passages = retrieve(question, library, open_index(library), embedder, 5)
    return list(passages), select(weigh(understood(search), passages, library), reader)


def by_name(made: Sequence[Excerpt]) -> dict[str, str]:
    return {excerpt.passage.document.name: excerpt.text for excerpt in made}


def test_every_sentence_that_was_read_is_in_its_passages_excerpt_as_it_stands(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    passages, selection = chosen("When did the ferry Rosalinde sink?", library, embedder, reader)
    made = excerpts(passages, selection)
    assert 1 < len(selection.read) <= READ
    shown = {excerpt.passage.rank: excerpt.text for excerpt in made}
    assert all(option.text in shown[option.passage.rank] for option in selection.read)
    for excerpt in made:
        table = excerpt.passage.document.name == "prices.md"  # a row is read with its column heads
        assert table or all(part in excerpt.passage.document.text for part in excerpt.text.split(GAP))
    assert sum(len(excerpt.text) for excerpt in made) < sum(len(passage.shown) for passage in passages)


def test_the_sentence_before_says_who_she_is(library: Library, embedder: Embedder, reader: Reader) -> None:
    passages, selection = chosen("When did she sink off Husum?", library, embedder, reader)
    read = next(option for option in selection.read if option.text == "She sank off Husum in 1907.")
    alone = Selection(selection.quotes, selection.support, None, (read,))
    assert [excerpt.text for excerpt in excerpts(passages, alone)] == [
        "The ferry Rosalinde was old. She sank off Husum in 1907."
    ]


def test_a_list_item_comes_with_the_sentence_that_its_list_hangs_on_and_a_gap_for_the_items_between(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    passages, selection = chosen("What was the toll for a horse?", library, embedder, reader)
    read = next(option for option in selection.read if option.text == "a horse 5 pence")
    alone = Selection(selection.quotes, selection.support, None, (read,))
    (made,) = excerpts(passages, alone)
    assert made.text == f"The ferry Rosalinde took these tolls until 1907:{GAP}- a horse 5 pence"


def test_a_table_row_comes_with_the_head_of_its_table_and_the_heading_above_it(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    passages, selection = chosen("What did a cow and a horse pay in 1906?", library, embedder, reader)
    read = next(option for option in selection.read if option.text == "Year: 1906 · Cow: 3 · Horse: 5")
    (made,) = excerpts(passages, Selection(selection.quotes, selection.support, None, (read,)))
    assert made.text.split(GAP) == [
        "## Husum ferry in 1906\n\nThe fare rose soon.",
        "Year: 1906 · Cow: 3 · Horse: 5",
    ]


def test_a_passage_of_which_nothing_was_read_is_left_out(library: Library, embedder: Embedder, reader: Reader) -> None:
    passages, selection = chosen("How many pipes has the organ?", library, embedder, reader)
    organ = tuple(option for option in selection.read if option.passage.document.name == "organ.txt")
    assert len(passages) > 1 and organ
    made = excerpts(passages, Selection(selection.quotes, selection.support, None, organ))
    assert list(by_name(made)) == ["organ.txt"]


def test_passages_come_document_by_document_with_the_best_quoted_first(
    library: Library, embedder: Embedder, reader: Reader
) -> None:
    passages, _ = chosen("When did the ferry Rosalinde sink?", library, embedder, reader)
    texts = {passage.document.name: passage.document for passage in passages}
    quotes = [Quote(texts[name], 0, 4, texts[name].text[:4], 0.5) for name in ("organ.txt", "ferry.txt")]
    shown = in_document_order(passages, quotes)
    assert list(dict.fromkeys(passage.document.name for passage in shown))[:2] == ["organ.txt", "ferry.txt"]
    starts = [passage.chunk.start for passage in shown if passage.document.name == "ferry.txt"]
    assert starts == sorted(starts)
