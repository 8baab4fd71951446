"""What a heading is: the one rule for chunks, which begin at headings, and for evidence, which no heading is.

In Markdown, and in what readers of formats with styles write, it is marked as one. In a text that
marks none it is a short line that stands by itself above text, and does not end as a sentence does.
Lines in a row (the items of a list, of a form, of a slide) are none, for each would be the heading
of the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from rag.text.lines import blocks
from rag.text.markup import markup
from rag.text.paragraphs import apart, paragraphs

PLAIN = 7  # the level of headings that are not marked: below all that are
_LONGEST = 100  # characters of a heading that is not marked
_MOST_TOGETHER = 4  # such lines one below the other: title, author, place and date, first heading
_PROSE = 60  # characters: so long is a line of running text
_NEAR = 600  # characters: so far is looked around

_MARKED = re.compile(r"^(#{1,6})[^\S\n]+([^\n]+)$", re.MULTILINE)
_UNDERLINED = re.compile(r"[ \t\r]*\n {0,3}(?:(={2,})|-{2,})[ \t\r]*(?=\n|\Z)")
_NUMBER = re.compile(r"(?:§ ?)?(\d{1,3}(?:\.\d{1,3})*)[.)]?\s+(?=[^\W\d_])")  # of a section
_LETTER = re.compile(r"[^\W_]")
# "Telefon: 03941 5520", "Lieferung und Montage 85,00", "Invoice no. A-1187": a line that says something by itself;
# a year ("Annual report 2023", "Budget 2023/24") and a number to count by ("Part 2") say no more than the rest.
_FIGURE = re.compile(r":\s*[-+€$£]?\d|\d,\d\d$|\s(?!\(|(?:1\d|20)\d\d(?:/\d+)?$)(?=\S{3,}$)\S*\d\S*$")
_SENTENCE_ENDS = tuple(".!?…:;”“»«\"')]")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says, and how deep it stands: 1 to 6 as in Markdown, or PLAIN."""

    level: int
    words: str


def heading(text: str, start: int, end: int, body: int = 0) -> Heading | None:
    """Return the heading that the sentence `text[start:end]` is, if it is one; the text proper begins at `body`."""
    line = text[start:end]
    if markup(text).fence(start):
        return None
    if marked := _MARKED.fullmatch(line):
        return Heading(len(marked[1]), marked[2].rstrip().rstrip("#").rstrip())
    if not _looks_like_one(line) or not _begins_anew(text, start, body):
        return None
    words = line.strip("*_")
    if underlined := _UNDERLINED.match(text, end):
        return Heading(1 if underlined[1] else 2, words)
    if markup(text).headed and words == line:  # where headings are marked, what is not is none
        return None
    following = _LETTER.search(text, end, end + _NEAR)
    if not following:
        return None
    parted = apart(text, end, following.start())
    above_text = _above_paragraphs(text, start, end, body) if parted else _above_prose(text, end, words)
    return Heading(PLAIN, words) if above_text else None


def first_marked(text: str, start: int, end: int, level: int) -> str:
    """Return the words of the first heading in `text[start:end]` that is marked with up to `level` signs, or "".

    In code and in comments "#" marks none.
    """
    hidden = markup(text)
    found = (match for match in _MARKED.finditer(text, start, end) if len(match[1]) <= level)
    told = (match for match in found if not hidden.fence(match.start()) and not hidden.comment(match.start()))
    return next((match[2].rstrip().rstrip("#") for match in told), "")


def _looks_like_one(line: str) -> bool:
    words = line.strip("*_")
    if not words or len(line) > _LONGEST or "\n" in line or "|" in line or _FIGURE.search(words):
        return False
    ends = words[-1].isalnum() or (words[-1] == ")" and "(" in words)
    return ends and (words[0].isupper() or _NUMBER.match(words) is not None)


def _begins_anew(text: str, start: int, body: int) -> bool:
    """Return whether a line begins at `start`, and nothing runs into it from the one before."""
    before = text[max(body, start - _NEAR) : start].rstrip(" \t\r\f\v\ufeff")
    if before and not before.endswith("\n"):
        return False
    above = before.rstrip()
    if ":" in text[start : text.find("\n", start)] and above:  # "Minutes: Ann Field", below other lines of a form
        return apart(before, len(above), len(before))
    return not _LETTER.search(above) or apart(before, len(above), len(before)) or above.endswith(_SENTENCE_ENDS)


def _above_prose(text: str, end: int, words: str) -> bool:
    """Return whether running text stands on the next lines of the paragraph, which a short line breaks off from."""
    below = text[end : end + _NEAR].lstrip()
    paragraph = next(paragraphs(below))
    running = next(blocks(below, *paragraph), (0, 0))
    return (
        len(words) < _PROSE <= running[1] - running[0]
        and ":" not in words
        and not below[0].islower()
        and not below.startswith(("|", "#", "- ", "* ", "+ "))
    )


def _above_paragraphs(text: str, start: int, end: int, body: int) -> bool:
    """Return whether text stands below, and at most a few lines like this one in between.

    Of many lines like this in a row only the last heads what follows, and of two that are numbered alike none does.
    """
    after: list[str] = []
    for line in _paragraphs_in(text, end, min(len(text), end + _NEAR)):
        if not _looks_like_one(line):
            break
        after.append(line)
        if len(after) == _MOST_TOGETHER:
            return False
    else:
        return False
    depth = _depth(text[start:end])
    if not after and not depth:
        return True
    above = reversed(list(_paragraphs_in(text, max(body, start - _NEAR), start)))
    before = list(takewhile(_looks_like_one, above))
    if depth and depth in map(_depth, (*before[:1], *after[:1])):
        return False
    return not after or len(before) + 1 + len(after) <= _MOST_TOGETHER


def _paragraphs_in(text: str, start: int, end: int) -> Iterator[str]:
    found = (text[left:right].strip() for left, right in paragraphs(text, start, end))
    return (paragraph for paragraph in found if _LETTER.search(paragraph))


def _depth(line: str) -> int:
    """Return how many figures the number of a section has; 0 where there is none."""
    found = _NUMBER.match(line.strip("*_"))
    return found[1].count(".") + 1 if found else 0
