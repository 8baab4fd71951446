"""CSV of any delimiter and quoting as records: each with the line it begins on, or with what is wrong there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress

from rag.errors import UsageError

LINE = re.compile(r"[^\n]*+\n|[^\n]++")  # found one by one: 50 million in a list would not fit into memory
LONGEST_LINE = 1_000_000  # characters
_LEADING = re.compile(r'(?:[ \t]*+\n)*+(?:"?sep=([,;\t])"?[ \t]*+(?:\n|\Z)(?:[ \t]*+\n)*+)?', re.IGNORECASE)
Records = Iterator[tuple[int, list[str] | str]]  # the line, and the cells or what is wrong with them


def header(text: str, name: str, delimiters: str) -> tuple[list[str], Records] | None:
    """Return the columns and the records after them, by the first delimiter that makes a column `question`."""
    leading = _LEADING.match(text)
    start, delimiters = (leading.end(), leading[1] or delimiters) if leading else (0, delimiters)
    for delimiter in delimiters:
        records = _records(text, name, start, delimiter)
        with suppress(UsageError):  # a quote that is closed with another delimiter, perhaps
            first = next(records, (0, ""))[1]
            columns = [cell.strip() for cell in first] if isinstance(first, list) else []
            if "question" in map(str.casefold, columns):
                return columns, records
    return None


def _records(text: str, name: str, start: int, delimiter: str) -> Records:
    """Yield each record's first line and its cells, or what is wrong with it."""
    taken: list[str] = []  # the lines of the record at hand

    def lines() -> Iterator[str]:
        for match in LINE.finditer(text, start):
            if len(match[0]) > LONGEST_LINE:  # as a list, 50 million cells take gigabytes
                raise UsageError(f"{name} has a line of more than {LONGEST_LINE:,} characters.", "Split it.")
            taken.append(match[0])
            yield match[0]
        taken.append("")  # the end: a quote that is open here is never closed

    # The module's limit for a cell, 131,072 characters, belongs to the process, and holds any question.
    reader = csv.reader(lines(), delimiter=delimiter, strict=True, skipinitialspace=True)
    above = 1 + text.count("\n", 0, start)
    while True:
        line = above + reader.line_num
        taken.clear()
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if len(taken) > 1:  # is what follows inside of the quote or outside? no row can be trusted any more
                line += _lines_before_open_quote("".join(taken), delimiter)
                reason = f"{name}, line {line}: the quote that opens there is not closed where its column ends."
                raise UsageError(reason, 'In quotes write "" for ".') from error
            yield line, "a cell is too long" if "larger" in str(error) else 'a " within quotes is not written ""'


def _lines_before_open_quote(record: str, delimiter: str) -> int:
    """Count the line ends before the first quoted cell of `record` that does not end with its quote."""
    cell = re.compile(rf' *+"(?:[^"]|"")*+"(?=[{delimiter}\n]|\Z)|(?! *")[^{delimiter}\n]*+')
    position = 0
    while (match := cell.match(record, position)) and match.end() < len(record):
        position = match.end() + 1
    return record.count("\n", 0, position)
