"""The filled fields of a PDF's form, put where they stand, and the comments on a page counted."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.pdf_words import Word, place

_MOST = 5_000  # annotations of a page
_LONGEST = 50_000  # UTF-16 units of a field's value
_LABEL_GAP = 14.0  # points from a label to its field, at most, where it stands beside it
_ABOVE = 16.0  # points from a field to the baseline of a label above it, at most
_FIELD_SIZE = 10.0  # points: letters in a field, where they fit


@dataclass(slots=True)
class Annotations:
    """`values` are the texts of filled fields, at their places; `marks` those of boxes to tick."""

    values: list[Word] = field(default_factory=list)
    marks: list[Word] = field(default_factory=list)
    comments: int = 0
    attachments: int = 0


def read_annotations(page: Any, form: Any, turned: int) -> Annotations:
    """Return what is filled in and commented on a pypdfium2 page; `form` is its document's form or None."""
    import pypdfium2.raw as pdfium

    found = Annotations()
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
            _add_field(found, page, form, annotation, turned)
        elif kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            found.attachments += 1
        elif kind not in {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP}:
            found.comments += 1
        pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _add_field(found: Annotations, page: Any, form: Any, annotation: Any, turned: int) -> None:
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    hidden = pdfium.FPDFAnnot_GetFlags(annotation) & (pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW)
    if hidden or kind in {pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE}:
        return
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(rect))
    left, bottom, right, top = page.get_bbox()
    box = (left, bottom, right - left, top - bottom)
    (ax, ay), (bx, by) = place(rect.left, rect.bottom, box, turned), place(rect.right, rect.top, box, turned)
    x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    size = min(_FIELD_SIZE, max(y1 - y0, 4.0))
    if kind in {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}:
        text = "[x]" if pdfium.FPDFAnnot_IsChecked(form, annotation) else "[ ]"
        found.marks.append(Word(text, x0, x1, y1 - 0.25 * (y1 - y0), size))
        return
    value = _string(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))
    words = " ".join(value.split())
    # Of a box of many lines the first counts; of a box of one, its middle.
    base = y0 + 1.1 * size if y1 - y0 > 2.5 * size else (y0 + y1) / 2 + 0.35 * size
    if words:
        found.values.append(Word(words, x0, x1, base, size))


def _string(get: Callable[[Any, int], int]) -> str:
    import pypdfium2.raw as pdfium

    length = get(None, 0)
    if not 2 < length <= 2 * _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(length)
    get(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "ignore")


def fill_in(words: list[Word], found: Annotations, cell: Callable[[Word], object]) -> list[Word]:
    """Return a page's words with its fields among them: a field and its label are one line ("Name: TSV").

    `cell` says in which cell of a ruled table a word stands, None where in none: a label stands in its field's.
    """
    left = list(words)
    for mark in sorted(found.marks, key=lambda mark: (mark.base, mark.x0)):
        after = [word for word in left if _beside(word, mark) and word.x0 >= mark.x1 - 2]
        others = [other.x0 for other in found.marks if _beside(other, mark) and other.x0 > mark.x0]
        label = _run_of(sorted(after, key=lambda word: word.x0), mark.x1, min(others, default=1e9))
        _merge(left, label, mark, f"{mark.text} " + " ".join(word.text for word in label))
    for value in sorted(found.values, key=lambda value: (value.base, value.x0)):
        label = [word for word in _label(left, value, found.values) if cell(word) == cell(value)]
        named = " ".join(word.text for word in label).rstrip("_. ")
        line = f"{named.removesuffix(':').rstrip()}: {value.text}" if any(map(str.isalpha, named)) else value.text
        _merge(left, label, value, line, own=cell(value) is None)
    return left


def _merge(words: list[Word], label: list[Word], at: Word, text: str, *, own: bool = True) -> None:
    """Put the label and the field in one word in the place of both."""
    for word in label:
        words.remove(word)
    base = label[0].base if label and abs(label[0].base - at.base) < at.size else at.base
    x0, x1 = min([at.x0, *(word.x0 for word in label)]), max([at.x1, *(word.x1 for word in label)])
    words.append(Word(text, x0, x1, base, at.size, own=own))


def _beside(word: Word, other: Word) -> bool:
    return abs(word.base - other.base) < 0.6 * max(other.size, word.size) and not word.own


def _label(words: list[Word], value: Word, values: list[Word]) -> list[Word]:
    """Return the words left of a field, up to the field before it; where there are none, those above it."""
    before = max((other.x1 for other in values if _beside(other, value) and other.x1 <= value.x0), default=-1e9)
    row = [word for word in words if _beside(word, value) and before - 2 <= word.x0 and word.x1 <= value.x0 + 3]
    row.sort(key=lambda word: -word.x1)
    label: list[Word] = []
    edge = value.x0
    for word in row:
        if edge - word.x1 > (8 * _LABEL_GAP if not label else _LABEL_GAP):
            break
        label.insert(0, word)
        edge = word.x0
    if label:
        return label
    above = [word for word in words if not word.own and word.x0 < value.x1 and word.x1 > value.x0 - 3]
    above = [word for word in above if value.size * 0.6 < value.base - word.base < _ABOVE + value.size * 0.6]
    with suppress(ValueError):
        base = max(word.base for word in above)
        return sorted((word for word in above if abs(word.base - base) < 2), key=lambda word: word.x0)
    return []


def _run_of(words: list[Word], start: float, end: float) -> list[Word]:
    """Return the words that follow each other without a wide gap from `start` on."""
    found: list[Word] = []
    for word in words:
        if word.x0 - start > _LABEL_GAP or word.x0 >= end:
            break
        found.append(word)
        start = word.x1
    return found
