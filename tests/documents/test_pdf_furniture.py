"""Running heads, feet and page numbers of PDFs: no text of the document, and nothing else is taken for them."""

from __future__ import annotations

import pytest
from pdf_pages import LIBRARY, MUSEUM, Sheet, told

FURNITURE = "running heads and page numbers"
FIRST = "Die Versammlung beschließt nach langer Aussprache, den Beitrag ab dem nächsten Jahr zu erhöhen und die"
SECOND = "Kinder bis zum zwölften Lebensjahr freizustellen."


@pytest.mark.parametrize("foot", ["Seite # von 2", "- # -", "#", "Protokoll #/2", ""])
def test_two_pages_lose_their_furniture_and_keep_their_sentence(foot: str) -> None:
    sheet = Sheet(head="Protokoll der Mitgliederversammlung", foot=foot)
    sheet.wrap(60, 80, 475, LIBRARY)
    sheet.put(60, 754, FIRST, 10)
    sheet.add_page()
    sheet.put(60, 80, SECOND, 10)
    sheet.wrap(60, 110, 475, MUSEUM, 10)
    found = sheet.read()
    assert f"{FIRST} {SECOND}" in found.text
    assert "Protokoll" not in found.text and "Seite" not in found.text
    assert told(found) == {FURNITURE: 2}
    assert found.text[found.pages[1] :].startswith("Kinder bis")


def test_heads_that_differ_left_and_right_are_furniture() -> None:
    sheet = Sheet()
    for number in range(1, 7):
        sheet.put(60, 40, f"{number}    Chronik des Kreises" if number % 2 else "Der Deichbau", 9)
        sheet.wrap(60, 80, 475, LIBRARY if number % 2 else MUSEUM)
        if number < 6:
            sheet.add_page()
    text = sheet.read().text
    assert "Chronik" not in text and "Deichbau" not in text
    assert text.count("Altenroda") == text.count("harbour museum") == 3


def test_a_foot_of_several_lines_goes_whole() -> None:
    sheet = Sheet()
    for number in range(3):
        sheet.wrap(60, 80, 475, LIBRARY)
        sheet.lines(
            60, 780, "Gärtnerei Sonnfeld GmbH", "Am Hang 12, 99310 Arnsdorf", "Telefon 03631 4410", size=8, lead=10
        )
        if number < 2:
            sheet.add_page()
    assert sheet.paragraphs() == [LIBRARY] * 3


def test_rows_that_differ_in_figures_only_are_no_furniture() -> None:
    sheet = Sheet()
    for page in range(3):
        sheet.lines(60, 60, *(f"Messung {page * 100 + n}: {n * 3} Grad" for n in range(40)), lead=18)
        if page < 2:
            sheet.add_page()
    text = sheet.read().text
    for page in range(3):
        assert all(f"Messung {page * 100 + n}: {n * 3} Grad" in text for n in range(40))


def test_the_same_first_line_on_two_pages_is_text_where_it_stands_in_the_text() -> None:
    sheet = Sheet()
    sheet.lines(60, 70, "Gruppe A trifft sich am Montag.", "Sie hat zwölf Mitglieder und einen Trainer.")
    sheet.add_page()
    sheet.lines(60, 70, "Gruppe A trifft sich am Montag.", "Im Winter fällt das Training aus.")
    assert sheet.read().text.count("Gruppe A trifft sich am Montag.") == 2


def test_on_a_single_page_only_its_number_goes() -> None:
    sheet = Sheet(head="Entwurf vom 3. Mai", foot="- 1 -")
    sheet.wrap(60, 80, 475, LIBRARY)
    found = sheet.read()
    assert found.text.strip().split("\n\n") == ["Entwurf vom 3. Mai", LIBRARY]
    assert told(found) == {FURNITURE: 1}


def test_a_figure_in_the_text_of_a_single_page_stays() -> None:
    sheet = Sheet()
    sheet.lines(60, 600, "Es nahmen teil:", "24")
    assert "24" in sheet.read().text


def test_a_head_that_is_larger_than_many_footnotes_is_furniture_and_a_slide_s_title_is_not() -> None:
    sheet = Sheet()
    for number in range(3):
        sheet.put(60, 40, "Amtsblatt der Stadt Rosdorf", 10)
        sheet.wrap(60, 70, 475, LIBRARY, 9)
        sheet.wrap(60, 600, 475, f"{MUSEUM} {MUSEUM}"[number:], 7)
        if number < 2:
            sheet.add_page()
    assert "Amtsblatt" not in sheet.read().text
    slides = Sheet()
    for number in range(3):
        slides.put(60, 60, "Ausblick", 30, "B")
        slides.put(60, 300, f"Im Jahr {2030 + 4 * number} folgt der nächste Abschnitt.", 20)
        if number < 2:
            slides.add_page()
    assert slides.read().text.count("# Ausblick") == 3


ADDRESS = "https://verein.example.org/bericht/2031?seite=4"


def printed(head: tuple[str, str], foot: tuple[str, str], title: str = "Bericht des Vereins") -> Sheet:
    """A page as browsers print it, with the time, the title, the address and the number in its corners."""
    sheet = Sheet()
    sheet.set_title(title)
    for y, (left, right) in ((20, head), (830, foot)):
        sheet.put(25, y, left, 8)
        sheet.put(440, y, right, 8)
    sheet.wrap(25, 35, 250, f"{LIBRARY} {MUSEUM} {LIBRARY}")
    sheet.wrap(320, 35, 250, f"{MUSEUM} {LIBRARY}")
    return sheet


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        (("27.11.31, 11:11", "Bericht des Vereins"), (ADDRESS, "1/1")),
        (("11/27/31, 11:11 PM", "Bericht des Vereins"), ("file:///home/jo/bericht.htm", "1/1")),
        (("Bericht des Vereins", ADDRESS), ("1 von 1", "27.11.31, 23:11")),
    ],
)
def test_what_a_browser_prints_around_a_single_page_is_furniture(head: tuple[str, str], foot: tuple[str, str]) -> None:
    found = printed(head, foot).read()
    assert " ".join(found.text.split()) == f"{LIBRARY} {MUSEUM} {LIBRARY} {MUSEUM} {LIBRARY}"
    assert told(found) == {FURNITURE: 1}


def test_beside_the_number_of_a_single_page_all_else_stays() -> None:
    text = printed(("Bericht des Vereins", "Stand: 4. Mai"), ("IBAN DE02 1203 0000", "Seite 1 von 1")).read().text
    assert "Stand: 4. Mai" in text and "IBAN DE02 1203 0000" in text and "Seite 1" not in text
