"""Held: of one question it is known to the letter what the LLM was given, and it stops with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.request import Reader
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped


@pytest.fixture(scope="module")
def llm(cache: Path) -> Generator:
    """The embedded LLM."""
    return load_generator(Settings(cache=cache, threads=1))


def test_what_it_is_given_is_told_to_the_letter(llm: Generator) -> None:
    reader = Reader(llm, CancelToken())
    reader.score("Passage: ", [("The ferry sank.", " When?"), ("Bread is baked.", " When?")])
    reader.score("Q: When? A:", [("", " 1907"), ("", " in May")])
    assert reader.given == [
        "Passage: The ferry sank. When?",
        "Passage: Bread is baked. When?",
        "Q: When? A:⟨1907¦in May⟩",
    ]


def test_what_it_is_given_to_see_whether_it_reads_a_language_is_told_too_and_once(llm: Generator) -> None:
    unknown = Generator(llm.path, threads=1)
    first, second = Reader(unknown, CancelToken()), Reader(unknown, CancelToken())
    assert not first.reads("de") and not second.reads("de")
    assert len(first.given) == 2 and "Die Bibliothek öffnet um neun Uhr" in first.given[1]
    assert second.given == []
    unknown.close()


def test_it_is_told_how_far_the_reading_is(llm: Generator) -> None:
    told: list[tuple[int, int]] = []
    Reader(llm, CancelToken(), lambda done, total: told.append((done, total))).score("Passage: ", [("Mud.", " Why?")])
    assert told and told[-1][0] == told[-1][1]


@pytest.mark.parametrize("step", ["score", "reads"])
def test_cancelled_it_reads_no_more(llm: Generator, step: str) -> None:
    cancel = CancelToken()
    cancel.cancel()
    unknown = Generator(llm.path, threads=1)
    reader = Reader(unknown, cancel)
    with pytest.raises(Stopped):
        reader.reads("de") if step == "reads" else reader.score("Passage: ", [("Mud.", " Why?")])
    unknown.close()
