"""Numbers in digits: where one ends, and one spelling for all ways to group them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, localcontext

from rag.text.number_wordlists import LABELS

# "11.000", "11,000", "11'000", "11 000" (any space), each with decimals or without; or digits with decimals.
PATTERN = (
    r"(?!0)\d{1,3}(?:(?:\.\d{3})+(?:,\d+)?|(?:,\d{3})+(?:\.\d+)?|(?:['’]\d{3})+(?:[.,]\d+)?"
    r"|(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?)(?!\d)|\d+(?:[.,]\d+)?"
)
_GROUPED = re.compile(r"(?!0)(\d{1,3}(?:([.,'’ \u00a0\u2009\u202f])\d{3})+)(?:[.,](\d+))?")
_GROUP_SIGNS = re.compile(r"[.,'’ \u00a0\u2009\u202f]")
_LAST_WORD = re.compile(r"([^\W\d_]+)[.:]?\s$")
_MORE_DIGITS = re.compile(r" \d")
_WHAT_IS_COUNTED = re.compile(r"\s?[€$£%°]|\s[^\W\d_]")


def number(word: str) -> str:
    """Fold the ways to group digits: "11.000", "11,000" and "11 000" are all "11000".

    Decimals keep one sign: "3,5" and "3.5" are "3.5", "1.000,50" and "1,000.50" are "1000.50".
    """
    if match := _GROUPED.fullmatch(word):
        whole = _GROUP_SIGNS.sub("", match.group(1))
        return f"{whole}.{match.group(3)}" if match.group(3) else whole
    return word.replace(",", ".")


def is_one(text: str, start: int, end: int) -> bool:
    """Whether the digits of `text[start:end]`, as `PATTERN` finds them, are one number where it is a space that groups.

    "12 300 Gäste" is one, "Room 12 300 people" two, and "450 500 620" three.
    """
    groups = text[start:end].split(" ")
    if len(groups) == 1:
        return True
    before = text[max(0, start - 20) : start]
    if before[-1:] == "+" or before[-2:-1].isdigit() or _MORE_DIGITS.match(text, end):
        return False  # a telephone's, or one of a row of figures
    if (label := _LAST_WORD.search(before)) and label.group(1).lower() in LABELS:
        return False
    if len(groups[0]) < 3 or all(group == "000" for group in groups[1:]):
        return True
    return len(groups) == 2 and _WHAT_IS_COUNTED.match(text, end) is not None


def plain(word: str) -> str:
    """Return `number` in the digits 0 to 9, of whatever script `word` is."""
    folded = number(word)
    return folded if folded.isascii() else re.sub(r"\d", lambda sign: str(unicodedata.decimal(sign.group())), folded)


def times(value: str, factor: int) -> str:
    """Return a decimal number times `factor`, exactly, without zeros at its end after a point."""
    with localcontext() as context:
        context.prec = len(value) + len(str(factor))
        return trimmed(f"{Decimal(value) * factor:f}")


def trimmed(value: str) -> str:
    """Return a decimal number without zeros at its end after a point: "3.50" is "3.5"."""
    return value.rstrip("0").rstrip(".") if "." in value else value
