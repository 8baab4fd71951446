"""Words of PDFs: put together of letters that stand apart, run another way, or are raised."""

from __future__ import annotations

import fpdf
import pytest
from pdf_pages import Sheet, form, label

from rag.documents.readers.pdf import read_pdf

GAP = 3.0  # points between the letters of a spaced word


def letters(x: float, y: float, text: str, gap: float = 0.0, down: bool = False) -> str:
    """A content stream that puts each letter at its place, as browsers do: spaces are left white."""
    measure = fpdf.FPDF(unit="pt")
    measure.set_font("helvetica", size=11)
    found, at = [], 0.0
    for letter in text:
        turn, place = ("0 -1 1 0", (x, y - at)) if down else ("1 0 0 1", (x + at, y))
        if letter != " ":
            found.append(f"BT /F 11 Tf {turn} {place[0]:.2f} {place[1]:.2f} Tm ({letter}) Tj ET\n")
        at += measure.get_string_width(letter) + gap
    return "".join(found)


def paragraphs(*contents: str) -> list[str]:
    return read_pdf(form("".join(contents))).text.strip().split("\n\n")


@pytest.mark.parametrize("gap", [2.0, GAP, 5.0])
def test_words_with_space_between_their_letters_are_words(gap: float) -> None:
    found = paragraphs(
        letters(60, 700, "EINLADUNG", gap),
        letters(60, 660, "ZUM HERBSTFEST!", gap),
        label(60, 620, "Das Fest ist auf der Wiese hinter der alten Gärtnerei."),
    )
    assert found[0] == "EINLADUNG"
    assert found[1].endswith("HERBSTFEST!")


def test_single_letters_with_spaces_between_stay_apart() -> None:
    sheet = Sheet()
    sheet.put(60, 80, "Die Gruppen a b c d e f treffen sich am Freitag im Keller.")
    assert sheet.paragraphs() == ["Die Gruppen a b c d e f treffen sich am Freitag im Keller."]


def test_letters_that_run_down_a_margin_are_words() -> None:
    found = paragraphs(
        label(60, 700, "Der Beirat hat die Satzung am Montag beraten und wird sie im Juni beschliessen."),
        letters(560, 640, "Entwurf vom 4. Juni", down=True),
    )
    assert found[-1] == "Entwurf vom 4. Juni"


def test_what_follows_a_raised_or_lowered_figure_stands_where_it_stood() -> None:
    sheet = Sheet()
    x = sheet.put(60, 80, "Auf 25 m")
    x = sheet.put(x, 76, "2", 7)
    x = sheet.put(x, 80, ", mit CO")
    x = sheet.put(x, 83, "2", 7)
    x = sheet.put(x, 80, "-Messung und H")
    x = sheet.put(x, 83, "2", 7)
    sheet.put(x, 80, "O, wird bis zum Herbst gebaut.")
    (text,) = sheet.paragraphs()
    assert text == "Auf 25 m², mit CO2-Messung und H2O, wird bis zum Herbst gebaut."
