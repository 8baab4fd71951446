"""Which line breaks in a paragraph mean something, and which only wrap it.

Text that is wrapped breaks a line where the next word has no room; a list, an address, a form or a
log breaks it although there is room. So it is seen by the lines themselves how wide they may be, and
by what stands at a break whether anything is wrapped at all: a line that goes on in lower case, after a
comma or after a word like "der". No word of any kind of document decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rag.text.markup import markup
from rag.text.wordlists import FUNCTION_WORDS, STARTERS

Span = tuple[int, int]

_WIDE = 60  # characters: a line as long as this is wrapped where nothing speaks against it
_NARROW = 25  # characters: of shorter lines that are no prose nothing is known
_SMALL = frozenset().union(*FUNCTION_WORDS.values())
_QUOTING = re.compile(r"[ \t]*(?:>[ \t]?)+")
_ROW = re.compile(r"#{1,6}\s|\|")  # nothing joins these, neither before nor after
_ITEM = re.compile(r"([-*+•·‣▪▫◦●○■□➤➢✓✔→–—]|(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+\S|\[\^[^\]\s]{1,20}\]:")
_FIELD = re.compile(r"[^\W\d_][^:|\n]{0,40}:[ \t]+\S")  # "Telefon: 03941 5520"
_COLUMNS = re.compile(r"\S(?:[ \t]*\t|[ ]{3,})[ \t]*\S")  # cells that white space parts
_ENDS = re.compile(r"[.!?…:;][)\]\"'”“’»«›‹]*$")
_LONE_LETTER = re.compile(r"(?:^|[\s(])[^\W\d_]\.$")
_LAST_WORD = re.compile(r"([^\W\d_]+)$")
_DASHES = "–—-"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: text[start:end], and what it says, without the signs that it is quoted by (`depth` of them)."""

    start: int
    end: int
    indent: int
    depth: int
    words: str
    row: bool  # of a table

    @property
    def width(self) -> int:
        return self.indent + len(self.words)

    @property
    def first(self) -> str:
        return self.words.split(maxsplit=1)[0] if self.words else ""


def blocks(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the runs of lines of the paragraph `text[start:end]` that belong together: a sentence crosses none."""
    for lines in _lines(text, start, end):
        shape = _Shape.of(lines)
        first = lines[0]
        for at in range(1, len(lines)):
            if _parted(lines, at, first, shape):
                yield first.start, lines[at - 1].end
                first = lines[at]
        yield first.start, lines[-1].end


def _lines(text: str, start: int, end: int) -> Iterator[list[_Line]]:
    """Yield the lines of a paragraph, or of each of several that lines of nothing but ">" part."""
    found: list[_Line] = []
    at = start
    while at < end:
        newline = text.find("\n", at, end)
        upto = end if newline < 0 else newline
        quoting = _QUOTING.match(text, at, upto)
        begin = quoting.end() if quoting else at
        line = text[begin:upto].rstrip()
        words = line.lstrip(" \t\ufeff")
        depth = quoting.group().count(">") if quoting else 0
        if words:
            row = _ROW.match(words) is not None or markup(text).row(at) is not None
            found.append(_Line(at, upto, len(line) - len(words), depth, words, row))
        elif found:
            yield found
            found = []
        at = upto + 1
    if found:
        yield found


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a paragraph is written: how wide, and whether its lines are wrapped prose, or a list's."""

    width: int
    wrapped: bool
    listed: bool

    @classmethod
    def of(cls, lines: list[_Line]) -> _Shape:
        width = max(line.width for line in lines)
        pairs = list(pairwise(lines))
        if sum(map(_is_field, lines)) > len(lines) // 2:
            return cls(width, wrapped=False, listed=False)
        going_on = sum(_goes_on(line, following) for line, following in pairs)
        early = sum(
            _has_room(line, following, width) and not _ENDS.search(line.words) and not _is_own(following)
            for line, following in pairs
        )
        # Where no line ends a sentence and one is left half empty, nothing is said in sentences.
        spare = any(_has_room(line, following, width) and 2 * line.width <= width for line, following in pairs)
        listed = early > max(1, going_on) or (spare and not any(_ENDS.search(line.words) for line in lines))
        return cls(width, wrapped=going_on > 0 and 2 * early <= going_on and not listed, listed=listed)


def _parted(lines: list[_Line], at: int, first: _Line, shape: _Shape) -> bool:
    """Return whether the break before `lines[at]` means something; `first` is where its block begins."""
    line, following = lines[at - 1], lines[at]
    if line.depth != following.depth or _is_row(line) or _is_row(following):
        return True
    room = _has_room(line, following, shape.width)
    if _LONE_LETTER.search(line.words) and not room:
        return False  # "z.", and on the next line "B."
    if _is_item(lines, at, first, shape):
        return True
    if _is_field(following) and (_is_field(line) or _is_field(first)) and (room or not shape.wrapped):
        return True
    return _alike(first, following) or _alike(line, following) or _parts(line, following, room, shape)


def _parts(line: _Line, following: _Line, room: bool, shape: _Shape) -> bool:
    """Return whether a break parts two lines that are no rows and no items; `room` for the next word speaks for it."""
    if _ENDS.search(line.words):  # where a sentence ends is not decided here, but a full line may hold "am 3."
        return room
    if line.words.endswith(("-", "\u00ad")):
        return False
    if following.words[0].islower():
        return shape.listed or (room and 2 * (line.width + 1 + len(following.first)) <= shape.width)
    if _last_word(line) in _SMALL or (len(_last_word(line)) in (1, 2) and following.words[0].isdigit()):
        return False  # "of", and what it is of; "O", and the 2 that stood lowered beside it
    if shape.wrapped:
        return room
    return room or (line.width < _WIDE and not _finishes(line, following))


def _goes_on(line: _Line, following: _Line) -> bool:
    """Return whether what stands at a break says that a sentence goes on over it."""
    if _ENDS.search(line.words) or _is_own(following):
        return False
    return (
        following.words[0].islower() or line.words.endswith((",", "-", "\u00ad")) or _last_word(line).lower() in _SMALL
    )


def _finishes(line: _Line, following: _Line) -> bool:
    """Return whether a line that is not wide brings the one before to the end of its sentence, and begins none."""
    return (
        line.width >= _NARROW
        and following.words.endswith((".", "!", "?"))
        and following.first.strip('"„“') not in STARTERS
    )


def _has_room(line: _Line, following: _Line, width: int) -> bool:
    return line.width + 1 + len(following.first) <= width


def _last_word(line: _Line) -> str:
    found = _LAST_WORD.search(line.words)
    return found[1] if found else ""


def _is_row(line: _Line) -> bool:
    return line.row or _COLUMNS.search(line.words) is not None


def _is_field(line: _Line) -> bool:
    return _FIELD.match(line.words) is not None


def _is_own(line: _Line) -> bool:
    return _is_row(line) or _ITEM.match(line.words) is not None


def _is_item(lines: list[_Line], at: int, first: _Line, shape: _Shape) -> bool:
    """Return whether an item of a list begins: not where a wrapped line happens to begin with "3." or a dash."""
    item = _ITEM.match(lines[at].words)
    if not item:
        return False
    line = lines[at - 1]
    sign = item[1] or "["
    if sign[0] not in _DASHES and not sign[0].isalnum():
        return True
    if _ITEM.match(first.words) or _ENDS.search(line.words) or _has_room(line, lines[at], shape.width):
        return True
    return sign == "-" and not shape.wrapped


def _alike(line: _Line, following: _Line) -> bool:
    """Return whether two lines begin alike with a figure, as rows do: "06:12 …", "2024-01-03 …"."""
    word = following.first
    return len(word) > 1 and any(map(str.isdigit, word)) and _form(line.first) == _form(word)


def _form(word: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", word))
