"""The answers of a batch as a table for spreadsheets and scripts (CSV), and as Markdown to read.

Both are made from records (see `rag.output.json_record`), which may have lain in a file since an earlier
version: what they lack is left out. No text of a record is run by a spreadsheet, is markup,
or is obeyed by a terminal.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rag.answering.assistant import Citation
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.output.terminal import counted
from rag.output.transcript import escaped, place, with_marks
from rag.text.sanitize import one_line, plain

_NEAREST = 3  # passages shown where the documents do not say
_LONGEST = 100  # characters of such a passage

_OF_RECORD = ("id", "question", "status", "answer", "model", "mode", "error")
_OF_CITATION = ("document", "title", "date", "page", "start", "end", "quote", "support")
_COLUMNS = (*_OF_RECORD[:4], *_OF_CITATION, "citations", "further", "model", "mode", "seconds", "error")

# What makes a spreadsheet run a cell, in the wide forms of East Asian keyboards too.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


def as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with a row for each record, and its first citation in it.

    Text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    # No byte order mark, though Excel likes one: to scripts it would be part of the first column's name.
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(_COLUMNS)
    for record in records:
        values = _values(record)
        table.writerow([_cell(values[name]) for name in _COLUMNS])
    return _writable(file.getvalue())


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    first, *others = record["citations"] or [{}]
    return {
        **{name: record.get(name) for name in _OF_RECORD},
        **{name: first.get(name) for name in _OF_CITATION},
        "citations": len(record["citations"]),
        "further": " | ".join(map(_where, others)),
        "seconds": (record.get("timings") or {}).get("total_s"),
    }


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value if math.isfinite(value) else ""
    text = plain(str(value))  # in which a tab stays, but no carriage return
    return f"'{text}" if _FORMULA.match(text) or _FORMULA.match(str(value)) else text


def _where(passage: Mapping[str, Any]) -> str:
    return f"{passage['document']}:{passage['start']}-{passage['end']}"


def _writable(text: str) -> str:
    # Halves of characters, which PDFs may hold, have no UTF-8: they are written out.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


# --- Markdown --------------------------------------------------------------------------


def as_markdown(records: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return the records as Markdown (CommonMark), in which nothing but Beleg's own is markup."""
    questions = f"{len(records)} {'question' if len(records) == 1 else 'questions'}"
    counts = Counter(record["status"] for record in records)
    blocks = [f"# {_line(title)}", " · ".join([questions, *counted(counts)])]
    for record in records:
        blocks += _section(record)
    return _writable("\n\n".join(blocks) + "\n")


def _section(record: Mapping[str, Any]) -> list[str]:
    detail = record.get("detail") or {}
    blocks = [f"## {_line(record['question'])}", _status(record)]
    standalone = detail.get("standalone") or ""
    if standalone and one_line(standalone) != one_line(record["question"]):
        blocks.append(f"Understood as: {_line(standalone)}")
    blocks.append(escaped(plain(record["answer"])))
    if record["status"] == "not_found":
        blocks += _nearest(detail.get("nearest") or record["passages"])
    if figures := detail.get("figures"):
        differing = " · ".join(f"{words} [{n}]" for n, words in figures)
        blocks.append(_line(f"The sources give different figures: {differing}"))
    return [*filter(None, blocks), *_sources(record["citations"], detail.get("citations") or ())]


def _line(text: str) -> str:
    return escaped(one_line(text))


def _status(record: Mapping[str, Any]) -> str:
    status, reason = record["status"].replace("_", " ").capitalize(), record.get("error")
    return _line(f"{status}: {reason}" if reason else status)


def _nearest(passages: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"- {_line(_where(each) + ' ' + one_line(each.get('text') or '', _LONGEST))}" for each in passages]
    return ["Nearest passages (not evidence):", "\n".join(lines[:_NEAREST])] if lines else []


def _sources(citations: Sequence[Mapping[str, Any]], details: Sequence[Mapping[str, Any]]) -> list[str]:
    marks = {each.get("n"): each.get("marks") for each in details}
    blocks = ["Sources"] if citations else []
    for each in citations:
        citation = _citation(each, marks.get(each["n"]))
        blocks.append(f"**\\[{_line(str(citation.n))}\\]** {_line(place(citation))}")
        blocks.append("> " + escaped(with_marks(citation.quote)).replace("\n", "\n> "))
        if citation.quote.gloss:
            blocks.append(_line(f"word by word: {citation.quote.gloss}"))
    return blocks


def _citation(record: Mapping[str, Any], marks: Any) -> Citation:
    """Return the citation that a record is of, as far as the record goes: its document has no text."""
    name, text, start = record["document"], record["quote"], record["start"]
    document = Document("", "", name, record["title"], record["date"], "", "", 0, (0,), "")
    quote = Quote(document, start, start + len(text), text, 0.0, _spans(marks), record.get("gloss") or "")
    return Citation(record["n"], quote, record["page"])


def _spans(marks: Any) -> tuple[tuple[int, int], ...]:
    """Return what of the marks is any: files of records are edited by hand, too."""
    pairs = [mark for mark in marks if isinstance(mark, list | tuple)] if isinstance(marks, list | tuple) else []
    return tuple((pair[0], pair[1]) for pair in pairs if [type(end) for end in pair] == [int, int])
