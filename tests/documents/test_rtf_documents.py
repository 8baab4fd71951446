"""RTF: text in any encoding, notes, lists and tables, and a count of what was deleted or hidden."""

from __future__ import annotations

import pytest

from rag.documents.readers import Extract, Unreadable
from rag.documents.readers.rtf import read_rtf

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset2 Symbol;}"
    rb"{\f3\fcharset128 MS Mincho;}}{\stylesheet{\s0 Normal;}{\s1\outlinelevel1 Kapitel;}{\s2 \'dcberschrift 1;}"
    rb"{\s3 Title;}}"
)


def read(body: bytes) -> Extract:
    return read_rtf(HEAD + body + b"}")


def blocks(body: bytes) -> list[str]:
    return read(body).text.split("\n\n")


def left_out(found: Extract) -> dict[str, int]:
    return {omission.what: omission.count for omission in found.omissions}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (rb"M\'fchle", "Mühle"),
        (rb"M\u252\'fchle M\u252?hle {\uc2 M\u252\'3f\'3fhle}{\uc0 M\u252 hle}", "Mühle Mühle MühleMühle"),
        (rb"{\f1\'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (rb"{\f3\'93\'fa\'96\'7b}", "日本"),
        (rb"{\f2 a\'b0}", "α°"),
        (rb"\u55357?\u56832?", "😀"),
        (rb"\ldblquote x\rdblquote\endash y\emdash\bullet", "“x”–y—•"),
        (rb"E\_Herd Koch\-topf 5\~kg \{x\} \\", "E-Herd Kochtopf 5\u00a0kg {x} \\"),
        (rb"a\tab b\line c", "a b\nc"),
        (rb"{\upr{\'3f}{\*\ud{\u322?}}}", "ł"),
        (b"wei\nter\r\n!", "weiter!"),
    ],
)
def test_signs_are_what_they_show(code: bytes, text: str) -> None:
    assert read(rb"\pard " + code + rb"\par").text.replace("\u00a0", " ") == text.replace("\u00a0", " ")


def test_the_code_page_of_the_document_counts() -> None:
    assert read_rtf(rb"{\rtf1\ansi\ansicpg1250 \'b3\'f3d\'9f}").text == "łódź"
    assert read_rtf(rb"{\rtf1\mac \'9f}").text == "ü"
    assert read_rtf(rb"{\rtf1\ansicpg1 \'fc}").text == "ü"


def test_headings_are_told_by_level_or_style() -> None:
    body = rb"\pard\s1 Wald\par\pard\s2 Feld\par\pard\s3 Heft\par\pard\outlinelevel2 Wiese\par\pard Text.\par"
    assert blocks(body) == ["## Wald", "# Feld", "# Heft", "### Wiese", "Text."]


def test_what_was_deleted_or_is_hidden_is_counted_and_what_was_inserted_is_read() -> None:
    found = read(rb"\pard Die Pacht ist {\deleted 300 {\b ganze}}{\revised 350} Euro. {\v geheim }\v0 Ja.\par")
    assert found.text == "Die Pacht ist 350 Euro. Ja."
    assert left_out(found) == {"deleted passages": 1, "hidden passages": 1}


def test_notes_fields_and_boxes() -> None:
    body = (
        rb"\pard Am 1. Mai{\super\chftn}{\footnote\pard{\super\chftn} Siehe {\b Plan}.\par} kam "
        rb'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt Ida}}.{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}'
        rb"{\shptxt\pard Nur bar!\par}}{\shprslt{\pict 00}}}\par\pard Ende m{\super 2}.\par"
    )
    assert blocks(body) == ["Am 1. Mai[^1] kam Ida.", "Nur bar!", "Ende m².", "[^1]: Siehe Plan."]


def test_items_have_the_marks_that_are_written_for_them() -> None:
    body = (
        rb"\pard{\listtext\f0 1.\tab}Wiese\par{\listtext\f0 2.\tab}Acker\par{\listtext\f2\'b7\tab}Bach\par"
        rb"{\pntext a)\tab}{\*\pn\pnlvl1}Hang\par 3.\tab Tal\par"
    )
    assert blocks(body) == ["1. Wiese\n2. Acker\n- Bach\na) Hang\n3. Tal"]


def row(*cells: bytes, head: bytes = b"") -> bytes:
    return (
        rb"\trowd" + head + rb"\cellx1\cellx2\pard\intbl " + b"".join(cell + rb"\cell " for cell in cells) + rb"\row "
    )


def test_tables_are_rows_with_heads_where_they_have_some() -> None:
    rest = row(b"Nord", b"3 ha") + row(rb"S\'fcd\par am Bach", b"5 ha")
    expected = "| Nord | 3 ha |\n| Süd am Bach | 5 ha |"
    heads = "| Feld | Lage |\n| --- | --- |\n"
    assert blocks(row(b"Feld", b"Lage", head=rb"\trhdr") + rest + rb"\pard Danach.\par") == [
        heads + expected,
        "Danach.",
    ]
    assert blocks(row(rb"{\b Feld}", rb"{\b Lage}") + rest) == [heads + expected]
    assert blocks(rest) == [expected]


def test_a_table_in_a_table_stands_after_it() -> None:
    inner = (
        rb"Obst\par\itap2 a\nestcell b\nestcell{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}\pard\intbl\itap1 "
    )
    assert blocks(row(b"Nord", b"3") + row(inner, b"5")) == ["| Nord | 3 |\n| Obst | 5 |", "| a | b |"]


def test_headers_are_read_once_without_page_numbers_and_pictures_counted() -> None:
    found = read(
        rb"{\header\pard Hofladen \endash  Seite \chpgn\par}{\headerl\pard Hofladen\par}{\footer\pard "
        rb"{\field{\*\fldinst PAGE}{\fldrslt 1}}\par}\pard Text.{\*\shppict{\pict 00}}{\nonshppict{\pict 00}}\par"
    )
    assert found.text == "Hofladen\n\nText." and left_out(found) == {"images": 1}


def test_title_and_date_come_from_the_properties() -> None:
    found = read(
        rb"{\info{\title Pachtvertrag}{\creatim\yr2020\mo1\dy2}{\revtim\yr2022\mo5\dy7}{\author x}}\pard A.\par"
    )
    assert (found.title, found.date, found.text) == ("Pachtvertrag", "2022-05-07", "A.")


def test_binary_data_are_passed_over_and_a_document_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    assert blocks(rb"\pard Vor{\pict\bin5 }}}{{}nach.\par") == ["Vornach."]
    assert read_rtf(rb"{\rtf1 Der Anfang {\b und").text == "Der Anfang und"
    assert read_rtf(rb"{\rtf1 Da.{\pict\bin2000000000 x}").text == "Da."


def test_what_is_no_rtf_is_refused() -> None:
    with pytest.raises(Unreadable, match="not an RTF"):
        read_rtf(b"Hello")
