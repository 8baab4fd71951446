"""Questions made of lines of a form, rows of tables and the headings that are questions."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.answering.field_questions import field_questions, row_questions
from rag.answering.main_clauses import main_clauses
from rag.answering.posed_questions import posed_questions
from rag.answering.question_clauses import spelling
from rag.answering.suggested_questions import candidates
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.system.cancellation import CancelToken
from rag.text.normalization import normalized

FIELDS = {
    ("en", "Invoice date: 3 May 2024"): "What is the invoice date?",
    ("en", "- **Invoice number:** QP-20871"): "What is the invoice number?",
    ("en", "VAT: £20.50"): "What is the VAT?",
    ("en", "Opening hours: 9 am to 5 pm"): "What are the opening hours?",
    ("en", "Next meeting: 9 May"): "When is the next meeting?",
    ("en", "Customer: Fenwick Books"): "Who is the customer?",
    ("de", "Rechnungsdatum: 12.06.2024"): "Wie lautet das Rechnungsdatum?",
    ("de", "Kundennummer: K-884"): "Wie lautet die Kundennummer?",
    ("de", "Gesamtbetrag: 1.517,25 €"): "Wie hoch ist der Gesamtbetrag?",
    ("de", "Öffnungszeiten: 8 bis 12 Uhr"): "Wie lauten die Öffnungszeiten?",
    ("de", "Zubereitungszeit: 45 Minuten"): "Wie lang ist die Zubereitungszeit?",
    ("de", "Protokollführer: Bernd Zapf"): "Wer ist Protokollführer?",
}
NO_FIELDS = [
    ("en", "Date: 14 March 2024"),  # of what?
    ("en", "Bicycle: £1.50"),  # what it costs, not what it is
    ("en", "Note: bring 3 pens."),  # a sentence
    ("en", "Minutes: Tim Whitlock"),
    ("en", "Description: matt, two-sided"),
    ("de", "Fahrrad: 1,50 Euro zusätzlich"),
    ("de", "Anwesend: 34 Mitglieder"),
    ("de", "Quorxe: 12 Euro"),  # of no gender that is known
    ("de", "Telefon & Fax: 12"),
    ("de", "https://example.org: 12"),
]
TABLE = """| Model | Price | Departure | Colour |
| --- | --- | --- | --- |
| Delta 9 | £49 | 09:30 | red |
| 12:30 | £50 | 10:30 | red |
"""
TARIFF = """| Sorte | Preis | Glas |
| --- | --- | --- |
| Rapshonig | 6,50 € | 500 g |
"""
FAQ = """# Filter

## How often should the filter be changed?

The filter should be changed every six months. Use the blue key.

## Why?

It wears out.

## Was hat das gekostet?

Is it red? Nobody knows what to say about it.
"""


@pytest.mark.parametrize(("line", "question"), FIELDS.items())
def test_a_line_of_a_form_is_asked_for_by_its_name(line: tuple[str, str], question: str) -> None:
    language, text = line
    (made,) = field_questions(text, language, spelling(""))
    assert made.question == question
    assert text[made.start : made.end] in text.rpartition(": ")[2] or text.endswith(text[made.start : made.end])


@pytest.mark.parametrize(("language", "text"), NO_FIELDS)
def test_a_line_that_names_no_value_of_its_own_makes_no_question(language: str, text: str) -> None:
    assert list(field_questions(text, language, spelling(""))) == []


def of_row(table: str, key: str, language: str) -> list[str]:
    start = table.index(f"| {key}")
    return [
        each.question
        for each in row_questions(normalized(table, start, table.index("\n", start)), language, spelling(""))
    ]


def test_a_row_of_a_table_is_asked_for_what_it_says_of_its_first_cell() -> None:
    assert of_row(TABLE, "Delta 9", "en") == [
        "What is the price of Delta 9?",
        "When is the departure of Delta 9?",
    ]
    assert of_row(TARIFF, "Rapshonig", "de") == ["Wie hoch ist der Preis für Rapshonig?"]  # a jar is no measure
    assert of_row(TABLE, "12:30", "en") == []


def test_a_question_that_a_document_poses_in_a_line_of_its_own_is_asked_of_what_stands_below(
    tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "faq.md").write_text(FAQ, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path / "faq.md")], library, embedder)
        found = [each for each in candidates(library, CancelToken()) if each.shape == "posed"]
    assert [each.question for each in found] == ["How often should the filter be changed?"]
    assert FAQ[slice(*found[0].sentence)] == "The filter should be changed every six months. Use the blue key."


def test_a_question_inside_a_paragraph_is_not_posed() -> None:
    text = "So it was. How long should anyone have waited for that bus? An hour is long."
    spans = [(0, 10), (11, 59), (60, len(text))]
    assert list(posed_questions(text, 0, spans)) == []


def test_a_document_of_one_endless_line_takes_no_time() -> None:
    text = "a, who b, " * 20_000
    began = time.process_time()
    assert list(main_clauses(f"{text}.", "en")) == [f"{text}."]
    spans = [(at, at + 10) for at in range(0, len(text) - 10, 1_000)]
    assert list(posed_questions(text, 0, spans)) == []
    assert time.process_time() - began < 2
