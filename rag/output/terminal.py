"""Answers and passages as text for a terminal or a pipe; the words around them are in the question's language."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from rag.answering.assistant import Answer, Citation
from rag.answering.sentence_selection import Quote
from rag.index.hybrid_search import Passage
from rag.index.versions import Version
from rag.localization import gettext, ngettext, words
from rag.output.answering_words import lines_of
from rag.text.sanitize import one_line, plain
from rag.text.unmarked import BETWEEN, unmarked

_COPIES = 3  # of a document, that are named
_LONGEST_CONTEXT = 120  # characters of the headings over a quote


def marked(quote: Quote, colour: bool) -> str:
    """Return the quote as it is read, its answering words marked: styled, or between ** where there is no colour.

    It is on one line; of a row of a table, each cell with its column head is.
    """
    reading = quote.reading
    within = ((max(start, quote.start), min(end, quote.end)) for start, end in quote.marks)
    spans = [reading.place(*span) for span in within]
    return "\n".join(_marked(reading.text, line, spans, colour) for line in lines_of(reading))


def _marked(text: str, line: tuple[int, int], spans: Sequence[tuple[int, int]], colour: bool) -> str:
    """Return a line of what is read, with what of the spans is in it marked."""
    parts, (at, upto) = list[str](), line
    for start, end in spans:
        start, end = max(start, at), min(end, upto)
        if start >= end:
            continue
        answering = plain(text[start:end])
        parts += [
            plain(text[at:start]),
            click.style(answering, bold=True, underline=True) if colour else f"**{answering}**",
        ]
        at = end
    parts.append(plain(text[at:upto]))
    return " ".join("".join(parts).split())


def sources(answer: Answer, colour: bool) -> str:
    """Return the sources of an answer, or where it has none the nearest passages, called just that; "" without any."""
    language = answer.language
    gettext = words(language).gettext
    if answer.status == "not_found":
        return "\n".join(_nearest(answer))
    if not answer.citations:
        return ""
    lines = []
    if answer.figures:
        lines += ["", figures_differ(answer.figures, language)]
    lines += ["", gettext("Sources")]
    for citation in answer.citations:
        quote = citation.quote
        where = f"{plain(quote.document.name)}:{quote.start}-{quote.end}"
        about = [*place_in(citation, language), where]
        about += filter(None, [older(citation.older_than, language), also_in(citation.also_in, language)])
        lines.append(f"[{citation.n}] " + " · ".join(about))
        lines += [f"    {line}" for line in marked(quote, colour).split("\n")]
        if quote.gloss:
            hint = gettext("word by word:") + " " + one_line(quote.gloss)
            lines.append(f"    {click.style(hint, dim=True) if colour else hint}")
    return "\n".join(lines)


def limited(answer: Answer) -> str:
    """Return that only some documents were asked; "" where all were."""
    if answer.limited is None:
        return ""
    asked, total = answer.limited
    return words(answer.language).gettext("limited to {n} of {total} documents").format(n=asked, total=total)


def _nearest(answer: Answer) -> list[str]:
    """Return what is nearest to an answer where there is none: the sentence that was declined, and passages."""
    around, lines = words(answer.language), list[str]()
    if told := limited(answer):
        lines += ["", told]
    if (sentence := answer.declined) is not None:
        place = f"{plain(sentence.document.name)}:{sentence.start}-{sentence.end}"
        said = (f"    {line}" for line in marked(sentence, colour=False).split("\n"))
        lines += ["", around.gettext("Nearest sentence (not evidence):"), f"  {place}", *said]
    if answer.passages:
        lines += ["", around.gettext("Nearest passages (not evidence):")]
        lines += [f"  {line}" for line in nearest(answer.passages[:3])]
    return lines


def place_in(citation: Citation, language: str) -> list[str]:
    """Return what is said of where a quote stands: its document's title, the headings over it, date and page."""
    document = citation.quote.document
    when = date_and_page(document.date, citation.page, len(document.pages), language)
    return [*filter(None, [one_line(document.title), one_line(citation.context, _LONGEST_CONTEXT)]), *when]


def date_and_page(date: str | None, page: int, pages: int, language: str) -> list[str]:
    """Return what is said of when a quote's document is of, and of the page it is on, where there are several."""
    gettext = words(language).gettext
    return [date or gettext("no date"), *([gettext("p. {page}").format(page=page)] if pages > 1 else [])]


def also_in(names: Sequence[str], language: str) -> str:
    """Return what is said of a quote whose document has copies: "also in a.txt, b.txt"; "" without any."""
    said, shown, more = words(language), [*map(one_line, names[:_COPIES])], len(names) - _COPIES
    if more > 0:
        shown.append(said.npgettext("also in", "{n} more", "{n} more", more).format(n=more))
    return said.gettext("also in {names}").format(names=", ".join(shown)) if names else ""


def older(than: Version | None, language: str) -> str:
    """Return what is said of a quote whose document has a newer version; "" without one."""
    said = words(language).gettext("older; newest version: {name} ({date})")
    return said.format(name=one_line(than.name), date=one_line(than.date)) if than else ""


def figures_differ(figures: Sequence[tuple[int, str]], language: str) -> str:
    """Return the line that says which figure stands in which source."""
    listed = " · ".join(f"{one_line(figure)} [{n}]" for n, figure in figures)
    return words(language).gettext("The sources give different figures:") + " " + listed


def nearest(passages: Sequence[Passage]) -> list[str]:
    """Return a line for each passage: where it is and how it begins."""
    return [
        f"{plain(each.document.name)}:{each.chunk.start}-{each.chunk.end}  {one_line(shown_text(each), 100)}"
        for each in passages
    ]


def shown_text(passage: Passage) -> str:
    """Return a passage's text, its headings and rows told apart, without the signs of its markup."""
    start = max(passage.chunk.start, passage.document.body)
    return BETWEEN.join(unmarked(passage.document.text, start, passage.chunk.end))


def found(passages: Sequence[Passage], language: str) -> str:
    """Return the result of a search: rank, score, retrievers, place, and the whole passage."""
    blocks = []
    for passage in passages:
        place = f"{plain(passage.document.name)}:{passage.chunk.start}-{passage.chunk.end}"
        document, more = passage.document, (older(passage.older_than, language), also_in(passage.also_in, language))
        facts = (one_line(document.title), document.date or "", *more)
        about = " · ".join(filter(None, facts))
        by = " + ".join(retriever(name, language) for name in passage.by)
        head = f"{passage.rank}. {passage.score:.3f}  {place}  ({by})  {about}"
        blocks.append(f"{head}\n   {one_line(shown_text(passage))}")
    return "\n\n".join(blocks)


def has_colour() -> bool:
    """Whether styles should be written to stdout."""
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def states_counted(counts: Mapping[str, int]) -> dict[str, tuple[int, str]]:
    """Return by status the number of answers, and what is said of it, with {n} for the number."""
    errors = counts.get("error", 0)
    return {
        "answered": (counts.get("answered", 0), gettext("{n} answered")),
        "not_found": (counts.get("not_found", 0), gettext("{n} not found")),
        "about": (counts.get("about", 0), gettext("{n} about the library")),
        "error": (errors, ngettext("{n} error", "{n} errors", errors)),
    }


def counted(counts: Mapping[str, int]) -> list[str]:
    """Return the numbers of answers by status, in words of the interface."""
    said = states_counted(counts)
    return [told.format(n=n) for state, (n, told) in said.items() if n or state != "about"]


def retriever(name: str, language: str) -> str:
    """Return in a word what a retriever goes by."""
    gettext = words(language).gettext
    return {"dense": gettext("meaning"), "lexical": gettext("words")}.get(name, name)
