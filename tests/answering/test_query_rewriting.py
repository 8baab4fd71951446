"""Held: a follow-up gains what it is about, a question that names its subject stays as it is, and nothing breaks it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.query_rewriting import LONGEST, standalone

TUNNEL = "When was the Tannau tunnel dug?"
SHEEP = "Wie viele Schafe weiden auf dem Kirnberg?"
MILL = "Wann wurde die Mühle in Orrin gebaut?"
MUSEUM = "Who founded the Orrin lighthouse museum?"
OBSERVATORY = "Wer leitet die Sternwarte Velden?"
TRAM = "How many trams run from Velden to Orrin on Sunday?"
LOSS = "Wie groß war der Verlust der Genossenschaft 2021 laut Prüfbericht?"


def after(earlier: str, question: str, answer: str = "") -> str:
    return standalone(question, [(earlier, answer)])


# --- what hangs on the question before ------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "question", "topic"),
    [
        (TUNNEL, "How long is it?", "Tannau tunnel"),
        (TUNNEL, "Why?", "Tannau tunnel"),
        (TUNNEL, "Who paid for it?", "Tannau tunnel"),
        (TUNNEL, "How far is that from Velden?", "Tannau tunnel"),
        (TUNNEL, "Did anyone die?", "Tannau tunnel"),
        (TUNNEL, "What was the money spent on?", "Tannau tunnel"),
        (TUNNEL, "What's its deepest point?", "Tannau tunnel"),
        (TUNNEL, "Which villages did these works hit?", "Tannau tunnel"),
        (TUNNEL, "And what does the miners' union say?", "Tannau tunnel"),
        (MUSEUM, "How many visitors did it have in May?", "Orrin lighthouse museum"),
        (MUSEUM, "Who works there?", "Orrin lighthouse museum"),
        (MUSEUM, "Who is in charge, in their view?", "Orrin lighthouse museum"),
        ("What does Quill say about the tunnel?", "Who is a rival, in her view?", "Quill, tunnel"),
        ("How many bees does Tilda Brennholt keep?", "Where does she sell the honey?", "bees, Tilda Brennholt"),
        ("How many sheep are in Farrow?", "How many are black?", "sheep, Farrow"),
        ("How much wool did Farrow promise Ketteridge?", "Was that enough?", "wool, Farrow, Ketteridge"),
        (SHEEP, "Und wem gehören sie?", "Schafe, Kirnberg"),
        (SHEEP, "Wie viele davon sind schwarz?", "Schafe, Kirnberg"),
        (SHEEP, "Und wie viele schwarze?", "Schafe, Kirnberg"),
        (SHEEP, "Gibt es dort einen Stall?", "Schafe, Kirnberg"),
        (SHEEP, "Wurde jemand verletzt?", "Schafe, Kirnberg"),
        (SHEEP, "Und was sagt der Förster?", "Schafe, Kirnberg"),
        (MILL, "Wer hat sie 1911 gekauft?", "Mühle, Orrin"),
        (MILL, "Wie heißt ihr heutiger Besitzer?", "Mühle, Orrin"),
        (MILL, "wie hoch ist sie", "Mühle, Orrin"),
        (MILL, "Wie viel hat das gekostet?", "Mühle, Orrin"),
        (MILL, "Woher kam das Geld?", "Mühle, Orrin"),
        (MILL, "Wer ist dieser Müller?", "Mühle, Orrin"),
        (MILL, "Warum?", "Mühle, Orrin"),
        (MILL, "Who paid for it?", "Mühle, Orrin"),
        (LOSS, "Wer haftet dafür?", "Verlust, Genossenschaft, 2021"),
        (LOSS, "And in 2022?", "Verlust, Genossenschaft, 2021"),
        (OBSERVATORY, "Und was ist mit der Bibliothek?", "Sternwarte Velden"),
    ],
)
def test_a_follow_up_gains_in_brackets_what_the_question_before_names(earlier: str, question: str, topic: str) -> None:
    assert after(earlier, question) == f"{question} ({topic})"


@pytest.mark.parametrize(
    ("earlier", "question", "whole"),
    [
        ("How many sheep did Farrow sell in 2019?", "And in 2020?", "How many sheep did Farrow sell in 2020?"),
        (
            "How many sheep did Farrow sell in 2019?",
            "And the year after?",
            "How many sheep did Farrow sell the year after 2019?",
        ),
        ("How many sheep did Farrow sell?", "And Ketteridge?", "How many sheep did Ketteridge sell?"),
        ("How many sheep graze in Farrow?", "What about in Ketteridge?", "How many sheep graze in Ketteridge?"),
        ("How many sheep graze in Farrow?", "And Ketteridge?", "How many sheep graze in Farrow – and Ketteridge?"),
        ("How many sheep graze in Farrow?", "In winter?", "How many sheep graze in Farrow – and in winter?"),
        (
            "What did the roof cost according to the builder?",
            "And according to Mrs Pell?",
            "What did the roof cost according to Mrs Pell?",
        ),
        (TRAM, "And on Monday?", "How many trams run from Velden to Orrin on Monday?"),
        (TRAM, "And Monday?", "How many trams run from Velden to Orrin on Monday?"),
        (TRAM, "What about on Saturdays?", "How many trams run from Velden to Orrin on Saturdays?"),
        (TRAM, "And from Farrow?", "How many trams run from Farrow to Orrin on Sunday?"),
        (TRAM, "And at noon?", "How many trams run from Velden to Orrin on Sunday – and at noon?"),
        ("What did the dairy earn in March 2021?", "And in April?", "What did the dairy earn in April 2021?"),
        (
            "Does the hall open on Monday or on Friday?",
            "And on Sunday?",
            "Does the hall open on Monday or on Friday – and on Sunday?",
        ),
        (
            "Wie viele Züge fahren am Sonntag nach Velden?",
            "Und am Montag?",
            "Wie viele Züge fahren am Montag nach Velden?",
        ),
        (
            "Wie viele Züge fahren am Sonntag nach Velden?",
            "Und nach Orrin?",
            "Wie viele Züge fahren am Sonntag nach Orrin?",
        ),
        ("Was geschah am 4. Mai 1907 in Velden?", "Und am 5. Mai?", "Was geschah am 5. Mai 1907 in Velden?"),
        (LOSS, "Und laut Vorstand?", "Wie groß war der Verlust der Genossenschaft 2021 laut Vorstand?"),
        (LOSS, "Und im Vorjahr?", "Wie groß war der Verlust der Genossenschaft im Vorjahr laut Prüfbericht?"),
        (LOSS, "Was ist mit 2022?", "Wie groß war der Verlust der Genossenschaft 2022 laut Prüfbericht?"),
        (SHEEP, "Und im Winter?", "Wie viele Schafe weiden auf dem Kirnberg – und im Winter?"),
        (
            "How long is it? (Tannau tunnel)",
            "And in metres?",
            "How long is it – and in metres? (Tannau tunnel)",
        ),
    ],
)
def test_a_fragment_is_put_into_the_question_before(earlier: str, question: str, whole: str) -> None:
    assert after(earlier, question) == whole


@pytest.mark.parametrize(
    ("earlier", "answer", "question", "name"),
    [
        (MUSEUM, "Marta Quill", "When was she born?", "Marta Quill"),
        (OBSERVATORY, "die Astronomin Dr. Ida Krumm", "Wer war ihr Vorgänger?", "Astronomin Dr. Ida Krumm"),
    ],
)
def test_she_after_who_is_the_one_that_the_answer_names(earlier: str, answer: str, question: str, name: str) -> None:
    assert f"({name}, " in after(earlier, question, answer)
    assert name not in after(earlier, question)
    assert name not in after(earlier, "Why?", answer)


# --- what stands alone ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "How heavy is the bell of Velden?",
        "And how heavy is the bell of Velden?",
        "And who designed the Velden station?",
        "What is granodiorite?",
        "Is there a café in Velden?",
        "How many cafés are there in Velden?",
        "What time is it?",
        "Is it true that the harbour of Velden freezes?",
        "How long does it take to walk to Velden?",
        "What did the mayor say about his budget?",
        "Which firm moved its office to Velden?",
        "Did the mayor of Velden say he would resign?",
        "What did the bridge cost when it was new?",
        "Which trawler is the one that sank off Velden?",
        "What opens in Velden this summer?",
        "Velden bell weight",
        "Who are you?",
        "What can you do?",
        "thanks",
        "Wie schwer ist die Glocke von Velden?",
        "Und wie hoch ist der Turm von Velden?",
        "Und warum brannte die Kirche in Velden ab?",
        "Gibt es einen Bahnhof in Velden?",
        "Wie spät ist es?",
        "Worum geht es in dem Vertrag?",
        "Wer steht dem Aufsichtsrat vor?",
        "Was können Sie?",
        "Wie alt ist Ihr Hund?",
        "Welche Firma hat ihren Sitz in Velden?",
        "Wann sagte der Bürgermeister, dass er geht?",
        "Wer eröffnete in den 1970er-Jahren das Kino?",
        "Was kostet in diesem Jahr der Eintritt?",
        "Wie tief ist das Meer vor Velden?",
        "Glocke Velden Gewicht",
        "",
        "?!",
    ],
)
@pytest.mark.parametrize("earlier", [TUNNEL, SHEEP])
def test_a_question_that_names_its_subject_stays_as_it_is(question: str, earlier: str) -> None:
    assert after(earlier, question) == question


@pytest.mark.parametrize("history", [[], [("thanks", "")], [("", "")], [("?", "")]])
def test_without_a_topic_before_a_follow_up_stays_as_it_is(history: list[tuple[str, str]]) -> None:
    assert standalone("How long is it?", history) == "How long is it?"


# --- chains -----------------------------------------------------------------------------------------


def test_a_topic_is_carried_through_a_chain_without_growing_for_ever() -> None:
    question, history = TUNNEL, []
    for following in ["Who paid for it?", "Which villages does it serve?", "How many lamps does it have?"] * 5:
        history.append((question, ""))
        question = standalone(following, history)
        assert "Tannau tunnel" in question
        assert len(question.partition("(")[2].split()) <= 8


def test_fragments_one_after_another_replace_each_other() -> None:
    first = after(SHEEP, "Und im Winter?")
    assert after(first, "Und im Mai?") == "Wie viele Schafe weiden auf dem Kirnberg – und im Mai?"


def test_what_only_thanks_is_skipped_on_the_way_back() -> None:
    assert standalone("How long is it?", [(TUNNEL, ""), ("Thanks!", "")]) == "How long is it? (Tannau tunnel)"


def test_a_question_that_names_nothing_hides_those_before_it() -> None:
    assert standalone("Why?", [(TUNNEL, ""), ("Who won?", "")]) == "Why?"
    assert standalone("Why?", [(TUNNEL, ""), ("Who won?", "Marta Quill")]) == "Why? (Marta Quill)"


def test_of_many_things_three_are_added() -> None:
    earlier = "Did the mayor of Orrin sell the mill, the barn, the weir and the ferry to Ketteridge?"
    assert after(earlier, "Why?") == "Why? (mayor, Orrin, mill)"


def test_words_that_the_question_holds_are_not_added_again() -> None:
    assert after(SHEEP, "Wem gehören diese Schafe?") == "Wem gehören diese Schafe? (Kirnberg)"


# --- whatever comes in ------------------------------------------------------------------------------

_ANY = st.text(max_size=80) | st.sampled_from([TUNNEL, SHEEP, MILL, MUSEUM, LOSS, "Why?", "Und im Winter?", "And it?"])


@given(_ANY, st.lists(st.tuples(_ANY, _ANY), max_size=3))
def test_any_question_comes_back_whole_bounded_and_for_good(question: str, earlier: list[tuple[str, str]]) -> None:
    completed = standalone(question, earlier)
    assert len(completed) <= LONGEST
    if completed.endswith(")"):
        assert standalone(completed, earlier) == completed


@pytest.mark.parametrize(
    "hostile",
    ["x" * 10_000, "Why? " * 2_000, "(" * 5_000, "it " * 3_000, " " * 10_000 + "it?", "- and " * 2_000, "1." * 4_000],
)
def test_hostile_text_is_neither_slow_nor_carried_on(hostile: str) -> None:
    started = time.perf_counter()
    assert standalone(hostile, [(TUNNEL, "")]) == hostile
    assert len(standalone("How long is it?", [(TUNNEL, ""), (hostile, hostile)])) < 200
    assert len(standalone("When was she born?", [(MUSEUM, hostile)])) < 200
    assert time.perf_counter() - started < 2


def test_control_characters_and_brackets_before_do_not_get_into_a_question() -> None:
    completed = after("What is the \x1b[31mTannau\x00 tunnel]( )?", "How long is it?")
    assert completed.isprintable()
    assert completed.endswith("tunnel)")
