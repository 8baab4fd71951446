"""The formats: bytes to text, title, date and pages. A file a format, and a library for each.

In: bytes, and the ending that says what they are. Out: an `Extract`, or `Unreadable`. A new format is a
file here and a line in READERS. Readers, and their libraries, are imported once they are needed: who only asks which
formats there are, as a screen does that lists files, waits for none of them.
"""

from __future__ import annotations

from collections.abc import Callable

from rag.documents.readers.extraction import LONGEST, Extract, Omission, Unreadable, clean, too_long
from rag.documents.readers.office import read_csv, read_docx, read_odt, read_pptx, read_rtf, read_xlsx
from rag.documents.readers.plain_text import read_text
from rag.localization import gettext

__all__ = ["LONGEST", "READERS", "Extract", "Omission", "Unreadable", "clean", "extract", "read_text"]

_MOST_PAGES = 1_000_000


def _read_epub(raw: bytes) -> Extract:
    from rag.documents.readers.epub import read_epub

    return read_epub(raw)


def _read_html(raw: bytes) -> Extract:
    from rag.documents.readers.html import read_html

    return read_html(raw)


def _read_pdf(raw: bytes) -> Extract:
    from rag.documents.readers.pdf import read_pdf

    return read_pdf(raw)


def _read_eml(raw: bytes) -> Extract:
    """E-mail, with what is attached to it and of a known format, but another e-mail's file."""
    from rag.documents.readers.eml import read_eml

    return read_eml(raw, extract, READERS.keys() - {".eml"})


# A reader a format. What is not here is not looked at in folders.
READERS: dict[str, Callable[[bytes], Extract]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": read_docx,
    ".epub": _read_epub,
    ".odt": read_odt,
    ".rtf": read_rtf,
    ".pptx": read_pptx,
    ".xlsx": read_xlsx,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".eml": _read_eml,
}


def extract(suffix: str, raw: bytes) -> Extract:
    """Read bytes as the format of an ending in READERS. Raises Unreadable, whatever is wrong with them."""
    try:
        found = READERS[suffix](raw)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # damaged files make the format libraries raise nearly anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise Unreadable(
            gettext("it is damaged, or not a {suffix} file ({reason})").format(suffix=suffix, reason=reason[:200])
        ) from error
    if len(found.text) > LONGEST:
        raise too_long()
    if len(found.pages) > _MOST_PAGES:
        raise Unreadable(gettext("more than {most:,} pages; split the file").format(most=_MOST_PAGES))
    return found
