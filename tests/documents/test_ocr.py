"""OCR by the system's programs: stand-ins for them on the PATH that read what they are given, and say what they saw."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pdf_pages import LIBRARY, told
from scans import OCRMYPDF, program, scanned, tesseract_at

from rag.documents import readers
from rag.documents.document import Document, read
from rag.documents.ocr import find_ocr, lacks_text, with_ocr
from rag.errors import OcrUnavailable


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, with a tesseract in it."""
    tesseract_at(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def ocred(raw: bytes) -> Document:
    return read(Path("a.pdf"), raw=raw, extract=with_ocr(find_ocr(), readers.extract))


def test_without_it_pages_without_text_are_counted() -> None:
    found = readers.extract(".pdf", scanned(LIBRARY, "scan", "scan"))
    assert str(found.omissions[0]) == "pages without text: 2 of 3 (scanned? read them with --ocr)"


@pytest.mark.usefixtures("tesseract")
def test_pages_without_text_are_read_in_their_places() -> None:
    document = ocred(scanned(LIBRARY, "scan", "Der letzte Satz steht hier."))
    first, second, third = document.pages
    assert document.text[first:second].strip() == LIBRARY
    assert document.text[second:third].split("\n\n")[:2] == [
        "Der Wasserstand an Pegel 2481 war hoch.",
        "Gelesen in: deu+eng",
    ]
    assert document.text[third:].strip() == "Der letzte Satz steht hier."
    assert not document.omissions and not lacks_text(document)


@pytest.mark.usefixtures("tesseract")
def test_a_file_of_pictures_alone_is_a_document() -> None:
    document = ocred(scanned("scan", "scan"))
    assert document.text.count("Der Wasserstand") == 2
    assert [document.page(document.text.index("Wasserstand")), len(document.pages)] == [1, 2]


@pytest.mark.usefixtures("tesseract")
def test_a_white_page_is_not_read() -> None:
    document = ocred(scanned("scan", "white", LIBRARY))
    assert document.text.count("Der Wasserstand") == 1
    assert document.page(document.text.index("Altenroda")) == 3


def test_it_reads_the_languages_that_there_are(tesseract: Path) -> None:
    tesseract_at(tesseract, "fra")
    assert find_ocr().languages == "eng"


def test_pages_that_it_cannot_read_are_counted(tesseract: Path) -> None:
    tesseract_at(tesseract, fails=True)
    document = ocred(scanned(LIBRARY, "scan", "scan"))
    assert [str(omission) for omission in document.omissions] == ["pages that OCR could not read: 2 of 3"]
    assert LIBRARY in document.text


def test_ocrmypdf_is_taken_where_there_is_no_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made.pdf"
    made.write_bytes(scanned(LIBRARY, "Was auf dem Bild steht."))
    program(tmp_path, "ocrmypdf", OCRMYPDF.format(python=sys.executable, made=str(made)))
    monkeypatch.setenv("PATH", str(tmp_path))
    document = ocred(scanned(LIBRARY, "scan"))
    assert "Was auf dem Bild steht." in document.text and not document.omissions


def test_where_there_is_neither_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OcrUnavailable, match=r"neither is installed.*apt install tesseract-ocr") as caught:
        find_ocr()
    assert caught.value.exit_code == 4


def test_a_tesseract_that_does_not_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "tesseract", "#!/nowhere/python\n")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin")
    with pytest.raises(OcrUnavailable, match="does not run"):
        find_ocr()


def test_other_documents_are_read_as_before(tesseract: Path) -> None:
    raw = scanned(LIBRARY)
    assert ocred(raw).text == readers.extract(".pdf", raw).text
    assert told(readers.extract(".pdf", raw)) == {}
    assert tesseract.is_dir()
