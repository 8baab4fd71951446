"""Tables of Word documents: a row a line, merged cells once, with heads where it has some."""

from __future__ import annotations

import pytest
from word_files import cell, paragraph, run, style, table, word_file

from rag.documents.readers.docx import read_docx


def blocks(raw: bytes) -> list[str]:
    return read_docx(raw).text.split("\n\n")


def of(body: str, **parts: str) -> list[str]:
    return blocks(word_file(body, **parts))


# --- tables ----------------------------------------------------------------------------------


def merged(span: int) -> str:
    return f'<w:gridSpan w:val="{span}"/>'


def test_a_merged_cell_is_written_once() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        [cell("Halle", down), "Tor 1", "offen"],
        [cell("Halle", on), cell("Tor 2", merged(2))],
        ["Hof", "Tor 3", "zu"],
    )
    assert of(body) == ["| Halle | Tor 1 | offen |\n| | Tor 2 | |\n| Hof | Tor 3 | zu |"]


def test_a_row_over_the_whole_table_is_its_caption() -> None:
    body = table([cell("Fahrplan", merged(3))], ["Linie", "Ab", "An"], ["7", "8:10", "8:40"], ["9", "8:20", "8:55"])
    assert of(body) == [
        "Fahrplan",
        "| Linie | Ab | An |\n| --- | --- | --- |\n| 7 | 8:10 | 8:40 |\n| 9 | 8:20 | 8:55 |",
    ]


def test_a_table_in_a_table_stands_after_it_once() -> None:
    inner = cell(paragraph("Lohn") + table(["Stunden", "12"], ["Satz", "50 Euro"]) + paragraph(run("")))
    body = table(["Teile", "80 Euro"], [inner, "600 Euro"])
    assert of(body) == ["| Teile | 80 Euro |\n| Lohn | 600 Euro |", "| Stunden | 12 |\n| Satz | 50 Euro |"]


def test_a_table_of_one_column_or_of_many_paragraphs_is_paragraphs() -> None:
    assert of(table(["Zuerst."], ["Dann."])) == ["Zuerst.", "Dann."]
    letter = (
        cell(paragraph("Kanzlei Roth") + paragraph("Am Ring 4")),
        cell(paragraph("Tel. 0711 1") + paragraph("Fax 2")),
    )
    assert of(table(list(letter))) == ["Kanzlei Roth", "Am Ring 4", "Tel. 0711 1", "Fax 2"]


HEADS = ["Baum", "Standort"]
ROWS = (["Linde", "Markt"], ["Ulme", "Teich"])


def bold(text: str) -> str:
    return cell(paragraph(run(text, "<w:b/>")))


def shaded(text: str) -> str:
    return cell(text, '<w:shd w:fill="D9D9D9"/>')


def first_row(*cells: str) -> str:
    return f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{''.join(map(cell, cells))}</w:tr>"


@pytest.mark.parametrize(
    "body",
    [
        table(first_row(*HEADS), *ROWS),
        table([bold(each) for each in HEADS], *ROWS),
        table([shaded(each) for each in HEADS], *ROWS),
        table(HEADS, *ROWS, look='<w:tblStyle w:val="Gitter"/><w:tblLook w:val="0020"/>'),
    ],
    ids=["said", "bold", "shaded", "styled"],
)
def test_column_heads_are_told_by_what_is_said_of_them_or_by_their_looks(body: str) -> None:
    gitter = style("Gitter", "Gitter", '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr>', "table")
    assert of(body, styles=gitter) == ["| Baum | Standort |\n| --- | --- |\n| Linde | Markt |\n| Ulme | Teich |"]


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Ida Kern"], ["Alter", "44"], ["Ort", "Ulm"]],
        [["Auftraggeber", "Gemeinde"], ["Bauzeit", "9 Wochen"], ["Preis", "80 Euro"]],
        [["Linde", "4 m"], ["Ulme", "6 m"], ["Eiche", "9 m"]],
        [[bold("Linde"), "Markt"], [bold("Ulme"), "Teich"]],
        [[bold("Linde"), bold("Markt")], [bold("Ulme"), bold("Teich")]],
    ],
)
def test_pairs_and_plain_rows_have_no_column_heads(rows: list[list[str]]) -> None:
    look = '<w:tblLook w:firstRow="1"/>'  # Word says so of nearly every table
    assert "---" not in read_docx(word_file(table(*rows, look=look))).text


def test_names_over_three_columns_are_heads_where_the_first_row_is_said_to_be_special() -> None:
    rows = [["Kurs", "Tag", "Raum"], ["Töpfern", "Montag", "Keller"], ["Chor", "Freitag", "Aula"]]
    assert "---" in read_docx(word_file(table(*rows, look='<w:tblLook w:firstRow="1"/>'))).text
    assert "---" not in read_docx(word_file(table(*rows))).text


def test_a_stroke_in_a_cell_is_escaped_and_empty_rows_go() -> None:
    assert of(table(["a|b", "c"], ["", ""], ["d", ""])) == ["| a\\|b | c |\n| d | |"]
