"""Held: a statement is weighed against its quote alone, whatever it is, and how sure its writer was counts."""

from __future__ import annotations

import time

import pytest

from rag.answering.faithfulness import Check, Checker
from rag.system.cancellation import CancelToken, Stopped

QUOTE = "Blinken sprach am Mittwoch von 8.000 nordkoreanischen Soldaten in der russischen Region Kursk."
ASKED = "How many North Korean soldiers are in Kursk?"
CHECKER = Checker()


def check(statement: str, quote: str = QUOTE, question: str = ASKED, surety: float | None = None) -> Check:
    return Check(statement, quote, "", question, "en", "de", "8.000", surety)


@pytest.mark.parametrize(
    "right",
    [
        "Blinken spoke of 8,000 North Korean soldiers.",
        "There are 8,000 North Korean soldiers in Kursk.",
        "On Wednesday, Blinken spoke of 8,000 soldiers in the Russian region of Kursk.",
    ],
)
def test_what_a_quote_says_may_be_shown(right: str) -> None:
    assert CHECKER.backed([check(right), check(right, surety=-0.3)]) == [True, True]


@pytest.mark.parametrize(
    "wrong",
    [
        "Blinken did not speak of 8,000 North Korean soldiers.",
        "Kursk sent 8,000 soldiers to Blinken.",
        "Blinken spoke of 9,000 soldiers in Kursk.",
        "Blinken spoke of 8,000 tanks in Kursk.",
        "Zelensky spoke of 8,000 soldiers in Kursk.",
        "Blinken spoke of 8,000 soldiers on Thursday.",
        "It is there.",
    ],
)
@pytest.mark.parametrize("surety", [None, -2.0])
def test_what_it_does_not_say_may_not(wrong: str, surety: float | None) -> None:
    assert CHECKER.backed([check(wrong, surety=surety)]) == [False]


@pytest.mark.parametrize("surety", [None, -0.05])
def test_a_not_that_is_left_out_is_not_shown_however_sure_the_model_was(surety: float | None) -> None:
    asked = ("Are dogs allowed?", "en")
    german = Check("Dogs are allowed.", "Hunde sind nicht erlaubt.", "", *asked, "de", "nicht erlaubt", surety)
    english = Check("Dogs are allowed.", "Dogs are not allowed.", "", *asked, "en", "allowed", surety)
    unsafe = Check("The bridge is unsafe.", "The bridge is safe.", "", "How is it?", "en", "en", "safe", surety)
    assert CHECKER.support([german, english, unsafe]) == [0.0, 0.0, 0.0]


def test_a_writer_that_was_not_sure_of_its_words_is_believed_less() -> None:
    right = "There are 8,000 North Korean soldiers in Kursk."
    checks = [check(right, surety=surety) for surety in (-4.0, -2.0, -0.2)]
    unsure, middling, sure = CHECKER.support(checks)
    assert not any(CHECKER.backed([check(right, surety=each) for each in (float("nan"), float("-inf"))]))
    assert unsure < middling < sure and CHECKER.backed(checks) == [False, False, True]


def test_one_check_depends_on_no_other() -> None:
    checks = [check("Blinken spoke of 8,000 soldiers."), check("Nobody spoke of tanks in Kursk or elsewhere.")]
    assert CHECKER.support(checks) == CHECKER.support(checks[::-1])[::-1]
    assert CHECKER.support(checks[:1]) == CHECKER.support(checks)[:1]


@pytest.mark.parametrize(
    "text",
    ["", " \n", "…?!", "a" * 10_000, "not " * 2500, "7 " * 5000, "8.000 солдат", "八千名士兵", "\x00\x1b[2J\ud800"],
)
def test_no_statement_quote_or_question_makes_it_fail_or_take_long(text: str) -> None:
    begun = time.monotonic()
    hostile = [check(text), check("Blinken spoke.", text), check("Blinken spoke.", question=text)]
    hostile.append(Check("Blinken spoke.", QUOTE, text, ASKED, "en", "de", text, -1e9))
    assert all(0 <= chance <= 1 for chance in CHECKER.support(hostile))
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("text", ["", "—", "word " * 3000])
def test_what_says_nothing_or_far_too_much_is_not_supported(text: str) -> None:
    assert CHECKER.support([check(text)]) == [0.0]


def test_it_stops_when_it_is_told_to() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        CHECKER.support([check("Blinken spoke of 8,000 soldiers.")], cancel)
