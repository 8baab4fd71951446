"""The answers of a batch as a table for spreadsheets and scripts (CSV).

It is made from records (see `rag.output.json_record`), which may have lain in a file since an earlier
version: what they lack is left out. The row of its columns is the mark of a table of Beleg's. No
text of a record is run by a spreadsheet, or obeyed by a terminal.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.documents.own_files import CSV
from rag.text.sanitize import plain

_OF_RECORD = ("id", "question", "status", "answer", "model", "mode", "error")
_OF_CITATION = ("document", "title", "date", "page", "start", "end", "quote", "support")

# What makes a spreadsheet run a cell, in the wide forms of East Asian keyboards too.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


def as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with a row for each record, and its first citation in it.

    Text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    # No byte order mark, though Excel likes one: to scripts it would be part of the first column's name.
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(CSV)
    for record in records:
        values = _values(record)
        table.writerow([_cell(values[name]) for name in CSV])
    return writable(file.getvalue())


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    first, *others = record["citations"] or [{}]
    return {
        **{name: record.get(name) for name in _OF_RECORD},
        **{name: first.get(name) for name in _OF_CITATION},
        "citations": len(record["citations"]),
        "further": " | ".join(map(where, others)),
        "seconds": (record.get("timings") or {}).get("total_s"),
    }


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value if math.isfinite(value) else ""
    text = plain(str(value))  # in which a tab stays, but no carriage return
    return f"'{text}" if _FORMULA.match(text) or _FORMULA.match(str(value)) else text


def where(passage: Mapping[str, Any]) -> str:
    """Return the place of a passage or a citation as it is written everywhere: name:start-end."""
    return f"{passage['document']}:{passage['start']}-{passage['end']}"


def writable(text: str) -> str:
    """Return `text` so that it can be written as UTF-8."""
    # Halves of characters, which PDFs may hold, have no UTF-8: they are written out.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
