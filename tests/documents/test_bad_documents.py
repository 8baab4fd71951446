"""Held: what is damaged, disguised or hostile is refused by name, whatever its bytes."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
from pathlib import Path

import pytest
from document_files import (
    GOOD,
    KINDS,
    SENTENCES,
    SUFFIXES,
    TEXT,
    epub_files,
    flat,
    make_docx,
    make_epub,
    make_html,
    make_pdf,
    make_zip,
    write,
)
from office_files import make_odt, make_pptx, make_rtf, make_xlsx

from rag.documents.document import read
from rag.errors import UnreadableDocument

# --- bad files -------------------------------------------------------------------------


def refused(path: Path) -> str:
    """Return the reason for which the file is refused; the message holds its name as well."""
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    message, reason = str(caught.value), caught.value.reason
    assert path.name in message
    assert len(reason) >= 10 and reason in message
    assert "\n" not in message
    return reason


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("raw", [b"", b" \n\t\r\n \n"], ids=["empty", "white space"])
def test_an_empty_file_is_refused(raw: bytes, suffix: str, tmp_path: Path) -> None:
    assert refused(write(tmp_path, f"leer{suffix}", raw)) == "the file is empty"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.txt", "\ufeff \r\n\u2003\n".encode()),
        ("a.md", "\ufeff".encode()),
        ("b.txt", b"date 2024-11 \n"),
        ("b.md", b"---\ntitle: A\n---\n\n"),
        ("a.html", make_html("<p> </p><script>var mill = 1;</script>")),
        ("a.docx", make_docx()),
        ("a.epub", make_epub(["<p> </p>"], title="Die Mühle")),
        ("b.epub", make_epub([])),
        ("a.pdf", make_pdf([""])),
        ("a.odt", make_odt("<text:p> </text:p>")),
        ("a.rtf", make_rtf(" ")),
        ("a.pptx", make_pptx([" "])),
        ("a.xlsx", make_xlsx([["", None, " "]])),
        ("a.csv", b";;\n;;\n"),
    ],
)
def test_a_file_that_holds_no_text_is_refused(name: str, raw: bytes, tmp_path: Path) -> None:
    assert "no text" in refused(write(tmp_path, name, raw))


def test_a_scan_is_told_from_an_empty_file(tmp_path: Path) -> None:
    assert "OCR" in refused(write(tmp_path, "scan.pdf", make_pdf(["", ""])))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("suffix", "kind"), KINDS.items())
def test_a_truncated_file_is_named_with_its_reason(suffix: str, kind: str, share: float, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    assert kind in refused(write(tmp_path, f"halb{suffix}", raw[: int(len(raw) * share)]))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_page_is_read_or_refused(share: float, tmp_path: Path) -> None:
    path = write(tmp_path, "halb.html", GOOD[".html"][: int(len(GOOD[".html"]) * share)])
    try:
        assert read(path).text.strip()
    except UnreadableDocument as error:
        assert "halb.html" in str(error)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_text_cut_within_a_letter_is_read_up_to_there_and_told(suffix: str, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    document = read(write(tmp_path, f"halb{suffix}", raw[: raw.rindex("ü".encode()) + 1]))
    assert SENTENCES[1] in document.text and "damaged" in document.doubts


DISGUISES = {**GOOD, "a zip file": make_zip({"notes.txt": TEXT})}


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".rtf", ".eml", *KINDS])
@pytest.mark.parametrize("kind", [".txt", ".html", *KINDS, "a zip file"])
def test_a_file_under_a_wrong_ending_is_refused(kind: str, suffix: str, tmp_path: Path) -> None:
    if kind == suffix or (kind in {".txt", ".html"} and suffix in {".txt", ".md"}):
        assert SENTENCES[0] in flat(read(write(tmp_path, f"a{suffix}", DISGUISES[kind])).text)  # no wrong ending
    else:
        refused(write(tmp_path, f"verkleidet{suffix}", DISGUISES[kind]))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_bytes_are_refused(seed: int, suffix: str, tmp_path: Path) -> None:
    refused(write(tmp_path, f"zufall{suffix}", random.Random(seed).randbytes(5000)))


@pytest.mark.parametrize("suffix", [".txt", ".text", ".md", ".markdown"])
@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("latin-1", "windows-1252"),
        ("cp850", "cp850"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_a_text_that_is_not_utf_8_is_read_and_its_encoding_told(
    codec: str, encoding: str, suffix: str, tmp_path: Path
) -> None:
    document = read(write(tmp_path, f"alt{suffix}", TEXT.encode(codec)))
    assert document.text.lstrip("\ufeff") == TEXT
    assert (document.encoding, document.doubts) == (encoding, "")


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_hundred_megabytes_of_one_line_are_refused(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"riesig{suffix}", b"mill " * 20_000_000)
    assert "100 MB" in refused(path)
    path.unlink()


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_over_the_limit_of_its_format_is_refused(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"riesig{suffix}", GOOD[suffix])
    with path.open("r+b") as stream:
        stream.truncate(201_000_000)  # sparse
    assert "201 MB" in refused(path)


def test_a_line_under_the_limit_is_read(tmp_path: Path) -> None:
    document = read(write(tmp_path, "lang.txt", b"mill " * 3_900_000))
    assert len(document.text) == 19_500_000
    assert len(document.title) <= 81


def with_central_field(raw: bytes, entry: str, offset: int, value: bytes) -> bytes:
    """Change a field of an entry in a zip file's central directory."""
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(entry.encode()))
    return raw[: at + offset] + value + raw[at + offset + len(value) :]


ENTRY = {
    ".docx": "word/document.xml", ".epub": "OEBPS/book.opf", ".odt": "content.xml", ".pptx": "ppt/presentation.xml",
    ".xlsx": "xl/workbook.xml",
}  # fmt: skip


@pytest.mark.parametrize("suffix", ENTRY)
def test_a_file_that_claims_to_unpack_to_gigabytes_is_refused(suffix: str, tmp_path: Path) -> None:
    raw = with_central_field(GOOD[suffix], ENTRY[suffix], 24, struct.pack("<I", 3_000_000_000))
    assert "400 MB" in refused(write(tmp_path, f"bombe{suffix}", raw))


@pytest.mark.parametrize("suffix", ENTRY)
@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (24, struct.pack("<I", 10)),  # unpacks to more than it claims
        (6, struct.pack("<H", 255)),  # wants a later zip version
        (8, struct.pack("<H", 1)),  # encrypted
        (10, struct.pack("<H", 77)),  # a compression nobody knows
        (10, struct.pack("<H", 14)),  # LZMA, which it is not
        (16, struct.pack("<I", 1)),  # a wrong checksum
        (42, struct.pack("<I", 2_000_000_000)),  # lies beyond the end
    ],
    ids=["longer", "version", "encrypted", "method", "lzma", "checksum", "beyond"],
)
def test_a_zip_file_that_lies_is_refused(offset: int, value: bytes, suffix: str, tmp_path: Path) -> None:
    refused(write(tmp_path, f"luege{suffix}", with_central_field(GOOD[suffix], ENTRY[suffix], offset, value)))


@pytest.mark.parametrize("suffix", ENTRY)
def test_damaged_compressed_data_is_refused(suffix: str, tmp_path: Path) -> None:
    raw = GOOD[suffix]
    at = raw.index(ENTRY[suffix].encode()) + len(ENTRY[suffix]) + 20
    refused(write(tmp_path, f"kratzer{suffix}", raw[:at] + b"\xff" * 40 + raw[at + 40 :]))


def laughs(element: str) -> str:
    """An XML file whose entities, taken apart, are a thousand million letters."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><{element}>&l9;</{element}>'


@pytest.mark.parametrize(
    ("missing", "instead"),
    [
        ("OEBPS/book.opf", None),
        ("OEBPS/book.opf", ""),
        ("OEBPS/book.opf", laughs("package")),
        ("OEBPS/book.opf", '<package><spine><itemref idref="nirgends"/></spine></package>'),
        ("OEBPS/text/chapter 0.xhtml", None),
        ("OEBPS/text/chapter 0.xhtml", ""),
        ("OEBPS/text/chapter 0.xhtml", "<div>" * 5000),
    ],
)
def test_an_epub_without_its_parts_is_refused(missing: str, instead: str | None, tmp_path: Path) -> None:
    files = epub_files([f"<p>{TEXT}</p>"])
    if instead is None:
        del files[missing]
    else:
        files[missing] = instead
    refused(write(tmp_path, "a.epub", make_zip(files)))


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
@pytest.mark.parametrize("instead", [None, "", "kein XML", "<x/>", laughs("x")])
def test_a_word_document_without_its_parts_is_refused(part: str, instead: str | None, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD[".docx"])) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    if instead is None:
        del files[part]
    else:
        files[part] = instead
    refused(write(tmp_path, "a.docx", make_zip(files)))


def test_a_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "geheim.pdf", make_pdf([TEXT], password="fluss"))) == "it needs a password"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_and_a_missing_file_are_refused(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"x{suffix}").mkdir()
    assert "directory" in refused(tmp_path / f"x{suffix}")
    assert "No such file" in refused(tmp_path / f"fort{suffix}")


@pytest.mark.parametrize("name", ["a.xyz", "a.doc", "ohne", ".txt", "a.txt.bak"])
def test_an_unknown_ending_is_refused_with_the_known_ones(name: str, tmp_path: Path) -> None:
    reason = refused(write(tmp_path, name, TEXT.encode()))
    assert all(suffix in reason for suffix in SUFFIXES)


def test_a_name_that_is_not_valid_text_is_refused_in_valid_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"M\xfchle.txt")
    try:
        path.write_text(TEXT)
    except OSError:
        pytest.skip("this file system takes valid names only")
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    assert "hle.txt" in str(caught.value)
    assert str(caught.value).encode("utf-8")
