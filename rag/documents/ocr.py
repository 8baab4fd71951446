"""OCR: the text of pages that hold only pictures, by the system's tesseract or ocrmypdf.

It is a step of its own, after the reader: that may start no program and write no file. A page is
drawn by pdfium in a child process, and goes to tesseract by a pipe.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from rag.documents.document import Document
from rag.documents.readers.extraction import LONGEST, Extract, Omission, clean, too_long
from rag.documents.readers.line_joining import LineJoiner, told_language
from rag.documents.readers.pdf import TEXTLESS, UNREADABLE
from rag.errors import OcrUnavailable
from rag.localization import N_, gettext
from rag.system.child_process import PYTHON, environment

_WANTED = ("deu", "eng")  # languages that are read where tesseract has them; otherwise what it has
_MOST_LANGUAGES = 3
_SECONDS = 120.0  # a page
_SECONDS_WHOLE = 3600.0  # a document, by ocrmypdf
_WRAPPED = 0.6  # of its paragraph's longest line: a shorter one was not wrapped

_NEEDS = N_(
    "Install tesseract with the languages you need (Debian, Ubuntu: apt install tesseract-ocr tesseract-ocr-deu; "
    "macOS: brew install tesseract tesseract-lang), or ocrmypdf."
)

Extractor = Callable[[str, bytes], Extract]


@dataclass(frozen=True, slots=True)
class Ocr:
    """The program that reads pages, and the languages it is told ("deu+eng")."""

    program: str
    languages: str

    @property
    def whole(self) -> bool:
        """Whether it reads whole files and gives them back with text: ocrmypdf does."""
        return Path(self.program).name.startswith("ocrmypdf")


def find_ocr() -> Ocr:
    """Return what there is on this machine. Raises OcrUnavailable, saying what to install, where there is nothing."""
    if program := shutil.which("tesseract"):
        return Ocr(program, "+".join(_languages(program)))
    if program := shutil.which("ocrmypdf"):
        return Ocr(program, "")
    raise OcrUnavailable(
        gettext("--ocr needs the program tesseract or ocrmypdf, and neither is installed."), gettext(_NEEDS)
    )


def _languages(program: str) -> list[str]:
    try:
        told = subprocess.run([program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise OcrUnavailable(
            gettext("{program} does not run: {error}.").format(program=program, error=error), gettext(_NEEDS)
        ) from error
    lines = (told.stdout + b"\n" + told.stderr).decode("utf-8", "replace").split("\n")
    known = [line.strip() for line in lines if re.fullmatch(r"[A-Za-z][A-Za-z_]{2,}(?:/\w+)?", line.strip())]
    chosen = [language for language in _WANTED if language in known]
    chosen = chosen or [language for language in known if language != "osd"][:_MOST_LANGUAGES]
    if not chosen:
        raise OcrUnavailable(gettext("{program} has no language to read.").format(program=program), gettext(_NEEDS))
    return chosen


def lacks_text(document: Document) -> bool:
    """Return whether a page of a document holds no text, so that OCR may find some."""
    return bool(_empty(document.text, document.pages))


def with_ocr(ocr: Ocr, extract: Extractor) -> Extractor:
    """Return `extract` with the pages of PDFs read by OCR on which it finds no text."""

    def extract_all(suffix: str, raw: bytes) -> Extract:
        found = extract(suffix, raw)
        unread = any(omission.what in {TEXTLESS, UNREADABLE} for omission in found.omissions)
        if suffix != ".pdf" or not unread:
            return found
        if ocr.whole:
            made = _made_readable(ocr, raw)
            return extract(suffix, made) if made else _named(found, len(_empty(found.text, found.pages)))
        return _filled(found, raw, ocr)

    return extract_all


def _empty(text: str, pages: tuple[int, ...]) -> list[int]:
    """Return the numbers, from 0, of the pages on which there is nothing."""
    ends = pairwise((*pages, len(text)))
    return [number for number, (start, end) in enumerate(ends) if not text[start:end].strip()]


def _filled(found: Extract, raw: bytes, ocr: Ocr) -> Extract:
    """Return an Extract with the text of its empty pages in their places."""
    texts: dict[int, str] = {}
    failed = 0
    for number in _empty(found.text, found.pages):
        image = _image(raw, number)
        text = _read(ocr, image) if image else None
        failed += text is None
        if image != b"":  # a white page
            texts[number] = clean(_paragraphs(text or ""))
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for number, (start, end) in enumerate(pairwise((*found.pages, len(found.text)))):
        starts.append(length)
        text = texts.get(number, "").strip()
        part = f"{text}\n\n" if text else found.text[start:end]
        if text and parts and not parts[-1].endswith("\n\n"):
            parts.append("\n\n")
            length += 2
            starts[-1] = length
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            raise too_long()
    whole = "".join(parts).rstrip() + "\n"
    return _named(replace(found, text=whole, pages=tuple(min(start, len(whole)) for start in starts)), failed)


def _named(found: Extract, failed: int) -> Extract:
    """Return an Extract whose pages without text were read, but for some."""
    left = tuple(omission for omission in found.omissions if omission.what not in {TEXTLESS, UNREADABLE})
    if failed:
        left = (Omission("pages that OCR could not read", failed, len(found.pages)), *left)
    return replace(found, omissions=left, why_empty=gettext("OCR found no text on its pages"))


def _image(raw: bytes, number: int) -> bytes | None:
    """Return the picture of a page (PGM); b"" for a white one, None where it cannot be drawn."""
    command = [*PYTHON, "-m", "rag.documents.page_image", str(number), str(os.getpid())]
    try:
        drawn = subprocess.run(command, input=raw, capture_output=True, timeout=_SECONDS, env=environment())
    except (OSError, subprocess.SubprocessError):
        return None
    return drawn.stdout if drawn.returncode == 0 else None


def _read(ocr: Ocr, image: bytes) -> str | None:
    """Return what tesseract reads in a picture, None where it fails."""
    command = [ocr.program, "-", "-", "-l", ocr.languages]
    try:
        read = subprocess.run(command, input=image, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return read.stdout.decode("utf-8", "replace") if read.returncode == 0 else None


def _made_readable(ocr: Ocr, raw: bytes) -> bytes | None:
    """Return a PDF with the text of its pages behind them, by ocrmypdf; None where it fails."""
    command = [ocr.program, "--skip-text", "--quiet", "-", "-"]
    try:
        made = subprocess.run(command, input=raw, capture_output=True, timeout=_SECONDS_WHOLE)
    except (OSError, subprocess.SubprocessError):
        return None
    return made.stdout if made.returncode == 0 and made.stdout.startswith(b"%PDF") else None


def _paragraphs(text: str) -> str:
    """Return text as lines of a page as paragraphs of a line each."""
    lines = text.replace("\r\n", "\n").replace("\f", "\n").split("\n")
    joiner, language = LineJoiner(lines), told_language(text, "")
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        wrapped = [line.strip() for line in paragraph.split("\n") if line.strip()]
        longest = max(map(len, wrapped), default=0)
        parts: list[list[str]] = []
        for before, line in zip(["", *wrapped], wrapped, strict=False):
            if not before or (len(before) < _WRAPPED * longest and not line[0].islower()):
                parts.append([])
            parts[-1].append(line)
        found.append("\n".join(joiner.join(part, language) for part in parts))
    return "\n\n".join(filter(None, found))
