"""Tables of separated values (.csv, .tsv), by the standard library.

Which sign separates is told by how even the rows are that it makes: csv.Sniffer is misled by cells of several lines
and by decimal commas, and clevercsv takes .15 s to import, and seconds for a file of a megabyte.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from rag.documents.readers.blocks import joined
from rag.documents.readers.encodings import decode
from rag.documents.readers.extraction import LONGEST, Extract, Omission, Unreadable, clean
from rag.documents.readers.sheets import MOST_CELLS, sheet_blocks, text_rows
from rag.localization import gettext

_SEPARATORS = ";\t|,"  # the likelier first: "3,50" is a number where ";" separates
_SAMPLE = 200_000  # characters
_ROWS = 500  # of the sample
_MOST_LINES = 200  # of a cell
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # for Excel


def read_csv(raw: bytes) -> Extract:
    """CSV and TSV: a table with its column heads, and what stands above it; in any encoding."""
    if raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable(gettext("it is binary, not text"))
    decoded = decode(raw)
    text = clean(decoded.text.removeprefix("\ufeff"))
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    with _cells_of_any_length():
        rows = _read(text, said[1] if said else _SEPARATORS)
    lines = _first(rows)
    more = len(rows) - len(lines)
    left_out = (Omission("rows", more, len(rows), "split the file"),) if more else ()
    blocks = sheet_blocks(text_rows(lines))
    why = "there is no text in its cells"
    return Extract(joined(blocks), "", None, (0,), why, left_out, decoded.encoding, decoded.doubts)


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Let a cell be as long as a document may be; the limit is one for the whole process."""
    before = csv.field_size_limit(LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read(text: str, separators: str) -> list[list[str]]:
    separator, quoted = _form(text[:_SAMPLE], separators)
    rows = list(_rows(text, separator, quoted))
    if quoted and any(cell.count("\n") > _MOST_LINES for row in rows for cell in row):
        return list(_rows(text, separator, quoted=False))  # a quote that is never closed takes the rest for a cell
    return rows


def _first(rows: list[list[str]]) -> list[list[str]]:
    """Return as many rows as have no more cells than are read."""
    cells = 0
    for at, row in enumerate(rows):
        cells += len(row)
        if cells > MOST_CELLS:
            return rows[:at]
    return rows


def _rows(text: str, separator: str, quoted: bool) -> Iterator[list[str]]:
    """Yield the rows of cells, which may be `quoted`, and then of several lines."""
    lines = text.splitlines(keepends=True)
    if quoted:
        return csv.reader(lines, delimiter=separator, skipinitialspace=True)
    return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE, skipinitialspace=True)


def _form(sample: str, separators: str) -> tuple[str, bool]:
    """Return the sign that cuts the rows into the same number of cells most often, and whether quotes count."""
    forms = [(sign, quoted) for quoted in (True, False) for sign in separators]
    scores = {form: _evenness(sample, *form) for form in forms}
    return max(forms, key=lambda form: scores[form])


def _evenness(sample: str, sign: str, quoted: bool) -> float:
    """Return the share of the rows that have as many cells as most rows of several, the more, the better."""
    read = _rows(sample, sign, quoted)
    rows = [len(row) for row in islice(read, _ROWS) if any(cell.strip() for cell in row)]
    widths = Counter(width for width in rows if width > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]))
    return count / len(rows) * (1 - 0.1 / width) * (1 if quoted else 0.9)
