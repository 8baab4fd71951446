"""Spreadsheets and separated values: tables with their column heads, numbers as shown, nothing lost silently."""

from __future__ import annotations

import io
import zipfile

import pytest
from office_files import SHEET, make_xlsx, relations, sheet_xml
from word_files import strict
from zip_files import make_zip

from rag.documents.readers import Extract, Unreadable
from rag.documents.readers.csv import read_csv
from rag.documents.readers.xlsx import read_xlsx


def left_out(found: Extract) -> dict[str, int]:
    return {omission.what: omission.count for omission in found.omissions}


FORMATS = ("#,##0.00 €", "dd.mm.yyyy", "0%")
PRICES = [
    ["Preisliste der Imkerei"],
    [],
    ["Sorte", "Glas", "Preis", "Rabatt", "lieferbar ab"],
    ["Linde", "500 g", (6.5, 1), (0.1, 3), (45413, 2)],
    ["Wald", "500 g", (1240, 1), (0, 3), (45444, 2)],
    ["* solange Vorrat reicht"],
]
SHOWN = (
    "Preisliste der Imkerei\n\n"
    "| Sorte | Glas | Preis | Rabatt | lieferbar ab |\n| --- | --- | --- | --- | --- |\n"
    "| Linde | 500 g | 6,50 € | 10% | 01.05.2024 |\n| Wald | 500 g | 1.240,00 € | 0% | 01.06.2024 |\n\n"
    "* solange Vorrat reicht"
)


def test_a_price_list_is_read_as_it_is_shown() -> None:
    german = {"xl/sharedStrings.xml": f"<sst {SHEET}><si><t>{'Der Honig ist gut und nicht teuer. ' * 9}</t></si></sst>"}
    raw = make_xlsx(PRICES, formats=FORMATS, files={**german, "xl/_rels/workbook.xml.rels": RELATIONS})
    assert read_xlsx(raw).text == SHOWN


RELATIONS = relations(worksheet1="sheet1.xml", styles="styles.xml", sharedStrings="sharedStrings.xml")


def test_each_sheet_is_a_page_under_its_name_and_hidden_ones_are_counted() -> None:
    hidden_row = sheet_xml([["Ort", "Zahl"], ["Ulm", 3.0]]).replace('<row r="2"', '<row r="2" hidden="1"')
    found = read_xlsx(
        make_xlsx(
            [], sheets={"Summen": sheet_xml([["Total", 12.0]]), "Alt|hidden": sheet_xml([["x"]]), "Orte": hidden_row}
        )
    )
    assert found.text == "# Summen\n\n| Total | 12 |\n\n# Orte\n\n| Ort | Zahl |"
    assert [found.text[page:].split()[1] for page in found.pages] == ["Summen", "Orte"]
    assert left_out(found) == {"hidden sheets": 1, "hidden rows": 1}


def test_hidden_columns_and_formulas_without_a_value_are_counted() -> None:
    xml = '<cols><col min="2" max="2" hidden="1"/></cols>' + sheet_xml([["a", "secret", "b"]])
    xml = xml.replace("</row>", '<c r="D1"><f>A1+1</f></c></row>')
    found = read_xlsx(make_xlsx([], sheets={"Tabelle1": xml}))
    assert found.text == "| a | b |" and left_out(found) == {"hidden columns": 1, "formulas without a value": 1}


def test_tables_on_a_sheet_stand_apart_and_one_that_goes_on_is_one() -> None:
    rows = [
        ["Schicht", "Beginn"], ["Früh", 6.0], ["Spät", 14.0], ["Nacht", 22.0],
        [],
        ["Tag", "Früh", "Spät"], ["Mo", "Anne", "Bo"], [], ["Di", "Cem", "Anne"],
    ]  # fmt: skip
    assert read_xlsx(make_xlsx(rows)).text.split("\n\n") == [
        "| Schicht | Beginn |\n| --- | --- |\n| Früh | 6 |\n| Spät | 14 |\n| Nacht | 22 |",
        "| Tag | Früh | Spät |\n| --- | --- | --- |\n| Mo | Anne | Bo |\n| Di | Cem | Anne |",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Ida Kern"], ["Geburtsjahr", 1961.0], ["Ort", "Ulm"], ["Beitrag", 48.0]],
        [["Preis", "80 Euro"], ["Fläche", "30 ha"], ["Dauer", "9 Wochen"]],
        [["Linde", 4.0], ["Ulme", 6.0], ["Eiche", 9.0]],
        [["Mo", "Halle 1", 8.0], ["Di", "Halle 2", 9.0]],
    ],
)
def test_pairs_and_rows_like_all_others_are_no_heads(rows: list[list[str | float | None]]) -> None:
    assert "---" not in read_xlsx(make_xlsx(rows)).text


@pytest.mark.parametrize(
    "rows",
    [
        [["Region", "2022", "2023"], ["Nord", 310.0, 344.0], ["Süd", 201.0, 222.0]],
        [["Team", "Q1", "Q2"], ["A", 3.0, 4.0], ["B", 5.0, 6.0]],
        [["Zimmer", "Preis"], ["Einzel", "60 Euro"], ["Doppel", "90 Euro"], ["Suite", "150 Euro"]],
        [["Kurs", "Leitung", "Raum"], ["Chor", "Frau Ott", "Aula"]],
    ],
)
def test_years_quarters_and_words_over_figures_are_heads(rows: list[list[str | float | None]]) -> None:
    assert read_xlsx(make_xlsx(rows)).text.splitlines()[1].startswith("| --- |")


def test_rows_that_are_marked_as_heads_are_heads_whatever_they_say() -> None:
    rows = [["1", "2"], ["x", "y"]]
    assert "---" not in read_xlsx(make_xlsx(rows)).text
    frozen = '<sheetViews><sheetView><pane ySplit="1" state="frozen"/></sheetView></sheetViews>'
    for mark in (frozen, '<autoFilter ref="A1:B2"/>'):
        assert "| 1 | 2 |\n| --- |" in read_xlsx(make_xlsx([], sheets={"Tabelle1": mark + sheet_xml(rows)})).text
    files = {"xl/_rels/sheet1.xml.rels": relations(table1="t.xml"), "xl/t.xml": f'<table {SHEET} ref="A1:B2"/>'}
    assert "| 1 | 2 |\n| --- |" in read_xlsx(make_xlsx(rows, files=files)).text


def test_text_boxes_are_read_and_images_and_comments_counted() -> None:
    drawing = (
        '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><pic/>'
        "<a:p><a:r><a:t>Stand: Mai</a:t></a:r></a:p></d>"
    )
    files = {
        "xl/_rels/sheet1.xml.rels": relations(drawing1="d.xml", comments1="c.xml"),
        "xl/d.xml": drawing,
        "xl/c.xml": f"<comments {SHEET}><commentList><comment/><comment/></commentList></comments>",
    }
    found = read_xlsx(make_xlsx([["a", "b"]], files=files))
    assert found.text == "| a | b |\n\nStand: Mai" and left_out(found) == {"images": 1, "comments": 2}


def test_a_damaged_sheet_is_told_and_the_others_are_read() -> None:
    found = read_xlsx(make_xlsx([], sheets={"Gut": sheet_xml([["Brot", 3.0]]), "Schlecht": "<sheetData><row"}))
    assert found.text == "# Gut\n\n| Brot | 3 |" and left_out(found) == {"damaged sheets": 1}


def test_the_strict_form_of_a_workbook_is_read() -> None:
    raw = make_xlsx([["Brot", 3.0]])
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        other = {name: strict(archive.read(name).decode()) for name in archive.namelist()}
    other = {
        name: text.replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
        )
        for name, text in other.items()
    }
    assert read_xlsx(make_zip(other)).text == "| Brot | 3 |"


# --- separated values ------------------------------------------------------------------------

TIMETABLE = (
    "Fahrplan der Fähre\nStand: 1.5.2024\n\nAnleger;Ab;An;Bemerkung\n"
    'Südufer;08:10;08:05;"nur werktags,\nnicht im Mai"\n'
    "Grünau;9:05;9:00;\nMühlbucht;9:40;9:35;hält auf Wunsch\n"
)


def test_a_timetable_in_windows_1252_is_read_with_its_heads_and_what_stands_above() -> None:
    found = read_csv(TIMETABLE.encode("cp1252"))
    assert found.text.split("\n\n") == [
        "Fahrplan der Fähre",
        "Stand: 1.5.2024",
        "| Anleger | Ab | An | Bemerkung |\n| --- | --- | --- | --- |\n"
        "| Südufer | 08:10 | 08:05 | nur werktags, nicht im Mai |\n"
        "| Grünau | 9:05 | 9:00 | |\n| Mühlbucht | 9:40 | 9:35 | hält auf Wunsch |",
    ]
    assert found.encoding == "windows-1252"


@pytest.mark.parametrize("separator", list(";\t|,"))
def test_the_sign_that_separates_is_found(separator: str) -> None:
    rows = [["city", "note", "since"], ["Oslo", '"cold, but fine; really"', "2011"], ["Rome", "warm", "2015"]]
    raw = "\n".join(separator.join(row) for row in rows).encode()
    assert "| Oslo | cold, but fine; really | 2011 |" in read_csv(raw).text


def test_decimal_commas_separate_nothing_and_excel_may_say_what_does() -> None:
    assert "| Brot | 3,50 |" in read_csv(b"Artikel;Preis\nBrot;3,50\nMilch;1,20\nEier;2,80\n").text
    assert read_csv(b"sep=,\r\na;b,c\r\nd;e,f\r\n").text == "| a;b | c |\n| d;e | f |"


def test_a_quote_that_is_never_closed_takes_no_rows_along() -> None:
    head = "size,name\n" + "".join(f"{number},bolt\n" for number in range(600))
    assert "| 3 | last |" in read_csv((head + '4" , nut\n"5,washer\n' + "7,pin\n" * 300 + "3,last\n").encode()).text


def test_a_bank_statement_keeps_the_lines_above_its_heads_apart() -> None:
    raw = '"Konto";"DE12"\n"Zeitraum";"Mai"\n\n"Tag";"Wer";"Zweck";"Betrag"\n"02.05.";"Werk";"Mai";"-84,00"\n'
    parts = read_csv(raw.encode("utf-8-sig")).text.split("\n\n")
    assert parts[0] == "| Konto | DE12 |\n| Zeitraum | Mai |"
    assert parts[1].splitlines()[:2] == ["| Tag | Wer | Zweck | Betrag |", "| --- | --- | --- | --- |"]


def test_of_a_million_cells_and_more_the_rest_is_counted() -> None:
    found = read_csv(b"a;b;c;d\n" * 300_000)
    assert left_out(found) == {"rows": 50_000} and found.omissions[0].total == 300_000


def test_a_pdf_that_is_called_a_table_is_refused() -> None:
    with pytest.raises(Unreadable, match="binary"):
        read_csv(b"%PDF-1.7\n;;;")


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ("The honey is good and not dear", "#,##0.00", "1,240.50"),
        ("Der Honig ist gut und nicht teuer", "#,##0.00", "1.240,50"),
        ("Mel", '#,##0.00\\ "€"', "1.240,50 €"),
        ("Mel", "$#,##0.00", "$1,240.50"),
        ("The honey is good", "[$€-407]#,##0.00", "€1.240,50"),
    ],
)
def test_thousands_and_decimals_have_the_signs_of_those_who_wrote_the_sheet(text: str, code: str, shown: str) -> None:
    files = {
        "xl/sharedStrings.xml": f"<sst {SHEET}><si><t>{text}</t></si></sst>",
        "xl/_rels/workbook.xml.rels": RELATIONS,
    }
    assert read_xlsx(make_xlsx([["a", (1240.5, 1)]], formats=[code], files=files)).text == f"| a | {shown} |"


def test_a_cell_whose_text_is_missing_is_told() -> None:
    xml = '<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c><c r="B1"><v>3</v></c></row></sheetData>'
    files = {"xl/sharedStrings.xml": "<kaputt", "xl/_rels/workbook.xml.rels": RELATIONS}
    found = read_xlsx(make_xlsx([], sheets={"Tabelle1": xml}, files=files))
    assert found.text == "3" and left_out(found) == {"cells whose text is missing": 1, "damaged parts": 1}


def test_a_second_table_has_heads_though_only_the_first_ones_are_marked() -> None:
    rows = [["1", "2"], ["x", "y"], [], ["Zimmer", "Preis"], ["a", "60 Euro"], ["b", "90 Euro"], ["c", "95 Euro"]]
    xml = '<autoFilter ref="A1:B2"/>' + sheet_xml(rows)
    assert read_xlsx(make_xlsx([], sheets={"Tabelle1": xml})).text.count("---") == 4
