"""Amounts and times that no figure says: "keine", "hundreds of", "a fortnight", "montags", "Mo–Fr", "dieciséis".

Only that they are amounts or times is told, not how much or when: enough to see that a sentence holds what a
question asks for. What has a value is found by `numbers`, which knows German and English.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from rag.text.amount_wordlists import AMOUNTS, AMOUNTS_AS_NOUNS, CLOCKS, LANGUAGES, TIMES
from rag.text.language import words
from rag.text.number_wordlists import DURATIONS, SEASONS, WEEKDAYS

What = Literal["number", "time"]

_SPANS = "|".join([*sorted(DURATIONS - {"uhr", "clock"}), *SEASONS, *WEEKDAYS, "weekend", "wochenende", "night"])
_AMOUNT = re.compile(
    r"\b(?:nur|only|just|lediglich|einzig) (?:eine?[rsmn]?|one)\b"  # "nur einer kam"
    rf"|\b(?:half )?an? (?:{'|'.join(sorted(DURATIONS, key=len, reverse=True))})\b"
    r"|\b(?:is|are|was|were|ist|sind|war|waren) (?:free|frei)\b(?! (?:to|of (?!charge)|von|from))",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"\b(?:(?:last|next|this|every|each)|(?:letzt|vergangen|nächst|kommend|vorig|dies|jed)e[nmrs]?) (?:{_SPANS})\b"
    r"|\b(?:ab|um|bis|von|gegen) \d{1,2} ?h\b",
    re.IGNORECASE,
)
_SHORT = r"(?:Mo|Di|Mi|Do|Fr|Sa|So|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_SHORT_WEEKDAYS = re.compile(
    rf"\b{_SHORT}\b\.?(?:\s?(?:[-–—/,&+]|bis|und|to|and)\s?{_SHORT}\b\.?)+"
    rf"|\b{_SHORT}\b(?=[.:]? ?(?:\d|geschlossen|closed|Ruhetag))"
)
_HOUR = re.compile(r"\b\d{1,2}\s?h(?:\s?\d\d)?\b|\b\d{1,2}[:.]\d\d\b")


def amounts_in_words(text: str, language: str) -> list[tuple[int, int, What]]:
    """Return (start, end, what it is) of the amounts and times in words in `text`, in code points, in order.

    Those of German and English are found in any text, as figures are, others where `language` is theirs.
    """
    found: dict[tuple[int, int], What] = {match.span(): "number" for match in _AMOUNT.finditer(text)}
    for pattern in (_TIME, _SHORT_WEEKDAYS, *_clocks(language)):
        found |= {match.span(): "time" for match in pattern.finditer(text)}
    own = (language,) if language in LANGUAGES else ()
    for start, end in words(text):
        word = text[start:end]
        low = word.lower()
        for known in ("de", "en", *own):
            if low in AMOUNTS[known] or (word[0].isupper() and low in AMOUNTS_AS_NOUNS):
                found.setdefault((start, end), "number")
            elif low in TIMES[known]:
                found.setdefault((start, end), "time")
    return [(start, end, what) for (start, end), what in sorted(found.items())]


def reads(language: str) -> bool:
    """Whether amounts in words are known in a language: in another one, none may be seen where there is one."""
    return language in LANGUAGES


@cache
def _clocks(language: str) -> tuple[re.Pattern[str], ...]:
    """Return what a time of day looks like in a language, but in German and English, where `numbers` knows it."""
    if language not in CLOCKS:
        return ()
    return _HOUR, re.compile(CLOCKS[language], re.IGNORECASE)
