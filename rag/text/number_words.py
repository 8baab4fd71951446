"""Numbers in words, German and English: "zweihundertdreißig", "one hundred and five", "twenty-first"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import digits
from rag.text.language import Word
from rag.text.number_wordlists import (
    ARTICLES,
    BEFORE_ORDINALS,
    DOZEN,
    ENGLISH_ORDINALS,
    ENGLISH_SMALL,
    ENGLISH_TENS,
    GERMAN_ORDINALS,
    GERMAN_SCALES,
    GERMAN_SMALL,
    GERMAN_TENS,
    HUNDRED,
    POINT,
    SCALED_ORDINALS,
    SCALES,
    TIMES,
)
from rag.text.quantity import Row, close

MOST = 10**18  # no scale goes beyond it
LONGEST = 80  # letters: "neunhundertneunundneunzigtausendneunhundertneunundneunzig" has fewer
_JOINTS = {"and", "und"}

_AFTER_ONE = HUNDRED | SCALES.keys() | POINT | SCALED_ORDINALS.keys()


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words: its value, the index of the word after it, and whether it is an ordinal.

    `scale` is what all of it is multiplied by: a million in "three million", 1 in "a million and three".
    """

    value: str
    after: int
    ordinal: bool = False
    scale: int = 1


def spelled(row: Row, at: int) -> Spelled | None:
    """Return the number that begins with the word `row[at]`, None where none does.

    "one", "ein" and their forms alone are none, since they are articles and pronouns as often.
    """
    total, least, index, whole = 0, 0, at, 1
    while True:
        part = _scaled(row, index, least)
        if part is None:
            break
        value, after, scale, ordinal = part
        if "." in value:  # "zwei Komma fünf Millionen": nothing is added to it
            return Spelled(value, after) if index == at else Spelled(str(total), index)
        whole = scale if index == at else 1
        total, index, least = total + int(value), after, scale
        if ordinal or scale == 1:
            return Spelled(str(total), index, ordinal)
        following = _joined(row, index, at)
        if following is None:
            break
        index = following
    return Spelled(str(total), _back(row, index), scale=whole) if index > at else None


def _back(row: Row, index: int) -> int:
    """Leave out an "and" that nothing followed."""
    return index - 1 if row[index - 1].low in _JOINTS else index


def _joined(row: Row, index: int, first: int) -> int | None:
    """Return where what is added to a number that ends in a scale begins: "two thousand [and] five"."""
    word = row[index]
    if word.low in _JOINTS and close(word) and row[first - 1].low not in ("between", "zwischen"):
        small = _group(row, index + 1, True) if close(row[index + 1]) else None
        fits = small is not None and int(small[0]) < 100 and row[small[1]].low not in SCALES
        return index + 1 if fits else None
    if close(word):
        return index
    # ", three hundred": a comma only before what is a hundred or more itself, or it is a list
    more = _group(row, index, True) if word.gap.strip() == "," and word.low not in GERMAN_SMALL else None
    large = more is not None and (int(more[0]) >= 100 or row[more[1]].low in SCALES)
    return index if large else None


def _scaled(row: Row, at: int, least: int) -> tuple[str, int, int, bool] | None:
    """Return value, index after it, scale, and whether it is an ordinal, of "[five] hundred", "three million"."""
    if row[at].low in ARTICLES and close(row[at + 1]) and row[at + 1].low in SCALES:
        count, after, ordinal = "1", at + 1, False
    elif row[at].low in ("thousand", "tausend") and not least:
        count, after, ordinal = "1000", at + 1, False
    elif (group := _group(row, at, bool(least))) is not None:
        count, after, ordinal = group
        count, after = _decimals(row, count, after)
    else:
        return None
    scale, index = 1, after
    while not ordinal and close(row[index], "-") and row[index].low in SCALES and scale < MOST:  # "tausend Millionen"
        scale *= scale_of(row[index])
        index += 1
    if not ordinal and close(row[index], "-") and row[index].low in SCALED_ORDINALS:
        scale, index, ordinal = scale * SCALED_ORDINALS[row[index].low], index + 1, True
    value = digits.times(count, scale) if scale > 1 else count
    # What is added to thousands is less than a thousand.
    if least and (scale >= least or float(value) >= least):
        return None
    return value, index, scale, ordinal


def scale_of(word: Word) -> int:
    """Return what a word of `SCALES` multiplies by: a German "Billion" is a thousand English ones."""
    return GERMAN_SCALES[word.low] if word.capital and word.low in GERMAN_SCALES else SCALES[word.low]


def _decimals(row: Row, count: str, after: int) -> tuple[str, int]:
    """Add what stands after "point" or "Komma", figure by figure."""
    if row[after].low not in POINT or not close(row[after]):
        return count, after
    figures, index = "", after + 1
    while close(row[index]):
        figure = ENGLISH_SMALL.get(row[index].low, GERMAN_SMALL.get(row[index].low, 10))
        if figure > 9:
            break
        figures, index = figures + str(figure), index + 1
    return (f"{count}.{figures}", index) if figures else (count, after)


def _group(row: Row, at: int, inside: bool = False) -> tuple[str, int, bool] | None:
    """Return a number that no scale follows yet: "twenty-one", "[five] hundred and three", "zweitausenddrei"."""
    low = row[at].low
    if low in HUNDRED:
        return _plus(row, 100, at + 1)
    if low in ARTICLES and close(row[at + 1], "-") and row[at + 1].low in HUNDRED:
        return _plus(row, 100, at + 2)
    if low in DOZEN:
        return "12", at + 1, False
    if low in ARTICLES and close(row[at + 1]) and row[at + 1].low in DOZEN:
        return "12", at + 2, False
    if (value := german(low)) is not None:
        return _times_hundred(row, value, at + 1)
    if low in SCALED_ORDINALS:
        return str(SCALED_ORDINALS[low]), at + 1, True
    if (ordinal := german_ordinal(low)) is not None and _is_ordinal(row, at):
        return str(ordinal), at + 1, True
    below = _below_hundred(row, at, inside)
    if below is None or below[2]:
        return (str(below[0]), below[1], True) if below else None
    value, after, _ = below
    year = _below_hundred(row, after) if 13 <= value <= 20 and close(row[after]) else None
    if year and year[0] >= 10 and not year[2] and row[year[1]].low not in HUNDRED | SCALES.keys():
        return str(100 * value + year[0]), year[1], False  # "nineteen eighty-four"
    return _times_hundred(row, value, after)


def _times_hundred(row: Row, value: int, after: int) -> tuple[str, int, bool]:
    """Multiply what stands before "hundred" or "dozen"."""
    word = row[after]
    if value < 100 and close(word, "-"):
        if word.low in HUNDRED:
            return _plus(row, 100 * value, after + 1)
        if word.low == "hundredth":
            return str(100 * value), after + 1, True
        if word.low in DOZEN:
            return str(12 * value), after + 1, False
    return str(value), after, False


def _plus(row: Row, hundreds: int, after: int) -> tuple[str, int, bool]:
    """Add what stands after "hundred": "[and] five"."""
    index = after + 1 if row[after].low in _JOINTS else after
    if not (close(row[after]) and close(row[index])):
        return str(hundreds), after, False
    rest = _below_hundred(row, index, True)
    if rest is None and (small := german(row[index].low)) is not None and small < 100:
        rest = small, index + 1, False
    if rest is None or row[rest[1]].low in HUNDRED:  # "between one hundred and two hundred"
        return str(hundreds), after, False
    return str(hundreds + rest[0]), rest[1], rest[2]


def _below_hundred(row: Row, at: int, inside: bool = False) -> tuple[int, int, bool] | None:
    low = row[at].low
    if low in ENGLISH_TENS:
        word = row[at + 1]
        if close(word, "-") and 1 <= (small := ENGLISH_SMALL.get(word.low, 0)) <= 9:
            return ENGLISH_TENS[low] + small, at + 2, False
        if close(word, "-") and 1 <= (small := ENGLISH_ORDINALS.get(word.low, 0)) <= 9:
            return ENGLISH_TENS[low] + small, at + 2, True
        return ENGLISH_TENS[low], at + 1, False
    if low in ENGLISH_ORDINALS:
        return ENGLISH_ORDINALS[low], at + 1, True
    if low == "one" and not inside and row[at + 1].low not in _AFTER_ONE:
        return None  # an article or a pronoun
    return (ENGLISH_SMALL[low], at + 1, False) if low in ENGLISH_SMALL else None


def _is_ordinal(row: Row, at: int) -> bool:
    """Whether "achten" is no verb."""
    word = row[at]
    return not re.fullmatch(r"achte[nrst]?", word.low) or (close(word) and row[at - 1].low in BEFORE_ORDINALS)


# --- German, where a number is one word ------------------------------------------------------------


def _spelling(low: str) -> str:
    return low.replace("ß", "ss")


def german(low: str) -> int | None:
    """Return what a German number word below a million means, None for other words."""
    low = _spelling(low)
    if len(low) > LONGEST:
        return None
    head, thousand, tail = low.partition("tausend")
    if not thousand:
        return _german_below_thousand(low)
    thousands = 1 if not head else _german_below_thousand(head, inside=True)
    rest = 0 if not tail else _german_below_thousand(tail.removeprefix("und"), inside=True)
    return None if thousands is None or rest is None else 1000 * thousands + rest


def _german_below_thousand(low: str, inside: bool = False) -> int | None:
    head, hundred, tail = low.partition("hundert")
    if not hundred:
        return _german_below_hundred(low, inside)
    hundreds = 1 if not head else _german_below_hundred(head, True)  # also "neunzehnhundert"
    rest = 0 if not tail else _german_below_hundred(tail.removeprefix("und"), True)
    return None if not hundreds or rest is None else 100 * hundreds + rest


def _german_below_hundred(low: str, inside: bool) -> int | None:
    if inside and low in ("ein", "eine"):
        return 1
    if low in GERMAN_SMALL:
        return GERMAN_SMALL[low]
    if low in GERMAN_TENS:
        return GERMAN_TENS[low]
    small, joint, tens = low.partition("und")
    unit = 1 if small == "ein" else GERMAN_SMALL.get(small, 0)
    return GERMAN_TENS[tens] + unit if joint and tens in GERMAN_TENS and 0 < unit < 10 else None


def german_ordinal(low: str) -> int | None:
    """Return what a German ordinal of one word means, with any ending."""
    match = re.fullmatch(r"(.{2,}t)e[nrsm]?", _spelling(low)) if len(low) <= LONGEST else None
    if not match:
        return None
    stem = match.group(1)
    if stem.endswith("st") and (value := german(stem[:-2])) and (value % 100 == 0 or value % 100 >= 20):
        return value
    for ending, small in GERMAN_ORDINALS.items():
        if stem.endswith(ending):
            head = stem.removesuffix(ending).removesuffix("und")
            if not head:
                return small
            if (value := german(head)) and value % 100 == 0:
                return value + small
    return None


def repeated(low: str) -> str:
    """Return how often "dreimal" or "twice" is, "" for other words."""
    if low in TIMES:
        return str(TIMES[low])
    count = german(low.removesuffix("mal")) if low.endswith("mal") else None
    return str(count) if count is not None else ""


def and_a_half(low: str) -> str:
    """Return what "anderthalb" or "zweieinhalb" means, "" for other words."""
    match = re.fullmatch(r"(ander|.{2,40}ein)t?halb(?:e[nrsm]?)?", low)
    if not match:
        return ""
    head = match.group(1)
    if head == "ander":
        return "1.5"
    count = 1 if head == "einein" else german(head.removesuffix("ein"))
    return f"{count}.5" if count is not None else ""
