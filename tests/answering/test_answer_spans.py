"""Held: figures and dates stay whole, and the words that answer are marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from queries import query

from rag.answering.answer_spans import candidates, holds, mark
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.settings import Settings


@pytest.fixture(scope="module")
def llm(cache: Path) -> Generator:
    """The embedded LLM."""
    return load_generator(Settings(cache=cache, threads=2))


class FirstOrLast:
    """A scorer that likes one continuation: that at `favourite`, counted around."""

    def __init__(self, favourite: int = 0) -> None:
        self.favourite = favourite
        self.calls = 0

    def reads(self, language: str) -> bool:  # noqa: ARG002
        return True

    def score(self, prefix: str, pairs: list[tuple[str, str]]) -> list[float]:  # noqa: ARG002
        self.calls += 1
        return [0.0 if index == self.favourite % len(pairs) else -50.0 for index in range(len(pairs))]


def shapes(sentence: str, question: str, language: str) -> dict[str, str]:
    found = candidates(sentence, query(question, language), language)
    return {sentence[candidate.start : candidate.end]: candidate.kind for candidate in found}


# --- candidates ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "whole", "kind"),
    [
        ("The bridge opened on 19 June 2024 with music.", "When did the bridge open?", "en", "on 19 June 2024", "time"),
        ("The bridge opened in 1907.", "When did the bridge open?", "en", "in 1907", "time"),
        ("Die Brücke wurde am 3. November eröffnet.", "Wann wurde sie eröffnet?", "de", "am 3. November", "time"),
        ("Der Umbau kostete 200 Millionen Euro.", "Was kostete der Umbau?", "de", "200 Millionen Euro", "number"),
        ("Zum Fest kamen rund 8.000 Gäste.", "Wie viele Gäste kamen?", "de", "rund 8.000", "number"),
        ("Some 11,000 guests came.", "How many guests came?", "en", "Some 11,000", "number"),
        ("Of the guests 12 % stayed.", "How many guests stayed?", "en", "12 %", "number"),
        ("The march lasted three weeks.", "How long was the march?", "en", "three weeks", "number"),
        ("Er kostete 2000 Euro.", "Was kostete er?", "de", "2000 Euro", "number"),
        ("Es sind einundzwanzig Boote.", "Wie viele Boote sind es?", "de", "einundzwanzig", "number"),
        ("It cost about $2.5 bn in all.", "How much did it cost?", "en", "about $2.5 bn", "number"),
        ("Sie fährt um halb acht ab.", "Wann fährt sie?", "de", "halb acht", "time"),
        ("It leaves at 7:30 a.m. daily.", "When does it leave?", "en", "at 7:30 a.m.", "time"),
        ("Geöffnet von 8 bis 16 Uhr.", "Wann ist geöffnet?", "de", "von 8 bis 16 Uhr", "time"),
        ("It grew in Q2 2024 again.", "When did it grow?", "en", "in Q2 2024", "time"),
    ],
)
def test_a_figure_keeps_what_belongs_to_it(sentence: str, question: str, language: str, whole: str, kind: str) -> None:
    assert shapes(sentence, question, language)[whole] == kind


def test_a_name_is_kept_whole() -> None:
    found = shapes("Later the yard belonged to Marta Quandt, a baker.", "Who owned the yard?", "en")
    assert found["Marta Quandt"] == "person"
    assert "Marta" not in found and "Quandt" not in found


def test_what_the_question_holds_already_is_no_candidate() -> None:
    found = shapes("In 1907 Marta Quandt sold boats.", "What did Marta Quandt do in 1907?", "en")
    assert "Marta Quandt" not in found and "In 1907" not in found
    assert any("boats" in text for text in found)


def test_candidates_are_in_order_and_none_stands_twice() -> None:
    found = candidates(
        "Am 3. November verkaufte Marta Quandt rund 40 Boote in Husum.", query("Was geschah?", "de"), "de"
    )
    spans = [(candidate.start, candidate.end) for candidate in found]
    assert spans == sorted(set(spans)) and len(spans) >= 4


# --- holds -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "answered"),
    [
        ("The march lasted three weeks.", "How many soldiers marched?", "en", False),
        ("Der Marsch dauerte drei Wochen.", "Wie viele Soldaten marschierten?", "de", False),
        ("The march lasted three weeks.", "How many weeks was the march?", "en", True),
        ("The march lasted three weeks.", "How long was the march?", "en", True),
        ("The march had 300 soldiers.", "How many soldiers marched?", "en", True),
        ("The march was cancelled.", "How many soldiers marched?", "en", False),
        ("The march began in June.", "When did the march begin?", "en", True),
        ("The march began early.", "When did the march begin?", "en", False),
        ("The veterans march, and they may sing.", "When did they sing?", "en", False),
        ("It was the third boat.", "How many boats came?", "en", False),
        ("It was led by Marta Quandt.", "Who led the march?", "en", True),
        ("It was led by nobody.", "Who led the march?", "en", False),
        ("It was led by nobody.", "Why did they march?", "en", True),
    ],
)
def test_a_sentence_holds_the_kind_asked_for_or_not(
    sentence: str, question: str, language: str, answered: bool
) -> None:
    assert holds(sentence, query(question, language), language) is answered


def test_a_figure_that_the_question_holds_is_no_answer() -> None:
    returned = query("How many of the 300 soldiers returned?")
    assert not holds("The march had 300 soldiers.", returned, "en")
    assert holds("Of the 300 soldiers 40 returned.", returned, "en")


# --- mark ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "answer"),
    [
        ("The bridge at Oberau opened on 19 June 2024.", "When did the bridge open?", "en", "on 19 June 2024"),
        ("Zum Fest kamen rund 8.000 Gäste nach Husum.", "Wie viele Gäste kamen zum Fest?", "de", "rund 8.000"),
        ("In 1907 the yard was sold to Marta Quandt.", "Who bought the yard?", "en", "Marta Quandt"),
        ("Die Mühle brannte am 3. November ab.", "Wann brannte die Mühle ab?", "de", "am 3. November"),
        ("Der Umbau der Halle kostete 200 Millionen Euro.", "Wie viel kostete er?", "de", "200 Millionen Euro"),
    ],
)
def test_the_words_that_answer_are_marked(
    sentence: str, question: str, language: str, answer: str, llm: Generator
) -> None:
    span = mark(sentence, query(question, language), language, llm)
    assert span is not None
    assert sentence[slice(*span)] == answer


def test_of_two_figures_the_one_asked_for_is_marked(llm: Generator) -> None:
    sentence = "The yard sold 40 boats and 6,000 nets."
    found = [mark(sentence, query(question), "en", llm) for question in ("How many boats?", "How many nets?")]
    assert [sentence[slice(*span)] for span in found if span] == ["40", "6,000"]


@pytest.mark.parametrize(
    ("sentence", "question", "language"),
    [
        ("The mill burned.", "When did the mill burn?", "en"),
        ("Die Mühle.", "Wem gehört die Mühle?", "de"),
        ("It was so.", "Why?", "en"),
        ("…", "Why?", "en"),
        ("", "Why?", "en"),
    ],
)
def test_where_nothing_is_new_nothing_is_marked(sentence: str, question: str, language: str) -> None:
    scorer = FirstOrLast()
    assert mark(sentence, query(question, language), language, scorer) is None
    assert scorer.calls == 0


def test_the_scorer_decides_among_candidates_of_one_kind() -> None:
    sentence = "The yard sold 40 boats, 6,000 nets and 75 ropes."
    found = [mark(sentence, query("How many were sold?"), "en", FirstOrLast(favourite)) for favourite in range(3)]
    assert [sentence[slice(*span)] for span in found if span] == ["40", "6,000", "75"]


TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from("am 3. November 2024 rund 8.000 Euro % Marta Quandt , ( ) – the boat in May two €".split()),
        max_size=25,
    ).map(" ".join),
)


@given(TEXTS, TEXTS, st.sampled_from(["de", "en"]), st.integers(min_value=0, max_value=15))
def test_a_mark_lies_inside_its_sentence_whatever_the_scorer_says(
    sentence: str, question: str, language: str, favourite: int
) -> None:
    span = mark(sentence, query(question, language), language, FirstOrLast(favourite))
    spans = [
        (candidate.start, candidate.end) for candidate in candidates(sentence, query(question, language), language)
    ]
    assert all(0 <= start < end <= len(sentence) for start, end in spans)
    assert (span is None) == (spans == [])
    assert span is None or span in spans
