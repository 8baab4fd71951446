"""Held: where two quotes of one document read alike, every form says which headings they stand under."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_words_around import FORMS
from timetable import DOCUMENT, TEXT, timetable

from rag.answering.answer import Answer
from rag.conversations.serialization import packed, unpacked
from rag.documents.chunking import headings_over, split
from rag.output.answering_words import telling_headings
from rag.output.json_record import record


@pytest.mark.parametrize("form", FORMS)
def test_a_source_says_the_headings_over_it_after_its_title(form: str) -> None:
    shown: Callable[[Answer], str] = FORMS[form]
    text = " ".join(shown(timetable("19:42.", "17:42.")).replace("\\", "").split())
    assert "Bus 64: Ilkley – Skipton · Saturday · no date · bus.md:" in text
    assert "Bus 64: Ilkley – Skipton · Sunday – In winter · no date · bus.md:" in text


@pytest.mark.parametrize("form", FORMS)
def test_no_page_is_named_in_a_document_that_has_but_one(form: str) -> None:
    assert "p. 1" not in FORMS[form](timetable("19:42."))


def test_the_record_has_the_headings_as_context() -> None:
    said = record("1", timetable("19:42.", "17:42."))
    assert [each["context"] for each in said["citations"]] == ["Saturday", "Sunday – In winter"]


def test_headings_are_saved_with_a_turn_and_a_turn_that_was_saved_without_opens_too() -> None:
    said = timetable("19:42.")
    text, documents = packed(said)
    assert unpacked(text, documents).citations == said.citations
    older = text.replace('"context": "Saturday"', '"contents": ""')
    assert unpacked(older, documents).citations[0].context == ""


def test_headings_tell_quotes_of_one_document_apart_and_are_not_told_where_they_do_not() -> None:
    assert telling_headings(timetable("19:42.", "17:42.")) == {1: "Saturday", 2: "Sunday – In winter"}
    assert telling_headings(timetable("19:42.")) == {}


def test_the_title_of_a_document_is_no_heading_over_its_text() -> None:
    (first, *_) = split(DOCUMENT)
    assert headings_over(DOCUMENT, first, TEXT.index("The first")) == "Saturday"
