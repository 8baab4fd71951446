"""The answers of a batch as Markdown to read.

It is made from records (see `rag.output.json_record`), which may have lain in a file since an earlier
version: what they lack is left out. No text of a record is markup, or is obeyed by a terminal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rag.answering.assistant import Citation
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.documents.own_files import MARKDOWN
from rag.localization import ngettext, words
from rag.output.csv_sheet import where, writable
from rag.output.json_record import has_pages, recorded_version
from rag.output.markdown_text import CLOSE, OPEN, escaped, quoted
from rag.output.terminal import counted, figures_differ
from rag.output.transcript import place
from rag.text.normalization import Normalized, as_read, normalized
from rag.text.sanitize import one_line, plain
from rag.text.unmarked import BETWEEN, unmarked

_NEAREST = 3  # passages shown where the documents do not say
_MARKERS = re.compile(r"(?: \[\d+\])* ")  # what stands between two quotes
_LONGEST = 100  # characters of such a passage


def as_markdown(records: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return the records as Markdown (CommonMark), in which nothing but Beleg's own is markup."""
    questions = ngettext("{n} question", "{n} questions", len(records)).format(n=len(records))
    counts = Counter(record["status"] for record in records)
    blocks = [f"# {_line(title)}", " · ".join([questions, *counted(counts)])]
    for record in records:
        blocks += _section(record)
    return writable("\n\n".join([*blocks, MARKDOWN]) + "\n")


def _section(record: Mapping[str, Any]) -> list[str]:
    detail = record.get("detail") or {}
    language = str(detail.get("language") or "")
    gettext = words(language).gettext
    blocks = [f"## {_line(record['question'])}", _status(record, language)]
    standalone = detail.get("standalone") or ""
    if standalone and one_line(standalone) != one_line(record["question"]):
        blocks.append(_line(gettext("Understood as:") + " " + standalone))
    blocks += [escaped(plain(part)) for part in _paragraphs(record, detail)]
    if record["status"] == "not_found":
        blocks += _nearest(detail.get("nearest") or record["passages"], language)
    if figures := detail.get("figures"):
        blocks.append(_line(figures_differ(figures, language)))
    return [*filter(None, blocks), *_sources(record["citations"], detail.get("citations") or (), language)]


def _paragraphs(record: Mapping[str, Any], detail: Mapping[str, Any]) -> list[str]:
    """Return the answer's text, a paragraph for each quote; what an LLM wrote is one."""
    text, parts, begun, at = record["answer"], [], 0, 0
    for statement in (detail.get("statements") or ()) if record.get("mode") == "quote" else ():
        found = text.find(statement["text"], at)
        if found < 0:
            continue
        if at and _MARKERS.fullmatch(text, at, found):
            parts.append(text[begun : found - 1])
            begun = found
        at = found + len(statement["text"])
    return [*parts, text[begun:]]


def _line(text: str) -> str:
    return escaped(one_line(text))


def _status(record: Mapping[str, Any], language: str) -> str:
    said = words(language)
    names = {
        "answered": said.gettext("Answered"),
        "not_found": said.gettext("Not found"),
        "about": said.pgettext("status of an answer", "About"),
        "error": said.gettext("Error"),
    }
    status, reason = names[record["status"]], record.get("error")
    return _line(f"{status}: {reason}" if reason else status)


def _nearest(passages: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    texts = (each.get("text") or "" for each in passages)
    shown = (one_line(BETWEEN.join(unmarked(text, 0, len(text))), _LONGEST) for text in texts)
    lines = [f"- {_line(f'{where(each)} {text}')}" for each, text in zip(passages, shown, strict=True)]
    head = words(language).gettext("Nearest passages (not evidence):")
    return [head, "\n".join(lines[:_NEAREST])] if lines else []


def _sources(citations: Sequence[Mapping[str, Any]], details: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    gettext = words(language).gettext
    shown = {each.get("n"): each for each in details}
    blocks = [gettext("Sources")] if citations else []
    for each in citations:
        citation = _citation(each, shown.get(each["n"], {}))
        blocks.append(escaped(f"{OPEN}[{one_line(str(citation.n))}]{CLOSE} {place(citation, language)}"))
        blocks.append(quoted(*_read(each, citation.quote)))
        if citation.quote.gloss:
            blocks.append(_line(gettext("word by word:") + " " + citation.quote.gloss))
    return blocks


def _citation(record: Mapping[str, Any], shown: Mapping[str, Any]) -> Citation:
    """Return the citation that a record is of, as far as the record goes: its document has no text."""
    name, start, marks = record["document"], record["start"], shown.get("marks")
    text = shown["quote"] if isinstance(shown.get("quote"), str) else record["quote"]  # as marks count in it
    pages = (0, 0) if has_pages(record, shown) else (0,)
    document = Document("", "", name, record["title"], record["date"], "", "", 0, pages, "")
    quote = Quote(document, start, start + len(text), text, 0.0, _spans(marks), record.get("gloss") or "")
    newest = recorded_version(record.get("older_than"))
    context = record.get("context")
    above = context if isinstance(context, str) else ""
    return Citation(record["n"], quote, record["page"], _names(record.get("also_in")), newest, above)


def _read(record: Mapping[str, Any], quote: Quote) -> tuple[Normalized, list[tuple[int, int]]]:
    """Return a record's quote as it is read, and the answering words in it.

    A row of a table is read with its column heads, of which the quote knows nothing: in what the record says
    of that, the words are marked where they occur but once.
    """
    own = normalized(quote.text, 0, len(quote.text))
    marks = [(start - quote.start, end - quote.start) for start, end in quote.marks]
    reading = record.get("reading")
    if not isinstance(reading, str) or reading == own.text:
        return own, marks
    answering = [as_read(quote.text[max(start, 0) : max(end, 0)]) for start, end in marks]
    found = [
        (at, at + len(each))
        for each in answering
        if each and reading.count(each) == 1 and (at := reading.find(each)) >= 0
    ]
    return Normalized(reading, range(len(reading) + 1)), found


def _names(copies: Any) -> tuple[str, ...]:
    return tuple(map(str, copies)) if isinstance(copies, list | tuple) else ()


def _spans(marks: Any) -> tuple[tuple[int, int], ...]:
    """Return what of the marks is any: files of records are edited by hand, too."""
    pairs = [mark for mark in marks if isinstance(mark, list | tuple)] if isinstance(marks, list | tuple) else []
    return tuple((pair[0], pair[1]) for pair in pairs if [type(end) for end in pair] == [int, int])
