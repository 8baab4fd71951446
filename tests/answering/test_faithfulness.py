"""Held: a statement is weighed against its quote alone, whatever it is, and a turned one is worth less."""

from __future__ import annotations

import time

import pytest

from rag.answering.faithfulness import Check, Checker, problems
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.system.cancellation import CancelToken, Stopped

QUOTE = "Blinken sprach am Mittwoch von 8.000 nordkoreanischen Soldaten in der russischen Region Kursk."
ASKED = "How many North Korean soldiers are in Kursk?"


def check(statement: str, quote: str = QUOTE, question: str = ASKED) -> Check:
    return Check(statement, quote, "", question, "en", "de")


@pytest.fixture(scope="module")
def checker(reader: Reader, embedder: Embedder) -> Checker:
    return Checker(reader, embedder)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Blinken spoke of 8,000 North Korean soldiers.", "Blinken did not speak of 8,000 North Korean soldiers."),
        ("Blinken spoke of 8,000 soldiers in Kursk.", "Kursk sent 8,000 soldiers to Blinken."),
        ("Blinken spoke of 8,000 soldiers in Kursk.", "Blinken spoke of 9,000 soldiers in Kursk."),
    ],
)
def test_what_a_quote_says_is_supported_better_than_what_it_does_not(checker: Checker, right: str, wrong: str) -> None:
    best, other = checker.support([check(right), check(wrong)])
    assert best > other


def test_one_check_depends_on_no_other(checker: Checker) -> None:
    checks = [check("Blinken spoke of 8,000 soldiers."), check("Nobody spoke of tanks in Kursk or elsewhere.")]
    assert checker.support(checks) == checker.support(checks[::-1])[::-1]
    assert checker.support(checks[:1]) == checker.support(checks)[:1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "…?!",
        "a" * 10_000,
        "not " * 2500,
        "7 " * 5000,
        "8.000 солдат в Курске",
        "八千名士兵",
        "\x00\x1b[2J\ud800",
    ],
)
def test_no_statement_quote_or_question_makes_it_fail_or_take_long(checker: Checker, text: str) -> None:
    begun = time.monotonic()
    hostile = [check(text), check("Blinken spoke.", text), check("Blinken spoke.", question=text)]
    chances = checker.support(hostile)
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(isinstance(problems(each), list) for each in hostile)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("text", ["", "—", "word " * 3000])
def test_what_says_nothing_or_far_too_much_is_not_supported(checker: Checker, text: str) -> None:
    assert checker.support([check(text)]) == [0.0]


def test_it_stops_when_it_is_told_to(checker: Checker) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        checker.support([check("Blinken spoke of 8,000 soldiers.")], cancel)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("Blinken spoke of 8,000 North Korean soldiers in Russia.", []),
        ("Blinken spoke of 9,000 soldiers.", ["9000"]),
        ("Zelensky spoke of 8,000 soldiers.", ["Zelensky"]),
        ("According to Blinken, there are 8 thousand soldiers in Kursk.", []),
    ],
)
def test_missing_numbers_and_names_are_named(statement: str, named: list[str]) -> None:
    assert problems(check(statement)) == named


def test_numbers_of_a_french_quote_are_known() -> None:
    quote = "Le dossier doit être déposé avant le 15 juin, avec un chèque de 60 euros."
    asked = Check("It is due before 15 June.", quote, "", "When is it due?", "en", "fr")
    assert problems(asked) == []
