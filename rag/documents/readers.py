"""The formats: bytes to text, title, date and pages, by a library for each.

Libraries are imported inside the readers: most of them take longer to import than a
short text takes to read. EPUB is the exception to "a library a format": the one in wide
use is under the AGPL, and the container is a zip file with a list of HTML chapters.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from docx.document import Document as DocxDocument

LONGEST = 20_000_000  # characters: what a document may hold
_MOST_PAGES = 1_000_000
_UNPACKED = 400_000_000  # bytes: what a zipped document may unpack to
# pdfium writes U+FFFE for a hyphen at a line's end and leaves the line break out.
_LINE_HYPHEN = re.compile(r"(?:[-\x02\u00ad]\n|[\x02\ufffe]\n?)(?=[^\W\d_])")
_ESCAPED = re.compile(r"(?<!\\)(\\+)([*_`~\[\]<|])|^( {0,3}\d{0,9})\\(?=[-+>#.)])", re.MULTILINE)
_INLINE = ("b", "strong", "i", "em", "u", "s", "del", "strike", "sub", "sup", "code", "kbd", "samp", "tt", "var")
_SUP = re.compile(r"(<sup\b[^<>]*>(?:\s*<[^/<>][^<>]*>){0,9})(\d+)", re.IGNORECASE)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unreadable(Exception):
    """The bytes are no document of the kind; the text says why, for the person."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader finds. `pages` are offsets of page starts; `why_empty` explains a text of nothing."""

    text: str
    title: str = ""
    date: str | None = None
    pages: tuple[int, ...] = (0,)
    why_empty: str = "there is no text in it"


def read_text(raw: bytes) -> Extract:
    """Plain text and Markdown: the file as it is, which must be UTF-8."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("it is UTF-16, not UTF-8; convert it (iconv -f UTF-16 -t UTF-8)")
    if b"\x00" in raw:
        raise Unreadable("it is binary, not text")
    try:
        return Extract(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"it is not UTF-8 (byte 0x{raw[error.start]:02X} at {error.start}); convert it, "
            "for example with iconv -f WINDOWS-1252 -t UTF-8"
        ) from error


def read_html(raw: bytes) -> Extract:
    """HTML: the main text, with headings, lists and tables as Markdown; title and date from the head."""
    import trafilatura
    from lxml import etree

    if b"\x00" in raw or raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable("it is binary, not HTML")
    tree = trafilatura.load_html(raw)
    if tree is None:
        raise Unreadable("it is not a whole HTML page")
    about = trafilatura.extract_metadata(tree, date_config={"extensive_search": False, "original_date": True})
    title, date = (about.title, about.date) if about else (None, None)
    # Emphasis says nothing, and its signs would stand inside quotes. "1907<sup>3</sup>" is not 19073.
    for raised in tree.xpath("//sup/descendant-or-self::*"):
        raised.text = (raised.text or "").translate(_RAISED)
    etree.strip_tags(tree, *_INLINE)
    text = trafilatura.extract(tree, output_format="markdown", include_comments=False, favor_recall=True)
    if not text or not text.strip():
        text = trafilatura.html2txt(tree)  # a page of a few words has no "main" text
    return Extract(clean(_unescape(text)), title or "", date, why_empty="there is no text in the page")


def _unescape(markdown: str) -> str:
    """Take away the backslashes that Markdown needs before signs that mean themselves ("[sic]")."""
    return _ESCAPED.sub(
        lambda match: match[3] if match[1] is None else "\\" * ((len(match[1]) - 1) // 2) + match[2], markdown
    )


def read_pdf(raw: bytes) -> Extract:
    """PDF: the text layer, page by page; words hyphenated at a line's end are joined."""
    import pypdfium2

    if b"%PDF" not in raw[:1024]:
        raise Unreadable("it is not a PDF, whatever its name says")
    try:
        pdf = pypdfium2.PdfDocument(raw)
        texts = list(_within(_unwrap(page.get_textpage().get_text_range()) for page in pdf))
        title = str(pdf.get_metadata_dict().get("Title", ""))
        pdf.close()
    except pypdfium2.PdfiumError as error:
        reason = "it needs a password" if "assword" in str(error) else f"the PDF is damaged ({error})"
        raise Unreadable(reason) from error
    pages, joined = [], ""
    for text in texts:
        pages.append(len(joined))
        ended = text.rstrip()[-1:] in {"", ".", "!", "?", "“", "”", '"', ":"}
        joined += text.rstrip() + ("\n\n" if ended else "\n")
    whole = joined.rstrip() + "\n"
    return Extract(
        whole,
        title,
        pages=tuple(min(start, len(whole)) for start in pages) or (0,),  # empty last ones would begin beyond it
        why_empty="there is no text layer in it: it is a scan. Run OCR on it (ocrmypdf)",
    )


def _unwrap(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # "Militär-\npartnerschaft" is one word; "Nord-\nSüd" keeps its hyphen.
    joined = _LINE_HYPHEN.sub(lambda match: "" if text[match.end()].islower() else "-", text)
    return clean(re.sub(r"[\x02\ufffe\u00ad]", "-", joined))


def read_docx(raw: bytes) -> Extract:
    """Word: paragraphs and tables in their order, a row a line, headings on lines of their own."""
    import docx
    from docx.opc.exceptions import OpcError

    _check_zip(raw, "Word document")
    try:
        document = docx.Document(io.BytesIO(raw))
        text = "\n\n".join(part for part in _docx_parts(document) if part.strip())
        title = document.core_properties.title
    except (OpcError, KeyError, ValueError, AttributeError, SyntaxError, zipfile.BadZipFile) as error:
        raise Unreadable(f"the Word document is damaged ({type(error).__name__}: {error})") from error
    return Extract(clean(text), title or "")


def _docx_parts(document: DocxDocument) -> list[str]:
    from docx.table import Table

    parts = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = (" | ".join(cell.text.replace("\n", " ").strip() for cell in row.cells) for row in block.rows)
            parts.append("\n".join(f"| {row} |" for row in rows))
        else:
            parts.append(block.text)
    return parts


def read_epub(raw: bytes) -> Extract:
    """EPUB: the chapters in reading order, one after the other, a page each."""
    archive = _check_zip(raw, "EPUB")
    try:
        container = _xml(archive.read("META-INF/container.xml"))
        opf_name = container.xpath("string(//*[local-name()='rootfile']/@full-path)")
        opf = _xml(archive.read(opf_name))
        files = {item.get("id"): item.get("href") for item in opf.xpath("//*[local-name()='item']")}
        spine = [item.get("idref") for item in opf.xpath("//*[local-name()='itemref']")]
        folder = posixpath.dirname(opf_name)
        names = [posixpath.normpath(posixpath.join(folder, unquote(files[key]))) for key in spine if files.get(key)]
        chapters = list(_within(_chapter(archive.read(name)) for name in names))
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"the EPUB is damaged ({type(error).__name__}: {error})") from error
    pages, joined = [], ""
    for chapter in filter(None, chapters):
        pages.append(len(joined))
        joined += chapter + "\n\n"
    title = opf.xpath("string(//*[local-name()='title'])")
    date = re.match(r"\d{4}(-\d{2}(-\d{2})?)?", opf.xpath("string(//*[local-name()='date'])").strip())
    return Extract(joined, title, date.group() if date else None, tuple(pages) or (0,))


def _xml(raw: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    return etree.fromstring(raw, parser)


def _chapter(raw: bytes) -> str:
    """Return the words of an XHTML page, a block a paragraph."""
    from inscriptis import get_text
    from lxml import etree

    text = raw.decode("utf-8", "replace")
    # The declaration of an encoding is refused in text that is decoded already.
    text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        return ""
    text = _SUP.sub(lambda match: match[1] + match[2].translate(_RAISED), text)
    try:
        lines = get_text(text).splitlines()
    except etree.ParserError:
        return ""
    return clean("\n".join(line.strip() for line in lines)).strip()


def _check_zip(raw: bytes, kind: str) -> zipfile.ZipFile:
    """Open a zip file that claims to unpack to a bearable size."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile as error:
        raise Unreadable(f"it is not a whole {kind} ({error})") from error
    if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
        raise Unreadable(f"it unpacks to more than {_UNPACKED // 1_000_000} MB")
    return archive


def _within(texts: Iterable[str]) -> Iterable[str]:
    """Pass texts on, until they are more than a document may hold: a page may be named a million times."""
    length = 0
    for text in texts:
        length += len(text)
        if length > LONGEST:
            raise too_long()
        yield text


def too_long() -> Unreadable:
    """Return what to raise for a text of more than LONGEST characters."""
    return Unreadable(f"more than {LONGEST // 1_000_000} million characters; split the file")


def clean(text: str) -> str:
    """Drop what no text shows: NUL and other control characters, soft hyphens, halves of surrogate pairs."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad]", "", text)


# A reader a format. What is not here is not looked at in folders.
READERS: dict[str, Callable[[bytes], Extract]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".epub": read_epub,
}


def extract(suffix: str, raw: bytes) -> Extract:
    """Read bytes as the format of an ending in READERS. Raises Unreadable, whatever is wrong with them."""
    try:
        found = READERS[suffix](raw)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # damaged files make the format libraries raise nearly anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise Unreadable(f"it is damaged, or not a {suffix} file ({reason[:200]})") from error
    if len(found.text) > LONGEST:
        raise too_long()
    if len(found.pages) > _MOST_PAGES:
        raise Unreadable(f"more than {_MOST_PAGES:,} pages; split the file")
    return found
