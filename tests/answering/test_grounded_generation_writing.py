"""Held: what a model writes is taken sentence by sentence, and it is ended where nothing more can come of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.answering.attribution import Claim, claims
from rag.answering.grounded_generation import ANSWER_TOKENS, _as_written, enough


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_sentences_are_taken_as_they_are_completed_however_the_text_arrives(size: int) -> None:
    text = "The ferry Rosalinde sank in 1907. [1] Am 3. November kam Dr. Lohse zurück [1, 12]. Nobody knows why."
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(_as_written(pieces, "en")) == claims(text, "en")


def test_a_sentence_is_taken_before_the_next_one_is_finished() -> None:
    taken: list[str] = []
    pieces = iter(["It sank in 1907 [1].", " Captain Lohse", " saved everybody", " on board [1]."])

    def arriving() -> Iterator[str]:
        for piece in pieces:
            yield piece
            taken.append(piece)

    first = next(_as_written(arriving(), "en"))
    assert first == Claim("It sank in 1907.", (1,))
    assert len(taken) < 3


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


def test_what_comes_after_enough_is_not_even_asked_for() -> None:
    asked: list[str] = []

    def circling() -> Iterator[str]:
        for piece in ["It sank in 1907 [1].", *[" It sank off Husum [1]."] * 50]:
            asked.append(piece)
            yield piece

    said = [claim.text for claim in _as_written(circling(), "en")]
    assert said[:2] == ["It sank in 1907.", "It sank off Husum."] and len(asked) <= 5


def test_half_a_sentence_is_not_taken_for_what_the_whole_one_says() -> None:
    five = " ".join(f"The {name} of the ferry was saved [1]." for name in ("mate", "cook", "boy", "cat", "parrot"))
    pieces = [f" {word}" for word in f"{five} No casualties were reported [1] except for forty sailors [2].".split()]
    assert [claim.text for claim in _as_written(pieces, "en")] == [claim.text for claim in claims(five, "en")]


def test_a_last_sentence_that_was_cut_off_at_the_longest_is_left_out_and_a_short_one_without_a_stop_is_not() -> None:
    whole = ["It sank in 1907 [1]."]
    cut = [f" and {number} of the {number + 1} passengers" for number in range(ANSWER_TOKENS - 1)]
    assert [claim.text for claim in _as_written([*whole, " No casualties were reported", *cut], "en")] == [
        "It sank in 1907."
    ]
    assert len(list(_as_written([*whole, " No casualties were reported"], "en"))) == 2
