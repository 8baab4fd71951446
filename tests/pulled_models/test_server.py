"""Held with the real 0.5B behind llama-cpp-python's server: it writes for Beleg what it writes in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_server import llama_server
from seed_questions import answered

from rag.answering.assistant import Assistant
from rag.answering.drafts import Draft, Drafted, write
from rag.answering.quote_context import Given
from rag.index.library import Library
from rag.models.generator import Generator
from rag.models.openai_server import OpenAIServer, open_server
from rag.settings import Settings
from rag.system.cancellation import CancelToken

pytestmark = [pytest.mark.pulled, pytest.mark.timeout(900)]

BUILT = Given("Sie wurde 1998 in Husum gebaut.", "in Husum", "", "", "de")
BICYCLES = Given("Fahrräder kosten 6 Euro.", "6 Euro", "", "", "de")
PLOT = Given("Pavel Novak has taken over plot 17.", "Pavel Novak", "", "", "en")
DRAFTS = [
    Draft("Where was the ferry built?", "en", (), (BUILT,)),
    Draft("How much do bicycles cost?", "en", (), (BICYCLES,)),
    Draft("Wer hat Parzelle 17?", "de", (), (PLOT,)),
    Draft("How much do dogs cost?", "en", (), (BICYCLES,), or_no=True),
]


@pytest.fixture(scope="module")
def url(smaller: Path) -> Iterator[str]:
    with llama_server(smaller, 2048) as url:
        yield url


@pytest.fixture(scope="module")
def here(smaller: Path) -> Iterator[list[Drafted]]:
    generator = Generator(smaller, threads=2)
    yield _drafted(generator)
    generator.close()


@pytest.fixture(scope="module")
def there(url: str) -> Iterator[list[Drafted]]:
    server = open_server(f"openai:{url}", context=2048)
    yield _drafted(server)
    server.close()


def _drafted(writer: Generator | OpenAIServer) -> list[Drafted]:
    made = dict(write(DRAFTS, writer, None, CancelToken()))
    return [made[place] for place in range(len(DRAFTS))]


def test_it_writes_sentences_that_hold_what_answers(here: list[Drafted], there: list[Drafted]) -> None:
    for drafted in (here, there):
        assert "Husum" in drafted[0].text and "6 " in drafted[1].text and "Pavel Novak" in drafted[2].text


def test_it_is_about_as_sure_there_as_here(here: list[Drafted], there: list[Drafted]) -> None:
    for one, other in zip(here, there, strict=True):
        if one.text == other.text and one.surety is not None:
            assert other.surety == pytest.approx(one.surety, abs=0.35)
    assert sum(one.text == other.text for one, other in zip(here, there, strict=True)) >= 3


def test_its_chance_of_no_is_about_the_same(here: list[Drafted], there: list[Drafted]) -> None:
    assert here[3].refused is not None and there[3].refused == pytest.approx(here[3].refused, abs=0.15)


def test_an_answer_is_composed_by_it_and_cited(url: str, library: Path, cache: Path, tmp_path: Path) -> None:
    settings = Settings(
        library=library, cache=cache, state=tmp_path, threads=2, mode="compose", llm=f"openai:{url}", context=2048
    )
    with Library(library) as opened, Assistant(settings, opened) as assistant:
        answer = answered(assistant.ask("Where was the ferry built?"))
    assert answer.status == "answered" and "Husum" in answer.text and "[1]" in answer.text
    assert answer.citations[0].quote.document.name == "faehre.txt"
