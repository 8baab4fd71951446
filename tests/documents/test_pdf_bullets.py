"""Bullets of PDFs that are drawn: the lines after them are items, and other dots are none."""

from __future__ import annotations

from pdf_pages import LIBRARY, Sheet

ITEMS = ("Kuchen und Salate bis neun Uhr bringen", "Bänke aufstellen", "Lampen aufhängen, auch die am Steg")


def with_items(sheet: Sheet, x: float, y: float, style: str = "F") -> float:
    """Write ITEMS, each behind a small disc, and return where the next line would stand."""
    for text in ITEMS:
        sheet.ellipse(x, y - 6, 3.5, 3.5, style)
        sheet.put(x + 12, y, text)
        y += 14
    return y


def test_lines_behind_drawn_discs_and_rings_are_items() -> None:
    for style in ("F", "D"):
        sheet = Sheet()
        sheet.wrap(60, 80, 475, LIBRARY)
        with_items(sheet, 66, 170, style)
        assert sheet.paragraphs() == [LIBRARY, "\n".join(f"- {text}" for text in ITEMS)]


def test_an_item_at_the_foot_of_a_column_does_not_go_on_in_text_that_is_not_set_in() -> None:
    sheet = Sheet()
    y = sheet.wrap(60, 80, 220, LIBRARY)
    y = with_items(sheet, 66, y + 16)
    sheet.wrap(320, 80, 220, f"{LIBRARY} {LIBRARY}")
    assert sheet.paragraphs()[1:] == ["\n".join(f"- {text}" for text in ITEMS), f"{LIBRARY} {LIBRARY}"]


def test_a_dot_within_a_line_and_the_many_of_a_drawing_are_no_bullets() -> None:
    sheet = Sheet()
    sheet.put(60, 80, "Hofladen Lenz")
    sheet.ellipse(138, 75, 3, 3, "F")
    sheet.put(146, 80, "Am Anger 4")
    assert "Hofladen Lenz" in sheet.read().text and "•" not in sheet.read().text
    sheet = Sheet()
    for number in range(400):
        sheet.ellipse(60 + number % 40, 300 + number // 40, 2, 2, "F")
    sheet.wrap(104, 295, 300, LIBRARY)
    assert sheet.paragraphs() == [LIBRARY]
