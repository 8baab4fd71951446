"""Text of documents and models as the screen shows it: never markup, never obeyed.

Strings become `Content`, whose characters mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style

from rag.text.sanitize import plain

if TYPE_CHECKING:
    from rag.answering.sentence_selection import Quote
    from rag.text.normalization import Normalized

Span = tuple[int, int]

# The looks, in a document's text, of a quote and of the words that answer.
_QUOTED, _MARKED = "auto on $primary 30%", "bold underline auto on $primary 12%"
_SPACE = re.compile(r"\s+")
_SIGNS = re.compile(r"^#{1,6} ")
_WHITE = re.compile(r"\s")


def statement(
    text: str, answering: Sequence[Span] = (), lines: Sequence[Span] = (), look: str = "bold underline"
) -> Content:
    """Return a statement as it is shown: the words that answer stand out, and `lines` of it, if any, are lines."""
    return Content("\n").join(_line(text, answering, span, look) for span in lines or [(0, len(text))])


def _line(text: str, answering: Sequence[Span], span: Span, look: str) -> Content:
    """Return a span of a text on one line, what of it answers in another look."""
    left, right = span
    parts, at = list[tuple[str, str]](), left
    for start, end in answering:
        start, end = max(start, at), min(end, right)
        if start < end:
            parts += [(_one_space(text[at:start]), ""), (_one_space(text[start:end]), look)]
            at = end
    return Content.assemble(*parts, (_one_space(text[at:right]), ""))


def _one_space(text: str) -> str:
    return _SPACE.sub(" ", plain(text))


def cited(numbers: Sequence[int]) -> Content:
    """Return the numbers of sources, each a link to its own: a widget's or a screen's action `source` opens it."""
    return Content.assemble(*(part for n in numbers for part in (" ", link(f"[{n}]", f"source({n})"))))


def link(text: str, action: str) -> Content:
    """Return text that looks like a link, and does something when it is clicked."""
    return Content(text).stylize(Style(underline=True) + Style.from_meta({"@click": action}))


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
    """Return the document's text from `start` to `end`, highlighting quote and marks if it is evidence.

    It is without the signs of its markup, headings on lines of their own. Of a row of a table, with its column heads,
    each cell is a line; other rows beside it are one.
    """
    from rag.text.unmarked import BETWEEN, unmarked_lines

    if (row := quote.reading).cells:
        return _row_in_place(quote, row, start, end, evidence=evidence)
    text = quote.document.text
    content = Content(_WHITE.sub(" ", plain(text[start:end])))
    if evidence:
        content = content.stylize(_QUOTED, quote.start - start, quote.end - start)
        for left, right in quote.marks:
            left, right = max(left, quote.start), min(right, quote.end)
            if left < right:
                content = content.stylize(_MARKED, left - start, right - start)
    lines = (
        [content[left - start : right - start] for left, right in line] for line in unmarked_lines(text, start, end)
    )
    return Content("\n").join(Content(BETWEEN).join(line) for line in lines)


def _row_in_place(quote: Quote, row: Normalized, start: int, end: int, *, evidence: bool) -> Content:
    from rag.output.markdown_text import marked_spans

    marks = marked_spans(row, quote.marks) if evidence else ()
    shown = statement(row.text, marks, row.cells, look=_MARKED)
    if evidence:
        shown = shown.stylize_before(_QUOTED)
    beside = (_as_read(quote, start, quote.start), [shown], _as_read(quote, quote.end, end))
    return Content("\n").join(line for lines in beside for line in lines)


def _as_read(quote: Quote, start: int, end: int) -> list[Content]:
    """Return the sentences of the document between two places, as they are read, each a line.

    A table's line of column heads is none of them: every row names its own.
    """
    from rag.text.markup import markup
    from rag.text.normalization import normalized
    from rag.text.sentences import sentences as split

    document = quote.document
    spans = split(document.text, document.language, start, end) if start < end else []
    tables = ((span, markup(document.text).table(span[0])) for span in spans)
    rows = [span for span, table in tables if table is None or span[0] >= table.rows]
    return [statement(_SIGNS.sub("", normalized(document.text, *span).text)) for span in rows]


def above(quote: Quote, start: int) -> str:
    """Return what `in_place` shows above the quote."""
    shown = in_place(quote, start, quote.end)
    return shown.plain[: min((span.start for span in shown.spans if span.style == _QUOTED), default=0)]


def safe(text: str) -> Content:
    """Return text with its line breaks as content that means nothing."""
    return Content(plain(text).replace("\t", "    "))
