"""Text of documents and models as the screen shows it: never markup, never obeyed.

Strings become `Content`, whose characters mean nothing, or Markdown in which every
character that could mean something is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from rag.text.paragraphs import paragraphs
from rag.text.sanitize import one_line, plain

if TYPE_CHECKING:
    from rag.answering.attribution import Statement
    from rag.answering.sentence_selection import Quote

_SYNTAX = re.compile(r"([!-/:-@\[-`{-~])")

_WITHIN = re.compile(r"\n(?=[^\s|#>*+-])")  # lines of one paragraph; tables, lists and headings keep theirs


def escaped(text: str) -> str:
    """Return Markdown that shows `text` on one line, character for character."""
    return _SYNTAX.sub(r"\\\1", one_line(text))


def markdown(statements: Sequence[Statement], joined: bool) -> str:
    """Return statements as Markdown: their texts escaped, their citations links to "1", "2" …"""
    parts = [
        escaped(statement.text) + "".join(f" [\\[{n}\\]](<{n}>)" for n in statement.citations)
        for statement in statements
    ]
    return (" " if joined else "\n\n").join(parts)


def surroundings(quote: Quote, sentences: int) -> tuple[int, int]:
    """Return the span of the quote with the rest of its sentence and so many sentences on either side."""
    from rag.text.sentences import sentences as split

    document = quote.document
    reach = 350 * (sentences + 1)
    left, right = max(document.body, quote.start - reach), min(len(document.text), quote.end + reach)
    spans = split(document.text, document.language, left, right)
    if left > document.body:  # the first may have begun before, the last may not end yet
        spans = spans[1:]
    if right < len(document.text):
        spans = spans[:-1]
    before = [start for start, end in spans if end <= quote.start]
    before = before[len(before) - min(sentences, len(before)) :]
    after = [end for start, end in spans if start >= quote.end][:sentences]
    own = [span for span in spans if span[0] < quote.end and span[1] > quote.start]
    starts, ends = [start for start, _ in own], [end for _, end in own]
    return min([*before, *starts, quote.start]), max([*after, *ends, quote.end])


def in_place(quote: Quote, start: int, end: int, *, evidence: bool = True) -> Content:
    """Return the document's text from `start` to `end`, highlighting quote and marks if it is evidence."""
    content = Content(_paragraphs(plain(quote.document.text[start:end])))
    if not evidence:
        return content
    content = content.stylize("auto on $primary 30%", quote.start - start, quote.end - start)
    for left, right in quote.marks:
        left, right = max(left, quote.start), min(right, quote.end)
        if left < right:
            content = content.stylize("bold underline auto on $primary 12%", left - start, right - start)
    return content


def _paragraphs(text: str) -> str:
    """Return text with each run of lines on one, a paragraph a line; no offset changes."""
    spans = list(paragraphs(text))
    ends = [0, *(end for _, end in spans)]
    parts = [
        "\n".rjust(start - end) * (start > end) + _WITHIN.sub(" ", text[start:upto])
        for end, (start, upto) in zip(ends, spans, strict=False)
    ]
    return "".join(parts).replace("\t", " ")


def safe(text: str) -> Content:
    """Return text with its line breaks as content that means nothing."""
    return Content(plain(text).replace("\t", "    "))


def local(moment: str) -> str:
    """Return a moment, ISO and UTC, as the clock here shows it, to the minute."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
