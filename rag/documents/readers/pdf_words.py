"""The words of a PDF's page and where they stand, from pdfium's characters.

Points, from the top left of the page as it is shown: a page that is turned is turned back, and text
that runs another way than most of its page (a stamp in the margin) is kept apart.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers.line_joining import told_language

MOST_GLYPHS = 60_000  # a page: a newspaper's has 30,000
_RAISE = 0.12  # of the size: so far does a baseline shift for a raised or lowered figure
_GAP = 0.3  # of the size: wider is between words, though no space is written
_NARROW_GAP = 0.13  # of the size: wider parts what stands in two pieces
_LETTERS = 4  # letters at least that a spaced word has
_WIDEST, _EVEN = 0.8, 0.04  # of the size: the space between its letters at most, and by how much that differs
_ADVANCE = 0.2  # points: so near to a letter's end begins the next
_DOUBLED = 0.15  # of the size: nearer is the same letter printed twice, to look bold
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_LINE_HYPHENS = (0x2, 0xFFFE, 0xAD)  # what pdfium writes for a hyphen at a line's end
_NO_LETTER = 0.2  # share of a page's words without Unicode from which on its letters are not to be read


@dataclass(slots=True)
class Word:
    """A word at its place: `base` is its baseline; `spaced` where a space stands before it.

    `own` marks what is a line by itself ("Name: TSV"), `block` what is a whole table in the place of a word.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool = False
    spaced: bool = True
    own: bool = False
    block: Any = None
    bottom: float = 0.0

    def __post_init__(self) -> None:
        self.bottom = self.bottom or self.base + 0.22 * self.size

    @property
    def top(self) -> float:
        """The height its letters reach."""
        return self.base - 0.75 * self.size


@dataclass(slots=True)
class PageWords:
    """A page's words: those that run as most do, and those that run another way, a list a direction."""

    width: float
    height: float
    words: list[Word]
    aside: list[list[Word]] = field(default_factory=list)
    turned: int = 0  # quarters by which the page was turned to stand upright
    unmapped: bool = False  # its letters have no Unicode


@dataclass(slots=True)
class _Style:
    size: float
    bold: bool
    direction: int  # quarters, clockwise as shown
    mapped: bool


@dataclass(slots=True)
class _Run:
    """A word as it is being gathered, in user space."""

    codes: list[int]
    style: _Style
    x0: float
    y0: float
    x1: float
    y1: float
    spaced: bool
    guessed: bool = False  # by pdfium, that there is a space: none is written


def read_words(page: Any) -> PageWords:
    """Return the words of a pypdfium2 page, or none where it holds more than MOST_GLYPHS."""
    textpage = page.get_textpage()
    try:
        runs = _closed_up(_runs(textpage.raw))
    finally:
        textpage.close()
    rotation = page.get_rotation() // 90
    left, bottom, right, top = page.get_bbox()
    box = (left, bottom, right - left, top - bottom)
    mapped = [run for run in runs if run.style.mapped]
    unmapped = len(runs) - len(mapped) > _NO_LETTER * len(runs)
    if unmapped and told_language(" ".join(_spell(run.codes) for run in runs), ""):
        mapped, unmapped = runs, False  # an old font without a map, whose codes are letters all the same
    directions = Counter[int]()
    for run in mapped:
        directions[(run.style.direction + rotation) % 4] += len(run.codes)
    ways = [way for way, _ in directions.most_common()] or [0]
    found = [[_word(run, box, (rotation - way) % 4) for run in mapped if (run.style.direction + rotation) % 4 == way]
             for way in ways]  # fmt: skip
    turned = (rotation - ways[0]) % 4
    width, height = (box[2], box[3]) if turned % 2 == 0 else (box[3], box[2])
    return PageWords(width, height, [] if unmapped else found[0], [] if unmapped else found[1:], turned, unmapped)


def place(x: float, y: float, box: tuple[float, float, float, float], quarters: int) -> tuple[float, float]:
    """Return where a point of user space is shown, from the top left, on a page turned clockwise by quarters."""
    left, bottom, width, height = box
    x, y = x - left, y - bottom
    return ((x, height - y), (y, x), (width - x, y), (height - y, width - x))[quarters]


def _runs(textpage: Any) -> list[_Run]:
    """Return the words in the order of the content stream, in user space."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFText_CountChars(textpage)
    if count > MOST_GLYPHS:
        return []
    generated = pdfium.FPDFText_IsGenerated
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    box_of, x_of, y_of = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    unicode_of, loose_box, origin = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetCharOrigin,
    )
    seen: dict[tuple[int, int, int], float] = {}
    runs: list[_Run] = []
    run: _Run | None = None
    spaced, guessed, last, level = True, False, (0.0, 0.0, 0.0), (0.0, 0.0)
    for index in range(count):
        code = unicode_of(textpage, index)
        if code in (32, 9, 10, 13, 160, 0x3000) or 0x2000 <= code <= 0x200B:
            spaced = not _breaks_wrongly(code, run)
            run, guessed = None if spaced else run, spaced and generated(textpage, index) == 1
            continue
        if not loose_box(textpage, index, box_of):
            continue
        left, low, right, high = box.left, box.bottom, box.right, box.top
        if run is not None and (left, low, right) == last:
            run.codes.append(code)  # a letter of a ligature: all have the place of the whole
            continue
        if (
            run is not None
            and run.style.direction == 0
            and run.codes
            and (low, high) == level
            and abs(left - run.x1) < _ADVANCE
        ):
            run.codes.append(code)  # most letters follow the one before: no need to look closer
            run.x1 = right
            seen[code, int(left), round(run.y0)] = left
            last = (left, low, right)
            continue
        if not origin(textpage, index, x_of, y_of):
            continue
        last, level, at_x, at_y = (left, low, right), (low, high), x.value, y.value
        if run is None or not _goes_on(run, at_x, at_y, right, low, high):
            spaced = spaced if run is None else _apart(run, at_x, at_y, right, low, high)
            run = _begun(_style(textpage, index), at_x, at_y, right, high, spaced)
            run.guessed, spaced, guessed = guessed, False, False
            runs.append(run)
        if _printed_twice(seen, code, at_x, at_y, run.style.size):
            continue
        run.codes.append(code)
        _extend(run, left, low, right, high)
    return [run for run in runs if run.codes]


def _breaks_wrongly(code: int, run: _Run | None) -> bool:
    """Return whether this is a line break within text that runs up or down: pdfium makes one every few letters."""
    return code in (10, 13) and run is not None and run.style.direction % 2 == 1


def _begun(style: _Style, x: float, y: float, right: float, high: float, spaced: bool) -> _Run:
    """Return a word that begins at a place, before it has letters."""
    return _Run([], style, x, y, x if style.direction == 0 else right, high, spaced)


def _extend(run: _Run, left: float, low: float, right: float, high: float) -> None:
    way = run.style.direction
    if way == 0:
        run.x1 = max(run.x1, right)
    elif way == 1:
        run.y1 = low  # it runs down
    elif way == 2:
        run.x1 = left
    else:
        run.y1 = high


def _goes_on(run: _Run, x: float, y: float, right: float, low: float, high: float) -> bool:
    """Return whether the next letter belongs to the word: on its line, and near its end."""
    size, way = run.style.size, run.style.direction
    if way == 0:
        return abs(y - run.y0) < _RAISE * size and -0.5 * size < x - run.x1 < _GAP * size
    if way == 2:
        return abs(y - run.y0) < _RAISE * size and -0.5 * size < run.x1 - right < _GAP * size
    gap = run.y1 - high if way == 1 else low - run.y1
    return abs(x - run.x0) < _RAISE * size and abs(gap) < _NARROW_GAP * size


def _apart(run: _Run, x: float, y: float, right: float, low: float, high: float) -> bool:
    """Return whether there is a space between the word before and a letter that is not its own."""
    size, way = run.style.size, run.style.direction
    if way % 2 == 0:
        gap = x - run.x1 if way == 0 else run.x1 - right
        return abs(y - run.y0) > size or not -0.5 * size < gap < _NARROW_GAP * size
    gap = run.y1 - high if way == 1 else low - run.y1
    return abs(x - run.x0) > size or not -0.5 * size < gap < _NARROW_GAP * size


def _closed_up(runs: list[_Run]) -> list[_Run]:
    """Return words with those made one that are printed with space between their letters, the same everywhere."""
    found: list[_Run] = []
    at = 0
    while at < len(runs):
        end = at + 1
        while (
            end < len(runs)
            and _follows(runs[at], runs[end - 1], runs[end])
            and (
                end == at + 1
                or abs(_gap(runs[end - 1], runs[end]) - _gap(runs[at], runs[at + 1])) < _EVEN * runs[at].style.size
            )
        ):
            end += 1
        letters = runs[at:end] if end - at >= _LETTERS else runs[at : at + 1]
        at += len(letters)
        letters[0].codes = [code for letter in letters for code in letter.codes]
        letters[0].x1 = letters[-1].x1
        found.append(letters[0])
    return found


def _follows(first: _Run, before: _Run, run: _Run) -> bool:
    """Return whether a letter goes on with a word that may be spaced; a sign only ends it."""
    size = first.style.size
    return (
        run.guessed
        and len(before.codes) == len(run.codes) == 1
        and chr(before.codes[0]).isalpha()
        and (first.style.direction, size) == (run.style.direction, run.style.size) == (0, size)
        and abs(run.y0 - first.y0) < _RAISE * size
        and _NARROW_GAP * size < _gap(before, run) < _WIDEST * size
    )


def _gap(before: _Run, run: _Run) -> float:
    return run.x0 - before.x1


def _printed_twice(seen: dict[tuple[int, int, int], float], code: int, x: float, y: float, size: float) -> bool:
    """Return whether the same letter was printed at this place already; take note of it."""
    column, row = int(x), round(y)
    for near in (column, column - 1, column + 1):
        before = seen.get((code, near, row))
        if before is not None and abs(before - x) < _DOUBLED * size:
            return True
    seen[code, column, row] = x
    return False


def _style(textpage: Any, index: int) -> _Style:
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(textpage, index, ctypes.byref(matrix))
    scale = math.hypot(matrix.c, matrix.d) or 1.0
    size = min(max(abs(pdfium.FPDFText_GetFontSize(textpage, index) * scale), 1.0), 500.0)
    direction = round(-math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
    bold = pdfium.FPDFText_GetFontWeight(textpage, index) >= 600 or _named_bold(textpage, index)
    return _Style(size, bold, direction, pdfium.FPDFText_HasUnicodeMapError(textpage, index) != 1)


def _named_bold(textpage: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage, index, name, len(name), ctypes.byref(flags))
    return b"bold" in name.value.lower() or b"black" in name.value.lower()


def _word(run: _Run, box: tuple[float, float, float, float], quarters: int) -> Word:
    if run.style.direction % 2 == 0:
        (ax, ay), (bx, _) = place(run.x0, run.y0, box, quarters), place(run.x1, run.y0, box, quarters)
    else:
        (ax, ay), (bx, _) = place(run.x0, run.y0, box, quarters), place(run.x0, run.y1, box, quarters)
    return Word(_spell(run.codes), min(ax, bx), max(ax, bx), ay, run.style.size, run.style.bold, run.spaced)


def _spell(codes: list[int]) -> str:
    if not any(code < 32 or code >= 0xAD for code in codes):
        return "".join(map(chr, codes))
    letters = [
        "-" if code in _LINE_HYPHENS else _LIGATURES.get(code) or (chr(code) if 31 < code < 0x110000 else "")
        for code in codes
    ]
    return "".join(letters).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
