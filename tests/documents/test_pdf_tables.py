"""Tables of PDFs: as rows with their column heads, ruled or only aligned, and over a page's end."""

from __future__ import annotations

from pdf_pages import LIBRARY, Sheet

PRICES = (
    ("Ware", "Einheit", "Preis"),
    ("Kies", "Tonne", "18,40"),
    ("Sand", "Tonne", "11,20"),
    ("Ton", "Karre", "6,00"),
)
ROWS = ["| Kies | Tonne | 18,40 |", "| Sand | Tonne | 11,20 |", "| Ton | Karre | 6,00 |"]
HEADS = ["| Ware | Einheit | Preis |", "| --- | --- | --- |"]


def test_a_ruled_table_keeps_its_heads() -> None:
    sheet = Sheet()
    sheet.put(60, 50, "Preise der Grube Lohe ab 2024")
    sheet.set_y(70)
    sheet.ruled((2, 2, 1), *PRICES)
    sheet.put(60, 300, "Die Preise gelten bis Ende 2025.")
    caption, table, after = sheet.paragraphs()
    assert caption == "Preise der Grube Lohe ab 2024" and after == "Die Preise gelten bis Ende 2025."
    assert table.split("\n") == HEADS + ROWS


def test_an_aligned_table_has_heads_by_its_figures() -> None:
    sheet = Sheet()
    sheet.wrap(60, 60, 475, LIBRARY)
    sheet.cells((60, 200, 320), 160, *PRICES)
    text, table = sheet.paragraphs()
    assert text == LIBRARY
    assert table.split("\n") == HEADS + ROWS


def test_a_list_of_prices_has_no_heads() -> None:
    sheet = Sheet()
    sheet.set_font("courier", size=10)
    lines = ["Erwachsene           5,50 Euro", "Kinder bis 14        2,80 Euro", "Zehnerkarte         48,00 Euro"]
    for number, line in enumerate(lines):
        sheet.text(60, 80 + 13 * number, line)
    assert sheet.paragraphs() == [
        "| Erwachsene | 5,50 Euro |\n| Kinder bis 14 | 2,80 Euro |\n| Zehnerkarte | 48,00 Euro |"
    ]


def test_dots_that_lead_to_a_figure_are_no_text() -> None:
    sheet = Sheet()
    for number, (words, page) in enumerate([("Einleitung", 3), ("Der Streit um das Moor", 9), ("Ausblick", 27)]):
        end = sheet.put(60, 80 + 16 * number, words + " ")
        sheet.put(end, 80 + 16 * number, ". " * round((440 - end) / 6) + str(page))
    assert sheet.paragraphs() == ["| Einleitung | 3 |\n| Der Streit um das Moor | 9 |\n| Ausblick | 27 |"]


def test_wrapped_cells_are_one_line_each() -> None:
    long = "Bau und Unterhalt der Straßen, Wege und Brücken in allen Ortsteilen, dazu der Winterdienst vor Schulen"
    sheet = Sheet()
    sheet.ruled(
        (1, 3, 1), ("Amt", "Aufgabe", "Stellen"), ("Tiefbau", long, "14"), ("Archiv", "Bewahrung der Akten", "2")
    )
    assert f"| Tiefbau | {long} | 14 |" in sheet.paragraphs()[0].split("\n")


def test_wrapped_cells_without_rules_are_one_line_each() -> None:
    sheet = Sheet()
    rows = [
        ("Töpfern I", ("Grundlagen für Anfänger, mit", "Brennen der Stücke"), "85 Euro"),
        ("Imkern", ("Ein Jahr am Bienenstand, von der", "Auswinterung bis zur Ernte"), "120 Euro"),
    ]
    y = sheet.cells((60, 150, 400), 90, ("Kurs", "Inhalt", "Gebühr"), bold=1)
    for name, lines, fee in rows:
        sheet.put(60, y, name)
        sheet.put(400, y, fee)
        y = sheet.lines(150, y, *lines, lead=13) + 8
    assert sheet.paragraphs()[0].split("\n") == [
        "| Kurs | Inhalt | Gebühr |", "| --- | --- | --- |",
        "| Töpfern I | Grundlagen für Anfänger, mit Brennen der Stücke | 85 Euro |",
        "| Imkern | Ein Jahr am Bienenstand, von der Auswinterung bis zur Ernte | 120 Euro |",
    ]  # fmt: skip


def test_a_table_goes_on_over_the_page_s_end_and_loses_no_row() -> None:
    sheet = Sheet(foot="#")
    sheet.set_auto_page_break(True, 60)
    sheet.ruled(
        (2, 3, 1), ("Jahr", "Werk", "Preis"), *((str(1960 + n), f"Werk Nummer {n}", f"{n},50") for n in range(60))
    )
    assert sheet.page_no() == 2
    (table,) = sheet.paragraphs()
    assert table.split("\n") == [
        "| Jahr | Werk | Preis |", "| --- | --- | --- |",
        *(f"| {1960 + n} | Werk Nummer {n} | {n},50 |" for n in range(60)),
    ]  # fmt: skip


def test_rows_without_a_rule_between_them_are_rows_all_the_same() -> None:
    sheet = Sheet()
    for x in (55, 195, 315, 400):
        sheet.line(x, 65, x, 150)
    for y in (65, 85, 150):
        sheet.line(55, y, 400, y)
    sheet.cells((60, 200, 320), 78, PRICES[0])
    sheet.cells((60, 200, 320), 100, *PRICES[1:])
    assert sheet.paragraphs()[0].split("\n") == HEADS + ROWS


def test_an_invoice_is_taken_apart_into_its_tables() -> None:
    sheet = Sheet()
    sheet.lines(60, 130, "Frau", "Petra Lindner", "Kirchgasse 4", "07407 Remda")
    sheet.cells((340, 450), 130, ("Rechnung Nr.:", "R-2023-0457"), ("Datum:", "14.05.2023"), lead=14)
    sheet.put(60, 230, "Rechnung", 16, "B")
    sheet.put(60, 255, "Für unsere Lieferung vom 9. Mai berechnen wir:")
    rows = [("1", "Rosen, rot", "12", "30,00"), ("2", "Blumenerde", "3", "26,70"), ("3", "Lieferung", "1", "9,00")]
    sheet.cells((60, 100, 330, 480), 285, ("Pos", "Bezeichnung", "Menge", "Betrag"), *rows, bold=1)
    found = sheet.paragraphs()
    assert "Rechnung Nr.: R-2023-0457\nDatum: 14.05.2023" in found
    assert found[-1].split("\n")[0] == "| Pos | Bezeichnung | Menge | Betrag |"
    assert found[-1].split("\n")[-1] == "| 3 | Lieferung | 1 | 9,00 |"
    assert "Petra Lindner" in found


def test_two_tables_side_by_side_are_two() -> None:
    sheet = Sheet()
    for x, season, hours in [(60, "Sommer", "9-17 Uhr"), (320, "Winter", "10-16 Uhr")]:
        sheet.put(x, 80, season, 11, "B")
        sheet.cells((x, x + 90), 98, ("Montag", hours), ("Dienstag", "geschlossen"), ("Freitag", "10-12 Uhr"))
    first, second = sheet.paragraphs()
    assert "| Montag | 9-17 Uhr |" in first and "| Montag | 10-16 Uhr |" in second


def test_a_frame_around_text_is_no_table() -> None:
    sheet = Sheet()
    sheet.rect(50, 60, 480, 100)
    sheet.wrap(60, 70, 460, LIBRARY)
    assert sheet.paragraphs() == [LIBRARY]


def test_a_bar_in_a_cell_is_escaped() -> None:
    sheet = Sheet()
    sheet.ruled((1, 1), ("Taste", "Zeichen"), ("Alt", "a | b"))
    assert "| Alt | a \\| b |" in sheet.read().text


def test_a_table_over_three_pages_is_one_and_each_row_is_on_its_page() -> None:
    sheet = Sheet()
    sheet.set_auto_page_break(True, 60)
    sheet.set_y(70)
    sheet.ruled((1, 3, 1), ("Nr.", "Stand", "Ertrag"), *((str(n), f"Wiese am Bach {n}", f"{n},5") for n in range(120)))
    found = sheet.read()
    assert found.text.count("| Nr. |") == 1 and "| 0 | Wiese am Bach 0 | 0,5 |" in found.text
    assert len(set(found.pages)) == len(found.pages) >= 3
    for start in found.pages[1:]:
        assert found.text[start - 1 :].startswith("\n| ") and "| Nr. |" not in found.text[start:]
