"""Notes, comments, headers and footers of Word documents: what stands beside the text, once."""

from __future__ import annotations

import pytest
from word_files import field, paragraph, run, word_file

from rag.documents.readers import Omission
from rag.documents.readers.docx import read_docx


def of(body: str, **parts: str) -> list[str]:
    return read_docx(word_file(body, **parts)).text.split("\n\n")


def note_mark(kind: str, number: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def test_notes_stand_at_the_end_by_the_numbers_of_their_marks() -> None:
    body = paragraph(
        run("The weir is old.") + note_mark("endnote", 4) + run(" It leaks.") + note_mark("footnote", 2)
    ) + paragraph("Last.")
    found = of(
        body,
        footnotes=f'<w:footnote w:id="2">{paragraph("Seen in May.")}{paragraph("Twice.")}</w:footnote>'
        f'<w:footnote w:id="3">{paragraph("Nobody names it.")}</w:footnote>',
        endnotes=f'<w:endnote w:id="4">{paragraph("Built 1702.")}</w:endnote>',
    )
    assert found == ["The weir is old.[^1] It leaks.[^2]", "Last.", "[^1]: Built 1702.", "[^2]: Seen in May. Twice."]


def test_comments_are_counted() -> None:
    comments = f"<w:comment>{paragraph('Stimmt das?')}</w:comment>" * 2
    found = read_docx(word_file(paragraph("Der Zaun ist neu."), comments=comments))
    assert found.text == "Der Zaun ist neu." and found.omissions == (Omission("comments", 2),)


def test_headers_and_footers_are_read_once_without_page_numbers() -> None:
    def section(*kinds: str) -> str:
        references = "".join(f'<w:{kind.rstrip("12")}Reference w:type="default" r:id="{kind}"/>' for kind in kinds)
        return f"<w:sectPr>{references}</w:sectPr>"

    page = field("PAGE", "3")
    body = (
        paragraph("Erster Teil.", section("header1", "footer1"))
        + paragraph("Zweiter Teil.")
        + section("header2", "footer2")
    )
    found = of(
        body,
        header1=paragraph("Jagdgenossenschaft Ahlen"),
        header2=paragraph("Jagdgenossenschaft Ahlen"),
        footer1=paragraph(run("Satzung – Seite ") + page + run(" von ") + field("NUMPAGES", "7")),
        footer2=paragraph(f'<w:fldSimple w:instr="PAGE">{run("4")}</w:fldSimple>') + paragraph("Konto 4711"),
    )
    assert found == ["Jagdgenossenschaft Ahlen", "Erster Teil.", "Zweiter Teil.", "Satzung", "Konto 4711"]


@pytest.mark.parametrize(("sign", "shown"), [("", ["Text."]), ("<w:titlePg/>", ["Letterhead", "Text."])])
def test_the_first_page_has_a_header_of_its_own_where_it_is_said_to(sign: str, shown: list[str]) -> None:
    section = f'<w:sectPr><w:headerReference w:type="first" r:id="header1"/>{sign}</w:sectPr>'
    assert of(paragraph("Text.") + section, header1=paragraph("Letterhead")) == shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Gemeinde Ahlen\t\t", "", ["Gemeinde Ahlen"]),
        ("Gemeinde Ahlen – Seite ", " von 9", ["Gemeinde Ahlen"]),
        ("Az. 12/2024, Seite ", "", ["Az. 12/2024"]),
        ("Vertrag Nr. 17 der Werke Seite ", "", ["Vertrag Nr. 17 der Werke"]),
        ("- ", " -", []),
        ("Page ", "/7", []),
    ],
)
def test_what_stands_with_a_page_number_in_a_header_is_kept(before: str, after: str, shown: list[str]) -> None:
    header = paragraph(run(before).replace("\t", "</w:t><w:tab/><w:t>") + field("PAGE", "3") + run(after))
    section = '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>'
    assert of(paragraph("Text.") + section, header1=header) == [*shown, "Text."]
