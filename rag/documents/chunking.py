"""Chunking: a document cut into sentences, and those into chunks: runs of whole sentences, the unit of search.

A chunk never cuts a sentence unless the sentence alone is too long, prefers to end
where a paragraph ends, and starts anew at a heading. Sizes are in characters: counted in
the tokens of an English embedder, German chunks come out half as long, and found less
often. That the embedder sees only so many tokens does not matter, since the sentences of
a chunk are embedded one by one. Its span runs up to the next
chunk's start, so the chunks of a document joined are the document. What a chunk is
*about* may stand above it, so the title and the headings over it travel along as
`context`: they are searched with it, but are not part of its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from rag.documents.document import MARKDOWN, Document
from rag.errors import UnreadableDocument
from rag.localization import gettext
from rag.text.abbreviations import in_full
from rag.text.headings import Heading, heading
from rag.text.language import detect
from rag.text.markup import markup
from rag.text.normalization import Normalized, normalized
from rag.text.paragraphs import apart, paragraphs
from rag.text.sentences import each_sentence

Span = tuple[int, int]

# In code points. Above TARGET a chunk ends with the paragraph; it never exceeds MOST.
TARGET = 550
MOST = 1000
BETWEEN_HEADINGS = " – "
_TELLING = 40  # characters of a paragraph that tell its language apart from the document's


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text == document.text[start:end]`; offsets are Unicode code points."""

    document_id: str
    start: int
    end: int
    text: str
    context: str
    language: str


@dataclass(slots=True)
class _Piece:
    """A sentence, or a part of one that is too long, with the white space after it: text[start:end], up to `upto`."""

    start: int
    end: int
    upto: int
    heading: Heading | None
    ends_paragraph: bool


def split(document: Document) -> list[Chunk]:
    """Return the chunks of `document` in order; joined, they are its text. Empty text gives none."""
    return [chunk for chunk, _ in split_with_sentences(document)]


def split_with_sentences(document: Document, most: int | None = None) -> list[tuple[Chunk, list[Span]]]:
    """Return the chunks of `document`, each with the spans of its sentences, in code points of the document's text.

    Raises UnreadableDocument where there are more than `most` sentences.
    """
    spans = list(islice(_sentences(document), None if most is None else most + 1))
    if most is not None and len(spans) > most:
        raise UnreadableDocument(
            Path(document.path), gettext("more than {most:,} sentences; split the file").format(most=most)
        )
    pieces = _pieces(document, spans)
    if not pieces:
        return []
    groups: list[list[_Piece]] = [[]]
    for piece in pieces:
        if groups[-1] and _starts_anew(groups[-1], piece):
            groups.append([])
        groups[-1].append(piece)
    groups = _join_small_tail(groups)
    found, above = [], list[Heading]()
    for number, group in enumerate(groups):
        start = 0 if number == 0 else group[0].start
        end = groups[number + 1][0].start if number + 1 < len(groups) else len(document.text)
        above, context = _context(document, above, group)
        text = document.text[start:end]
        language = (
            detect(text, {document.language, "de", "en"}, document.language) if len(text) > 200 else document.language
        )
        chunk = Chunk(document.id, start, end, text, context, language)
        found.append((chunk, [span for piece in group if (span := _words(document.text, piece))]))
    return found


def said(text: str, span: Span, language: str) -> Normalized:
    """Return what a sentence of a document's text says: as it is read, with its abbreviations in full."""
    return in_full(normalized(text, *span), language)


def searched(context: str, text: str, spans: Iterable[Span], language: str) -> str:
    """Return what a chunk is found by: its context, and what its sentences in the document's text say."""
    return "\n".join(filter(None, (context, *(said(text, span, language).text for span in spans))))


def _sentences(document: Document) -> Iterator[Span]:
    """Yield the spans of the sentences, where they end in the language of their paragraph."""
    text, among = document.text, {document.language, "de", "en"}
    hidden = markup(text).comments if Path(document.path).suffix.lower() in MARKDOWN else ()
    for start, end in paragraphs(text, document.body):
        telling = end - start >= _TELLING
        language = detect(text[start:end], among, document.language) if telling else document.language
        yield from each_sentence(text, language, start, end, hidden)


def _pieces(document: Document, spans: list[Span]) -> list[_Piece]:
    text = document.text
    pieces: list[_Piece] = []
    for number, (start, end) in enumerate(spans):
        upto = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        paragraph = apart(text, end, upto)
        if end - start <= MOST:
            pieces.append(_Piece(start, end, upto, heading(text, start, end, document.body), paragraph))
        else:
            pieces.extend(_cut(text, start, end, upto, paragraph))
    return pieces


def _words(text: str, piece: _Piece) -> Span | None:
    """Return the span of a piece without white space around it.

    None where that holds no letter and no digit, and for the column heads of a table: its rows are read with them.
    """
    if (table := markup(text).table(piece.start)) and piece.start < table.rows < table.end:
        return None
    part = text[piece.start : piece.end]
    left = piece.start + len(part) - len(part.lstrip())
    return (left, piece.start + len(part.rstrip())) if any(map(str.isalnum, part)) else None


def _cut(text: str, start: int, end: int, upto: int, paragraph: bool) -> list[_Piece]:
    """Cut an over-long sentence at white space, or anywhere if it has none, into even parts."""
    width = -(-(end - start) // -(-(end - start) // MOST))
    cuts = [start]
    while cuts[-1] + width < end:
        at = cuts[-1] + width
        space = max(text.rfind(" ", cuts[-1] + 1, at), text.rfind("\n", cuts[-1] + 1, at))
        cuts.append(space + 1 if space > cuts[-1] + width // 2 else at)
    cuts.append(end)
    parts = [_Piece(left, right, right, None, False) for left, right in pairwise(cuts)]
    parts[-1].upto, parts[-1].ends_paragraph = upto, paragraph
    return parts


def _starts_anew(group: list[_Piece], piece: _Piece) -> bool:
    if piece.end - group[0].start > MOST:
        return True
    if piece.heading:
        return any(member.heading is None for member in group)
    return group[-1].ends_paragraph and group[-1].end - group[0].start >= TARGET


def _join_small_tail(groups: list[list[_Piece]]) -> list[list[_Piece]]:
    """Put a last chunk of a few words back onto the one before, if it is not under a heading of its own."""
    if len(groups) > 1 and groups[-1][0].heading is None:
        tail = groups[-1][-1].end - groups[-1][0].start
        if tail < TARGET // 3 and groups[-1][-1].end - groups[-2][0].start <= MOST + TARGET // 3:
            return [*groups[:-2], groups[-2] + groups[-1]]
    return groups


def _context(document: Document, above: list[Heading], group: list[_Piece]) -> tuple[list[Heading], str]:
    """Return the headings in force after `group`, and the ones over it that its text does not hold."""
    title = [] if document.title.endswith("…") else [document.title]
    outer = above
    if first := group[0].heading:
        outer = [each for each in above if each.level < first.level]
    beginning = document.text[document.body : document.body + 300]
    if group[0].start <= document.body + 5 and title and title[0] in beginning:
        title = []
    words = list(dict.fromkeys([*title, *(each.words for each in outer)]))
    for piece in group:
        if piece.heading:
            above = [each for each in above if each.level < piece.heading.level] + [piece.heading]
    return above, BETWEEN_HEADINGS.join(words)


def headings_over(document: Document, chunk: Chunk, at: int) -> str:
    """Return the headings that a place in a chunk stands under, the outermost first, without the document's title."""
    title, outer = document.title, chunk.context
    if outer == title or outer.startswith(title + BETWEEN_HEADINGS):
        outer = outer[len(title) + len(BETWEEN_HEADINGS) :]
    own: list[Heading] = []
    for span in each_sentence(document.text, chunk.language, max(chunk.start, document.body), at):
        if found := heading(document.text, *span, document.body):
            own = [*(each for each in own if each.level < found.level), found]
    words = [outer, *(each.words for each in own if each.words != title)]
    return BETWEEN_HEADINGS.join(filter(None, words))
