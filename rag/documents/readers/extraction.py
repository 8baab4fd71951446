"""What a reader of any format finds, how it refuses, and how much it may find."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from rag.localization import gettext

LONGEST = 20_000_000  # characters: what a document may hold
_UNPACKED = 400_000_000  # bytes: what a zipped document may unpack to
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # "1907<sup>3</sup>" is not 19073

# What comes of unpacking and parsing a file that is in a zip file.
DAMAGED_ZIP = (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError,
               OSError, EOFError)  # fmt: skip


class Unreadable(Exception):
    """The bytes are no document of the kind; the text says why, for the person."""


@dataclass(frozen=True, slots=True)
class Omission:
    """What a reader left out: `count` of something, in the plural ("images"), of `total` where that is known.

    `advice` is what a person can do about it, "" where nothing.
    """

    what: str
    count: int
    total: int | None = None
    advice: str = ""

    def __str__(self) -> str:
        share = f"{self.count:,}" if self.total is None else f"{self.count:,} of {self.total:,}"
        return f"{self.what}: {share}" + (f" ({self.advice})" if self.advice else "")


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader finds. `pages` are offsets of page starts; `why_empty` explains a text of nothing,
    where more can be said of that than that there is none.

    `omissions` are what is in the file and not in the text. `encoding` is that of a text file, "" where it is
    UTF-8 or the format says it; `doubts` says why it may be another, "" where that is sure.
    """

    text: str
    title: str = ""
    date: str | None = None
    pages: tuple[int, ...] = (0,)
    why_empty: str = ""
    omissions: tuple[Omission, ...] = ()
    encoding: str = ""
    doubts: str = ""


def open_zip(raw: bytes, kind: str) -> zipfile.ZipFile:
    """Open a zip file that claims to unpack to a bearable size."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile as error:
        raise Unreadable(gettext("it is not a whole {kind} ({error})").format(kind=kind, error=error)) from error
    if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
        raise Unreadable(gettext("it unpacks to more than {most} MB").format(most=_UNPACKED // 1_000_000))
    return archive


def within(texts: Iterable[str]) -> Iterable[str]:
    """Pass texts on, until they are more than a document may hold: a page may be named a million times."""
    length = 0
    for text in texts:
        length += len(text)
        if length > LONGEST:
            raise too_long()
        yield text


def too_long() -> Unreadable:
    """Return what to raise for a text of more than LONGEST characters."""
    return Unreadable(gettext("more than {most} million characters; split the file").format(most=LONGEST // 1_000_000))


def clean(text: str) -> str:
    """Drop what no text shows: NUL and other control characters, soft hyphens, halves of surrogate pairs."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad]", "", text)
