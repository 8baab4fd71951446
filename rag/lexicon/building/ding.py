"""A dictionary in the format of Ding (Frank Richter) to single-word entries.

A line is `headwords :: translations`; `|` separates sub-entries, which correspond on the
two sides, `;` variants. `{…}` is grammar, `[…]` a field or region, `(…)` and `<…>` and
`/…/` remarks. What is wanted here is which English a *word form* may stand for, so phrases
on the German side are left out, and what marks a word as dated or vulgar puts its
translations last.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

_MOST_WORDS = 3  # in a translation: longer ones explain rather than translate
_MOST = 3  # translations of a form
_LEAST = 0.25  # of the best one's worth
_REMARK = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|<[^>]*>|(?<!\w)/[^/]*/")
_MARKED = re.compile(
    r"\[(?:obs|veraltet|archaic|slang|vulg|pej|ugs|coll|Dt|Ös|Schw|humor|geh|poet|hist|selten|rare)\.?\]"
)
_DATED = "†"
_SOMEONE = re.compile(
    r"\b(?:jds?|jdm|jdn|jmds?|jmdm|jmdn|etw|sb|sth|so(?=\.)|sich|oneself|one’s|one's)\b\.?(?:[’']s)?|…|\.\.\.",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:to be|to|the|he|she|I|he/she|der|die|das|er|sie|ich|er/sie|ich/er/sie|du)\s+", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENGLISH = re.compile(r"[A-Za-z]+(?:[ '’-][A-Za-z]+)*")


def entries(lines: Iterable[str], frequency: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the English translations, best first, of each German word form (as it is written).

    `frequency` says how often an English word (in lower case) is seen in running text: a
    dictionary lists everything a word may mean, and common meanings are in common words.
    What is far less likely than the best is left out.
    """
    found: dict[str, dict[str, float]] = {}
    for line in lines:
        if line.startswith("#") or "::" not in line:
            continue
        # Remarks go first, since they may hold any of the marks that separate; what matters of them leaves a sign.
        line = _REMARK.sub(" ", _MARKED.sub(_DATED, line.rstrip("\n")))
        german, _, english = line.partition("::")
        left, right = german.split("|"), english.split("|")
        if len(left) != len(right):
            left, right = left[:1], right[:1]
        for depth, (form, meaning) in enumerate(zip(left, right, strict=True)):
            _note(found, form, meaning, main=depth == 0)
    return {word: _best(options, frequency) for word, options in sorted(found.items())}


def _best(options: Mapping[str, float], frequency: Mapping[str, int]) -> list[str]:
    worth = {english: value * _common(english, frequency) for english, value in options.items()}
    least = max(worth.values(), default=0.0) * _LEAST
    return sorted((english for english in worth if worth[english] >= least), key=lambda e: (-worth[e], e))[:_MOST]


def _common(english: str, frequency: Mapping[str, int]) -> float:
    rarest = min(frequency.get(word, 0) for word in english.lower().replace("-", " ").split())
    return 0.1 + min(1.0, math.log1p(rarest) / math.log(100))


def _note(found: dict[str, dict[str, float]], form: str, meaning: str, *, main: bool) -> None:
    meanings = [_english(part) for part in meaning.split(";")]
    for part in form.split(";"):
        word = _german(part)
        if not word:
            continue
        dated = 0.3 if _DATED in part else 1.0
        options = found.setdefault(word, {})
        for rank, (english, marked) in enumerate(meanings):
            if english:
                worth = dated * (0.3 if marked else 1.0) * (1.0 if main else 0.8) / (1 + rank)
                options[english] = options.get(english, 0.0) + worth


def _german(text: str) -> str:
    text = _SOMEONE.sub(" ", text.replace(_DATED, " ")).strip()
    text = _LEADING.sub("", text).strip(" .!?,-")
    return text if _WORD.fullmatch(text) else ""


def _english(text: str) -> tuple[str, bool]:
    marked = _DATED in text
    text = _SOMEONE.sub(" ", text.replace(_DATED, " "))
    text = " ".join(text.split()).strip(" .!?,-")
    while (shorter := _LEADING.sub("", text)) != text:
        text = shorter
    good = _ENGLISH.fullmatch(text) and len(text.split()) <= _MOST_WORDS
    return (text if good else ""), marked
