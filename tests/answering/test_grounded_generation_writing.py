"""Held: what a model writes is taken sentence by sentence, and it is ended where nothing more can come of it."""

from __future__ import annotations

import pytest

from rag.answering.attribution import Claim, claims
from rag.answering.grounded_generation import claims_as_written, enough
from rag.models.greedy_decoder import Ending, Pieces, Written


def taken(*pieces: str, ending: Ending = "end") -> list[str]:
    """Return the sentences that are taken of a text that came so and ended so."""
    return [claim.text for claim in claims_as_written(Written(pieces, ending).again(), "en")]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_sentences_are_taken_as_they_are_completed_however_the_text_arrives(size: int) -> None:
    text = "The ferry Rosalinde sank in 1907. [1] Am 3. November kam Dr. Lohse zurück [1, 12]. Nobody knows why."
    pieces = tuple(text[at : at + size] for at in range(0, len(text), size))
    assert list(claims_as_written(Written(pieces, "end").again(), "en")) == claims(text, "en")


def test_a_sentence_is_taken_before_the_next_one_is_finished() -> None:
    arrived: list[str] = []

    def arriving() -> Pieces:
        for piece in ("It sank in 1907 [1].", " Captain Lohse", " saved everybody", " on board [1]."):
            yield piece
            arrived.append(piece)
        return "end"

    first = next(claims_as_written(arriving(), "en"))
    assert first == Claim("It sank in 1907.", (1,))
    assert len(arrived) < 3


# --- when nothing more can come of it --------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It sank in 1907 [1]. NOT FOUND",
        "Not found.",
        "The ferry sank. Captain Lohse saved them. The ferry sank. Captain Lohse saved them.",
        "".join(f"{n}. The ferry Rosalinde\n" for n in range(1, 8)),
        "It was " + "the " * 8 + "the",
        "It sank in 1907. Captain Lohse saved them. It rained all day. Nobody knows more. Nobody.",
        "Die Regel: Doch auch Die Regel: Doch auch Die Regel: Doch auch",
        " ".join(f"This is sentence number {n} of the answer [1]." for n in ("one", *"abcde")),
    ],
)
def test_a_text_that_gives_up_or_goes_round_in_circles_is_enough_and_was_not_before(text: str) -> None:
    assert enough(text, "en")
    words = text.split(" ")
    assert not enough(" ".join(words[: len(words) // 2]), "en")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "In 1907 the ferry sank [1]. In 1908 the ferry was raised [1]. In 1909 the ferry sank again [2].",
        "He said no, no and no again [1]. They had had enough.",
        "11,000 said Kyiv [1]. 11,000 said Seoul [2]. 12,000 said Washington [3].",
        "Kyiv counts 11,000 men [1]\nKyiv counts 11,000 men [1] and 40 tanks [2]. So it is said.",
        "Prices rose by 3 percent [1]. Prices rose by 3 percent [2]. Wages fell by 2 percent [3].",
        "11.000 Soldaten [1]\n12.000 Soldaten [2]\n13.000 Soldaten [3]\n15.000 Soldaten [4]",
        "1. Mai 2020\n2. Mai 2020\n3. Mai 2020\n4. Mai 2020",
        "| Year | Cows | Pigs |\n| --- | --- | --- |\n| 1907 | 0 | 0 | 0 |",
        "The company was not founded in 1907, and the wreck was not found until 1950 [1].",
        "Dr. Lohse saved 40. Dr. Quandt saved 40. Dr. Marten saved 40.",
    ],
)
def test_a_text_that_goes_on_is_not_enough(text: str) -> None:
    assert not any(enough(text[:at], "en") for at in range(len(text) + 1))


def until_enough(*pieces: str) -> Written:
    """Return what a model writes that would write these pieces, and go on, if it were let."""
    text = ""
    for count, piece in enumerate(pieces, 1):
        text += piece
        if enough(text, "en"):
            return Written(pieces[:count], "stopped")
    return Written(pieces, "length")


def test_what_goes_round_in_circles_is_soon_enough_and_taken_as_far_as_it_does_not() -> None:
    found = until_enough("It sank in 1907 [1].", *[" It sank off Husum [1]."] * 50)
    assert found.ending == "stopped" and len(found.pieces) <= 5
    assert taken(*found.pieces, ending=found.ending)[:2] == ["It sank in 1907.", "It sank off Husum."]


def test_half_a_sentence_is_not_taken_for_what_the_whole_one_says() -> None:
    five = " ".join(f"The {name} of the ferry was saved [1]." for name in ("mate", "cook", "boy", "cat", "parrot"))
    whole = f"{five} No casualties were reported [1] except for forty sailors [2]."
    found = until_enough(*(f" {word}" for word in whole.split()))
    assert found.ending == "stopped" and "except" not in "".join(found.pieces)
    assert taken(*found.pieces, ending="stopped") == [claim.text for claim in claims(five, "en")]


@pytest.mark.parametrize("cut", [" No casualties were reported", " No casualties were reported by anyone [1"])
def test_a_last_sentence_that_was_cut_off_at_the_longest_is_left_out_however_short_the_text(cut: str) -> None:
    assert taken("It sank in 1907 [1].", cut, ending="length") == ["It sank in 1907."]


@pytest.mark.parametrize("words", [1, 400])
def test_a_last_sentence_without_a_stop_that_the_model_ended_is_taken_however_long_the_text(words: int) -> None:
    long = " and".join(f" {number} sailors" for number in range(words))
    assert len(taken("It sank in 1907 [1].", " They saved", *long.split(" "))) == 2


def test_a_last_sentence_that_is_whole_at_the_longest_is_taken() -> None:
    assert taken("It sank in 1907 [1].", " Captain Lohse swam.", ending="length") == [
        "It sank in 1907.",
        "Captain Lohse swam.",
    ]
