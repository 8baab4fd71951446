"""Letters: which lines greet, sign off, and say who writes to whom and from where, told by how they stand.

No word decides. A salutation is a paragraph of a few words that ends in a comma, above running text; a letterhead and
addresses are the short lines above it; whoever signs off does so in a short line above a name, below the salutation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.text.paragraphs import paragraphs

Span = tuple[int, int]

_HEAD = 2000  # characters in which a letter greets: below a letterhead, and the header of an e-mail
_MOST_GREETING, _MOST_CLOSING, _MOST_NAME = 8, 6, 6  # words
_LONGEST = 60  # characters of a line that is no prose
_PROSE = 40  # characters: so long is a line of it
_BELOW = 2  # paragraphs: a line that says what a letter is about may stand between salutation and text
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"^\d|(?<!\w)\d{2,}(?!\w)")  # of a house, a year; "Liebe Eltern der Klasse 3b," greets
_SIGNS = ("|", "#", "- ", "* ", "+ ", "• ", ">")


@dataclass(frozen=True, slots=True)
class Letter:
    """Spans of a letter's `salutation`, of the lines `above` it, and of the lines that sign off.

    `subject` is the line that says what it is about, where one stands by itself next to the salutation.
    """

    salutation: Span
    subject: Span | None
    above: tuple[Span, ...]
    closings: tuple[Span, ...]

    def greets(self, start: int, end: int) -> bool:
        """Return whether `text[start:end]` is nothing but its salutation, or signs off."""
        return any(_inside(start, end, span) for span in (self.salutation, *self.closings))

    def heads(self, start: int, end: int) -> bool:
        """Return whether `text[start:end]` is one of the lines above its salutation."""
        return any(_inside(start, end, span) for span in self.above)


@lru_cache(maxsize=8)
def letter(text: str, body: int) -> Letter | None:
    """Return where a letter greets and signs off, None for a text that is none; it begins at `body`."""
    parts = list(_paragraphs(text, body, min(len(text), body + _HEAD)))
    for at, lines in enumerate(parts):
        if _greets(text, lines, [each[0] for each in parts[at + 1 : at + 1 + _BELOW]]):
            subject = _subject(text, parts[:at]) or _subject_below(text, parts[at + 1 :])
            short = (line for earlier in parts[:at] for line in earlier if _is_short(text, line))
            above = tuple(line for line in short if line != subject)
            return Letter(lines[0], subject, above, tuple(_closings(text, lines[0][1])))
    return None


def _paragraphs(text: str, start: int, end: int) -> list[list[Span]]:
    """Return the paragraphs of a part of a text, each by the spans of its lines."""
    found = []
    for left, right in paragraphs(text, start, end):
        lines = [_stripped(text, *match.span()) for match in _LINE.finditer(text, left, right)]
        if lines:
            found.append(lines)
    return found


def _greets(text: str, lines: list[Span], below: list[Span]) -> bool:
    start, end = lines[0]
    words = len(_WORD.findall(text, start, end))
    if not _is_short(text, lines[0]) or text[end - 1] != "," or not text[start].isupper():
        return False
    if _NUMBER.search(text[start:end]) or not 0 < words <= _MOST_GREETING:
        return False
    if len(lines) > 1:  # of an address or a verse the next line is as short
        return lines[1][1] - lines[1][0] >= max(_PROSE, 2 * (end - start))
    prose = any(right - left >= _PROSE for left, right in below)
    return prose and not text.startswith(_SIGNS, below[0][0]) and text[below[0][1] - 1] != ","


def _subject(text: str, above: list[list[Span]]) -> Span | None:
    """Return a line without a number that is the last paragraph of several above a salutation."""
    if len(above) < 2 or len(above[-1]) > 1 or _NUMBER.search(text[slice(*above[-1][0])]):
        return None
    return above[-1][0]


def _subject_below(text: str, below: list[list[Span]]) -> Span | None:
    """Return a line that is the first of several paragraphs below a salutation, and ends as no sentence does."""
    if len(below) < 2 or len(below[0]) > 1 or not text[below[0][0][1] - 1].isalnum():
        return None
    return below[0][0]


def _closings(text: str, start: int) -> list[Span]:
    """Return the lines below a salutation that stand above a name, first of their paragraph, below running text."""
    parts = _paragraphs(text, start, len(text))
    found = []
    for at, lines in enumerate(parts):
        if not at or not _ends(text, parts[at - 1][-1]) or not _signs_off(text, lines[0]):
            continue
        below = lines[1:] or (parts[at + 1][:1] if at + 1 < len(parts) else [])
        if below and _names(text, below[0]):
            found.append(lines[0])
    return found


def _signs_off(text: str, line: Span) -> bool:
    words = len(_WORD.findall(text, *line))
    said = not _FIGURE.search(text, *line) and ":" not in text[slice(*line)]
    ends = text[line[1] - 1]
    return said and _is_short(text, line) and 0 < words <= _MOST_CLOSING and (ends == "," or ends.isalnum())


def _names(text: str, line: Span) -> bool:
    words = _WORD.findall(text, *line)
    capitals = sum(word[0].isupper() for word in words)
    alone = not _FIGURE.search(text, *line) and text[line[1] - 1] not in ",:;!?|"
    return alone and _is_short(text, line) and 0 < len(words) <= _MOST_NAME and 2 * capitals > len(words)


def _is_short(text: str, line: Span) -> bool:
    return line[1] - line[0] <= _LONGEST and not text.startswith(_SIGNS, line[0]) and "\t" not in text[slice(*line)]


def _ends(text: str, line: Span) -> bool:
    return text[line[1] - 1] in ".!?)…"


def _stripped(text: str, start: int, end: int) -> Span:
    line = text[start:end]
    return start + len(line) - len(line.lstrip()), end - len(line) + len(line.rstrip())


def _inside(start: int, end: int, span: Span) -> bool:
    return span[0] <= start and end <= span[1]
