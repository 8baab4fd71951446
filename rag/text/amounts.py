"""Numbers with what belongs to them: "1,5 Mio. Euro", "$2.5 bn", "12 %", "zwei Drittel", "der 3.", "46-metre"."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from rag.text import digits
from rag.text.language import Word
from rag.text.number_wordlists import (
    ARTICLES,
    BEFORE_ORDINALS,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    ENGLISH_PARTS,
    GERMAN_PARTS,
    HALF,
    HUNDRED,
    LETTER_UNITS,
    MEASURES,
    MONEY_SCALES,
    ONE,
    RAISED_UNITS,
    SCALES,
    SHORT_SCALES,
    TWO_WORD_UNITS,
    UNITS,
)
from rag.text.number_words import MOST, and_a_half, repeated, scale_of, spelled
from rag.text.quantity import Kind, Quantity, Row, close
from rag.text.wordlists import STARTERS

_SIGN = re.compile(rf"\s?(%|[{CURRENCY_SIGNS}](?!\d)|°\s?[CF]\b|°)")
_SIGN_BEFORE = re.compile(rf"(?:\b(?:US|A|C))?([{CURRENCY_SIGNS}])\s?$")
_MINUS = re.compile(r"(?:^|[\s(])[−-]$")
_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_LONGEST = 40  # figures; what is longer is multiplied by nothing


def amount(text: str, row: Row, at: int, since: int) -> tuple[Quantity, int] | None:
    """Return the number that begins with the word `row[at]`, with what its scale ("Millionen") is worth, or None.

    Signs before `since` belong to another number.
    """
    word, following = row[at], row[at + 1]
    if not _has_digits(word):
        if word.text in CURRENCY_CODES and close(following) and _has_digits(following):
            return _counted(text, row, at + 1, word.start, UNITS[word.low])
        if word.low == "minus" and close(following) and not row[at - 1].low[:1].isdigit():
            return _negative(text, row, at + 1, word.start)
        return _fraction(text, row, at) or _repeated(row, at) or _counted(text, row, at, word.start, "")
    before = text[max(since, word.start - 5) : word.start]
    if sign := _SIGN_BEFORE.search(before):
        return _counted(text, row, at, word.start - len(sign.group()), UNITS[sign.group(1)])
    if (
        before
        and _MINUS.search(text[max(0, word.start - 2) : word.start])
        and (below := _negative(text, row, at, word.start - 1))
    ):
        return below
    return _counted(text, row, at, word.start, "")


def _has_digits(word: Word) -> bool:
    return word.text[:1].isdecimal()


def _negative(text: str, row: Row, at: int, start: int) -> tuple[Quantity, int] | None:
    """Read a number after a minus; only in a unit, since a hyphen and a minus look alike."""
    found = _counted(text, row, at, start, "")
    if found is None or not found[0].unit:
        return None
    quantity, scale = found
    return Quantity(start, quantity.end, quantity.kind, f"-{quantity.value}", quantity.unit), scale


def _counted(text: str, row: Row, at: int, start: int, currency: str) -> tuple[Quantity, int] | None:
    """Return the number at `row[at]`, with its scale and unit; `currency` is that of a sign before it."""
    read = _digits(text, row, at) if _has_digits(row[at]) else _words(row, at)
    if read is None:
        return None
    value, index, end, ordinal, said = read
    if not ordinal:
        value, index, end = _and_a_half(row, value, index, end)
    if ordinal:
        unit = UNITS.get(row[index].low, "") if close(row[index], ".") else ""
        century = unit == "century"
        return Quantity(start, row[index].end if century else end, "ordinal", value, unit if century else ""), 1
    scale, index, end = _scale(text, row, index, end, currency)
    if scale > 1 and len(value) < _LONGEST:
        value = digits.times(value, scale)
    unit, unit_end = _unit(text, row, index, end, in_digits=_has_digits(row[at]))
    if currency and (not unit or MEASURES.get(unit) != "money"):
        unit, unit_end = currency, end
    if not unit and scale == 1 and row[at].low in ONE and index == at + 1:
        return None  # an article or a pronoun
    return Quantity(start, unit_end, kind_of(unit), digits.trimmed(value) if unit else value, unit), scale * said


def kind_of(unit: str) -> Kind:
    """Return of what kind a number is that has this unit."""
    measure = MEASURES.get(unit, "")
    return "money" if measure == "money" else "percent" if measure == "share" else "number"


# --- the number itself: value, index after it, where it ends, whether it is an ordinal, its scale in words --


def _digits(text: str, row: Row, at: int) -> tuple[str, int, int, bool, int] | None:
    word, following = row[at], row[at + 1]
    value = digits.plain(word.text)
    if not following.gap and following.low in _ENDINGS and value.isdecimal():
        return value, at + 2, following.end, True, 1
    if value.isdecimal() and not following.gap and len(following.text) == 1 and (part := _vulgar(following.text)):
        half = Fraction(part)
        if half.denominator in (2, 4, 5, 8):
            return digits.trimmed(f"{value}{float(half)!s:.6}".replace("0.", ".", 1)), at + 2, following.end, False, 1
    if text[word.end : word.end + 1] == "." and len(value) <= 3 and value.isdecimal() and _is_ordinal(row, at):
        return value, at + 1, word.end + 1, True, 1
    return value, at + 1, word.end, False, 1


def _and_a_half(row: Row, value: str, index: int, end: int) -> tuple[str, int, int]:
    """Add "and a half" or " ½"."""
    if not value.isdecimal() or not close(row[index]):
        return value, index, end
    if row[index].text == "½":
        return f"{value}.5", index + 1, row[index].end
    words = [row[index].low, row[index + 1].low, row[index + 2].low]
    if words == ["and", "a", "half"] and close(row[index + 1]) and close(row[index + 2]):
        return f"{value}.5", index + 3, row[index + 2].end
    return value, index, end


def _is_ordinal(row: Row, at: int) -> bool:
    """Whether the full stop after a figure makes an ordinal of it: "der 3.", "3. Platz"."""
    word, following = row[at], row[at + 1]
    if close(word) and row[at - 1].low in BEFORE_ORDINALS:
        return True
    if not word.gap and row[at - 1].text:
        return False  # "S2."
    named = following.capital and following.text not in STARTERS and len(word.low) <= 2
    return following.gap == ". " and (named or following.low in UNITS) and not row[at - 1].low[:1].isdigit()


def _vulgar(sign: str) -> str:
    """Return "1/2" for "½", "" for what is no such sign."""
    name = unicodedata.normalize("NFKD", sign)
    return name.replace("⁄", "/") if "⁄" in name and re.fullmatch(r"\d⁄\d\d?", name) else ""


def _words(row: Row, at: int) -> tuple[str, int, int, bool, int] | None:
    word = row[at]
    if number := spelled(row, at):
        return number.value, number.after, row[number.after - 1].end, number.ordinal, number.scale
    if half := and_a_half(word.low):
        return half, at + 1, word.end, False, 1
    if word.low in ONE and close(row[at + 1], "-"):  # a number before what is counted in a unit, see `_counted`
        return "1", at + 1, word.end, False, 1
    return None


def _repeated(row: Row, at: int) -> tuple[Quantity, int] | None:
    count = repeated(row[at].low)
    return (Quantity(row[at].start, row[at].end, "number", count, "times"), 1) if count else None


# --- scales and units ----------------------------------------------------------------------------------


def _scale(text: str, row: Row, index: int, end: int, currency: str) -> tuple[int, int, int]:
    """Return what the words from `index` on multiply by, the index after them, and where they end."""
    scale, word = 1, row[index]
    if not word.gap and currency and word.low in MONEY_SCALES:
        return MONEY_SCALES[word.low], index + 1, word.end
    while scale < MOST and close(word, "-") and (word.low in SCALES or word.low in SHORT_SCALES or word.low in HUNDRED):
        if word.low in SHORT_SCALES:
            scale *= SHORT_SCALES[word.low]
            dotted = word.low[0] in "tm" and text[word.end : word.end + 1] == "."  # "Mio."
            return scale, index + 1, word.end + dotted
        scale *= 100 if word.low in HUNDRED else scale_of(word)
        index, end, word = index + 1, word.end, row[index + 1]
    return scale, index, end


def _unit(text: str, row: Row, index: int, end: int, *, in_digits: bool) -> tuple[str, int]:
    """Return the unit after a number, "" if there is none, and where it ends."""
    if sign := _SIGN.match(text, end):
        spelling = "".join(sign.group(1).upper().split())
        following = row[index]  # "° Celsius"
        if spelling == "°" and following.low in ("celsius", "fahrenheit"):
            return UNITS[following.low], following.end
        return UNITS.get(spelling, spelling), sign.end()
    word, following = row[index], row[index + 1]
    dotted = word.gap.strip() == "." and text[end - 1 : end] == "."  # after "Mio."
    if not (close(word, "-") or dotted):
        return "", end
    both = f"{word.low} {following.low}"
    if both in TWO_WORD_UNITS and close(following, "-/"):
        return TWO_WORD_UNITS[both], following.end
    if raised := RAISED_UNITS.get(word.low + following.low) if not following.gap else "":
        return raised, following.end
    if word.low not in UNITS or word.text in ("M", "G", "T", "L", "H"):
        return "", end
    if word.low in LETTER_UNITS and not in_digits:
        return "", end
    return UNITS[word.low], word.end


# --- fractions -------------------------------------------------------------------------------------------


def _fraction(text: str, row: Row, at: int) -> tuple[Quantity, int] | None:
    """Read "half", "ein Drittel", "two thirds", "½", "half a million"."""
    word = row[at]
    if part := _vulgar(word.text) if len(word.text) == 1 else "":
        return Quantity(word.start, word.end, "fraction", part), 1
    if word.low in HALF:
        return _half(text, row, at, word.start)
    if word.low in ARTICLES and close(row[at + 1]) and row[at + 1].low in HALF and row[at + 1].low != "hälfte":
        return _half(text, row, at + 1, word.start) if _halves_scale(row, at + 1) else None
    if word.low == "dreiviertel":
        return Quantity(word.start, word.end, "fraction", "3/4"), 1
    count = "1" if word.low in ARTICLES else ""
    index = at + 1
    if not count and (number := spelled(row, at)) and not number.ordinal and number.value.isdecimal():
        count, index = number.value, number.after
    name = row[index]
    part_of = _part(row, index, alone=word.low in ("a", "an"), plural=count != "1")
    if not count or len(count) > 3 or not part_of or not close(name, "-"):
        return None
    value = Fraction(int(count), part_of)
    if value.denominator == 1:
        return None
    return Quantity(word.start, name.end, "fraction", f"{value.numerator}/{value.denominator}"), 1


def _part(row: Row, index: int, *, alone: bool, plural: bool) -> int:
    """Return what a word divides by, 0 if it is no part: "a third boat" is none, "a third of the boats" is."""
    low = row[index].low
    if low in GERMAN_PARTS:
        return GERMAN_PARTS[low]
    if plural:
        return ENGLISH_PARTS.get(low.removesuffix("s"), 0) if low.endswith("s") else 0
    if alone and low != "quarter" and row[index + 1].low != "of":
        return 0
    return ENGLISH_PARTS.get(low, 0) if low != "half" else 0


def _halves_scale(row: Row, at: int) -> bool:
    return close(row[at + 1]) and row[at + 1].low in SCALES


def _half(text: str, row: Row, at: int, start: int) -> tuple[Quantity, int]:
    """Read "half [a million]", "halbe [Million]", "half [an hour]"."""
    index, end = at + 1, row[at].end
    if row[index].low in ("a", "an") and close(row[index]):
        index += 1
    if close(row[index]) and row[index].low in SCALES:
        scale, index, end = _scale(text, row, index, end, "")
        unit, end = _unit(text, row, index, end, in_digits=False)
        return Quantity(start, end, kind_of(unit), str(scale // 2), unit), scale
    unit = UNITS.get(row[index].low, "") if close(row[index], "-") and row[at].low != "hälfte" else ""
    end = row[index].end if unit and row[index].low not in LETTER_UNITS else row[at].end
    return Quantity(start, end, "fraction", "1/2", unit if end > row[at].end else ""), 1
