"""One good file of each format, made in a moment."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import fpdf
from office_files import make_eml, make_odt, make_pptx, make_rtf, make_xlsx
from zip_files import make_zip

SENTENCES = (
    "Die Mühle am Bach brannte im März 1907 ab.",
    "Später baute die Gemeinde dort eine größere Säge.",
    "Über der Tür hängt noch heute das alte Schild.",
)


TEXT = " ".join(SENTENCES)

# --- one good file a format ------------------------------------------------------------


def make_html(body: str, head: str = "<title>Die Mühle</title>") -> bytes:
    page = f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return page.encode("utf-8")


def make_pdf(pages: list[str], title: str = "", password: str = "") -> bytes:
    pdf = fpdf.FPDF()
    if password:
        pdf.set_encryption(owner_password=password + "!", user_password=password)
    if title:
        pdf.set_title(title)
    pdf.set_font("helvetica", size=12)
    for page in pages:
        pdf.add_page()
        if page:
            pdf.multi_cell(0, 7, page)
    return bytes(pdf.output())


def make_docx(*blocks: str | list[list[str]], title: str = "") -> bytes:
    """A Word document of paragraphs, "# headings" and tables (lists of rows)."""
    document = docx.Document()
    document.core_properties.title = title
    for block in blocks:
        if isinstance(block, list):
            table = document.add_table(len(block), len(block[0]))
            for row, cells in enumerate(block):
                for column, cell in enumerate(cells):
                    table.cell(row, column).text = cell
        elif block.startswith("# "):
            document.add_heading(block[2:], 1)
        else:
            document.add_paragraph(block)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)


def epub_files(chapters: list[str], title: str = "", date: str = "") -> dict[str, str | bytes]:
    """The files of an EPUB, whose chapters stand in the archive in reverse order."""
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{number}" href="text/chapter%20{number}.xhtml"/>' for number in numbers)
    order = "".join(f'<itemref idref="c{number}"/>' for number in numbers)
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>{title}</dc:title><dc:date>{date}</dc:date>'
        f"</metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
    }
    for number in reversed(numbers):
        files[f"OEBPS/text/chapter {number}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>Datei {number}</title></head><body>{chapters[number]}</body></html>"
        )
    return files


def make_epub(chapters: list[str], title: str = "", date: str = "") -> bytes:
    return make_zip(epub_files(chapters, title, date))


GOOD: dict[str, bytes] = {
    ".txt": TEXT.encode(),
    ".text": TEXT.encode(),
    ".md": f"# Die Mühle\n\n{TEXT}\n".encode(),
    ".markdown": f"# Die Mühle\n\n{TEXT}\n".encode(),
    ".html": make_html(f"<h1>Die Mühle</h1><p>{TEXT}</p>"),
    ".htm": make_html(f"<h1>Die Mühle</h1><p>{TEXT}</p>"),
    ".pdf": make_pdf([TEXT], title="Die Mühle"),
    ".docx": make_docx(TEXT, title="Die Mühle"),
    ".epub": make_epub([f"<p>{TEXT}</p>"], title="Die Mühle", date="2024-11-03"),
    ".odt": make_odt(f"<text:p>{TEXT}</text:p>", title="Die Mühle"),
    ".rtf": make_rtf(TEXT, title="Die Mühle"),
    ".pptx": make_pptx([TEXT], title="Die Mühle"),
    ".xlsx": make_xlsx([[TEXT]], title="Die Mühle"),
    ".csv": "\r\n".join(SENTENCES).encode(),
    ".tsv": "\r\n".join(SENTENCES).encode(),
    ".eml": make_eml(TEXT, subject="Die Mühle", date="Sun, 03 Nov 2024 10:00:00 +0100"),
}


SUFFIXES = sorted(GOOD)


def write(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


# What a damaged file of a format is called in the reason.
KINDS = {
    ".pdf": "PDF", ".docx": "Word document", ".epub": "EPUB", ".odt": "OpenDocument text",
    ".pptx": "PowerPoint presentation", ".xlsx": "Excel workbook",
}  # fmt: skip
