"""PDF files, by pdfium: their text as it is laid out, and where each page begins."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rag.documents.readers.extraction import LONGEST, Extract, Omission, Unreadable, clean, too_long
from rag.documents.readers.pdf_bullets import with_bullets
from rag.documents.readers.pdf_forms import fill_in, read_annotations
from rag.documents.readers.pdf_furniture import without_furniture
from rag.documents.readers.pdf_layout import Band, regions
from rag.documents.readers.pdf_lines import Column, Table
from rag.documents.readers.pdf_objects import PageObjects, read_objects
from rag.documents.readers.pdf_tables import Grid, aligned, grids, ruled
from rag.documents.readers.pdf_text import Page, write
from rag.documents.readers.pdf_words import PageWords, Word, read_words
from rag.localization import N_, gettext

_MOST_WORDS = 800_000  # of a document are laid out: more pages are read as their text stands in the file
_LEADS = frozenset("._…·")
_INITIAL = 1.8  # times the size of most words: so large is the letter that a chapter begins with
_MANY_DOTS = 5  # signs or words of dots on a line
_LEADER = re.compile(r"[._…·]{3,}$|^[._…·]{3,}|_{2,}")
_NO_TITLE = re.compile(
    r"(?i)^(?:untitled|unbenannt|ohne titel|document\d*|dokument\d*|slide \d+"
    r"|.*\.(?:docx?|rtf|odt|indd|tex|pptx?|xlsx?|qxd|pdf|dvi|ps|exe))$"
)
_MADE_BY = re.compile(r"(?i)^microsoft (?:word|powerpoint|excel) - ")

_SCAN = N_("there is no text layer in it: it is a scan.")
_NO_MAP = N_("its letters cannot be read: its fonts do not say which they are.")
_RUN_OCR = N_("Run OCR on it (beleg index --ocr, or ocrmypdf)")
TEXTLESS, UNREADABLE = "pages without text", "pages whose letters cannot be read"  # what OCR may help


@dataclass(slots=True)
class _Counts:
    """What was found and is no text."""

    images: int = 0
    comments: int = 0
    attachments: int = 0
    textless: int = 0
    unreadable: int = 0
    furniture: int = 0
    plain: int = 0

    def omissions(self, pages: int) -> tuple[Omission, ...]:
        """Return them as what the person is told."""
        ocr = "read them with --ocr"
        told = (
            Omission(TEXTLESS, self.textless, pages, f"scanned? {ocr}"),
            Omission(UNREADABLE, self.unreadable, pages, ocr),
            Omission("pages read without their layout", self.plain, pages),
            Omission("running heads and page numbers", self.furniture),
            Omission("images", self.images),
            Omission("comments", self.comments),
            Omission("attachments", self.attachments),
        )
        return tuple(omission for omission in told if omission.count)


@dataclass(slots=True)
class _Read:
    """A page as read: its words and what is drawn, or its text without layout."""

    words: PageWords
    objects: PageObjects = field(default_factory=PageObjects)
    cells: list[Grid] = field(default_factory=list)
    plain: str = ""


def read_pdf(raw: bytes) -> Extract:
    """PDF: paragraphs, headings, lists, tables, footnotes and filled fields, in the order of reading."""
    import pypdfium2

    if b"%PDF" not in raw[:1024]:
        raise Unreadable(gettext("it is not a PDF, whatever its name says"))
    counts = _Counts()
    try:
        pdf = pypdfium2.PdfDocument(raw)
        try:
            title = _title(str(pdf.get_metadata_dict().get("Title", "")))
            counts.attachments = pdf.count_attachments()
            pages = _pages(pdf, counts)
        finally:
            pdf.close()
    except pypdfium2.PdfiumError as error:
        reason = (
            gettext("it needs a password")
            if "assword" in str(error)
            else gettext("the PDF is damaged ({error})").format(error=error)
        )
        raise Unreadable(reason) from error
    counts.furniture = without_furniture([page.words for page in pages], title)
    text, starts = write([_laid_out(page) for page in pages])
    return Extract(
        clean(text),
        title,
        pages=starts,
        why_empty=gettext(_NO_MAP if counts.unreadable else _SCAN) + " " + gettext(_RUN_OCR),
        omissions=counts.omissions(len(pages)),
    )


def _title(title: str) -> str:
    """Return the title of the metadata; "" where it is the name of a file or of nothing."""
    title = _MADE_BY.sub("", title.strip())
    return "" if _NO_TITLE.match(title) else title


def _pages(pdf: Any, counts: _Counts) -> list[_Read]:
    form = None
    if pdf.get_formtype():
        pdf.init_forms()
        form = pdf.formenv.raw if pdf.formenv else None
    found: list[_Read] = []
    words = length = 0
    for page in pdf:
        read = _read(page, form, counts) if words <= _MOST_WORDS else _unlaid(page, counts)
        page.close()
        found.append(read)
        words += len(read.words.words)
        length += len(read.plain) + sum(len(word.text) + 1 for word in read.words.words)
        if length > LONGEST:  # a page may be named a million times
            raise too_long()
    return found


def _unlaid(page: Any, counts: _Counts) -> _Read:
    counts.plain += 1
    return _Read(PageWords(0, 0, []), plain=_plain(page).strip())


def _read(page: Any, form: Any, counts: _Counts) -> _Read:
    words = read_words(page)
    read = _Read(words)
    objects = read.objects = read_objects(page, words.turned)
    annotations = read_annotations(page, form, words.turned)
    counts.comments += annotations.comments
    counts.attachments += annotations.attachments
    if words.unmapped:
        counts.unreadable += 1
    elif not words.words and (plain := _plain(page).strip()):
        counts.plain += 1
        read.plain = plain
    elif not words.words and not objects.empty and not annotations.values:
        counts.textless += 1
    if words.words:
        counts.images += objects.images
    read.cells = grids(objects)
    words.words = with_bullets(_with_initials(_without_leaders(words.words)), objects.dots)
    if annotations.values or annotations.marks:
        words.words = fill_in(words.words, annotations, lambda word: _cell(read.cells, word))
    return read


def _plain(page: Any) -> str:
    textpage = page.get_textpage()
    try:
        return str(textpage.get_text_range()).replace("\r\n", "\n").replace("\ufffe", "-").replace("\x02", "-")
    finally:
        textpage.close()


def _without_leaders(words: list[Word]) -> list[Word]:
    """Return words without the dots and lines that lead from one to the next, or are to be written on."""
    dots = Counter(round(word.base) for word in words if set(word.text) <= _LEADS)
    found = []
    for word in words:
        if not set(word.text) <= _LEADS:
            if dots[round(word.base)] >= _MANY_DOTS or len(word.text) > _MANY_DOTS:
                word.text = _LEADER.sub("", word.text)
            found.append(word)
        elif len(word.text) < 3 and dots[round(word.base)] < _MANY_DOTS and "_" not in word.text:
            found.append(word)  # a stop, or an ellipsis
    return [word for word in found if word.text]


def _cell(cells: list[Grid], word: Word) -> tuple[int, int, int] | None:
    for number, grid in enumerate(cells):
        if (place := grid.cell(word)) is not None:
            return number, *place
    return None


def _laid_out(page: _Read) -> Page:
    """Return the columns and tables of a page in the order of reading, and what runs another way."""
    if page.plain:
        return Page([], [], 0, page.plain)
    found = _parts(_with_tables(page))
    for part in found:
        if isinstance(part, Column):
            part.pictures = page.objects.pictures
    aside = [part for words in page.words.aside for part in _parts(words)]
    return Page(found, aside, page.words.height)


def _parts(words: list[Word]) -> list[Column | Table]:
    found: list[Column | Table] = []
    for part in regions(words):
        found.extend(aligned(part) if isinstance(part, Band) else [part])
    return found


def _with_initials(words: list[Word]) -> list[Word]:
    """Return words with letters as high as several lines put before the first of these."""
    size = median(word.size for word in words) if words else 0.0
    for initial in [word for word in words if word.size >= _INITIAL * size and len(word.text) <= 2]:
        beside = [
            word
            for word in words
            if initial.top - size < word.base - 0.75 * word.size < initial.base
            and -0.5 * size < word.x0 - initial.x1 < 2 * size
            and word.size < 1.3 * size
        ]
        if initial.text.isalpha() and len({round(word.base) for word in beside}) > 1:
            first = min(beside, key=lambda word: word.base)
            first.text, first.x0 = initial.text + first.text, initial.x0
            words = [word for word in words if word is not initial]
    return words


def _with_tables(page: _Read) -> list[Word]:
    """Return the words of a page with each ruled table as one in its place."""
    words = page.words.words
    for grid in page.cells:
        inside = [word for word in words if grid.cell(word) is not None]
        if len({grid.cell(word) for word in inside}) < 2:
            continue  # a box around something
        taken = {id(word) for word in inside}
        words = [word for word in words if id(word) not in taken]
        size = min(word.size for word in inside)
        base = min(word.base for word in inside)
        table = ruled(grid, inside)
        words.append(Word("", grid.xs[0], grid.xs[-1], base, size, block=table, bottom=grid.ys[-1]))
    return words
