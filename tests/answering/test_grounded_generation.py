"""Held: of what a model writes only that stays which the cited passages hold; quotes take the place of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from library_fixtures import fill
from number_values import numbers
from streams import ended

from rag.answering.grounded_generation import ANSWER_TOKENS, Composed, compose, prompt, quoted, write, write_together
from rag.answering.query import Query, understood
from rag.answering.sentence_selection import Quote, Selection, select, weigh
from rag.documents.document import read
from rag.index.hybrid_search import Passage, retrieve
from rag.index.library import Library
from rag.index.preparation import prepare_document
from rag.index.vector_index import VectorIndex, open_index
from rag.models.bundled import load_generator
from rag.models.embedder import Embedder
from rag.models.generator import Generator
from rag.models.greedy_decoder import Written
from rag.models.reader.reader import Reader
from rag.settings import Settings
from rag.system.cancellation import CancelToken

TEXTS = {
    "ferry.txt": "The ferry Rosalinde sank off Husum in 1907. Captain Lohse saved 40 passengers from the water.",
    "organ.txt": "Marta Quandt has played the organ for 25 years. The organ of the church has 900 pipes.",
    "bread.txt": "The baker sells bread with caraway at the market. A loaf of his bread costs three euros.",
}
QUESTION = "When did the ferry Rosalinde sink, and how many were saved?"
SANK = "The ferry Rosalinde sank off Husum in 1907."
SAVED = "Captain Lohse saved 40 passengers from the water."


@pytest.fixture
def passages(tmp_path: Path, embedder: Embedder) -> list[Passage]:
    """The passages that a library of three documents has for the question; the ferry's is the first."""
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, TEXTS, embedder)
        _, found = retrieve(QUESTION, library, open_index(library), embedder, 5)
    assert len(found) == 3 and found[0].document.name == "ferry.txt"
    return list(found)


def quote(passages: Sequence[Passage], sentence: str) -> Quote:
    """The quote of one sentence, as evidence gives it: with a support and a mark."""
    (document,) = (passage.document for passage in passages if sentence in passage.document.text)
    start = document.text.index(sentence)
    return Quote(document, start, start + len(sentence), sentence, 0.75, ((start, start + 3),))


def number(passages: Sequence[Passage], name: str) -> int:
    return next(n for n, passage in enumerate(passages, 1) if passage.document.name == name)


def checked(written: str, passages: Sequence[Passage], quotes: Sequence[Quote], embedder: Embedder) -> Composed:
    """What stands of a text that a model wrote and ended."""
    *_, made = compose(Written((written,), "end").again(), "en", passages, quotes, embedder)
    sound(made)
    return made


def sound(made: Composed) -> None:
    """Every citation has a quote, every quote is cited and verbatim, and none is there twice, whatever was written."""
    cited = list(dict.fromkeys(n for statement in made.statements for n in statement.citations))
    assert cited == list(range(1, len(made.quotes) + 1))
    assert all(statement.citations and statement.supported for statement in made.statements)
    assert all(quote.text == quote.document.text[quote.start : quote.end] for quote in made.quotes)
    assert len({(quote.document.id, quote.start) for quote in made.quotes}) == len(made.quotes)


def held(made: Composed) -> None:
    """Every statement's numbers occur in the quotes that it cites."""
    for statement in made.statements:
        together = "\n".join(made.quotes[n - 1].text for n in statement.citations)
        assert numbers(statement.text) <= numbers(together)


def texts(made: Composed) -> list[str]:
    return [statement.text for statement in made.statements]


def test_a_claim_that_its_passage_holds_is_kept_with_the_sentence_that_backs_it(
    passages: list[Passage], embedder: Embedder
) -> None:
    made = checked("In 1907 the ferry Rosalinde sank [1].", passages, [quote(passages, SAVED)], embedder)
    assert texts(made) == ["In 1907 the ferry Rosalinde sank."]
    assert [quote.text for quote in made.quotes] == [SANK]
    assert made.quotes[0].document.name == "ferry.txt"
    assert 0.5 <= made.quotes[0].support <= 1


def test_a_backing_sentence_that_is_a_quote_keeps_its_support_and_its_marks(
    passages: list[Passage], embedder: Embedder
) -> None:
    known = quote(passages, SANK)
    made = checked("In 1907 the ferry Rosalinde sank [1].", passages, [known], embedder)
    assert made.quotes == [known]


def test_two_sentences_can_back_one_claim_together(passages: list[Passage], embedder: Embedder) -> None:
    written = "When the ferry Rosalinde sank in 1907, Captain Lohse saved 40 passengers [1]."
    made = checked(written, passages, [], embedder)
    assert texts(made) == ["When the ferry Rosalinde sank in 1907, Captain Lohse saved 40 passengers."]
    assert sorted(quote.text for quote in made.quotes) == [SAVED, SANK]
    assert made.statements[0].citations == (1, 2)


@pytest.mark.parametrize(
    "written",
    [
        "In 1908 the ferry Rosalinde sank [1].",
        "In 1907 the ferry Annegret sank [1].",
        "The ferry Rosalinde sank off Bremen in 1907 [1].",
    ],
)
def test_a_wrong_number_or_name_is_replaced_by_the_quote(
    written: str, passages: list[Passage], embedder: Embedder
) -> None:
    known = quote(passages, SANK)
    made = checked(written, passages, [known], embedder)
    assert texts(made) == [SANK]
    assert made.quotes == [known]


def test_a_right_claim_that_cites_the_wrong_passage_is_not_kept(passages: list[Passage], embedder: Embedder) -> None:
    bread = number(passages, "bread.txt")
    made = checked(f"In 1907 the ferry Rosalinde sank [{bread}].", passages, [quote(passages, SANK)], embedder)
    assert texts(made) == [SANK]


def test_a_claim_far_from_its_passage_is_not_kept_though_no_number_is_wrong(
    passages: list[Passage], embedder: Embedder
) -> None:
    made = checked("it is nice to whistle on a warm evening [1].", passages, [quote(passages, SANK)], embedder)
    assert texts(made) == [SANK]


@pytest.mark.parametrize("marker", ["", " [4]", " [0]", " [999]", " [1, 4]", " [1][999]"])
def test_a_claim_with_no_marker_or_one_that_was_not_sent_is_not_believed(
    marker: str, passages: list[Passage], embedder: Embedder
) -> None:
    made = checked(f"In 1907 the ferry Rosalinde sank{marker}.", passages, [quote(passages, SANK)], embedder)
    assert texts(made) == [SANK]


def test_the_quote_put_in_place_comes_from_the_passage_that_is_cited(
    passages: list[Passage], embedder: Embedder
) -> None:
    pipes = "The organ of the church has 900 pipes."
    quotes = [quote(passages, SANK), quote(passages, pipes)]
    made = checked(f"The organ has 901 pipes [{number(passages, 'organ.txt')}].", passages, quotes, embedder)
    assert texts(made) == [pipes]


def test_what_cannot_be_kept_or_replaced_goes(passages: list[Passage], embedder: Embedder) -> None:
    written = "In 1907 the ferry Rosalinde sank [1]. The ferry had 77 goats [1]."
    made = checked(written, passages, [quote(passages, SANK)], embedder)
    assert texts(made) == ["In 1907 the ferry Rosalinde sank."]


@pytest.mark.parametrize("written", ["", "[1]", "It has 77 pipes [2]. It has 78 pipes [3]."])
def test_where_nothing_written_stands_the_answer_is_the_quotes(
    written: str, passages: list[Passage], embedder: Embedder
) -> None:
    quotes = [quote(passages, SAVED), quote(passages, SANK)]
    made = checked(written, passages, quotes, embedder)
    assert made == quoted(quotes)
    assert texts(made) == [SAVED, SANK]
    assert [statement.citations for statement in made.statements] == [(1,), (2,)]


def test_citations_are_numbered_in_the_order_of_the_answer_and_shared(
    passages: list[Passage], embedder: Embedder
) -> None:
    organ = number(passages, "organ.txt")
    written = (
        f"Marta Quandt has played the organ for 25 years [{organ}]. The ferry Rosalinde sank in 1907 [1]. "
        f"The ferry had 77 goats [1]. Captain Lohse saved 40 passengers [1]. The ferry Rosalinde sank off Husum [1]."
    )
    made = checked(written, passages, [], embedder)
    assert [statement.citations for statement in made.statements] == [(1,), (2,), (3,), (2,)]
    assert [quote.document.name for quote in made.quotes] == ["organ.txt", "ferry.txt", "ferry.txt"]


def test_with_neither_claims_nor_quotes_there_is_no_answer(passages: list[Passage], embedder: Embedder) -> None:
    assert checked("", passages, [], embedder) == Composed([], [])


def test_what_is_said_twice_is_kept_once(passages: list[Passage], embedder: Embedder) -> None:
    written = "The ferry Rosalinde sank in 1907 [1]. The ferry Rosalinde sank in 1907 [1]. It sank. " + SANK
    made = checked(written, passages, [quote(passages, SANK)], embedder)
    assert texts(made) == ["The ferry Rosalinde sank in 1907."]


# --- sentences that quote mode cuts ----------------------------------------------------


def test_a_quote_that_was_cut_short_is_whole_where_its_end_is_needed(tmp_path: Path, embedder: Embedder) -> None:
    about = " and ".join(f"the {thing} of the ferry" for thing in "wheel mast deck bell rope sail hull".split() * 3)
    long = f"The ferry Rosalinde was mended, {about}, and in the end the ferry Rosalinde cost 7,300 crowns."
    assert len(long) > 500
    with Library(tmp_path / "library", create=True) as library:
        library.claim(embedder)
        (tmp_path / "ferry.txt").write_text(long, encoding="utf-8")
        document = read(tmp_path / "ferry.txt")
        library.add(prepare_document(document, embedder))
        _, found = retrieve(QUESTION, library, open_index(library), embedder, 5)
    short = Quote(document, 0, 400, document.text[:400], 0.5)
    made = checked(
        "The ferry was mended. In the end the ferry Rosalinde cost 7,300 crowns [1].", found, [short], embedder
    )
    assert texts(made)[1] == "In the end the ferry Rosalinde cost 7,300 crowns."
    assert [quote.text for quote in made.quotes] == [long]
    held(made)


# --- whatever is written, and with the model -------------------------------------------


@dataclass(frozen=True)
class Town:
    """A library that stays open, its index, and the models."""

    library: Library
    index: VectorIndex
    llm: Generator
    reader: Reader
    embedder: Embedder

    def ask(self, question: str) -> tuple[Query, Sequence[Passage], Selection]:
        search, passages = retrieve(question, self.library, self.index, self.embedder, 5)
        query = understood(search)
        return query, passages, select(weigh(query, passages, self.library), self.reader)

    def compose(self, question: str) -> list[Composed]:
        """What is proven, after each statement, of what the LLM writes to a question that has an answer."""
        query, passages, selection = self.ask(question)
        asked = prompt(query, passages, selection, self.llm)
        assert asked is not None
        pieces = write(asked, self.llm, None, CancelToken())
        return list(compose(pieces, "en", asked.passages, selection.quotes, self.embedder))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, cache: Path, embedder: Embedder, reader: Reader) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
        # No more context than the question, the passages and an answer need.
        llm = load_generator(Settings(cache=cache, threads=2, context=1024))
        yield Town(library, open_index(library), llm, reader, embedder)
        llm.close()


@pytest.fixture(scope="module")
def ferry(town: Town) -> tuple[Sequence[Passage], list[Quote]]:
    _, passages, selection = town.ask("When did the ferry Rosalinde sink?")
    assert selection.quotes
    return passages, list(selection.quotes)


SAID = st.sampled_from(
    [
        *(SANK, SAVED, "In 1907 the ferry Rosalinde sank.", "In 1908 the ferry Rosalinde sank.", "It rained."),
        *("Captain Lohse saved 25 passengers.", "The organ of the church has 900 pipes.", "The organ has 40 pipes."),
        *("When the ferry sank in 1907, Captain Lohse saved 40 passengers.", "900", "Bread costs three euros."),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SAID, st.lists(st.integers(0, 5), max_size=3, unique=True)), max_size=6))
def test_whatever_is_claimed_every_number_of_the_answer_is_in_its_quotes(
    town: Town, ferry: tuple[Sequence[Passage], list[Quote]], written: list[tuple[str, list[int]]]
) -> None:
    passages, quotes = ferry
    text = "\n\n".join("".join([said, *(f" [{n}]" for n in cites)]) for said, cites in written)
    made = checked(text, passages, quotes, town.embedder)
    held(made)
    assert made.statements


def test_the_model_writes_an_answer_of_which_every_statement_is_backed(town: Town) -> None:
    *_, made = town.compose("When did the ferry Rosalinde sink?")
    sound(made)
    held(made)
    assert any("1907" in statement.text for statement in made.statements)


def test_what_is_proven_so_far_only_grows(town: Town) -> None:
    made = town.compose("When did the ferry Rosalinde sink?")
    assert made
    for before, after in pairwise(made):
        assert after.statements[: len(before.statements)] == before.statements


@pytest.mark.stress  # the suite asks together and alone in test_assistant_together
def test_written_alone_or_together_an_answer_is_the_same_and_ended_for_the_same_reason(town: Town) -> None:
    asked = []
    for question in ("When did the ferry Rosalinde sink?", "How many pipes does the organ of the church have?"):
        made = prompt(*town.ask(question), town.llm)
        assert made is not None
        asked.append(made)
    alone = [ended(write(each, town.llm, None, CancelToken())) for each in asked]
    assert write_together(asked, town.llm, CancelToken()) == alone
    assert all("".join(each.pieces) for each in alone)


def test_the_model_is_not_asked_about_what_the_documents_do_not_say(town: Town) -> None:
    query, passages, selection = town.ask("When did the ferry Rosalinde sink?")
    assert prompt(query, passages, selection, town.llm) is not None
    assert prompt(query, passages, replace(selection, quotes=()), town.llm) is None


def test_passages_that_the_model_has_no_room_for_are_not_sent_and_not_counted(town: Town) -> None:
    asked = town.ask(QUESTION)
    whole = prompt(*asked, town.llm)
    assert whole is not None and len(whole.passages) == 3
    room = len(whole.tokens) + ANSWER_TOKENS
    small = Generator(town.llm.path, threads=2, context=room - 1)
    made = prompt(*asked, small)
    small.close()
    assert made is not None and made.passages == whole.passages[:2]
    assert len(made.tokens) < len(whole.tokens)
