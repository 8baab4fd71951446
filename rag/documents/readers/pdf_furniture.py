"""The furniture of pages: running heads, feet and page numbers, which are no text of the document.

What stands outermost on several pages at the same height with the same words, its figures the same
or counting with the pages, is furniture where it stands off the text. On a single page only a figure
that stands alone at its foot is taken for its number, and what browsers print around a page: "1/1", and in line with
it or at the top the page's title, its address and the time of printing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from rag.documents.readers.pdf_lines import Line, rows_of
from rag.documents.readers.pdf_words import PageWords, Word

_MOST_ROWS = 6  # of furniture at either end of a page
_MOST_WORDS = 40  # of furniture there: more are a letter that is the same on every page
_ZONE = 0.16  # share of the page's height at either end where furniture stands
_SAME_HEIGHT = 4.0  # points
_OFF, _OFF_SURELY = 1.6, 1.2  # times the size: so far does furniture stand off the text; on three pages and more
_LARGE, _SHARE = 1.25, 80  # times the size that so many per cent of the words do not exceed: larger is a heading
_WIDER = 1.25  # times the white between the lines of the text
_LOOSEST = 2.4  # times the size: lines stand no further apart
_WIDE = 1.2  # times the size: so far apart are the parts of a running head
_NEIGHBOURS = 4  # pages with the same words before and after one that are compared

_FIGURE = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+")
_ALONE = re.compile(r"\W*\d{1,4}\W*(?:\d{1,4}\W*)?")
_ADDRESS = re.compile(r"[a-z]{2,8}:/")
_MOMENT = re.compile(r"(?i)[\d\W]*\d[\d\W]*(?:[ap]m)?")
_MOST_AROUND = 20  # signs of "Page 1 of 1"

Key = tuple[str, int, int]
Seen = dict[Key, list[tuple[int, tuple[int, ...]]]]  # on which pages, and with which figures


def without_furniture(pages: Sequence[PageWords], title: str = "") -> int:
    """Take the furniture out of the words of pages; return on how many pages there was some.

    `title` is what the file says that it is called.
    """
    ends = [(_ends(page, 1), _ends(page, -1)) for page in pages]
    seen: Seen = {}
    for number, (top, foot) in enumerate(ends):
        for row in (*top, *foot):
            for part in _parts(row):
                (key, *_), figures = _keys(part)
                seen.setdefault(key, []).append((number, figures))
    touched = 0
    for number, (page, both) in enumerate(zip(pages, ends, strict=True)):
        gone = {id(word) for rows in both for word in _furniture(rows, seen, page, number, len(pages))}
        if len(pages) == 1:
            gone |= {id(word) for word in _printed(*both, title)}
        if gone:
            page.words = [word for word in page.words if id(word) not in gone]
            touched += 1
    return touched


def _ends(page: PageWords, way: int) -> list[Line]:
    """Return the rows at one end of a page, the outermost first."""
    zone = _ZONE * page.height
    words = [word for word in page.words if (word.base < zone if way > 0 else word.base > page.height - zone)]
    return rows_of(words)[::way][:_MOST_ROWS]


def _parts(row: Line) -> list[list[Word]]:
    """Return the parts of a running head: its title, its date, the page's number."""
    parts = [[row.words[0]]]
    for before, word in pairwise(row.words):
        if word.x0 - before.x1 > _WIDE * row.size:
            parts.append([])
        parts[-1].append(word)
    return parts


def _keys(part: list[Word]) -> tuple[list[Key], tuple[int, ...]]:
    """Return what furniture has in common on several pages, for its height and those next to it; and its figures."""
    text = " ".join(word.text for word in part).casefold()
    words = "#" if _ROMAN.fullmatch(text) else _FIGURE.sub("#", text)
    height, size = round(part[0].base / _SAME_HEIGHT), round(part[0].size)
    return [(words, height + shift, size) for shift in (0, 1, -1)], tuple(int(f[-9:]) for f in _FIGURE.findall(text))


def _copies(part: list[Word], seen: Seen, number: int) -> int:
    """Return on how many pages near a part stands likewise, its figures the same or counting with the pages."""
    keys, figures = _keys(part)
    found = {number}
    for key in keys:
        pages = seen.get(key, [])
        at = bisect_left(pages, (number, ()))
        for other, others in pages[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]:
            pairs = zip(figures, others, strict=False)
            if all(theirs - mine in {0, other - number} for mine, theirs in pairs):
                found.add(other)
    return len(found)


def _furniture(rows: list[Line], seen: Seen, page: PageWords, number: int, pages: int) -> list[Word]:
    """Return the words of the furniture at one end of a page: from the outside, up to where it stands off the text."""
    if rows and pages == 1:
        return rows[0].words if _is_number(rows[0], page) and _white(rows[0], page) >= _OFF else []
    sizes = sorted(word.size for word in page.words)
    large = _LARGE * sizes[_SHARE * len(sizes) // 100] if sizes else 0.0
    found: list[Word] = []
    shared: list[Word] = []
    for row in rows:
        parts = _parts(row)
        copies = [_copies(part, seen, number) for part in parts]
        if max(copies) < 2 or row.size > large or len(shared) + len(row.words) > _MOST_WORDS:
            break
        shared += [word for part, count in zip(parts, copies, strict=True) if count >= 2 for word in part]
        if _white(row, page) >= (_OFF if max(copies) < 3 else _OFF_SURELY):
            found = list(shared)
        if min(copies) < 2:
            break
    return found


def _printed(top: list[Line], foot: list[Line], title: str) -> list[Word]:
    """Return the words that a browser printed at the top and the foot of a single page: its foot counts the pages."""
    rows = [[(part, " ".join(word.text for word in part)) for part in _parts(row)] for row in (*top[:1], *foot[:1])]
    if not foot or not any(_is_one_of_one(text) for _, text in rows[-1]):
        return []
    found: list[Word] = []
    for parts in rows:
        named = [text == title or _is_one_of_one(text) or _ADDRESS.match(text) for _, text in parts]
        known = [one or _MOMENT.fullmatch(text) for one, (_, text) in zip(named, parts, strict=True)]
        if all(known) and any(named):
            found += [word for part, _ in parts for word in part]
        elif parts is rows[-1]:
            found += [word for part, text in parts if _is_one_of_one(text) for word in part]
    return found


def _is_one_of_one(text: str) -> bool:
    return _FIGURE.findall(text) == ["1", "1"] and len(text) <= _MOST_AROUND


def _is_number(row: Line, page: PageWords) -> bool:
    return row.base > page.height / 2 and _ALONE.fullmatch(row.text) is not None


def _white(row: Line, page: PageWords) -> float:
    """Return how many times its size a row is from the text of its page; 0 where that is no more than lines there."""
    inward = 1 if row.base < page.height / 2 else -1
    bases = sorted({round(inward * (word.base - row.base), 1) for word in page.words})
    beyond = [base for base in bases if base > 0.5 * row.size]
    if not beyond:  # the last row: furniture where it is the only one
        return 0.0 if any(base < -0.5 * row.size for base in bases) else 1e9
    pitches = [after - before for before, after in pairwise(bases) if after - before > 0.5 * row.size]
    usual = min(median(pitches), _LOOSEST * row.size) if pitches else 0.0
    return beyond[0] / row.size if beyond[0] > _WIDER * usual else 0.0
