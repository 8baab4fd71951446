"""The tables of a page: by the rules drawn around their cells, or by how their cells stand in columns.

A cell is a string of its lines, joined by line breaks: who knows the document's words joins them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rag.documents.readers.pdf_layout import Band
from rag.documents.readers.pdf_lines import Column, Line, Table, rows_of
from rag.documents.readers.pdf_objects import PageObjects
from rag.documents.readers.pdf_words import Word

_MOST_RULES = 400  # of a kind: a drawing has more
_NEAR = 3.0  # points: rules so near meet, or are one
_MOST_LINES = 12  # of a cell: more are a layout of the page
_TIGHT = 1.3  # times the size: so far below is the next line of a cell, at most

_TERMINAL = (".", "!", "?", ":", ";")
_DIGIT = re.compile(r"\d")
_PAIR = re.compile(r"[^\W\d_][^:.!?]{1,40}: ?\S")

Rule = tuple[float, float, float]


@dataclass(slots=True)
class Grid:
    """Rules that meet: `xs` and `ys` are the edges of their cells."""

    xs: list[float]
    ys: list[float]
    across: list[Rule]
    down: list[Rule]

    def cell(self, word: Word) -> tuple[int, int] | None:
        """Return the row and the column that a word stands in, None where it stands outside."""
        x, y = (word.x0 + word.x1) / 2, word.base - 0.3 * word.size
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            return None
        return _index(self.ys, y), _index(self.xs, x)


def grids(objects: PageObjects) -> list[Grid]:
    """Return what rules make of a page: grids of at least two rows and two columns."""
    across, down = _merged(objects.across), _merged(objects.down)
    if not 0 < len(across) <= _MOST_RULES or not 0 < len(down) <= _MOST_RULES:
        return []
    found = []
    for lines, columns in _connected(across, down):
        xs = _edges([x for *_, x in columns] + [x for x0, x1, _ in lines for x in (x0, x1)])
        ys = _edges([y for *_, y in lines] + [y for y0, y1, _ in columns for y in (y0, y1)])
        if len(xs) >= 3 and len(ys) >= 3 and len(xs) * len(ys) <= 20_000:
            found.append(Grid(xs, ys, lines, columns))
    return found


def _merged(rules: list[Rule]) -> list[Rule]:
    """Return rules with those joined that lie on one line and meet."""
    found: list[Rule] = []
    for start, end, at in sorted(rules, key=lambda rule: (round(rule[2]), rule[0])):
        if found and abs(found[-1][2] - at) < 1.5 and start <= found[-1][1] + _NEAR:
            found[-1] = (found[-1][0], max(found[-1][1], end), found[-1][2])
        else:
            found.append((start, end, at))
    return found


def _connected(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Return the rules in groups that meet each other."""
    parent = list(range(len(across) + len(down)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for number, (x0, x1, y) in enumerate(across):
        for other, (y0, y1, x) in enumerate(down, len(across)):
            if x0 - _NEAR <= x <= x1 + _NEAR and y0 - _NEAR <= y <= y1 + _NEAR:
                parent[root(number)] = root(other)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate((*across, *down)):
        groups.setdefault(root(number), ([], []))[number >= len(across)].append(rule)
    return [group for group in groups.values() if group[0] and group[1]]


def _edges(places: list[float]) -> list[float]:
    found: list[float] = []
    for at in sorted(places):
        if not found or at - found[-1] > _NEAR:
            found.append(at)
    return found


def _index(edges: list[float], at: float) -> int:
    return max(0, min(len(edges) - 2, sum(edge <= at for edge in edges) - 1))


def ruled(grid: Grid, words: list[Word]) -> list[Table | Column]:
    """Return the table that a grid with its words is; its cells as columns of text where it only lays out a page."""
    owner = _owners(grid)
    cells: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        if (place := grid.cell(word)) is not None:
            cells.setdefault(owner[place], []).append(word)
    for place, inside in list(cells.items()):
        if len(apart := _by_columns(grid, inside)) > 1:
            del cells[place]
            cells.update({(place[0], column): part for column, part in apart.items()})
    texts = {place: rows_of(inside) for place, inside in cells.items()}
    columns = sorted({column for _, column in texts})
    rows = sorted({row for row, _ in texts})
    if len(columns) < 2 or len(rows) < 2 or _lays_out(texts):
        return [
            Column(lines, lines[0].x0, max(line.x1 for line in lines)) for _, lines in sorted(texts.items()) if lines
        ]
    lines = [parts for row in rows for parts in _apart([texts.get((row, column), []) for column in columns])]
    table = [["\n".join(line.text for line in cell) for cell in row] for row in lines]
    bold = [all(line.bold for cell in row for line in cell) for row in lines]
    size = next(iter(texts.values()))[0].size
    heads = _has_heads(table, bold)
    return [Table(table, heads, [grid.xs[column] for column in columns], grid.xs[-1], grid.ys[0], grid.ys[-1], size)]


def _lays_out(texts: dict[tuple[int, int], list[Line]]) -> bool:
    """Return whether cells hold so much running text that they are no cells."""
    return any(
        len(lines) > _MOST_LINES and sum(len(line.words) for line in lines) > 4 * len(lines) for lines in texts.values()
    )


def _by_columns(grid: Grid, words: list[Word]) -> dict[int, list[Word]]:
    """Return the words of a cell by the columns it spans, where they stand in these like cells without a rule."""
    found: dict[int, list[Word]] = {}
    for word in words:
        found.setdefault(_index(grid.xs, (word.x0 + word.x1) / 2), []).append(word)
    parts = [found[column] for column in sorted(found)]
    gaps = [min(word.x0 for word in after) - max(word.x1 for word in before) for before, after in pairwise(parts)]
    return found if gaps and min(gaps) > words[0].size else {0: words}


def _apart(cells: list[list[Line]]) -> list[list[list[Line]]]:
    """Return the rows of cells in the row of a grid: several where most cells have as many lines, level."""
    filled = [cell for cell in cells if cell]
    count, times = Counter(len(cell) for cell in filled).most_common(1)[0] if filled else (1, 0)
    if count < 2 or times < max(2, 0.8 * len(filled)) or not _level([cell for cell in filled if len(cell) == count]):
        return [cells]
    if not any(all(_DIGIT.search(line.text) for line in cell) for cell in filled if len(cell) == count):
        return [cells]
    bases = [line.base for line in next(cell for cell in filled if len(cell) == count)]
    edges = [*[(one + other) / 2 for one, other in pairwise(bases)], 1e9]
    return [
        [[line for line in cell if low <= line.base < high] for cell in cells]
        for low, high in zip([-1e9, *edges[:-1]], edges, strict=True)
    ]


def _level(cells: list[list[Line]]) -> bool:
    """Return whether the lines of cells stand at the same heights."""
    return all(
        abs(line.base - other.base) < 0.3 * line.size
        for cell in cells
        for line, other in zip(cell, cells[0], strict=True)
    )


def _owners(grid: Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each cell the first of those that it is one with, since no rule parts them."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row, (y0, y1) in enumerate(pairwise(grid.ys)):
        for column, (x0, x1) in enumerate(pairwise(grid.xs)):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            walled_left = any(abs(at - x0) <= _NEAR and a <= y <= b for a, b, at in grid.down)
            walled_above = any(abs(at - y0) <= _NEAR and a <= x <= b for a, b, at in grid.across)
            if column and not walled_left:
                owner[row, column] = owner[row, column - 1]
            elif row and not walled_above:
                owner[row, column] = owner[row - 1, column]
            else:
                owner[row, column] = row, column
    return owner


def aligned(band: Band) -> list[Table | Column]:
    """Return the table that a band of rows is, or its columns one after the other where few rows have two cells."""
    cells = [_cells(row, band.edges) for row in band.rows]
    if len(parts := _pieces(band, cells)) > 1:
        return [found for part in parts for found in aligned(part)]
    filled = [sum(map(bool, row)) for row in cells]
    if len(band.edges) < 2 or sum(count >= 2 for count in filled) < max(2, 0.4 * len(filled)):
        return _side_by_side(band)
    rows: list[list[str]] = []
    bold: list[bool] = []
    pitches = [after.base - before.base for before, after in pairwise(band.rows)]
    for number, row in enumerate(cells):
        if number and _continues(rows, cells, number, pitches, band.rows[number]):
            rows[-1] = [f"{old}\n{new}".strip("\n") for old, new in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
            bold.append(band.rows[number].bold)
    if sum(sum(map(bool, row)) >= 2 for row in rows) < 2:
        return _side_by_side(band)
    heads = _has_heads(rows, bold) or (len(rows) > 2 and _stands_off(band, pitches) and not _figures(rows[0]))
    first, last = band.rows[0], band.rows[-1]
    edges = [left for left, _ in band.edges]
    return [Table(rows, heads, edges, band.edges[-1][1], first.base - first.size, last.base, first.size)]


def _pieces(band: Band, cells: list[list[str]]) -> list[Band]:
    """Return the tables that stand side by side: each with a head over all its columns, or of labels and values."""
    count = len(band.edges)
    heads = [column for column in range(count) if cells[0][column]]
    step = heads[1] - heads[0] if len(heads) > 1 else 0
    begins = {0}
    if step > 1 and heads == list(range(0, count, step)):
        begins.update(heads)
    for column in range(count - 1):
        texts = [row[column] for row in cells if row[column]]
        if count > 2 and len(texts) > 1 and sum(text.endswith(":") for text in texts) >= 0.6 * len(texts):
            begins |= {column, column + 2}
    for column in range(1, count):
        texts = [row[column] for row in cells if row[column]]
        if len(texts) > 1 and sum(_PAIR.match(text) is not None for text in texts) >= 0.6 * len(texts):
            begins |= {column, column + 1}
    edges = sorted(begins - {count})
    return [_part(band, low, high) for low, high in pairwise([*edges, count])]


def _part(band: Band, low: int, high: int) -> Band:
    """Return some columns of a band."""
    left, right = band.edges[low][0] - 1, band.edges[high - 1][1] + 1
    rows = [[word for word in row.words if left <= (word.x0 + word.x1) / 2 <= right] for row in band.rows]
    lines = [Line(words, row.base, row.size) for words, row in zip(rows, band.rows, strict=True) if words]
    return Band(lines, band.edges[low:high])


def _cells(row: Line, edges: list[tuple[float, float]]) -> list[str]:
    found: list[list[Word]] = [[] for _ in edges]
    for word in row.words:
        middle = (word.x0 + word.x1) / 2
        number = next((number for number, (_, right) in enumerate(edges) if middle <= right + 1), len(edges) - 1)
        found[number].append(word)
    return [Line(words, row.base, row.size).text if words else "" for words in found]


def _side_by_side(band: Band) -> list[Table | Column]:
    found: list[Table | Column] = []
    for left, right in band.edges:
        words = [word for row in band.rows for word in row.words if left - 1 <= (word.x0 + word.x1) / 2 <= right + 1]
        if words:
            found.append(Column(rows_of(words), left, right))
    return found


def _continues(rows: list[list[str]], cells: list[list[str]], number: int, pitches: list[float], line: Line) -> bool:
    """Return whether a row is the next line of cells of the row above."""
    row, above = cells[number], cells[number - 1]
    pitch = pitches[number - 1]
    if pitch > _TIGHT * line.size * 1.15 and pitch > 0.9 * max(pitches):
        return False
    filled = [column for column, text in enumerate(row) if text]
    if len(filled) == len(row) or any(not rows[-1][column] for column in filled):
        return False
    if max(pitches) > 1.2 * pitch:  # rows stand further apart than lines of a cell
        return pitch <= _TIGHT * line.size
    texts = [row[column] for column in filled]
    if any(text[:1].islower() for text in texts) or any(rows[-1][column].endswith("-") for column in filled):
        return True
    return not row[0] and len(filled) == 1 and not _DIGIT.search(texts[0]) and not above[filled[0]].endswith(_TERMINAL)


def _has_heads(rows: list[list[str]], bold: list[bool]) -> bool:
    """Return whether the first row names the columns: it alone is bold, or has words where all others have figures."""
    if len(rows) < 2 or not any(rows[0][1:]) or sum(map(bool, rows[0])) < len(rows[0]) - 1:
        return False
    if bold[0] and not all(bold):
        return sum(bold) <= 1 + len(bold) // 3
    head, body = rows[0], rows[1:]
    if len(head) < 3 or _figures(head):
        return False
    for column in range(1, len(head)):
        texts = [row[column] for row in body if row[column]]
        figures = sum(_DIGIT.search(text) is not None for text in texts)
        if texts and figures >= 0.8 * len(texts) and (len(texts) >= 2 or len(body) == 1):
            return True
    return False


def _figures(row: list[str]) -> bool:
    return any(_DIGIT.search(text) for text in row)


def _stands_off(band: Band, pitches: list[float]) -> bool:
    """Return whether the first row stands further from the others than these from each other."""
    return (
        bool(pitches[1:])
        and pitches[0] > 1.15 * max(pitches[1:])
        and sum(map(bool, _cells(band.rows[0], band.edges))) > 1
    )


def joined(one: Table, other: Table) -> bool:
    """Return whether a table goes on in another, over a page's end; then `one` holds both."""
    if len(one.xs) != len(other.xs) or any(abs(a - b) > 12 for a, b in zip(one.xs, other.xs, strict=True)):
        return False
    again = bool(other.rows) and one.heads and other.rows[0] == one.rows[0]
    if other.heads and not again:
        return False
    one.rows += other.rows[1:] if again else other.rows
    return True


def usual_pitch(lines: list[Line]) -> float:
    """Return how many times their size lines stand below each other, mostly."""
    ratios = Counter(
        round(20 * (after.base - before.base) / before.size)
        for before, after in pairwise(lines)
        if abs(before.size - after.size) < 0.5 and 0.8 < (after.base - before.base) / before.size < 3
    )
    return min((ratio for ratio, count in ratios.items() if count >= 0.5 * max(ratios.values())), default=26) / 20
