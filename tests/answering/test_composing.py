"""Held: an answer is written quote by quote, the first one first, and is the same however it comes to be written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ferry_drafts import AGAIN_TOO as AGAIN
from ferry_drafts import SANK, SAVED, ToldChecker, draft
from told_writer import ToldWriter

from rag.answering.composing import Composer, Drafts
from rag.answering.drafts import Drafted, joint, write
from rag.answering.grounded_generation import Composed
from rag.answering.judging import Judge
from rag.answering.prompts import NO
from rag.system.cancellation import CancelToken, Stopped

SAID = {SANK: "It sank in 1907.", SAVED: "Lohse saved 40.", AGAIN: "In 1907 it sank."}
CANCEL = CancelToken()


def said(asked: str) -> str:
    (quote,) = (text for text in SAID if f"Quote: {text}" in asked)
    return SAID[quote]


def composed(
    asked: Drafts, writer: ToldWriter, judge: Judge | None = None, written: Mapping[int, Drafted] | None = None,
) -> list[Composed]:  # fmt: skip
    composer = Composer(writer, ToldChecker(lambda said, _: "drowned" not in said), judge)
    return list(composer.compose(asked, written or {}, None, CANCEL))


def texts(made: Composed) -> list[tuple[str, tuple[int, ...]]]:
    return [(statement.text, statement.citations) for statement in made.statements]


def test_the_first_sentence_is_there_before_the_others_are_written() -> None:
    writer = ToldWriter(said)
    events = Composer(writer, ToldChecker(), None).compose(
        Drafts((draft(SANK), draft(SAVED), draft(AGAIN))), {}, None, CANCEL
    )
    assert texts(next(events)) == [("It sank in 1907.", (1,))] and len(writer.given) == 1
    assert texts(next(events)) == [("It sank in 1907.", (1, 3)), ("Lohse saved 40.", (2,))]
    assert [len(tasks) for tasks in writer.given] == [1, 2] and list(events) == []


def test_what_was_written_before_gives_the_same_answer_and_is_not_written_again() -> None:
    asked = Drafts((draft(SANK), draft(SAVED), draft(AGAIN)))
    before = dict(write(asked.first, ToldWriter(said), None, CANCEL))
    writer = ToldWriter(said)
    assert composed(asked, writer, written=before) == composed(asked, ToldWriter(said))
    assert writer.given == []


def test_a_quote_stands_where_its_sentence_does_not() -> None:
    writer = ToldWriter(lambda asked: "Lohse drowned 40." if SAVED in asked else said(asked))
    *_, made = composed(Drafts((draft(SANK), draft(SAVED))), writer)
    assert texts(made) == [("It sank in 1907.", (1,)), (SAVED, (2,))]


def test_stopped_while_it_is_written_there_is_no_answer() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        next(Composer(ToldWriter(said), ToldChecker(), None).compose(Drafts((draft(SANK),)), {}, None, cancel))


# --- a model that judges -----------------------------------------------------------------

JUDGE = Judge(bias=0.0, support=0.5, refused=-0.5, refuse=0.4, further=0.5, least_further=0.3, least=0.02)


def judged(doubted: str) -> list[Composed]:
    """The answer of a model that doubts one quote, and is sure of the others."""
    asked = Drafts(tuple(draft(text, or_no=True, support=0.6) for text in (SANK, SAVED, AGAIN)))
    writer = ToldWriter(
        lambda asked: NO if doubted in asked else said(asked), lambda asked: 0.999 if doubted in asked else 0.001
    )
    return composed(asked, writer, JUDGE)


def test_what_the_model_doubts_is_left_out() -> None:
    first, made = judged(SAVED)
    assert texts(first) == [("It sank in 1907.", (1,))]
    assert texts(made) == [("It sank in 1907.", (1, 2))] and [quote.text for quote in made.quotes] == [SANK, AGAIN]


def test_where_it_doubts_the_first_nothing_is_shown_before_the_others_are_judged() -> None:
    (made,) = judged(SANK)
    assert [quote.text for quote in made.quotes] == [SAVED, AGAIN]
    assert made.support == pytest.approx(JUDGE.chance(0.6, 0.001))


def test_where_it_doubts_all_the_documents_do_not_say() -> None:
    (made,) = judged("Quote")
    assert (made.statements, made.quotes) == ([], []) and made.support is not None and made.support < JUDGE.refuse


# --- several quotes at once --------------------------------------------------------------


def at_once(answer: str) -> tuple[list[Composed], ToldWriter]:
    singles = (draft(SANK, "1907"), draft(SAVED, "40"))
    writer = ToldWriter(lambda asked: answer if "[1]" in asked else said(asked))
    return composed(Drafts(singles, joint(singles)), writer), writer


def test_an_answer_from_several_quotes_is_taken_where_it_stands_whole() -> None:
    made, writer = at_once("In 1907 it sank [1]. Lohse saved 40 passengers [2].")
    assert [texts(each) for each in made] == [[("In 1907 it sank.", (1,)), ("Lohse saved 40 passengers.", (2,))]]
    assert len(writer.given) == 1


def test_an_answer_from_several_quotes_that_does_not_stand_becomes_a_sentence_for_each() -> None:
    made, _ = at_once("In 1907 it sank [1].")
    assert texts(made[-1]) == [("It sank in 1907.", (1,)), ("Lohse saved 40.", (2,))]
