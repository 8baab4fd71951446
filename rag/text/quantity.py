"""What is found of a number in a text, and the words of the text as those who look for it read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.text.language import Word, read

Kind = Literal["number", "fraction", "ordinal", "percent", "money", "date", "weekday", "time", "quarter"]
Row = Sequence[Word]  # the words of a text, with room beyond its ends


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, date or time that stands in `text[start:end]`.

    `value` is the same for all spellings: decimal digits ("11000", "-2.5"), "1/3" for a fraction,
    "1907-05-04", "1907-05", "1907-21" (spring), "1907", "199X", "--05-04" or "--05" for a date, "1" (Monday) to "7"
    for a weekday, "17:30" for a time of day, "2024-Q2" or "Q2" for a quarter. `upto` is the other
    end of a range, "" where there is none. `unit` is "" where nothing is counted in one.
    """

    start: int
    end: int
    kind: Kind
    value: str
    unit: str = ""
    upto: str = ""

    @property
    def ends(self) -> tuple[str, ...]:
        """The value, and that at the other end of a range."""
        return (self.value, self.upto) if self.upto else (self.value,)


_BEYOND = Word("", "", 0, 0, "|")


def row(text: str) -> Row:
    """Return the words of `text`; those before the first (counted from the end) and after the last are empty."""
    return [*read(text), *[_BEYOND] * 5]


def close(word: Word, signs: str = "") -> bool:
    """Whether only white space, or one of `signs`, stands between a word and the one before."""
    return word.gap.strip() in ("", *signs)


def after(row: Row, at: int, end: int) -> int:
    """Return the index of the first word from `row[at]` on that begins at `end` or later."""
    while row[at].text and row[at].start < end:
        at += 1
    return at
