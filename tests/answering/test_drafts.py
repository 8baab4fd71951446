"""Held: of what a model writes for a quote the first sentence counts, and it is ended where that is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_writer import ToldWriter

from rag.answering.drafts import Draft, Drafted, first_sentence, is_whole, joint, said_no, write
from rag.answering.prompts import NO
from rag.answering.quote_context import Given
from rag.answering.sentence_selection import Quote
from rag.documents.document import read
from rag.system.cancellation import CancelToken, Stopped

TEXT = "The ferry Rosalinde sank off Husum in 1907. Captain Lohse saved 40 passengers."
DOCUMENT = read(Path("/nowhere/ferry.txt"), raw=TEXT.encode())
SANK, SAVED = "The ferry Rosalinde sank off Husum in 1907.", "Captain Lohse saved 40 passengers."


def draft(text: str = SANK, question: str = "When did it sink?", *, or_no: bool = False) -> Draft:
    start = TEXT.index(text)
    quote = Quote(DOCUMENT, start, start + len(text), text, 0.8)
    return Draft(question, "en", (quote,), (Given(text, "", "", "ferry", "en"),), or_no)


def written(writer: ToldWriter, *drafts: Draft) -> list[Drafted]:
    made = dict(write(drafts, writer, None, CancelToken()))
    return [made[at] for at in range(len(drafts))]


def test_each_draft_gets_the_sentence_that_was_written_for_it() -> None:
    writer = ToldWriter(lambda asked: "It sank in 1907." if SANK in asked else "He saved 40.")
    assert written(writer, draft(), draft(SAVED), draft()) == [
        Drafted("It sank in 1907."), Drafted("He saved 40."), Drafted("It sank in 1907.")
    ]  # fmt: skip
    assert len(writer.given) == 1


def test_the_question_comes_last_and_the_quote_stands_before_it() -> None:
    *_, (role, content) = draft().messages
    assert role == "user" and content.index(SANK) < content.index("When did it sink?")
    assert draft().messages[:-1] == draft(SAVED, "Who was saved?").messages[:-1]  # read once for all


def test_a_model_goes_no_further_than_its_first_sentence() -> None:
    writer = ToldWriter(lambda _: "It sank in 1907. It rained. The captain was drunk, they say.")
    assert written(writer, draft()) == [Drafted("It sank in 1907.")]


def test_how_sure_a_model_was_is_the_mean_of_its_three_least_likely_tokens_in_that_sentence() -> None:
    told = ((2, -0.1), (7, -2.0), (10, -1.0), (15, -3.0), (16, -0.2), (19, -9.0))  # the last is of "He"
    (made,) = written(ToldWriter(lambda _: "It sank in 1907. He swam.", likelihoods=told), draft())
    assert made.text == "It sank in 1907." and made.surety == pytest.approx((-3.0 - 2.0 - 1.0) / 3)
    (other,) = written(ToldWriter(lambda _: "It sank."), draft())
    assert other.surety is None
    assert draft().task.weighed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It sank in 1907 [1].", "It sank in 1907."),
        ("\n\n It sank\tin 1907.\nQuote: none", "It sank in 1907."),
        ("It sank in 1907", "It sank in 1907"),
        ("It sank off\x07 Husum.", "It sank off� Husum."),
        ("Dr. Lohse saw it sink on the 3. of May. He wept.", "Dr. Lohse saw it sink on the 3. of May."),
        ("…", ""),
        ("", ""),
        ("It sank " * 200, ""),
    ],
)
def test_the_first_sentence_is_taken_on_one_line_without_what_nobody_asked_for(text: str, sentence: str) -> None:
    assert first_sentence(text, "en") == sentence


@pytest.mark.parametrize("text", ["It sank in 1907. He", "It sank in 1907.\n", "x" * 700])
def test_a_sentence_is_whole_where_another_begins_or_a_line_ends_or_it_never_ends(text: str) -> None:
    assert is_whole(text, "en")


@pytest.mark.parametrize("text", ["", "\n\n", "It sank in 1907.", "It sank on the 3.", "Dr. Lohse", "At 7.40 am"])
def test_a_sentence_that_may_go_on_is_not_whole(text: str) -> None:
    assert not is_whole(text, "en")


@given(st.text(max_size=80))
def test_whatever_is_written_one_clean_line_comes_of_it(text: str) -> None:
    sentence = first_sentence(text, "en")
    assert len(sentence.splitlines()) <= 1 and sentence == sentence.strip()
    assert not any(ord(letter) < 32 for letter in sentence)


def test_a_sentence_that_is_cut_off_is_none() -> None:
    writer = ToldWriter(lambda _: "It " + "really " * 200 + "sank.")
    assert written(writer, draft()) == [Drafted("")]


def test_a_model_that_may_say_no_is_taken_at_its_word_and_its_doubt_is_told() -> None:
    writer = ToldWriter(lambda _: f" {NO}.", doubts=lambda _: 0.9)
    assert written(writer, draft(or_no=True)) == [Drafted("", 0.9)]
    assert written(writer, draft()) == [Drafted("NO.")]  # it was not asked, so that is what it wrote
    assert [task.watched for tasks in writer.given for task in tasks] == [(NO,), ()]
    assert said_no('"No"') and not said_no("No ferry sank.")


def test_a_prompt_too_long_for_the_model_has_nothing_written_and_the_others_have() -> None:
    writer = ToldWriter(lambda _: "It sank in 1907.", context=700)
    asked = "When did it sink? " * 200
    assert written(writer, draft(), draft(question=asked)) == [Drafted("It sank in 1907."), Drafted("")]


def test_stopped_nothing_is_written() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        list(write([draft()], ToldWriter(lambda _: "It sank."), None, cancel))


def test_several_quotes_make_one_draft_whose_grammar_knows_their_numbers_only() -> None:
    both = joint([draft(), draft(SAVED)])
    assert both.joint and [quote.text for quote in both.quotes] == [SANK, SAVED]
    assert f"[1] {SANK}" in both.messages[-1][1] and f"[2] {SAVED}" in both.messages[-1][1]
    assert '("1" | "2")' in both.task.grammar and '"3"' not in both.task.grammar
    writer = ToldWriter(lambda _: "It sank in 1907 [1]. He saved 40 [2].")
    assert written(writer, both) == [Drafted("It sank in 1907 [1]. He saved 40 [2].")]
    assert not joint([draft()]).joint


def test_a_draft_is_of_what_it_is_told_wherever_that_is_from() -> None:
    told = Given(SANK, "1907", "", "ferry", "en"), Given(SAVED, "40", "", "ferry", "en")
    assert not Draft("When?", "en", (), told[:1]).joint
    assert Draft("When?", "en", (), told).joint and '"2"' in Draft("When?", "en", (), told).task.grammar
