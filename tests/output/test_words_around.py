"""Held: the words around an answer are in the language of its question, in every form that people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import lxml.html
import pytest
from fake_chat import answer, stone, troops
from report_pages import shown

from rag.answering.assistant import Answer
from rag.conversations.store import Conversation, Turn
from rag.index.versions import Version
from rag.output.json_record import detailed, record
from rag.output.markdown_sheet import as_markdown
from rag.output.terminal import found, sources
from rag.output.transcript import html, markdown

GERMAN = [
    "Die Quellen nennen verschiedene Zahlen:",
    "Quellen",
    "ohne Datum",
    "S. 1",
    "Wort für Wort:",
    "auch in a, b, c, 2 weiteren",
    "älter; neueste Fassung: news (2025-02)",
]
ENGLISH = [
    "The sources give different figures:",
    "Sources",
    "no date",
    "p. 1",
    "word by word:",
    "also in a, b, c, 2 more",
    "older; newest version: news (2025-02)",
]


def _conversation(said: Answer) -> Conversation:
    return Conversation("1", (Turn(said, "2024-11-24T12:00:00+00:00"),))


def _page(said: Answer) -> str:
    return str(lxml.html.document_fromstring(html(_conversation(said))).find("body").text_content())


def _report(said: Answer) -> str:
    article = shown(detailed("1", said)).find(".//article")
    article.find_class("badges")[0].drop_tree()  # named as the filters of the page are
    return str(article.text_content())


FORMS: dict[str, Callable[[Answer], str]] = {
    "terminal": lambda said: sources(said, colour=False),
    "conversation.md": lambda said: markdown(_conversation(said)).replace("\\", ""),
    "conversation.html": _page,
    "batch.md": lambda said: as_markdown([detailed("1", said)], "Troops").replace("\\", ""),
    "batch.html": _report,
}
UNDERSTANDING = {form: form_of for form, form_of in FORMS.items() if form != "terminal"}


def full(language: str) -> Answer:
    """Return an answer to a question in this language, with all that is ever said around one."""
    said = troops()
    first, *others = said.citations
    dateless = replace(first.quote, document=replace(first.quote.document, date=None, pages=(0, 9_000)))
    also = tuple("abcde")
    first = replace(first, quote=dateless, page=1, also_in=also, older_than=Version("1", "news", "2025-02"))
    return replace(said, language=language, citations=(first, *others), standalone="In Kursk?")


@pytest.mark.parametrize("form", FORMS)
def test_around_the_answer_to_a_german_question_the_words_are_german(form: str) -> None:
    text = " ".join(FORMS[form](full("de")).split())
    assert [words for words in GERMAN if words not in text] == []
    assert [words for words in ENGLISH if words in text] == []


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("form", FORMS)
def test_around_the_answer_to_an_english_question_they_are_english_in_a_german_interface_too(form: str) -> None:
    text = " ".join(FORMS[form](full("en")).split())
    assert [words for words in ENGLISH if words not in text] == []
    assert [words for words in GERMAN if words in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_around_the_answer_to_a_question_in_another_language_they_are_the_interfaces(
    form: str, request: pytest.FixtureRequest
) -> None:
    assert FORMS[form](full("fr")).count("Sources") == 1
    request.getfixturevalue("german")
    assert "Quellen" in FORMS[form](full("fr")) and "Sources" not in FORMS[form](full("fr"))


@pytest.mark.parametrize("form", UNDERSTANDING)
def test_what_a_question_was_understood_as_is_said_in_its_language(form: str) -> None:
    assert "Verstanden als: In Kursk?" in " ".join(UNDERSTANDING[form](full("de")).split())
    assert "Understood as: In Kursk?" in " ".join(UNDERSTANDING[form](full("en")).split())


@pytest.mark.parametrize("form", FORMS)
def test_the_nearest_passages_are_called_no_evidence_in_the_language_of_the_question(form: str) -> None:
    nothing = replace(answer("Wer?"), language="de")
    assert "Nächstliegende Passagen (kein Beleg)" in " ".join(FORMS[form](nothing).split())
    assert "Nearest passages (not evidence)" in " ".join(FORMS[form](replace(nothing, language="en")).split())


@pytest.mark.parametrize(("status", "words"), [("answered", "Beantwortet"), ("about", "Zur Bibliothek")])
def test_a_batch_in_markdown_says_what_became_of_a_question_in_its_language(status: str, words: str) -> None:
    said = {**detailed("1", replace(stone(), language="de")), "status": status}
    assert f"\n\n{words}\n\n" in as_markdown([said], "A batch")


def test_what_is_found_by_a_german_search_is_told_in_german() -> None:
    (passage, *_) = stone().passages
    copied = replace(passage, also_in=("a",), older_than=Version("1", "news", "2025-02"))
    assert "älter; neueste Fassung: news (2025-02) · auch in a" in found([copied], "de")


def test_the_record_for_programs_is_the_same_in_every_language() -> None:
    assert record("1", full("de")) == record("1", full("en"))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(("asked", "around"), [("de", "de"), ("en", "en"), ("fr", "de")])
def test_a_page_says_of_the_words_around_an_answer_which_language_they_are_in(asked: str, around: str) -> None:
    page = lxml.html.document_fromstring(html(_conversation(full(asked))))
    section = page.find(".//section")
    assert section.get("lang") == around and page.find(".//h1").get("lang") == asked
    assert section.find("h3").get("lang") is None  # so it is in the section's
    (gloss,) = section.xpath(".//span[contains(text(), 'In Kursk stand')]")
    assert gloss.get("lang") == "en" and gloss.getparent().get("lang") is None
    article = shown(detailed("1", full(asked))).find(".//article")
    names = ("understood", "figures-differ", "place", "gloss")
    ours = [article.find("h3"), *(each for name in names for each in article.find_class(name))]
    assert {each.get("lang") for each in ours} == {around}
    assert article.find(".//h2").get("lang") == asked
    assert article.xpath(".//p[@class='gloss']/span/@lang") == ["en"]
