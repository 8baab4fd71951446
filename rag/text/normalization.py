"""Normalization: a span of a document as it is read, and where each of its characters stands in the document.

Composed accents (NFC), no soft hyphens and other signs that nobody sees, one space for a line break,
words joined that a line's end cut, no marks of notes; and a row of a table with its column heads:
"Ferry: Luise · Built: 1928". It is what is embedded, searched, given to a model and shown; the
document's own text is what is quoted, and `span` leads back to it, character for character.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.text.markup import cell_spans, markup

Span = tuple[int, int]
Cell = tuple[str, int, int]  # its head, and its span in the document

BETWEEN_CELLS = " · "
_JOINING = frozenset("und oder bis sowie and or to".split())
# Soft hyphen, zero-width space, (non-)joiner and word joiner, Mongolian vowel separator, byte order mark.
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff"
_CHANGED = re.compile(
    rf"(?P<invisible>[{_INVISIBLE}]+)"
    r"|(?P<quoting>\A(?:>[ \t]?)+)|(?P<comment><!--.*?-->\s?)"
    r"|(?P<note>(?<=[^\s\[\]])\[(?:\^[^\]\s]{1,40}|\d{1,3}(?:\s?[,–]\s?\d{1,3})*)\](?!\())"
    r"|(?P<cut>(?<=\w)[-\u00ad]\r?\n[ \t]*(?:>[ \t]?)*(?=(?P<rest>[^\W\d_]+)))"
    r"|(?P<space>[^\S\n]*\r?\n\s*(?:>[ \t]?)*|[\t\r\f\v ]{2,}|[\t\r\f\v])",
    re.DOTALL,
)
_UNSEEN = dict.fromkeys(map(ord, _INVISIBLE))
_IS_NFC = unicodedata.is_normalized
_COMPOSED = re.compile(r".[\u0300-\u036f\u0653-\u0655\u3099\u309a]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text, and for each of its characters the offset in the document; one more for its end.

    `added` are the spans of the text that stand for nothing in the span: column heads. `cells` are those of a table's
    row that has such heads, each with its own: what stands on a line of its own where a row is shown.
    """

    text: str
    offsets: Sequence[int]
    added: tuple[Span, ...] = ()
    cells: tuple[Span, ...] = ()

    def span(self, start: int, end: int) -> Span:
        """Return the span in the document that `text[start:end]` stands for; of what was added, none of it."""
        return self.offsets[start], max(self.offsets[start], self.offsets[end])

    def place(self, start: int, end: int) -> Span:
        """Return where the document's characters from `start` to `end` are in the text; nothing added is among them."""
        left, right = bisect_left(self.offsets, start), bisect_left(self.offsets, end)
        for first, last in self.added:
            if first <= left < last:
                left = last
        return left, max(left, min(right, len(self.text)))


def normalized(text: str, start: int, end: int) -> Normalized:
    """Return `text[start:end]`, a sentence of a document, as it is read."""
    if cells := _cells(text, start, end):
        return _row(text, cells, end)
    return _plain(text[start:end], start)


def as_read(text: str) -> str:
    """Return a part of a sentence as it is read."""
    return _plain(text, 0).text


def composed(text: str) -> str:
    """Return a text with composed accents and without signs that nobody sees, and otherwise as it is."""
    return unicodedata.normalize("NFC", text.translate(_UNSEEN))


def _plain(piece: str, start: int) -> Normalized:
    """Return a piece of a document that begins at `start`."""
    if _IS_NFC("NFC", piece) and not _CHANGED.search(piece):
        return Normalized(piece, range(start, start + len(piece) + 1))
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _CHANGED.finditer(piece):
        _add(piece, at, match.start(), start, parts, offsets)
        if replacement := _replacement(match, piece):
            parts.append(replacement)
            offsets.append(start + match.start())
        at = match.end()
    _add(piece, at, len(piece), start, parts, offsets)
    return Normalized("".join(parts), [*offsets, start + len(piece)])


def _replacement(match: re.Match[str], piece: str) -> str:
    """Return what is read in the place of what is not: nothing, a space, or the hyphen of a word that has one."""
    if match["space"] is not None:
        return " "
    if match["cut"] is None or match["cut"].startswith("\u00ad"):
        return ""
    before, rest = piece[: match.start()], match["rest"]
    if rest.lower() in _JOINING:
        return "- "  # "Vor- und Nachteile"
    word = re.split(r"[\s(„“\"/-]", before)[-1]
    return "" if rest[0].islower() and not word.isupper() and word[-1:].isalpha() else "-"  # "Nord-Süd", "EU-weit"


def _add(piece: str, left: int, right: int, start: int, parts: list[str], offsets: list[int]) -> None:
    """Add piece[left:right] with composed accents."""
    part = piece[left:right]
    if _IS_NFC("NFC", part):
        parts.append(part)
        offsets.extend(range(start + left, start + right))
        return
    at = 0
    for match in _COMPOSED.finditer(part):
        composed = unicodedata.normalize("NFC", match.group())
        parts += [part[at : match.start()], composed]
        offsets.extend(range(start + left + at, start + left + match.start()))
        offsets.extend([start + left + match.start()] * len(composed))
        at = match.end()
    parts.append(part[at:])
    offsets.extend(range(start + left + at, start + right))


def _cells(text: str, start: int, end: int) -> list[Cell]:
    """Return the cells of a row of a table that is not empty, each with its head or "", where the span is one."""
    if text.startswith("|", start):
        table = markup(text).table(start)
        heads = table.heads if table is not None and start >= table.rows else ()
        spans = cell_spans(text[start:end])
        named = zip((*heads, *[""] * len(spans)), spans, strict=False)
        return [(head, start + left, start + right) for head, (left, right) in named if left < right]
    row = markup(text).row(start)
    return list(row.cells) if row is not None and start <= row.cells[0][1] and row.cells[-1][2] <= end else []


def _row(text: str, cells: Sequence[Cell], end: int) -> Normalized:
    """Return the cells of a row, each after its head; of two without heads the first is the second's."""
    bare = len(cells) == 2 and not any(head for head, _, _ in cells)
    parts: list[Normalized] = []
    for head, left, right in cells:
        cell = _cell(text, left, right)
        if parts:
            key = parts[0].text.endswith((":", "?"))
            between = (" " if key else ": ") if bare else BETWEEN_CELLS
            ended = parts[-1].offsets[-1]
            parts.append(Normalized(between, [ended] * len(between)))
        if words := as_read(head).rstrip(":"):
            words += ": "
            parts.append(Normalized(words, [left] * len(words), ((0, len(words)),)))
        parts.append(cell)
    row = _joined(parts, end)
    return replace(row, cells=_lines(row, parts)) if row.added else row


def _lines(row: Normalized, parts: Sequence[Normalized]) -> tuple[Span, ...]:
    """Return the spans of a row's cells, each with its head."""
    cells, at = [0], 0
    for part in parts:
        at += len(part.text)
        if part.text == BETWEEN_CELLS:
            cells += [at - len(BETWEEN_CELLS), at]
    return tuple(zip(cells[::2], [*cells[1::2], len(row.text)], strict=True))


def _cell(text: str, start: int, end: int) -> Normalized:
    found = _plain(text[start:end], start)
    while (at := found.text.find("\\|")) >= 0:
        offsets = list(found.offsets)
        found = Normalized(found.text[:at] + found.text[at + 1 :], offsets[:at] + offsets[at + 1 :])
    return found


def _joined(parts: Sequence[Normalized], end: int) -> Normalized:
    if len(parts) == 1 and isinstance(parts[0].offsets, range):
        return parts[0]
    offsets: list[int] = []
    added: list[Span] = []
    for part in parts:
        added += [(left + len(offsets), right + len(offsets)) for left, right in part.added]
        offsets.extend(part.offsets[: len(part.text)])
    ended = parts[-1].offsets[-1] if parts else end
    return Normalized("".join(part.text for part in parts), [*offsets, ended], tuple(added))
