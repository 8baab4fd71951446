"""PDFs in columns, with headings, lists and footnotes: their text in the order in which it is read."""

from __future__ import annotations

import pytest
from hostile_archives import pdf_of_unmapped_letters
from pdf_pages import LIBRARY, MUSEUM, Sheet, told

from rag.documents.readers.pdf import read_pdf

LEFT = (
    "Der Hafen von Grau wurde im",
    "Winter vertieft. Die Arbeiten",
    "kosteten weniger als geplant,",
    "weil das Eis ausblieb.",
)
RIGHT = ("Im Sommer kamen dreißig", "Schiffe mehr als im Vorjahr.", "Die meisten brachten Holz", "aus Finnland.")
COLUMNS = [
    "Der Hafen von Grau wurde im Winter vertieft. Die Arbeiten kosteten weniger als geplant, weil das Eis ausblieb.",
    "Im Sommer kamen dreißig Schiffe mehr als im Vorjahr. Die meisten brachten Holz aus Finnland.",
]


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("shift", [0, 6])
def test_columns_are_read_one_after_the_other_however_they_are_drawn(by_rows: bool, shift: float) -> None:
    sheet = Sheet()
    sheet.put(60, 70, "Hafenblatt, Ausgabe 12")
    if by_rows:
        for number, (one, other) in enumerate(zip(LEFT, RIGHT, strict=True)):
            sheet.put(60, 100 + 14 * number, one)
            sheet.put(320, 100 + shift + 14 * number, other)
    else:
        sheet.lines(320, 100 + shift, *RIGHT)
        sheet.lines(60, 100, *LEFT)
    assert sheet.paragraphs() == ["Hafenblatt, Ausgabe 12", *COLUMNS]


def test_three_columns_under_a_title_keep_their_headings() -> None:
    sheet = Sheet(landscape=True)
    sheet.put(60, 60, "Wandern im Elmtal", 20, "B")
    for number, words in enumerate(["Der Talweg", "Der Höhenweg", "Einkehr"]):
        sheet.put(60 + 250 * number, 100, words, 12, "B")
        sheet.wrap(60 + 250 * number, 108, 220, f"{words}: {LIBRARY}", 9)
    expected = ["# Wandern im Elmtal"]
    for words in ["Der Talweg", "Der Höhenweg", "Einkehr"]:
        expected += [f"## {words}", f"{words}: {LIBRARY}"]
    assert sheet.paragraphs() == expected


def test_three_columns_whose_lines_stand_at_different_heights_keep_their_last_lines() -> None:
    words = [f"{LIBRARY} {MUSEUM} {LIBRARY}", f"{MUSEUM} {LIBRARY} {MUSEUM}", f"{LIBRARY} {MUSEUM} {MUSEUM}"]
    sheet = Sheet(landscape=True)
    for number, (text, y) in enumerate(zip(words, (110, 100, 106.9), strict=True)):
        sheet.wrap(60 + 250 * number, y, 220, text)
    assert " ".join(sheet.paragraphs()) == " ".join(words)


def test_the_paragraphs_of_a_longer_left_column_come_before_the_right_one() -> None:
    sheet = Sheet()
    y = sheet.wrap(60, 80, 220, LIBRARY)
    for words in (MUSEUM, LIBRARY):
        y = sheet.wrap(60, y + 11, 220, words)
    sheet.wrap(320, 80, 220, LIBRARY)
    assert sheet.paragraphs() == [LIBRARY, MUSEUM, LIBRARY, LIBRARY]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    sheet = Sheet()
    sheet.lines(60, 100, *LEFT[:2], "kosteten weniger als", size=11)
    sheet.lines(320, 100, "geplant, weil das Eis", "ausblieb. Der Hafen hat nun", "eine Tiefe von neun Metern.")
    (text,) = sheet.paragraphs()
    assert "kosteten weniger als geplant, weil das Eis ausblieb." in text


def test_a_box_beside_the_text_is_read_apart() -> None:
    sheet = Sheet()
    sheet.wrap(60, 90, 300, f"{LIBRARY} {LIBRARY}")
    sheet.put(395, 118, "Auf einen Blick", 10, "B")
    sheet.lines(395, 141, "Träger: Stadt Ahlen", "Plätze: 85", "Baukosten: 3,4 Mio. Euro", size=9, lead=15)
    text = sheet.read().text
    assert f"{LIBRARY} {LIBRARY}" in text
    assert "Träger: Stadt Ahlen\nPlätze: 85\nBaukosten: 3,4 Mio. Euro" in text


def test_lines_wrapped_by_the_number_of_letters_are_one_paragraph() -> None:
    sheet = Sheet()
    sheet.lines(
        60,
        80,
        "Der Verein im Tal hat nun fast so viel",
        "Mitglieder wie im Winter, als die",
        "Schlittenbahn offen war.",
    )
    assert sheet.paragraphs() == [
        "Der Verein im Tal hat nun fast so viel Mitglieder wie im Winter, als die Schlittenbahn offen war."
    ]


def test_paragraphs_part_at_white_and_at_an_indent() -> None:
    sheet = Sheet()
    y = sheet.wrap(60, 80, 400, MUSEUM)
    y = sheet.wrap(60, y + 8, 400, MUSEUM)
    assert sheet.paragraphs() == [MUSEUM, MUSEUM]
    sheet = Sheet()
    for number in range(2):
        sheet.put(75, 80 + 42 * number, "Am Morgen ging der Wärter hinunter an den Strand und fand dort")
        y = sheet.lines(60, 94 + 42 * number, "ein Boot, das niemand kannte, und darin einen Korb mit Äpfeln, die")
        sheet.put(60, y, "noch frisch und rot und ganz und gar ohne Flecken waren, wie neu.")
    assert len(sheet.paragraphs()) == 2


def test_the_lines_of_an_address_stay_apart() -> None:
    sheet = Sheet()
    sheet.lines(60, 120, "Wasserwerk Bergen", "Kundendienst", "Postfach 1020", "18528 Bergen")
    sheet.put(60, 240, "Ihr Zähler", 12, "B")
    sheet.wrap(
        60, 260, 475, "vielen Dank für Ihre Meldung. Der Zähler mit der Nummer 44871 wurde am 1. März getauscht."
    )
    assert sheet.paragraphs()[:5] == [
        "Wasserwerk Bergen",
        "Kundendienst",
        "Postfach 1020",
        "18528 Bergen",
        "# Ihr Zähler",
    ]


def test_a_letter_is_read_from_its_head_to_its_end() -> None:
    sheet = Sheet()
    sheet.put(60, 40, "Gärtnerei Sonnfeld", 16, "B")
    sheet.put(400, 40, "Am Hang 12 · 99310 Arnsdorf", 8)
    sheet.lines(60, 140, "Frau Ida Blau", "Uferweg 9", "99310 Arnsdorf")
    sheet.put(400, 140, "Arnsdorf, 4. Mai 2031")
    sheet.put(60, 230, "Ihre Bestellung", 11, "B")
    sheet.put(60, 260, "Sehr geehrte Frau Blau,")
    sheet.wrap(60, 280, 475, f"wir liefern am Montag. {LIBRARY}")
    text = sheet.read().text
    assert "Am Hang 12 · 99310 Arnsdorf\n\nFrau Ida Blau Arnsdorf, 4. Mai 2031\n\nUferweg 9" in text
    assert text.index("Uferweg 9") < text.index("Ihre Bestellung") < text.index("Sehr geehrte") < text.index("Montag")


def test_headings_are_larger_or_bold_and_facts_in_bold_are_none() -> None:
    sheet = Sheet()
    sheet.put(60, 70, "Jahresbericht", 20, "B")
    sheet.put(60, 100, "Die Lage", 15)
    y = sheet.wrap(60, 110, 475, LIBRARY)
    sheet.put(60, y + 20, "Der Haushalt", 11, "B")
    y = sheet.wrap(60, y + 26, 475, LIBRARY)
    sheet.put(60, y + 20, "Gesamt", 11, "B")
    sheet.put(400, y + 20, "65,70 Euro", 11, "B")
    sheet.put(60, y + 45, "Nächste Sitzung: 4. Mai", 11, "B")
    sheet.wrap(60, y + 60, 475, LIBRARY)
    assert sheet.paragraphs() == [
        "# Jahresbericht", "## Die Lage", LIBRARY, "### Der Haushalt", LIBRARY,
        "Gesamt 65,70 Euro", "Nächste Sitzung: 4. Mai", LIBRARY,
    ]  # fmt: skip


def test_lists_have_an_item_a_line() -> None:
    sheet = Sheet()
    y = 80.0
    for lines in [("Verträge kündigen, vor allem den für Strom,", "Gas und das Telefon"), ("Schlüssel zählen",)]:
        sheet.put(64, y, "\u2022".encode("cp1252").decode("latin-1"))
        y = sheet.lines(78, y, *lines)
    y += 20
    steps = [
        ("Sie melden sich am neuen Wohnort an;", "das dauert eine Stunde."),
        ("Sie melden das Auto um.",),
    ]
    for number, lines in enumerate(steps, 1):
        sheet.put(60, y, f"{number}.")
        y = sheet.lines(78, y, *lines)
    assert sheet.paragraphs() == [
        "- Verträge kündigen, vor allem den für Strom, Gas und das Telefon\n- Schlüssel zählen",
        "1. Sie melden sich am neuen Wohnort an; das dauert eine Stunde.\n2. Sie melden das Auto um.",
    ]


def test_an_item_whose_first_line_alone_is_set_in_is_whole() -> None:
    sheet = Sheet()
    y = 80.0
    for words in ("Post:", "Bote:"):
        sheet.put(72, y, "\x95")
        sheet.put(84, y, f"{words} Geben Sie den Brief am Schalter")
        y = sheet.lines(60, y + 14, "ab, der am Eingang links ist, und", "lassen Sie sich dort Geld geben.")
    rest = "Geben Sie den Brief am Schalter ab, der am Eingang links ist, und lassen Sie sich dort Geld geben."
    assert sheet.paragraphs() == [f"- Post: {rest}\n- Bote: {rest}"]


def test_a_date_at_a_line_s_beginning_is_no_item() -> None:
    sheet = Sheet()
    sheet.lines(
        60,
        80,
        "Die Brücke über die Selke wurde nach langem Streit im Rat am",
        "12. Mai 1904 dem Verkehr übergeben, ohne jede Feier.",
    )
    assert sheet.paragraphs()[0].endswith("im Rat am 12. Mai 1904 dem Verkehr übergeben, ohne jede Feier.")


def test_raised_figures_are_the_marks_of_footnotes_or_exponents() -> None:
    sheet = Sheet()
    x = sheet.put(60, 80, "Der Hof brannte 1911.")
    sheet.put(x, 75.5, "4", 6.5)
    x = sheet.put(x + 9, 80, "Danach wurde er auf 300 m")
    sheet.put(x, 75.5, "2", 6.5)
    sheet.put(x + 7, 80, "verkleinert und neu gedeckt.")
    sheet.put(60, 758, "4", 6)
    sheet.put(65, 762, "Brandakte des Amtes Sulingen, Blatt 9.", 8.5)
    assert sheet.paragraphs() == [
        "Der Hof brannte 1911.[^4] Danach wurde er auf 300 m² verkleinert und neu gedeckt.",
        "[^4]: Brandakte des Amtes Sulingen, Blatt 9.",
    ]


def test_figures_on_the_line_are_no_marks() -> None:
    sheet = Sheet()
    sheet.put(60, 80, "Der Hof brannte 1911.4 Kühe starben.")
    assert sheet.paragraphs() == ["Der Hof brannte 1911.4 Kühe starben."]


def test_a_footnote_stands_not_in_a_sentence_that_goes_on() -> None:
    sheet = Sheet(foot="#")
    sheet.wrap(60, 80, 475, f"{LIBRARY} {LIBRARY}")
    sheet.put(60, 700, "Der Streit um das Wasser wurde erst beendet, als die Kammer in Gotha am Ende des")
    sheet.put(60, 738, "1", 6)
    sheet.put(66, 742, "Kammerakte 17, Blatt 3 bis 9, im Archiv der Stadt.", 8.5)
    sheet.add_page()
    sheet.put(60, 80, "Jahres 1803 einen Vergleich vorschlug, den beide Seiten nahmen.")
    found = sheet.read()
    sentence = "als die Kammer in Gotha am Ende des Jahres 1803 einen Vergleich vorschlug, den beide Seiten nahmen."
    assert sentence in found.text
    assert found.text.index("[^1]: Kammerakte 17") < found.text.index("Der Streit")
    assert found.pages[1] == found.text.index("Jahres 1803")


def test_text_that_runs_another_way_stands_after_its_page() -> None:
    sheet = Sheet()
    with sheet.rotation(90, 30, 600):
        sheet.put(30, 600, "Preprint 2019-44, not reviewed")
    sheet.wrap(60, 80, 475, MUSEUM)
    assert sheet.paragraphs() == [MUSEUM, "Preprint 2019-44, not reviewed"]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_turned_is_read_as_it_stands_upright(degrees: int) -> None:
    sheet = Sheet()
    with sheet.rotation(degrees, 300, 420):
        sheet.lines(
            60,
            400,
            "Der Plan der Kanäle wurde 1958 von Otto Reff gezeichnet. Er zeigt",
            "alle Schächte der Unterstadt.",
        )
    assert sheet.paragraphs() == [
        "Der Plan der Kanäle wurde 1958 von Otto Reff gezeichnet. Er zeigt alle Schächte der Unterstadt."
    ]


def test_letters_printed_twice_to_look_bold_are_read_once() -> None:
    sheet = Sheet()
    for shift in (0, 0.3):
        sheet.put(60 + shift, 80, "Achtung: Das Wasser wird am Mittwoch abgestellt.")
    assert sheet.paragraphs() == ["Achtung: Das Wasser wird am Mittwoch abgestellt."]


def test_pictures_and_comments_are_counted() -> None:
    from PIL import Image

    sheet = Sheet()
    sheet.put(60, 80, "Ein Bild der Mühle:")
    sheet.image(Image.new("RGB", (40, 40), "green"), 60, 100, 200, 200)
    sheet.image(Image.new("RGB", (4, 4), "red"), 500, 100, 9, 9)  # a dot
    sheet.text_annotation(300, 60, "Stimmt das?")
    assert told(sheet.read()) == {"images": 1, "comments": 1}


@pytest.mark.parametrize("title", ["Microsoft Word - Brief an Amt.doc", "untitled", "Dokument1", "satz.indd"])
def test_a_title_that_is_a_file_s_name_is_none(title: str) -> None:
    sheet = Sheet()
    sheet.set_title(title)
    sheet.put(60, 80, "Ein Satz steht hier.")
    assert sheet.read().title in {"", "Brief an Amt"}


def test_letters_that_a_font_does_not_name_are_no_text_but_where_they_make_sense() -> None:
    found = read_pdf(pdf_of_unmapped_letters("QXZ VVK PQR JJW XQV"))
    assert found.text.strip() == "" and "cannot be read" in found.why_empty
    assert told(found) == {"pages whose letters cannot be read": 1}
    assert "the mill was on the hill" in read_pdf(pdf_of_unmapped_letters("the mill was on the hill")).text


def test_a_letter_as_high_as_several_lines_begins_its_word() -> None:
    sheet = Sheet()
    sheet.put(60, 106, "D", 40)
    sheet.lines(90, 84, "er Turm der Kirche wurde im Jahr 1544 gebaut", "und brannte schon zwanzig Jahre danach ab.")
    assert sheet.paragraphs() == [
        "Der Turm der Kirche wurde im Jahr 1544 gebaut und brannte schon zwanzig Jahre danach ab."
    ]


def test_text_runs_around_a_picture() -> None:
    from PIL import Image

    sheet = Sheet()
    sheet.image(Image.new("RGB", (50, 50), "blue"), 350, 70, 180, 120)
    sheet.wrap(60, 70, 280, LIBRARY)
    sheet.wrap(60, 210, 475, MUSEUM)
    assert sheet.paragraphs() == [LIBRARY, MUSEUM]


def test_entries_that_each_begin_anew_are_lines_by_themselves() -> None:
    words = [
        "Anker, der = anchor",
        "Boot, das = boat",
        "Deich, der = dyke",
        "Ebbe, die = low tide",
        "Priel, der = creek",
    ]
    sheet = Sheet()
    sheet.lines(60, 80, *words)
    assert sheet.paragraphs() == words
