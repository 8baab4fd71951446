"""A file to a `Document`: its text as one string, and what is known about it.

Every offset anywhere in Beleg counts Unicode code points of `Document.text`. For .txt
and .md that is the file's own text, character for character (markup, line endings and a
byte order mark included), so a quote can be found in the file itself. For the other
formats it is the text their reader extracts, which the library keeps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag import readers
from rag.errors import UnreadableDocument
from rag.languages import detect, sentences
from rag.readers import Extract, Unreadable

# A reader a format. What is not here is not looked at in folders.
READERS: dict[str, Callable[[bytes], Extract]] = {
    ".txt": readers.read_text,
    ".text": readers.read_text,
    ".md": readers.read_text,
    ".markdown": readers.read_text,
    ".html": readers.read_html,
    ".htm": readers.read_html,
    ".pdf": readers.read_pdf,
    ".docx": readers.read_docx,
    ".epub": readers.read_epub,
}

_MARKDOWN = {".md", ".markdown"}
_LARGEST = {".pdf": 200, ".docx": 200, ".epub": 200}  # MB of file
_LARGEST_TEXT = 20  # MB of file, or million characters extracted
_TITLE_LENGTH = 80

_DATE = r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)"
_DATE_LINE = re.compile(r"[\ufeff\s]*date:?[ \t]+(\d{4}-\d{2}(?:-\d{2})?)(?![\d-])[ \t]*")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One source text, as read.

    `path` is absolute, `name` relative to the folder that was indexed. `body` is the
    offset where the text proper starts, after a date line or front matter. `pages` holds
    the offset of each page's first character; formats without pages have one. `title` is
    never empty; it ends in "…" where it was cut from the first sentence.
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

    def page(self, offset: int) -> int:
        """Return the number, from 1, of the page that `offset` lies on."""
        return max(1, sum(start <= offset for start in self.pages))


def document_id(path: Path) -> str:
    """Return the id that the document at an absolute path has in any library."""
    return hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raise UnreadableDocument where it cannot or should not be read."""
    suffix = path.suffix.lower()
    try:
        str(path).encode("utf-8")
        size = path.stat().st_size
        limit = _LARGEST.get(suffix, _LARGEST_TEXT)
        if size > limit * 1_000_000:
            raise UnreadableDocument(path, f"{size / 1e6:.0f} MB; up to {limit} MB are read. Split the file.")
        return path.read_bytes()
    except UnicodeEncodeError as error:
        raise UnreadableDocument(Path(repr(path)), "its name is not valid text; rename it") from error
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error


def read(path: Path, name: str | None = None, raw: bytes | None = None) -> Document:
    """Read one file into a Document. `raw` are its bytes, where the caller has them already.

    Raises UnreadableDocument, naming the file and the reason, for anything that is no
    readable document of its kind: empty, damaged, too large, not UTF-8, of no known format.
    """
    path = path.absolute()
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        known = " ".join(sorted(READERS))
        raise UnreadableDocument(path, f"no reader for {suffix or 'files without an ending'}; known are {known}")
    raw = read_bytes(path) if raw is None else raw
    if not raw.strip():
        raise UnreadableDocument(path, "the file is empty")
    try:
        extract = reader(raw)
    except Unreadable as error:
        raise UnreadableDocument(path, str(error)) from error
    except Exception as error:  # damaged files make the format libraries raise nearly anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UnreadableDocument(path, f"it is damaged, or not a {suffix} file ({reason})") from error
    if len(extract.text) > _LARGEST_TEXT * 1_000_000:
        raise UnreadableDocument(path, f"more than {_LARGEST_TEXT} million characters; split the file")
    body, title, date = _head(extract.text, suffix)
    if not extract.text[body:].strip().strip("\ufeff").strip():
        raise UnreadableDocument(path, extract.why_empty)
    language = detect(extract.text[body:])
    return Document(
        id=document_id(path),
        path=str(path),
        name=name or path.name,
        title=title or _one_line(extract.title) or _first_words(extract.text, body, language) or path.stem,
        date=date or extract.date,
        language=language,
        text=extract.text,
        body=body,
        pages=extract.pages,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _head(text: str, suffix: str) -> tuple[int, str, str | None]:
    """Return where the body starts, and the title and date that stand before or atop it."""
    if match := _DATE_LINE.match(text):
        return match.end(), "", match.group(1)
    body, title, date = 0, "", None
    if suffix in _MARKDOWN:
        if match := _FRONT_MATTER.match(text):
            fields = _front_matter(match.group(1))
            if fields is not None:
                title, date, body = fields.get("title", ""), fields.get("date"), match.end()
        if not title and (heading := _HEADING.search(text, body, body + 2000)):
            title = heading.group(1)
    return body, _one_line(title), _iso(date)


def _front_matter(block: str) -> dict[str, str] | None:
    """Return the scalar fields of YAML front matter, as they are written, or None if it is none."""
    import yaml

    try:
        # BaseLoader makes strings of all scalars: a title "007" or a date "2024-02-30" is nothing to trip over.
        fields = yaml.load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    return {
        str(key).lower(): value
        for key, value in fields.items()
        if isinstance(value, str) and value not in {"~", "null"}
    }


def _iso(date: str | None) -> str | None:
    match = re.match(_DATE, (date or "").strip())
    return match.group(1) if match else None


def _one_line(text: str) -> str:
    line = " ".join(readers.clean(text).split())
    return line if len(line) <= 200 else line[:199].rstrip() + "…"


def _first_words(text: str, body: int, language: str) -> str:
    """Return a title for a text without one: its first line if that is a heading, else its first words."""
    spans = sentences(text, language, body, min(len(text), body + 2000))
    if not spans:
        return ""
    start, end = spans[0]
    first = _one_line(text[start:end]).lstrip("#*->| ")
    if len(first) <= _TITLE_LENGTH:
        return first if first[-1:].isalnum() else first.rstrip(".") + "…"
    return first[:_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
