"""Documents made to exhaust, to hang or to mislead their readers: each is read or refused, soon, and with little."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hostile_archives
import pytest
from document_files import TEXT
from office_files import make_rtf

from rag.documents.document import read
from rag.documents.reader_process import Limits, ReaderProcess
from rag.errors import UnreadableDocument

pytestmark = pytest.mark.slow

MEMORY = 400_000_000
MILL = f"<p>{TEXT}</p>"


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess(Limits(seconds=30, seconds_per_megabyte=0, memory=MEMORY)) as reader:
        yield reader


def refused(path: Path, reader: ReaderProcess, raw: bytes | None = None) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        read(path, raw=raw, extract=reader.extract)
    assert "\n" not in caught.value.reason
    return caught.value.reason


Make = Callable[[], bytes]

REFUSED: dict[str, tuple[str, Make, str]] = {
    "a word document of one long text": (
        ".docx",
        lambda: hostile_archives.word(hostile_archives.paragraph("ha " * 20_000_000)),
        "damaged",
    ),
    "a word document of many paragraphs": (
        ".docx",
        lambda: hostile_archives.word(hostile_archives.paragraph("ha ") * 2_000_000),
        "0.4 GB",
    ),
    "a row of a thousand million cells": (".docx", lambda: hostile_archives.word(hostile_archives.WIDE_ROW), "no text"),
    "tables in tables": (
        ".docx",
        lambda: hostile_archives.word("<w:tbl><w:tr><w:tc>" * 5000 + "</w:tc></w:tr></w:tbl>" * 5000),
        "damaged",
    ),
    "entities in a word document": (
        ".docx",
        lambda: hostile_archives.word(hostile_archives.paragraph("&l9;"), hostile_archives.LAUGHS),
        "damaged",
    ),
    "a long entity, often": (
        ".docx",
        lambda: hostile_archives.word(hostile_archives.paragraph("&a;" * 10_000), hostile_archives.QUADRATIC),
        "damaged",
    ),
    "zip files in zip files": (
        ".docx",
        lambda: hostile_archives.packed(
            {
                "[Content_Types].xml": hostile_archives.packed(
                    {"a.zip": hostile_archives.packed({"b.zip": b"0" * 10**7})}
                )
            }
        ),
        "damaged",
    ),
    "a chapter named a million times": (
        ".epub",
        lambda: hostile_archives.epub(f"<p>{'ha ' * 1000}</p>", times=100_000),
        "more than 20 million characters",
    ),
    "a chapter of one long text": (".epub", lambda: hostile_archives.epub(f"<p>{'ha ' * 20_000_000}</p>"), "no text"),
    "files that overlap": (
        ".epub",
        lambda: hostile_archives.overlapping(60_000, 10_000_000),
        "unpacks to more than 400 MB",
    ),
    "a size that is a lie": (
        ".epub",
        lambda: hostile_archives.lying(hostile_archives.epub("<p>" + "ha " * 1_000_000 + "</p>"), "c.xhtml", 100),
        "damaged",
    ),
    "a size that is a lie, in bzip2": (
        ".epub",
        lambda: hostile_archives.lying(
            hostile_archives.epub(b"ha" * 1_000_000, method=zipfile.ZIP_BZIP2), "c.xhtml", 100
        ),
        "",
    ),
    "a workbook of one long text": (
        ".xlsx",
        lambda: hostile_archives.workbook("", f"<si><t>{'ha ' * 20_000_000}</t></si>"),
        "",
    ),
    "cells that share a long text": (
        ".xlsx",
        lambda: hostile_archives.workbook(
            '<row><c t="s"><v>0</v></c></row>' * 300_000, f"<si><t>{'ha ' * 100_000}</t></si>"
        ),
        "more than 20 million characters",
    ),
    "groups in groups": (
        ".pptx",
        lambda: hostile_archives.slides("<p:grpSp>" * 5000 + hostile_archives.words("ha") + "</p:grpSp>" * 5000),
        "no text",
    ),
    "entities in an open text": (
        ".odt",
        lambda: hostile_archives.open_text("<text:p>&l9;</text:p>", hostile_archives.LAUGHS),
        "damaged",
    ),
    "open tables in open tables": (
        ".odt",
        lambda: hostile_archives.open_text(
            "<table:table><table:table-row><table:table-cell>" * 5000
            + "</table:table-cell></table:table-row></table:table>" * 5000
        ),
        "damaged",
    ),
    "groups of rtf in groups": (".rtf", lambda: b"{\\rtf1 " + b"{" * 1_000_000, "groups in groups"),
    "e-mails in e-mails": (
        ".eml",
        lambda: b"From: a\nContent-Type: message/rfc822\n\n" * 100_000,
        "",
    ),
    "parts of an e-mail in parts": (
        ".eml",
        lambda: (
            b"From: a\n"
            + b"".join(f"Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n".encode() for n in range(3000))
        ),
        "damaged",
    ),
    "pages that are each other's": (".pdf", hostile_archives.pdf_page_tree_loop, "damaged"),
    "a million pages claimed": (".pdf", lambda: hostile_archives.pdf_of_claimed_pages(1_000_000), "damaged"),
    "object streams in each other": (".pdf", hostile_archives.pdf_object_stream_loop, "damaged"),
    "a form that draws itself": (".pdf", hostile_archives.pdf_form_loop, ""),
    "a stream packed twice": (".pdf", lambda: hostile_archives.pdf_stream_bomb(500_000_000), ""),
    "arrays in arrays": (".pdf", lambda: hostile_archives.pdf_nested(1_000_000), "damaged"),
    "a table of references of any size": (
        ".pdf",
        lambda: hostile_archives.pdf(
            hostile_archives.CATALOGUE, "<< /Type /Pages /Kids [] /Count 0 >>", claimed=2**31 - 1
        ),
        "damaged",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bomb_is_refused_in_time(reader: ReaderProcess, kind: str) -> None:
    suffix, make, said = REFUSED[kind]
    raw = make()
    assert len(raw) < 10_000_000
    began = time.monotonic()
    assert said in refused(Path(f"a{suffix}"), reader, raw)
    assert time.monotonic() - began < 35


SURVIVED: dict[str, tuple[str, Make]] = {
    "entities in an epub's list": (
        ".epub",
        lambda: hostile_archives.epub(MILL + "<p>&l9;</p>", before=hostile_archives.LAUGHS),
    ),
    "entities in an epub's chapter": (
        ".epub",
        lambda: hostile_archives.epub(f"{hostile_archives.LAUGHS}<html>{MILL}&l9;</html>"),
    ),
    "a table of a thousand million columns": (
        ".epub",
        lambda: hostile_archives.epub(
            f'{MILL}<table><tr><td colspan="1000000000" rowspan="1000000000">x</td></tr></table>'
        ),
    ),
    "styles in a circle": (
        ".docx",
        lambda: hostile_archives.word_with(
            '<w:style w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/>'
            '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>',
            '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="b"/></w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
            f'<w:p><w:pPr><w:pStyle w:val="a"/></w:pPr><w:r><w:t>{TEXT}</w:t></w:r></w:p>' * 1000,
        ),
    ),
    "a row far down and a column far out": (
        ".xlsx",
        lambda: hostile_archives.workbook(
            f'<row r="1"><c r="A1" t="str"><v>{TEXT}</v></c></row>'
            + "".join(
                f'<row r="{10**6 + n}"><c r="{"ABCDEFGH"[n % 8]}{"XYZ"[n % 3]}{10**6 + n}"><v>{n}</v></c></row>'
                for n in range(30_000)
            )
        ),
    ),
    "more than a million cells": (
        ".xlsx",
        lambda: hostile_archives.workbook(
            f'<row><c t="str"><v>{TEXT}</v></c></row>' + f"<row>{'<c><v>1</v></c>' * 20}</row>" * 50_500
        ),
    ),
    "a format of a thousand conditions": (
        ".csv",
        lambda: f'{TEXT}\n"'.encode() + b'""",;|\n' * 100_000,
    ),
    "cells said to be repeated": (
        ".odt",
        lambda: hostile_archives.open_text(
            f"<text:p>{TEXT}</text:p><table:table><table:table-row table:number-rows-repeated='1000000000'>"
            "<table:table-cell table:number-columns-repeated='1000000000'><text:p>x</text:p></table:table-cell>"
            "</table:table-row></table:table>"
        ),
    ),
    "styles of an open text in a circle": (
        ".odt",
        lambda: hostile_archives.open_text(
            "<style:style style:name='a' style:parent-style-name='b'/><style:style style:name='b' "
            "style:parent-style-name='a'/>" + f"<text:p text:style-name='a'>{TEXT}</text:p>" * 1000
        ),
    ),
    "binary data said to be gigabytes": (".rtf", lambda: make_rtf(TEXT)[:-1] + b"{\\pict\\bin2147483647 x"),
    "controls without end": (".rtf", lambda: make_rtf(TEXT)[:-1] + b"\\u-32768\\uc100" * 300_000),
    "rows that never end": (".rtf", lambda: make_rtf(TEXT)[:-1] + b"\\trowd\\cell" * 200_000),
    "a slide named a million times": (
        ".pptx",
        lambda: hostile_archives.slides(hostile_archives.words(TEXT), times=100_000),
    ),
    "entities in a page": (".html", lambda: hostile_archives.page(MILL + "<p>&l9;</p>", hostile_archives.LAUGHS)),
    "a page's table of a thousand million columns": (
        ".html",
        lambda: hostile_archives.page(
            f'{MILL}<table><tr><td colspan="1000000000" rowspan="1000000000">x</td><td>y</td></tr></table>'
        ),
    ),
    "tables in tables of a page": (".html", lambda: hostile_archives.page(MILL + "<table><tr><td>" * 20_000)),
    "marks that lead to one note": (
        ".html",
        lambda: hostile_archives.page(
            MILL + "<sup><a href=#n>[1]</a></sup>" * 30_000 + f"<div id=n>{'ha ' * 100_000}</div>"
        ),
    ),
    "labels of one form": (
        ".html",
        lambda: hostile_archives.page(MILL + "<label for=a>b</label>" * 100_000 + "<input id=a value=c>"),
    ),
    "bold in bold": (".html", lambda: hostile_archives.page(MILL + "<b>" * 100_000)),
    "divisions in divisions": (".html", lambda: hostile_archives.page(MILL + "<div>" * 100_000 + "</div>" * 100_000)),
    "millions of attributes": (".html", lambda: hostile_archives.page(f"{MILL}<a {'a=b ' * 200_000}>x</a>")),
    "links that are never closed": (".html", lambda: hostile_archives.page(MILL + "<a>" * 30_000)),
    "marks that are never closed": (".epub", lambda: hostile_archives.epub(MILL + "<sup" * 300_000)),
    "backslashes": (".html", lambda: hostile_archives.page(f"{MILL}<p>{chr(92) * 300_000}</p>")),
    "a million letters on a line": (
        ".pdf",
        lambda: hostile_archives.pdf_of_objects(b"BT /F 10 Tf 10 150 Td (" + b"a" * 1_000_000 + b") Tj ET "),
    ),
    "half a page of words a point apart": (
        ".pdf",
        lambda: hostile_archives.pdf_of_objects(
            b"".join(b"BT /F 1 Tf %d %d Td (ab) Tj ET " % (3 * (n % 60), 190 - n // 60) for n in range(4_000))
        ),
    ),
    "a hundred thousand boxes": (
        ".pdf",
        lambda: hostile_archives.pdf_of_objects(
            b"".join(b"%d %d 5 5 re S " % (n * 7 % 190, n * 13 % 190) for n in range(100_000))
        ),
    ),
    "a grid of rules with a cell a point": (
        ".pdf",
        lambda: hostile_archives.pdf_of_objects(
            b"".join(b"0 %d m 199 %d l S %d 0 m %d 199 l S " % (n, n, n, n) for n in range(200))
        ),
    ),
    "more pages claimed than there are numbers": (".pdf", lambda: hostile_archives.pdf_of_claimed_pages(2**31 - 1)),
}


@pytest.mark.parametrize("kind", SURVIVED)
def test_what_is_only_odd_is_read_in_time(reader: ReaderProcess, kind: str) -> None:
    suffix, make = SURVIVED[kind]
    began = time.monotonic()
    document = read(Path(f"a{suffix}"), raw=make(), extract=reader.extract)
    assert " ".join(TEXT.split()) in " ".join(document.text.split()) or "mill burned down" in document.text
    assert "haha" not in document.text
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("suffix", [".html", ".epub"])
def test_a_page_that_is_nothing_but_depth_is_refused(reader: ReaderProcess, suffix: str) -> None:
    deep = "<div>" * 100_000 + MILL + "</div>" * 100_000
    raw = hostile_archives.page(deep) if suffix == ".html" else hostile_archives.epub(deep)
    assert "no text" in refused(Path(f"a{suffix}"), reader, raw)


@pytest.mark.parametrize("suffix", [".html", ".docx", ".epub", ".odt", ".xlsx"])
def test_no_document_brings_another_file_in(reader: ReaderProcess, suffix: str, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(hostile_archives.SECRET, encoding="utf-8")
    before, body = hostile_archives.outside(str(other)), "The mill burned down. &out; It was in 1907."
    raw = {
        ".html": hostile_archives.page(f"<p>{body}</p>", before),
        ".docx": hostile_archives.word(hostile_archives.paragraph(body), before),
        ".epub": hostile_archives.epub(f"{before}<html><body><p>{body}</p></body></html>", before=before),
        ".odt": hostile_archives.open_text(f"<text:p>{body}</text:p>", before),
        ".xlsx": hostile_archives.workbook(f'<row><c t="str"><v>{body}</v></c></row>', before=before),
    }[suffix]
    try:
        text = read(Path(f"a{suffix}"), raw=raw, extract=reader.extract).text
    except UnreadableDocument:
        return
    assert "secret" not in text
