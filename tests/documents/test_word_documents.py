"""Word documents: the text that Word shows is read once, in its place, and what is left out is counted."""

from __future__ import annotations

import pytest
from word_files import (
    box,
    cell,
    field,
    list_definition,
    list_number,
    listed,
    paragraph,
    run,
    style,
    table,
    word_file,
)  # fmt: skip

from rag.documents.readers import Extract
from rag.documents.readers.docx import read_docx


def blocks(raw: bytes) -> list[str]:
    return read_docx(raw).text.split("\n\n")


def of(body: str, **parts: str) -> list[str]:
    return blocks(word_file(body, **parts))


def left_out(found: Extract) -> dict[str, int]:
    return {omission.what: omission.count for omission in found.omissions}


# --- tracked changes -------------------------------------------------------------------------


def test_of_tracked_changes_the_new_text_is_read_and_the_old_is_counted() -> None:
    body = paragraph(
        run("The rent is ")
        + "<w:del><w:r><w:delText>410</w:delText></w:r></w:del>"
        + f"<w:ins>{run('465')}</w:ins>"
        + run(" pounds; the key is with ")
        + f"<w:moveFrom>{run('the porter')}</w:moveFrom><w:moveTo>{run('Mrs Hale')}</w:moveTo>"
        + run(".")
    )
    found = read_docx(word_file(body))
    assert found.text == "The rent is 465 pounds; the key is with Mrs Hale."
    assert left_out(found) == {"deleted passages": 2}


def test_paragraphs_whose_end_was_deleted_are_one() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    body = paragraph("Der Hof hat zwölf ", gone) + paragraph("Kühe.") + paragraph("Er liegt am Hang.")
    assert of(body) == ["Der Hof hat zwölf Kühe.", "Er liegt am Hang."]
    assert of(paragraph("Der letzte Absatz.", gone)) == ["Der letzte Absatz."]


def test_a_row_that_was_deleted_is_not_read_and_one_that_was_inserted_is() -> None:
    gone, new = (f"<w:tr><w:trPr><w:{kind}/></w:trPr>{cell(kind)}{cell('9')}</w:tr>" for kind in ("del", "ins"))
    assert of(table(["Holz", "4"], gone, new)) == ["| Holz | 4 |\n| ins | 9 |"]


# --- controls, fields, forms -----------------------------------------------------------------


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def test_content_controls_are_read_in_lines_between_them_and_in_cells() -> None:
    body = (
        paragraph(run("Kunde: ") + control(run("Imkerei Voss")))
        + control(paragraph("Lieferung frei Haus."))
        + control(table(["Honig", control(paragraph("30 Gläser"))]))
        + table("<w:tr>" + cell("Wachs") + control(cell("2 kg")) + "</w:tr>")
        + table(control("<w:tr>" + cell("Pollen") + cell("1 kg") + "</w:tr>"))
    )
    assert of(body) == [
        "Kunde: Imkerei Voss", "Lieferung frei Haus.", "| Honig | 30 Gläser |", "| Wachs | 2 kg |", "| Pollen | 1 kg |",
    ]  # fmt: skip


def test_what_a_control_says_should_be_written_there_is_no_text() -> None:
    empty = "<w:showingPlcHdr/>"
    body = (
        paragraph(run("Delivery by: ") + control(run("Click to enter a date."), empty))
        + control(paragraph("Click to enter text."), empty)
        + table([cell("Driver"), cell(control(paragraph("Choose an item."), empty) + paragraph(run("")))])
        + paragraph("Signed.")
    )
    assert of(body) == ["Delivery by:", "Driver", "Signed."]


def test_of_fields_the_result_is_read_and_not_what_they_ask_for() -> None:
    simple = f'<w:fldSimple w:instr="AUTHOR">{run("Jo Marsh")}</w:fldSimple>'
    nested = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
        + field("MERGEFIELD Sex", "f")
        + '<w:r><w:instrText> = "f" "Frau" "Herr"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("Frau")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = paragraph(
        run("By ") + simple + run(" for ") + nested + run(" Ley, see ") + field('HYPERLINK "x"', "the plan") + run(".")
    )
    assert of(body) == ["By Jo Marsh for Frau Ley, see the plan."]


def test_a_field_without_an_end_hides_nothing_after_its_paragraph() -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert of(paragraph(run("Vorher.") + begun) + paragraph("Nachher.")) == ["Vorher.", "Nachher."]


def test_what_is_chosen_in_an_old_form_is_read() -> None:
    def mark(data: str) -> str:
        return (
            f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
            '<w:r><w:instrText>FORM</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    entries = "".join(f'<w:listEntry w:val="{each}"/>' for each in ("Montag", "Mittwoch"))
    chosen = mark(f'<w:ddList><w:result w:val="1"/>{entries}</w:ddList>')
    ticked, empty = (
        mark("<w:checkBox><w:checked/></w:checkBox>"),
        mark('<w:checkBox><w:default w:val="0"/></w:checkBox>'),
    )
    assert of(paragraph(run("Tag: ") + chosen)) == ["Tag: Mittwoch"]
    assert of(paragraph(ticked + run(" ja ") + empty + run(" nein"))) == ["☒ ja ☐ nein"]


def test_links_smart_tags_and_other_wrappings_are_text() -> None:
    body = paragraph(
        f"<w:hyperlink>{run('The mill')}</w:hyperlink>"
        f"<w:smartTag>{run(' at ')}<w:smartTag>{run('Hexham')}</w:smartTag></w:smartTag>"
        f"<w:customXml>{run(' is')}</w:customXml><w:bdo>{run(' shut')}</w:bdo>{run('.')}"
    )
    assert of(body) == ["The mill at Hexham is shut."]


# --- boxes and drawings ----------------------------------------------------------------------


def test_a_text_box_is_read_once_after_the_paragraph_it_hangs_on() -> None:
    body = paragraph(box(paragraph("Nur Barzahlung!"), paragraph("Kein Hund.")) + run("Der Markt beginnt um acht."))
    assert of(body + paragraph("Er endet um zwölf.")) == [
        "Der Markt beginnt um acht.", "Nur Barzahlung!", "Kein Hund.", "Er endet um zwölf.",
    ]  # fmt: skip


def test_a_box_of_old_word_is_read() -> None:
    inner = f"<w:txbxContent>{paragraph('Ring twice.')}</w:txbxContent>"
    body = paragraph(f"<w:r><w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict></w:r>")
    assert of(body) == ["Ring twice."]


def test_boxes_in_boxes_and_tables_in_boxes_are_read_once() -> None:
    inner = paragraph(box(paragraph("Inner.")) + run("Outer."))
    assert of(paragraph(box(inner, table(["a", "b"])))) == ["Outer.", "Inner.", "| a | b |"]


def test_images_charts_and_objects_are_counted_once() -> None:
    body = paragraph(
        "<w:r><w:drawing><a:blip/></w:drawing></w:r><w:r><w:drawing><c:chart/></w:drawing></w:r>"
        "<w:r><w:object><v:imagedata/></w:object></w:r><w:r><w:pict><v:imagedata/></w:pict></w:r>"
        + box(paragraph("<w:r><w:drawing><a:blip/></w:drawing></w:r>"))
        + run("Text.")
    )
    assert left_out(read_docx(word_file(body))) == {"images": 3, "charts": 1, "embedded objects": 1}


WORDS = ["Saat", "Ernte"]


def test_the_words_of_a_diagram_are_read() -> None:
    space = "http://schemas.openxmlformats.org/drawingml/2006"
    data = (
        f'<dgm:dataModel xmlns:dgm="{space}/diagram" xmlns:a="{space}/main"><dgm:ptLst>'
        + "".join(
            f"<dgm:pt><dgm:t><a:p><a:r><a:t>{word}</a:t></a:r></a:p></dgm:t></dgm:pt>" for word in ("Saat", "Ernte")
        )
        + "</dgm:ptLst></dgm:dataModel>"
    )
    body = paragraph('<w:r><w:drawing><dgm:relIds r:dm="dia"/></w:drawing></w:r>')
    relation = '<Relationship Id="dia" Type="x/diagramData" Target="diagrams/data1.xml"/>'
    assert blocks(word_file(body, relation, {"word/diagrams/data1.xml": data})) == WORDS


# --- headings, lists -------------------------------------------------------------------------

STYLES = (
    style("berschrift1", "heading 1")
    + style("Kapitel", "Kapitel", '<w:basedOn w:val="Basis"/>')
    + style("Basis", "Basis", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>')
    + style("Titel", "Title")
    + style("U2", "Überschrift 2")
    + style("Rund", "Rund", '<w:basedOn w:val="Kreis"/>')
    + style("Kreis", "Kreis", '<w:basedOn w:val="Rund"/>')
    + style("Verzeichnis1", "toc 1")
    + style("Aufz", "List Bullet", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>')
    + style("Geheim", "Geheim", "<w:rPr><w:vanish/></w:rPr>", "character")
)
NUMBERING = (
    list_definition(0, ("decimal", "%1."), ("lowerLetter", "%2)"), ("lowerRoman", "(%3)"))
    + list_definition(1, ("bullet", "•"))
    + list_definition(2, ("upperRoman", "Art. %1"), ("decimalZero", "%1.%2"))
    + list_number(1, 0)
    + list_number(2, 1)
    + list_number(3, 2)
    + list_number(4, 0, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
)


def styled(text: str, id_: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{id_}"/>')


@pytest.mark.parametrize(
    ("id_", "shown"),
    [("berschrift1", "# Der Wald"), ("Kapitel", "### Der Wald"), ("Titel", "# Der Wald"), ("U2", "## Der Wald"),
     ("Rund", "Der Wald"), ("Überschrift3", "### Der Wald"), ("fehlt", "Der Wald")],
)  # fmt: skip
def test_a_heading_is_told_by_its_style_in_any_language(id_: str, shown: str) -> None:
    assert of(styled("Der Wald", id_) + paragraph("Er ist groß."), styles=STYLES) == [shown, "Er ist groß."]


def test_a_heading_without_words_and_a_page_of_text_in_its_style_are_none() -> None:
    assert of(styled("x " * 400, "berschrift1") + styled(" ", "berschrift1"), styles=STYLES) == [("x " * 400).strip()]


def test_items_have_the_numbers_that_word_shows() -> None:
    body = (
        listed("Öl prüfen", 1) + listed("kalt", 1, 1) + listed("warm", 1, 1) + listed("nach Fahrt", 1, 2)
        + listed("Reifen prüfen", 1) + listed("vorn", 1, 1)
    )  # fmt: skip
    assert of(body, numbering=NUMBERING) == [
        "1. Öl prüfen\na) kalt\nb) warm\n(i) nach Fahrt\n2. Reifen prüfen\na) vorn"
    ]


def test_a_list_goes_on_after_a_paragraph_and_another_begins_where_it_is_said_to() -> None:
    body = listed("Eins", 1) + paragraph("Dazwischen.") + listed("Zwei", 1) + listed("Neu", 4) + listed("Weiter", 4)
    assert of(body, numbering=NUMBERING) == ["1. Eins", "Dazwischen.", "2. Zwei\n5. Neu\n6. Weiter"]


def test_numbers_of_several_levels_and_of_styles_are_shown() -> None:
    body = listed("Zweck", 3) + listed("Sitz", 3, 1) + listed("Dauer", 3, 1) + styled("Satzung", "Aufz")
    assert of(body, numbering=NUMBERING, styles=STYLES) == ["Art. I Zweck\nI.01 Sitz\nI.02 Dauer\n- Satzung"]


def test_a_numbered_heading_has_its_number() -> None:
    both = '<w:pStyle w:val="berschrift1"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'
    assert of(paragraph("Zweck", both), numbering=NUMBERING, styles=STYLES) == ["# Art. I Zweck"]


def test_a_bullet_that_was_typed_is_an_item() -> None:
    assert of(paragraph("•\tSäge") + paragraph("· Axt")) == ["- Säge\n- Axt"]


def test_a_table_of_contents_is_counted_since_its_words_stand_in_the_text() -> None:
    found = read_docx(word_file(styled("Wald 3", "Verzeichnis1") + styled("Wald", "berschrift1"), styles=STYLES))
    assert found.text == "# Wald" and left_out(found) == {"entries of a table of contents": 1}


# --- signs -----------------------------------------------------------------------------------


def test_hidden_text_is_left_out_and_counted() -> None:
    body = paragraph(
        run("Secret one. ", "<w:vanish/>") + run("Secret two. ", '<w:rStyle w:val="Geheim"/>') + run("Open. ")
        + run("Shown.", '<w:rStyle w:val="Geheim"/><w:vanish w:val="0"/>')
    )  # fmt: skip
    found = read_docx(word_file(body, styles=STYLES))
    assert found.text == "Open. Shown." and left_out(found) == {"hidden passages": 1}


def test_hyphens_tabs_and_breaks_are_what_is_seen() -> None:
    body = paragraph(
        "<w:r><w:t>Koch</w:t><w:softHyphen/><w:t>topf E</w:t><w:noBreakHyphen/><w:t>Herd</w:t><w:tab/><w:t>5 l</w:t>"
        "<w:br/><w:t>Zeile zwei</w:t></w:r>"
    )
    assert of(body) == ["Kochtopf E-Herd 5 l\nZeile zwei"]


def test_raised_figures_do_not_become_part_of_a_number() -> None:
    up = '<w:vertAlign w:val="superscript"/>'
    body = paragraph(
        run("In 1911") + run("4", up) + run(" it had 30 m") + run("2", up) + run(", the 1") + run("st", up)
    )
    assert of(body) == ["In 1911⁴ it had 30 m², the 1st"]


def test_signs_of_symbol_fonts_are_what_they_show() -> None:
    def sign(font: str, code: str) -> str:
        return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'

    body = paragraph(
        run("Winkel ") + sign("Symbol", "F061") + run(" ") + sign("Symbol", "F0A3") + run(" 5") + sign("Symbol", "F0B0")
        + run(" ") + sign("Wingdings", "F0FE") + run(" ja ") + sign("Webdings", "F041")
        + run("\uf062", '<w:rFonts w:ascii="Symbol"/>')
    )  # fmt: skip
    found = read_docx(word_file(body))
    assert found.text == "Winkel α ≤ 5° ☑ ja β" and left_out(found) == {"signs of symbol fonts": 1}


def test_formulas_and_readings_are_in_the_line() -> None:
    def math(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    formula = (
        f"<m:oMath>{math('E=')}<m:f><m:num>{math('a+b')}</m:num><m:den>{math('2')}</m:den></m:f>"
        f"<m:sSup><m:e>{math('c')}</m:e><m:sup>{math('2')}</m:sup></m:sSup></m:oMath>"
    )
    ruby = f"<w:r><w:ruby><w:rt>{run('かん')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>"
    assert of(paragraph(formula) + paragraph(ruby)) == ["E=(a+b)/2c^2", "漢 (かん)"]
