"""Held: "Mrs Reiter" is found where a list files her as "Reiter, Anna", and no title is lost where a text gives one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from library_fixtures import fill
from queries import query
from seed_questions import answered

from rag.answering.assistant import Assistant
from rag.answering.forms_of_address import untitled
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings

_LIST = (
    "# Helpers of the harbour fair\n\nMolnar, Edith | 0711 445566\nBauer, Lukas | 0711 998877\nOrr, Ben | 0711 220044\n"
)
_LETTER = "Notice to all tenants\n\nThe stairs are painted in May. Please ask Frau Wirth, telephone 0711 663311.\n"


@pytest.mark.parametrize(
    ("question", "text", "read"),
    [
        ("What is the number of Mrs Reiter?", "Reiter, Anna", "What is the number of Reiter?"),
        ("number of mrs. reiter", "Reiter, Anna", "number of reiter"),
        ("Nummer von Frau Dr. Reiter?", "Reiter, Anna", "Nummer von Reiter?"),
        ("Gehört das Herrn Yildiz-Roth?", "Yildiz-Roth, Cem", "Gehört das Yildiz-Roth?"),
        ("Is Prof. Osei's room 3?", "Osei, Kwame", "Is Osei's room 3?"),
        ("What is the number of Mrs Reiter?", "Mr Reiter", None),
        ("What is the number of Mrs Reiter?", "Bauer, Lukas", None),
        ("Welche Frau leitet das Haus?", "leitet", None),
        ("Which miss Hall is the elder?", "Hall, Ada", None),
        ("Was the form by Dr?", "by", None),
    ],
)
def test_a_title_is_left_out_where_the_text_has_the_name_without_any(
    question: str, text: str, read: str | None
) -> None:
    assert untitled(question, text) == (read or question)


def test_titles_are_no_names_that_a_sentence_lacks() -> None:
    assert query("What is the extension of Mrs Carter?").focus == ("Carter",)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("addressed")
    settings = Settings(library=folder / "library", cache=cache, threads=2)
    with Library(settings.library, create=True) as library:
        fill(library, folder, {"list.md": _LIST, "letter.txt": _LETTER}, embedder)
        with Assistant(settings, library) as assistant:
            yield assistant


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("What is the phone number of Mrs Molnar?", "Molnar, Edith | 0711 445566"),
        ("Welche Telefonnummer hat Frau Molnar?", "Molnar, Edith | 0711 445566"),
        ("What is the telephone number of Frau Wirth?", "Please ask Frau Wirth, telephone 0711 663311."),
    ],
)
def test_who_is_asked_for_by_a_title_is_found(assistant: Assistant, question: str, quoted: str) -> None:
    answer = answered(assistant.ask(question))
    assert [citation.quote.text for citation in answer.citations][:1] == [quoted]


@pytest.mark.parametrize(
    ("titled", "plain"),
    [
        ("What is the phone number of Mrs Molnar?", "What is the phone number of Molnar?"),
        ("Which number does Mr Orr have?", "Which number does Orr have?"),
        ("Welche Telefonnummer hat Frau Dr. Molnar?", "Welche Telefonnummer hat Molnar?"),
    ],
)
def test_a_title_makes_an_answer_hardly_less_sure(assistant: Assistant, titled: str, plain: str) -> None:
    assert answered(assistant.ask(titled)).support >= 0.9 * answered(assistant.ask(plain)).support
