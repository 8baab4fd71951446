"""What a PDF's page shows besides text: the ruled lines that make tables, the dots before items, and images."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.pdf_words import place

_MOST_OBJECTS = 20_000  # of a page are looked at
_MOST_SEGMENTS = 2_000  # of a path: a map has more, a table not
_DEEPEST = 4  # forms in forms
_THIN = 3.0  # points: what is thinner is a line
_SHORTEST = 6.0  # points: shorter is no rule
_DOT = 9.0  # points: larger is no bullet
_ROUND = 1.3  # times its height a dot is wide, or the other way, at most
_TELLING = 0.01  # share of the page: an image smaller than that is decoration
_PHOTOGRAPH = 0.8  # share of the page: an image larger than that is the page itself

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]


@dataclass(slots=True)
class PageObjects:
    """`across` are rules (x0, x1, y), `down` are (y0, y1, x), in points from the top left, as the page is shown."""

    across: list[tuple[float, float, float]] = field(default_factory=list)
    down: list[tuple[float, float, float]] = field(default_factory=list)
    images: int = 0
    pictures: list[Box] = field(default_factory=list)  # their places: left, top, right, bottom
    dots: list[Box] = field(default_factory=list)  # small and as wide as high
    empty: bool = True  # nothing is drawn


def read_objects(page: Any, turned: int) -> PageObjects:
    """Return the rules, dots and images of a pypdfium2 page that is turned by quarters to stand upright."""
    import pypdfium2.raw as pdfium

    left, bottom, right, top = page.get_bbox()
    box = (left, bottom, right - left, top - bottom)
    area = max(box[2] * box[3], 1.0)
    found = PageObjects()
    for number, (handle, matrix) in enumerate(_objects(page.raw, False, (1, 0, 0, 1, 0, 0), 0)):
        if number >= _MOST_OBJECTS:
            break
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        found.empty = False
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = _bounds(handle, matrix)
            share = abs(x1 - x0) * abs(y1 - y0) / area
            if _TELLING <= share < _PHOTOGRAPH:
                found.images += 1
                found.pictures.append(_shown(x0, y0, x1, y1, box, turned))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            bounds = _bounds(handle, matrix)
            if _is_dot(*bounds):
                found.dots.append(_shown(*bounds, box, turned))
                continue
            for (ax, ay), (bx, by) in _lines(handle, matrix):
                _add_rule(found, place(ax, ay, box, turned), place(bx, by, box, turned))
    return found


def _is_dot(x0: float, y0: float, x1: float, y1: float) -> bool:
    small, large = sorted((abs(x1 - x0), abs(y1 - y0)))
    return 0 < large <= _DOT and large <= _ROUND * small


def _shown(x0: float, y0: float, x1: float, y1: float, box: Box, turned: int) -> Box:
    (ax, ay), (bx, by) = place(x0, y0, box, turned), place(x1, y1, box, turned)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _add_rule(found: PageObjects, one: tuple[float, float], other: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = min(one, other), max(one, other)
    if abs(y1 - y0) < 1.0 and x1 - x0 >= _SHORTEST:
        found.across.append((x0, x1, (y0 + y1) / 2))
    elif abs(x1 - x0) < 1.0 and abs(y1 - y0) >= _SHORTEST:
        found.down.append((min(y0, y1), max(y0, y1), (x0 + x1) / 2))


def _objects(parent: Any, inside: bool, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFFormObj_CountObjects(parent) if inside else pdfium.FPDFPage_CountObjects(parent)
    for index in range(min(count, _MOST_OBJECTS)):
        get = pdfium.FPDFFormObj_GetObject if inside else pdfium.FPDFPage_GetObject
        handle = get(parent, index)
        if pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_FORM:
            if depth < _DEEPEST:
                yield from _objects(handle, True, _product(_matrix(handle), matrix), depth + 1)
        else:
            yield handle, matrix


def _matrix(handle: Any) -> Matrix:
    import pypdfium2.raw as pdfium

    raw = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(raw))
    return raw.a, raw.b, raw.c, raw.d, raw.e, raw.f


def _product(one: Matrix, other: Matrix) -> Matrix:
    (a, b, c, d, e, f), (u, v, w, x, y, z) = one, other
    return a * u + b * w, a * v + b * x, c * u + d * w, c * v + d * x, e * u + f * w + y, e * v + f * x + z


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounds(handle: Any, matrix: Matrix) -> Box:
    import pypdfium2.raw as pdfium

    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(handle, *map(ctypes.byref, (left, bottom, right, top)))
    return (*_moved(left.value, bottom.value, matrix), *_moved(right.value, top.value, matrix))


def _lines(handle: Any, matrix: Matrix) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight lines of a path, in user space: what is drawn as a line, or as a box so thin."""
    import pypdfium2.raw as pdfium

    x0, y0, x1, y1 = _bounds(handle, matrix)
    if x1 - x0 < _THIN or y1 - y0 < _THIN:
        across = x1 - x0 >= y1 - y0
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        yield ((x0, middle_y), (x1, middle_y)) if across else ((middle_x, y0), (middle_x, y1))
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, ctypes.byref(fill), ctypes.byref(stroke))
    count = pdfium.FPDFPath_CountSegments(handle)
    if not stroke.value or not 0 < count <= _MOST_SEGMENTS:
        return  # a shade behind the text, or a drawing
    matrix = _product(_matrix(handle), matrix)
    first = last = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(handle, index)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        here = _moved(x.value, y.value, matrix)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield last, here
        last = here
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield last, first
            last = first
