"""A file to a `Document`: its text as one string, and what is known about it.

Every offset anywhere in Beleg counts Unicode code points of `Document.text`. For .txt
and .md that is the file's own text, character for character (markup, line endings and a
byte order mark included), so a quote can be found in the file itself. For the other
formats it is the text their reader extracts, which the library keeps.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rag.documents import readers
from rag.documents.document_head import day_in, day_of, first_words, only_place_and_day
from rag.documents.front_matter import front_matter
from rag.documents.paths import oddity
from rag.documents.readers import Extract, Omission, Unreadable
from rag.errors import UnreadableDocument
from rag.localization import gettext
from rag.text.headings import first_marked
from rag.text.language import detect

READERS = readers.READERS

MARKDOWN = {".md", ".markdown"}
# MB of file; pictures make those large that may hold some
_LARGEST = dict.fromkeys((".pdf", ".docx", ".epub", ".odt", ".pptx", ".xlsx"), 200) | {".rtf": 50, ".eml": 50}
_LARGEST_TEXT = 20  # MB of file
# whose files tell the day of their last change: what the text says of itself goes before that
_CHANGED = {".docx", ".odt", ".pptx", ".xlsx", ".rtf"}
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY  # a pipe or a terminal that takes a file's place is not waited for

_DATE = r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)"
_DATE_LINE = re.compile(r"[\ufeff\s]*date:?[ \t]+(\d{4}-\d{2}(?:-\d{2})?)(?![\d-])[ \t]*")


@dataclass(frozen=True, slots=True)
class Document:
    """One source text, as read.

    `path` is absolute, `name` relative to the folder that was indexed. `body` is the
    offset where the text proper starts, after a date line or front matter. `pages` holds
    the offset of each page's first character; formats without pages have one. `title` is
    never empty; it ends in "…" where it was cut from the first sentence. `omissions` is what the file
    holds and the text does not; `encoding` and `doubts` are as in `Extract`. `size` (bytes) and
    `modified` (ns since 1970) are the file's as it was read, None where that is not known; a size is not
    where the file was so new that it may have changed again since. `tags` are those that the file gives itself.
    """

    id: str
    path: str
    name: str
    title: str
    date: str | None
    language: str
    text: str
    body: int
    pages: tuple[int, ...]
    sha256: str
    # How it was read, which is no part of what it is: a saved turn does without.
    omissions: tuple[Omission, ...] = field(default=(), compare=False)
    encoding: str = field(default="", compare=False)
    doubts: str = field(default="", compare=False)
    size: int | None = field(default=None, compare=False)
    modified: int | None = field(default=None, compare=False)
    tags: tuple[str, ...] = field(default=(), compare=False)

    @property
    def content(self) -> str:
        """What names the text: the same for all copies of it, however their files are called and dated."""
        return content_digest(self.text[self.body :])

    def page(self, offset: int) -> int:
        """Return the number, from 1, of the page that `offset` lies on."""
        return max(1, sum(start <= offset for start in self.pages))


def content_digest(text: str) -> str:
    """Return the sha256 of a text's words and marks; other line ends, spaces or forms of an accent change nothing."""
    words = " ".join(unicodedata.normalize("NFC", text).replace("\ufeff", "").split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def document_id(path: Path) -> str:
    """Return the id that the document at an absolute path has in any library."""
    return hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def read_bytes(path: Path, name: str = "") -> bytes:
    """Return a file's bytes; raise UnreadableDocument where it cannot or should not be read.

    What is no file (a pipe, a device) is refused before it is opened, and again once it is,
    for it may have taken the file's place meanwhile; neither can block.
    """
    limit = _LARGEST.get(_suffix(path, name), _LARGEST_TEXT)
    try:
        str(path).encode("utf-8")
        _refuse(path, path.stat(), limit)
        with os.fdopen(os.open(path, _OPEN), "rb") as stream:
            _refuse(path, os.fstat(stream.fileno()), limit)
            raw = stream.read(limit * 1_000_000 + 1)
    except UnicodeEncodeError as error:
        raise UnreadableDocument(Path(repr(path)), gettext("its name is not valid text; rename it")) from error
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error
    if len(raw) > limit * 1_000_000:  # it grows, or its size is a lie (/proc)
        raise UnreadableDocument(
            path, gettext("more than {limit} MB; up to {limit} MB are read. Split the file.").format(limit=limit)
        )
    return raw


def _refuse(path: Path, status: os.stat_result, limit: int) -> None:
    if what := oddity(status.st_mode):
        raise UnreadableDocument(path, gettext("it is {what}, not a file").format(what=what))
    if status.st_size > limit * 1_000_000:
        raise UnreadableDocument(
            path,
            gettext("{size:.0f} MB; up to {limit} MB are read. Split the file.").format(
                size=status.st_size / 1e6, limit=limit
            ),
        )


def _suffix(path: Path, name: str) -> str:
    """Return the ending that says what a file is: its own, or that of the link by which it was named."""
    endings = (path.suffix.lower(), Path(name).suffix.lower())
    return next((ending for ending in endings if ending in READERS), endings[0])


def read(
    path: Path,
    name: str | None = None,
    raw: bytes | None = None,
    extract: Callable[[str, bytes], Extract] = readers.extract,
) -> Document:
    """Read one file into a Document. `raw` are its bytes, where the caller has them already.

    `extract` reads the bytes, given the ending that says what they are: in this process, or,
    for files of any origin, in a `ReaderProcess`.

    Raises UnreadableDocument, naming the file and the reason, for anything that is no
    readable document of its kind: empty, damaged, too large, binary, of no known format.
    """
    path = path.absolute()
    suffix = _suffix(path, name or "")
    if suffix not in READERS:
        known = " ".join(sorted(READERS))
        raise UnreadableDocument(
            path,
            gettext("no reader for {suffix}; known are {known}").format(
                suffix=suffix or gettext("files without an ending"), known=known
            ),
        )
    raw = read_bytes(path, name or "") if raw is None else raw
    if not raw.strip():
        raise UnreadableDocument(path, gettext("the file is empty"))
    try:
        found = extract(suffix, raw)
    except Unreadable as error:
        raise UnreadableDocument(path, str(error)) from error
    except MemoryError as error:
        raise UnreadableDocument(path, gettext("there is not enough memory to read it")) from error
    body, title, date, tags = _head(found.text, suffix)
    if not found.text[body:].strip().strip("\ufeff").strip():
        raise UnreadableDocument(path, found.why_empty or gettext("there is no text in it"))
    language = detect(found.text[body : body + 10_000])
    named = title or _one_line(found.title)
    title = "" if only_place_and_day(named) else named
    said = day_in(named) or day_of(found.text, body)
    return Document(
        id=document_id(path),
        path=str(path),
        name=name or path.name,
        title=title or _one_line(first_words(found.text, body, language)) or named or path.stem,
        date=date or (said or found.date if suffix in _CHANGED else found.date or said),
        language=language,
        text=found.text,
        body=body,
        pages=found.pages,
        sha256=hashlib.sha256(raw).hexdigest(),
        omissions=found.omissions,
        encoding=found.encoding,
        doubts=found.doubts,
        tags=tags,
    )


def _head(text: str, suffix: str) -> tuple[int, str, str | None, tuple[str, ...]]:
    """Return where the body starts, and the title, date and tags that stand before or atop it."""
    if match := _DATE_LINE.match(text):
        return match.end(), "", match.group(1), ()
    body, title, date = 0, "", None
    tags: tuple[str, ...] = ()
    if suffix in MARKDOWN:
        if front := front_matter(text):
            title, date, body, tags = front.title, front.date, front.end, front.tags
        title = title or first_marked(text, body, body + 2000, level=2)
    return body, _one_line(title), _iso(date), tags


def _iso(date: str | None) -> str | None:
    match = re.match(_DATE, (date or "").strip())
    return match.group(1) if match else None


def _one_line(text: str) -> str:
    line = " ".join(readers.clean(text).split())
    return line if len(line) <= 200 else line[:199].rstrip() + "…"
