"""OpenDocument texts: read once and in order, as the word processor shows them, with a count of what is left out."""

from __future__ import annotations

import pytest
from office_files import make_odt

from rag.documents.readers import Extract, Unreadable
from rag.documents.readers.odt import read_odt


def blocks(body: str, styles: str = "", looks: str = "") -> list[str]:
    return read_odt(make_odt(body, styles, looks)).text.split("\n\n")


def left_out(found: Extract) -> dict[str, int]:
    return {omission.what: omission.count for omission in found.omissions}


def p(inner: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{inner}</text:p>'


def row(*cells: str) -> str:
    inner = "".join(
        cell if cell.startswith("<") else f"<table:table-cell>{p(cell)}</table:table-cell>" for cell in cells
    )
    return f"<table:table-row>{inner}</table:table-row>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(rows)}</table:table>"


def test_headings_paragraphs_and_their_signs() -> None:
    body = (
        '<text:h text:outline-level="2">Der  Garten</text:h>'
        + p('Er hat<text:s text:c="3"/>zwei<text:tab/>Beete.<text:line-break/>'
            '<text:span>Und einen <text:a>Teich</text:a>.</text:span>')
        + p("Verein", "Title")
    )  # fmt: skip
    assert blocks(body) == ["## Der Garten", "Er hat zwei Beete.\nUnd einen Teich.", "# Verein"]


def test_notes_stand_at_the_end_and_raised_figures_are_no_part_of_a_number() -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body>{p('Nach dem Plan.')}{p('Von 1902.')}</text:note-body></text:note>"
    )
    up = '<style:style style:name="up"><style:text-properties style:text-position="super 58%"/></style:style>'
    body = p(f'Im Jahr 1902{note} waren es 30 m<text:span text:style-name="up">2</text:span>.')
    assert blocks(body, up) == ["Im Jahr 1902[^1] waren es 30 m².", "[^1]: Nach dem Plan. Von 1902."]


LISTS = (
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" '
    'style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>'
    '</text:list-style><text:list-style style:name="L2"><text:list-level-style-bullet text:level="1"/>'
    "</text:list-style>"
)


def entry(*parts: str, start: str = "") -> str:
    said = f'text:start-value="{start}"' if start else ""
    return f"<text:list-item {said}>{''.join(parts)}</text:list-item>"


def test_items_have_their_numbers_through_levels_and_breaks() -> None:
    inner = f"<text:list>{entry(p('kalt'))}{entry(p('warm'))}</text:list>"
    body = (
        f'<text:list text:style-name="L1">{entry(p("Wasser"), inner)}{entry(p("Strom"), p("auch nachts"))}</text:list>'
        + p("Dazwischen.")
        + f'<text:list text:style-name="L1" text:continue-numbering="true">{entry(p("Gas"))}</text:list>'
        + f'<text:list text:style-name="L1">{entry(p("Neu"), start="7")}</text:list>'
        + f'<text:list text:style-name="L2">{entry(p("Punkt"))}</text:list>'
    )
    assert blocks(body, LISTS) == [
        "1. Wasser\na) kalt\nb) warm\n2. Strom", "auch nachts", "Dazwischen.", "3. Gas\n7. Neu\n- Punkt",
    ]  # fmt: skip


def test_headings_are_numbered_as_the_outline_says() -> None:
    looks = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>'
    )
    heads = [("1", "Zweck"), ("2", "Sitz"), ("2", "Jahr"), ("1", "Dauer")]
    body = "".join(f'<text:h text:outline-level="{level}">{words}</text:h>' for level, words in heads)
    assert blocks(body, looks=looks) == ["# I. Zweck", "## I.1 Sitz", "## I.2 Jahr", "# II. Dauer"]


def test_tables_have_heads_where_they_are_marked_and_cells_are_written_once() -> None:
    heads = f"<table:table-header-rows>{row('Beet', 'Pflanze')}</table:table-header-rows>"
    covered = (
        '<table:table-cell table:number-columns-spanned="2">'
        + p("leer")
        + "</table:table-cell><table:covered-table-cell/>"
    )
    inner = "<table:table-cell>" + p("Kraut") + table(row("a", "b")) + "</table:table-cell>"
    assert blocks(table(heads, row("Nord", "Kohl"), row(covered), row("Süd", inner))) == [
        "| Beet | Pflanze |\n| --- | --- |\n| Nord | Kohl |\n| leer | |\n| Süd | Kraut |", "| a | b |",
    ]  # fmt: skip
    styled = "".join(
        f"<table:table-cell>{p(words, 'Table_20_Heading')}</table:table-cell>" for words in ("Beet", "Art")
    )
    assert "---" in blocks(table(row(styled), row("Nord", "Kohl")))[0]
    assert "---" not in blocks(table(row("Pächter", "Ida Kern"), row("Pacht", "40 Euro")))[0]


def test_boxes_come_after_their_paragraph_and_images_and_objects_are_counted() -> None:
    box = f"<draw:frame><draw:text-box>{p('Nur bar!')}</draw:text-box></draw:frame>"
    image = "<draw:frame><draw:image/></draw:frame>"
    chart = "<draw:frame><draw:object/><draw:image/></draw:frame>"
    shape = f"<draw:custom-shape>{p('Vorsicht!')}</draw:custom-shape>"
    found = read_odt(make_odt(p(f"Der {box}Markt{image}{chart}.") + shape))
    assert found.text.split("\n\n") == ["Der Markt.", "Nur bar!", "Vorsicht!"]
    assert left_out(found) == {"images": 1, "embedded objects": 1}


def test_what_was_deleted_is_hidden_or_is_to_be_filled_in_is_no_text() -> None:
    hidden = '<style:style style:name="h"><style:text-properties text:display="none"/></style:style>'
    body = (
        f"<text:tracked-changes><text:changed-region><text:deletion>{p('alt')}</text:deletion></text:changed-region>"
        "</text:tracked-changes>"
        + p('Neu.<text:span text:style-name="h"> Geheim.</text:span><text:placeholder>&lt;Name&gt;</text:placeholder>')
        + f'<text:section text:display="none">{p("Weg.")}</text:section>'
        + f"<text:section>{p('Da.')}</text:section>"
        + p("Und<office:annotation>" + p("wirklich?") + "</office:annotation> hier.")
        + f"<text:table-of-content><text:index-body>{p('Da 3')}</text:index-body></text:table-of-content>"
    )
    found = read_odt(make_odt(body, hidden))
    assert found.text.split("\n\n") == ["Neu.", "Da.", "Und hier."]
    assert left_out(found) == {
        "deleted passages": 1, "hidden passages": 2, "comments": 1, "entries of a table of contents": 1,
    }  # fmt: skip


def test_headers_are_read_once_without_page_numbers() -> None:
    head = p("Gartenverein Nord | Seite <text:page-number>1</text:page-number>")
    looks = (
        f"<office:master-styles><style:master-page><style:header>{head}</style:header>"
        f"<style:header-left>{head}</style:header-left><style:footer>{p('Konto 12')}</style:footer>"
        "</style:master-page></office:master-styles>"
    )
    assert blocks(p("Text."), looks=looks) == ["Gartenverein Nord", "Text.", "Konto 12"]


def test_title_and_date_come_from_the_properties() -> None:
    found = read_odt(make_odt(p("Text."), title="Satzung"))
    assert (found.title, found.date) == ("Satzung", "2023-02-01")


def test_an_encrypted_text_is_named_as_that() -> None:
    manifest = {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    with pytest.raises(Unreadable, match="password"):
        read_odt(make_odt(p("x"), files=manifest))


@pytest.mark.parametrize("part", ["styles.xml", "meta.xml", "META-INF/manifest.xml"])
def test_a_damaged_part_costs_no_more_than_itself(part: str) -> None:
    found = read_odt(make_odt(p("Der Text."), files={part: "<kein XML"}))
    assert found.text == "Der Text." and left_out(found) == ({"damaged parts": 1} if part == "styles.xml" else {})
