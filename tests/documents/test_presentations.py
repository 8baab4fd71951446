"""Presentations: a slide a page, in the order in which a person reads it, with its notes."""

from __future__ import annotations

import io
import zipfile

from office_files import SLIDE, make_pptx, relations, shape
from word_files import strict
from zip_files import make_zip

from rag.documents.readers import Extract
from rag.documents.readers.pptx import read_pptx


def left_out(found: Extract) -> dict[str, int]:
    return {omission.what: omission.count for omission in found.omissions}


def text(*slides: str) -> str:
    return read_pptx(make_pptx(slides)).text


def test_a_slide_is_a_page_under_its_title() -> None:
    first = shape("Radweg Nord", kind="ctrTitle") + shape("Stand Mai", kind="subTitle")
    found = read_pptx(make_pptx([shape("Baubeginn: April.") + shape("Zeitplan", kind="title"), first]))
    assert found.text == "# Zeitplan\n\nBaubeginn: April.\n\n# Radweg Nord\n\nStand Mai"
    assert found.text[found.pages[1] :].startswith("# Radweg") and found.title == "Zeitplan"


def test_boxes_are_read_column_by_column_below_what_stands_over_both() -> None:
    places = {
        "right below": (500, 300, 300, 60), "left": (100, 200, 300, 60), "over both": (100, 50, 700, 60),
        "right": (500, 200, 300, 60), "left below": (100, 300, 300, 60),
    }  # fmt: skip
    shown = text("".join(shape(words, place=place) for words, place in places.items()))
    assert shown.split("\n\n") == ["over both", "left", "left below", "right", "right below"]


def test_a_placeholder_is_where_its_layout_puts_it_and_has_its_bullets() -> None:
    layout = (
        f"<p:sldLayout {SLIDE}><p:cSld><p:spTree>{shape(kind='body', place=(0, 100, 10, 10))}</p:spTree></p:cSld>"
        "</p:sldLayout>"
    )
    bullets = '<a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr>'
    looks = f"<p:txStyles><p:bodyStyle>{bullets}</p:bodyStyle></p:txStyles>"
    master = f"<p:sldMaster {SLIDE}><p:cSld><p:spTree/></p:cSld>{looks}</p:sldMaster>"
    plain = "<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>Ohne</a:t></a:r></a:p>"
    raw = make_pptx(
        [shape("Unten", place=(0, 500, 10, 10)) + shape("Kosten", "Termine", plain, kind="body")],
        files={
            "ppt/slides/_rels/slide1.xml.rels": relations(slideLayout="../layout.xml"),
            "ppt/layout.xml": layout,
            "ppt/_rels/layout.xml.rels": relations(slideMaster="master.xml"),
            "ppt/master.xml": master,
        },
    )
    assert read_pptx(raw).text == "- Kosten\n- Termine\n\nOhne\n\nUnten"


def test_numbered_paragraphs_have_their_numbers() -> None:
    def numbered(words: str, kind: str, level: int = 0) -> str:
        number = f'<a:buAutoNum type="{kind}"/>'
        return f'<a:p><a:pPr lvl="{level}">{number}</a:pPr><a:r><a:t>{words}</a:t></a:r></a:p>'

    inner = [numbered("Plan", "arabicPeriod"), numbered("grob", "alphaLcParenR", 1), numbered("Bau", "arabicPeriod")]
    assert text(shape(*inner)) == "1. Plan\na) grob\n2. Bau"


def test_tables_and_groups_are_read_and_pictures_and_charts_counted() -> None:
    def cell(words: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></a:txBody></a:tc>"

    over, hidden = 'gridSpan="2"', 'hMerge="1"'
    rows = (
        f"<a:tr>{cell('Schritt')}{cell('Wann')}</a:tr><a:tr>{cell('Bau')}{cell('Juni')}</a:tr>"
        f"<a:tr>{cell('Pause', over)}{cell('x', hidden)}</a:tr>"
    )
    frame = "<p:graphicFrame><a:graphic><a:graphicData>{}</a:graphicData></a:graphic></p:graphicFrame>"
    slide = (
        frame.format(f'<a:tbl><a:tblPr firstRow="1"/>{rows}</a:tbl>')
        + frame.format("<c:chart/>")
        + f"<p:grpSp>{shape('In der Gruppe')}<p:pic/></p:grpSp>"
    )
    found = read_pptx(make_pptx([slide]))
    assert found.text.split("\n\n") == [
        "| Schritt | Wann |\n| --- | --- |\n| Bau | Juni |\n| Pause | |",
        "In der Gruppe",
    ]
    assert left_out(found) == {"charts": 1, "images": 1}


def test_notes_follow_and_numbers_of_slides_and_repeated_footers_do_not() -> None:
    notes = (
        f"<p:notes {SLIDE}><p:cSld><p:spTree>{shape('Frau Roth fragen.', kind='body')}</p:spTree></p:cSld></p:notes>"
    )
    footer = shape("Amt für Wege", kind="ftr") + shape("3", kind="sldNum")
    files = {"ppt/slides/_rels/slide1.xml.rels": relations(notesSlide="../notes.xml"), "ppt/notes.xml": notes}
    found = read_pptx(make_pptx([shape("Eins") + footer, shape("Zwei") + footer], files=files))
    assert found.text == "Eins\n\nAmt für Wege\n\nNotes: Frau Roth fragen.\n\nZwei"


def test_hidden_and_damaged_slides_are_counted() -> None:
    hidden = f'<p:sld {SLIDE} show="0"><p:cSld><p:spTree>{shape("Geheim")}</p:spTree></p:cSld></p:sld>'
    found = read_pptx(make_pptx(["Offen", hidden, f"<p:sld {SLIDE}><kaputt"]))
    assert found.text == "Offen" and left_out(found) == {"hidden slides": 1, "damaged slides": 1}


def test_the_strict_form_of_a_presentation_is_read() -> None:
    usual = "http://schemas.openxmlformats.org/presentationml/2006/main"
    with zipfile.ZipFile(io.BytesIO(make_pptx(["Der Radweg"]))) as archive:
        files = {
            name: strict(archive.read(name).decode()).replace(usual, "http://purl.oclc.org/ooxml/presentationml/main")
            for name in archive.namelist()
        }
    assert read_pptx(make_zip(files)).text == "Der Radweg"
