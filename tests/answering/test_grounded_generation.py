"""Held: of what a model writes only that stays which its quote backs; the quote takes the place of the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ferry_drafts import AGAIN, AGAIN_TOO, GERMAN, SANK, SAVED, ToldChecker, draft
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.attribution import Statement
from rag.answering.drafts import Draft, Drafted, joint
from rag.answering.grounded_generation import (
    Sentence,
    figures,
    in_language,
    joined,
    of_several,
    quoted,
    repeats,
    shown,
    stands,
)
from rag.system.cancellation import CancelToken, Stopped

CANCEL = CancelToken()


def standing(text: str, each: Draft, checker: ToldChecker | None = None) -> bool:
    (found,) = stands([each], [Drafted(text)], checker or ToldChecker(), CANCEL)
    return found


def test_quotes_as_they_are_make_a_statement_each() -> None:
    quotes = [draft(SANK).quote, draft(SAVED).quote]
    made = quoted(quotes)
    assert made.statements == [Statement(SANK, (1,), True), Statement(SAVED, (2,), True)]
    assert made.quotes == quotes


# --- what stands -------------------------------------------------------------------------


def test_a_sentence_that_says_what_its_quote_says_stands_and_another_does_not() -> None:
    drafts = [draft(SANK), draft(SAVED)]
    made = [Drafted("It sank in 1907.", surety=-0.4), Drafted("He saved nobody.", surety=-3.5)]
    doubting = ToldChecker(lambda said, _: "nobody" not in said)
    assert stands(drafts, made, doubting, CANCEL) == [True, False]
    assert [check.surety for check in doubting.seen] == [-0.4, -3.5]


def test_nothing_written_does_not_stand_and_is_not_looked_at() -> None:
    checker = ToldChecker()
    assert not standing("", draft(SANK), checker) and checker.seen == []


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("It sank in 1907.", True),
        ("It sank off Husum in nineteen hundred and seven.", True),
        ("It sank off Husum.", False),
        ("It sank in 1908.", False),
    ],
)
def test_the_figures_that_answer_have_to_be_there(text: str, stays: bool) -> None:
    assert standing(text, draft(SANK, "1907")) is stays


def test_other_figures_of_the_quote_may_be_left_out() -> None:
    assert standing("Off Husum it sank.", draft(SANK, "off Husum"))


@pytest.mark.parametrize(
    ("text", "wanted", "other", "is_in"),
    [
        ("Die Fähre sank vor Husum im Jahr 1907.", "de", "en", True),
        ("Die Fähre sank vor Husum im Jahr 1907.", "en", "de", False),
        ("The ferry sank off Husum in 1907.", "en", "de", True),
        ("Rosalinde", "en", "de", True),  # too little to tell
        ("Die Fähre sank vor Husum.", "en", "en", True),  # whatever it is, the quote is no nearer
    ],
)
def test_a_sentence_has_to_be_in_the_language_of_the_question(text: str, wanted: str, other: str, is_in: bool) -> None:
    assert in_language(text, wanted, other) is is_in


def test_a_sentence_that_only_copies_the_foreign_quote_does_not_stand() -> None:
    assert not standing(GERMAN, draft(GERMAN))
    assert standing("Captain Lohse told of the ferry.", draft(GERMAN))


@pytest.mark.parametrize(
    ("text", "support", "stays"),
    [
        ("The ferry Rosalinde sank in 1907.", 0.5, True),
        ("What happened to the ferry: it sank in 1907.", 0.8, True),
        ("What happened to the ferry: it sank in 1907.", 0.79, False),  # the quote tells of no happening
    ],
)
def test_what_only_the_question_names_is_said_where_it_is_sure_that_the_quote_answers(
    text: str, support: float, stays: bool
) -> None:
    assert standing(text, draft(SANK, support=support)) is stays


def test_what_does_not_stand_is_shown_as_its_quote() -> None:
    assert shown(draft(SANK), Drafted("It sank in 1907."), True) == Sentence("It sank in 1907.", True)
    assert shown(draft(SANK), Drafted("It rose in 1907."), False) == Sentence(SANK, False)


def test_stopped_nothing_is_checked() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        stands([draft(SANK)], [Drafted("It sank.")], ToldChecker(), cancel)


@pytest.mark.parametrize(
    ("one", "other"),
    [("3.5 million euros", "3,500,000 euros"), ("on 3 May", "am 3. Mai"), ("half past seven", "um 7.30 Uhr")],
)
def test_figures_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert figures(one) == figures(other) != frozenset()


# --- what is said twice ------------------------------------------------------------------


def pairs(sentences: Sequence[Sentence], checker: ToldChecker) -> set[tuple[int, int]]:
    return repeats([draft(SANK), draft(SAVED), draft(AGAIN_TOO)], sentences, checker, CANCEL)


def test_two_sentences_that_either_quote_backs_are_one_that_cites_both() -> None:
    texts = ("The ferry sank in 1907.", "Lohse saved 40.", "In 1907 the ferry Rosalinde sank.")
    sentences = [Sentence(text, True) for text in texts]
    checker = ToldChecker(lambda said, quote: ("Lohse" in said) == ("Lohse" in quote))
    assert pairs(sentences, checker) == {(0, 2)}
    quotes = [draft(text).quote for text in (SANK, SAVED, AGAIN_TOO)]
    made = joined(quotes, sentences, {(0, 2)})
    assert made.statements == [
        Statement("The ferry sank in 1907.", (1, 3), True), Statement("Lohse saved 40.", (2,), True)
    ]  # fmt: skip
    assert made.quotes == quotes


def test_sentences_with_other_figures_are_never_one() -> None:
    sentences = [Sentence("It sank in 1907.", True), Sentence("He saved 40.", True), Sentence("It sank in 1908.", True)]
    assert pairs(sentences, ToldChecker()) == set()


def test_a_quote_that_stands_as_it_is_repeats_nothing() -> None:
    sentences = [Sentence("It sank in 1907.", True), Sentence(SAVED, False), Sentence(AGAIN, False)]
    assert pairs(sentences, ToldChecker()) == set()


@given(st.lists(st.booleans(), min_size=1, max_size=4), st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_whatever_repeats_what_every_quote_is_cited_once(written: list[bool], same: set[tuple[int, int]]) -> None:
    quotes = [draft(SANK).quote] * len(written)
    made = joined(quotes, [Sentence(f"Sentence {at}.", each) for at, each in enumerate(written)], same)
    cited = [n for statement in made.statements for n in statement.citations]
    assert sorted(cited) == list(range(1, len(written) + 1))
    assert all(statement.citations and statement.supported for statement in made.statements)


# --- an answer from several quotes -------------------------------------------------------

BOTH = joint([draft(SANK, "1907"), draft(SAVED, "40 passengers")])


def several(text: str, checker: ToldChecker | None = None) -> list[Statement] | None:
    made = of_several(BOTH, Drafted(text), checker or ToldChecker(), CANCEL)
    return None if made is None else made.statements


def test_an_answer_from_several_quotes_stands_where_each_of_its_sentences_does() -> None:
    assert several("It sank in 1907 [1]. Lohse saved 40 passengers [2]. In 1907 Lohse saved 40 [1][2].") == [
        Statement("It sank in 1907.", (1,), True),
        Statement("Lohse saved 40 passengers.", (2,), True),
        Statement("In 1907 Lohse saved 40.", (1, 2), True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It sank in 1907 [1]. He saved 40 passengers.",  # cites nothing
        "It sank in 1907 [1]. He saved 40 passengers [3].",  # cites what is not there
        "It sank in 1907 [1].",  # leaves a figure out that quotes would show
        "",
    ],
)
def test_an_answer_from_several_quotes_that_lacks_something_does_not_stand(text: str) -> None:
    assert several(text) is None


def test_one_sentence_that_is_not_backed_takes_the_whole_answer_down() -> None:
    assert several("It sank in 1907 [1]. Lohse saved 40 passengers [2].") is not None
    doubting = ToldChecker(lambda said, quote: "drowned" not in said and ("Lohse" in quote or "Lohse" not in said))
    assert several("It sank in 1907 [1]. Lohse drowned 40 passengers [2].", doubting) is None
    assert several("It sank in 1907 [1]. Lohse saved 40 passengers [1].", doubting) is None


@pytest.mark.parametrize(("support", "stands"), [(0.8, True), (0.79, False)])
def test_what_only_the_question_names_is_said_of_one_of_several_quotes_where_it_is_sure_to_answer(
    support: float, stands: bool
) -> None:
    each = joint([draft(SANK, support=support), draft(AGAIN, support=0.9)])
    text = "What happened to the Rosalinde: it sank in 1907 [1]. In 1907 it went down [2]."
    assert (of_several(each, Drafted(text), ToldChecker(), CANCEL) is not None) is stands
    drawn = "It sank in 1907 [1]. So the same happened [1][2]."
    assert of_several(each, Drafted(drawn), ToldChecker(), CANCEL) is not None


def test_quotes_that_are_not_cited_are_left_out_and_the_others_counted_anew() -> None:
    each = joint([draft(SAVED), draft(SANK), draft(AGAIN)])
    made = of_several(each, Drafted("It went down in 1907 [3]. It sank [2]."), ToldChecker(), CANCEL)
    assert made is not None and [quote.text for quote in made.quotes] == [SANK, AGAIN]
    assert [statement.citations for statement in made.statements] == [(2,), (1,)]
