"""Held: where the interface is German, so is all that a batch's page and sheet say around German answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from english_messages import left_in
from fake_chat import answer, quote
from report_pages import POINTS, judged, parsed, texts
from report_reader import Reader
from selenium import webdriver

from rag.documents.document import Document, read
from rag.output.json_record import detailed, failure
from rag.output.markdown_sheet import as_markdown
from rag.output.report.page import page
from rag.output.report.plots import Bin, Errors

BURNED = "Wann brannte die Mühle ab?"
TEXT = "Die Mühle brannte 1907 ab. Nach anderen brannte sie 1911 ab. Niemand wurde verletzt."


@pytest.fixture
def mill(tmp_path: Path) -> Document:
    """A German document."""
    (tmp_path / "muehle.txt").write_text(TEXT, encoding="utf-8")
    return read(tmp_path / "muehle.txt", "muehle.txt")


def batch(mill: Document) -> list[dict[str, Any]]:
    """German records of every kind."""
    quotes = [quote(mill, "Die Mühle", "ab.", "1907"), quote(mill, "Nach anderen", "ab.", "1911")]
    told = replace(answer(BURNED, *quotes, figures=True), language="de", care="careful", mode="quote")
    nothing = replace(answer("Wer baute sie?"), language="de", text="Kein Satz beantwortet das.", passages=())
    about = replace(nothing, status="about", text="Es gibt 1 Dokument.")
    return [
        judged(detailed("a", told), "1907", "1911", document="muehle.txt", cited_first=1.0),
        judged(detailed("b", replace(nothing, support=0.21)), refused=1.0),
        detailed("c", about),
        failure("d", "Und wann?", "Das Modell fehlt.", "scripted", "scripted", "quote"),
        failure("e", "Und wo?", "Das Modell fehlt.", "scripted", "scripted", "quote"),
    ]


def _page(records: list[dict[str, Any]]) -> str:
    errors = [Errors("careful", 0.6, "0,2", "-", True), Errors("eager", 0.1, "0", "1", False)]
    bins = [Bin(0.5, 0.25, 0.2, 0.3, 4), Bin(0.75, 1.0, 0.2, 1.0, 1)]
    return page(records, "Antworten", figures=[("F1", "77 %")], plot=POINTS, threshold=0.5, errors=errors, bins=bins)


def _said(html: str) -> Iterator[str]:
    """Yield every text of the page, and every attribute that is read out or shown."""
    tree = parsed(html)
    for code in [*tree.iter("script", "style")]:
        code.drop_tree()
    for each in tree.iter():
        if isinstance(each.tag, str):
            told = (value for name, value in each.items() if name in _TOLD or name.startswith("data-"))
            yield from map(_flat, [*told, each.text or "", each.tail or "", each.text_content()])


_TOLD = ("aria-label", "title", "placeholder", "alt")


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.usefixtures("german")
def test_nothing_of_a_page_of_german_answers_is_in_english(mill: Document) -> None:
    html = _page(batch(mill))
    assert left_in(set(_said(html)) - {"answered", "not_found", "about", "error", "differ", "wrong"}) == []
    tree = parsed(html)
    assert tree.get("lang") == "de"
    said = "5 Fragen · 1 beantwortet · 1 nicht gefunden · 1 zur Bibliothek · 2 Fehler · Quellen uneins in 1"
    assert texts(tree, ".sum") == [said]
    assert texts(tree, ".made") == [
        "Modell scripted · Embedder scripted · Modus zitieren · Sorgfalt vorsichtig und ausgewogen"
    ]
    assert "erwartet: „1907“ oder „1911“ in muehle.txt" in texts(tree, ".judged")[0]
    assert "bester Rückhalt 0,21" in texts(tree, ".judged")[1]
    assert [b.text for b in tree.find_class("sum")[0].iter("b")] == ["5", "1", "1", "1", "2", "1"]


@pytest.mark.usefixtures("german")
def test_nothing_of_a_sheet_of_german_answers_is_in_english(mill: Document) -> None:
    sheet = as_markdown(batch(mill), "Antworten")
    assert left_in(map(_flat, sheet.split("\n"))) == []
    assert "5 Fragen · 1 beantwortet · 1 nicht gefunden · 1 zur Bibliothek · 2 Fehler" in sheet


@pytest.mark.usefixtures("german")
def test_what_the_page_says_while_it_is_read_is_german(
    chromium: webdriver.Chrome, tmp_path: Path, mill: Document
) -> None:
    person = Reader(chromium, tmp_path / "antworten.html")
    person.open(_page(batch(mill)))
    assert person.js("document.getElementById('count').textContent") == "5 von 5"
    person.press("k", "k")
    note = "document.getElementById('note').textContent"
    assert person.js(note) == "Das war die erste Antwort."
    person.press("j", "j", "j", "j", "j", "j")
    assert person.js(note) == "Das war die letzte Antwort."
    assert person.complaints() == []
