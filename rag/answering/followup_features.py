"""What tells a follow-up question, as features with fitted weights.

The rules of `followup_detection` find what lacks a word ("it", "Why?"). "Did the insurance pay?" lacks none, and
still hangs on the question about the storm: its thing has an article and nothing else, and "Is the fare paid by the
county of Hale?" does not. How much each of such signs counts is fitted (`followup_weights.toml`,
`tests/benchmarks/fit_followups.py`). In doubt a question stands alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.answering.followup_detection import (
    content,
    is_asking_phrase,
    is_fragment,
    is_question,
    led,
    names_too_little,
    nouns,
    refers_back,
    speaks_to_someone,
)
from rag.answering.followup_wordlists import (
    ADDRESSED,
    ARTICLES,
    INDEFINITE,
    PREPOSITIONS,
    SHELLS,
    SPEAKING,
    WRITINGS,
)
from rag.models.weights_file import check_names, read_checked
from rag.system.validation import FiniteFloat, Strict
from rag.text.language import Word, detect, read, stem

FILE = Path(__file__).with_name("followup_weights.toml")
FEATURES = (
    "constant",
    "led",  # it begins with "and"
    "things",  # how many it names, by 4
    "names",  # one of them is a name
    "detailed",  # one of them is told apart: "the roof of the mill"
    "compound",  # the longest is a long word
    "articled",  # share of things with a definite article and nothing else
    "indefinite",  # one has an indefinite article
    "known",  # share of things that were named before
    "said",  # share of things that were named in what was quoted
    "addressed",  # it is about whoever asks
    "defined",  # "What is granite?"
    "length",  # words, by 10
    "here",  # share of what it is about that the document quoted last holds, or what was said
    "elsewhere",  # share of it that other documents alone hold
)
LEAST = 0.7  # chance
_LONG = 12  # letters
_DEFINED = re.compile(r"(?:what|was) (?:is|are|was|were|ist|sind|war|waren) (?:\w+ly )?[^\W\d_]+\s*\?*\s*$", re.I)
_AT_PRESENT = re.compile(r"\b(?:this|diese[mnrs]?) (?:year|season|month|week|jahr|saison|monat|woche)\b", re.I)
_THIS = re.compile(r"\b(?:th(?:is|ese|e)|dies(?:e[rnms]?|es)|das|de[rnms]|die)\s+((?:\w+\s+)?\w+)", re.I)


@dataclass(frozen=True, slots=True)
class Ground:
    """Which of the words that say what a question is about (`content`) the documents hold.

    `here` are those that the document quoted last holds, or what was said before, `elsewhere` those that only
    others hold. Both are empty where the documents are not known.
    """

    here: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


NO_GROUND = Ground()


class _File(Strict, frozen=True):
    fitted: str
    weights: dict[str, FiniteFloat]


@cache
def shipped() -> tuple[float, ...]:
    """Return the weights in use, in the order of FEATURES."""
    return load(FILE)


def load(path: Path) -> tuple[float, ...]:
    """Return the weights of a file. Raises WeightsUnusable where a feature is missing or unknown."""
    file = read_checked(path, _File)
    check_names(path, "weights", file.weights, FEATURES)
    return tuple(file.weights[name] for name in FEATURES)


def follows(question: str, language: str, before: str, quoted: str, ground: Ground = NO_GROUND) -> bool:
    """Whether a question hangs on what was said before: a question, and what was quoted for it."""
    decided = ruled(question, language, before, ground)
    return chance(question, language, before, quoted, ground) >= LEAST if decided is None else decided


def may_stand_alone(question: str) -> bool:
    """Whether nothing in a question stands for something else, but for the "and" that it may begin with.

    Such a one may have been completed with what it is not about.
    """
    language = detect(question, ("de", "en"))
    begun, rest = led(question)
    if is_fragment(question, language) or (begun and SPEAKING.search(rest)):
        return False
    return ruled(rest, language, "", Ground(elsewhere=frozenset(content(rest, language)))) is None


def ruled(question: str, language: str, before: str, ground: Ground = NO_GROUND) -> bool | None:
    """Return whether the rules say that a question hangs, or stands alone; None where they do not tell.

    What names too little still says enough if the documents tell what it is about: "Who won?".
    """
    row = read(question)
    if not row or _is_of_writing(question, _stems(before, language), language):
        return False
    if is_fragment(question, language) or is_asking_phrase(question, language) or refers_back(question, language):
        return True
    if names_too_little(question, language):
        shells = any(word.low in SHELLS[language] for word in row)  # "the money" is one that was spoken of
        return None if ground.elsewhere and not ground.here and not shells else True
    told = is_question(read(led(question)[1]) or row, language) and not speaks_to_someone(row)
    return None if told and content(question, language) and not _AT_PRESENT.search(question) else False


def chance(question: str, language: str, before: str, quoted: str, ground: Ground = NO_GROUND) -> float:
    """Return the chance that a question hangs on what was said before: a question, and what was quoted for it."""
    row = features(question, language, before, quoted, ground)
    worth = sum(weight * row[name] for name, weight in zip(FEATURES, shipped(), strict=True))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, worth))))


def features(question: str, language: str, before: str, quoted: str, ground: Ground = NO_GROUND) -> Mapping[str, float]:
    """Return the features by name."""
    row = read(question)
    at = sorted(nouns(row, language)) if row else []
    things = [stem(row[index].text, language) for index in at]
    known, said = (_stems(text, language) for text in (before, quoted))
    share = 1 / len(at) if at else 0.0
    about = content(question, language)
    return {
        "constant": 1.0,
        "led": float(led(question)[0]),
        "things": min(len(at), 4) / 4,
        "names": float(any(_is_name(row, index, language) for index in at)),
        "detailed": float(any(_is_detailed(row, index, at) for index in at)),
        "compound": float(language == "de" and any(len(row[index].text) >= _LONG for index in at)),
        "articled": share * sum(_before(row, index) in ARTICLES and not _is_detailed(row, index, at) for index in at),
        "indefinite": float(any(_before(row, index) in INDEFINITE for index in at)),
        "known": share * sum(thing in known for thing in things),
        "said": share * sum(thing in said for thing in things),
        "defined": float(_DEFINED.match(question) is not None),
        "addressed": float(any(word.low in ADDRESSED for word in row)),
        "length": min(len(row), 20) / 10,
        "here": sum(word in ground.here for word in about) / max(len(about), 1),
        "elsewhere": sum(word in ground.elsewhere for word in about) / max(len(about), 1),
    }


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(stem(word.text, language) for word in read(text))


def _before(row: Sequence[Word], index: int) -> str:
    return row[index - 1].low if index else ""


def _is_name(row: Sequence[Word], index: int, language: str) -> bool:
    """Whether a thing is a name: capitalised in English, without an article after a preposition in German."""
    if not row[index].capital or not index:
        return False
    return language == "en" or (_before(row, index) in PREPOSITIONS and _before(row, index)[-1:] not in "mr")


def _is_detailed(row: Sequence[Word], index: int, at: Sequence[int]) -> bool:
    """Whether something stands beside a thing that tells it apart: another thing, or one after a preposition."""
    if index - 1 in at or index + 1 in at:
        return True
    after = [word.low for word in row[index + 1 : index + 3]]
    joined = bool(after) and (after[0] in PREPOSITIONS or after[0] in ("of", "des", "der", "von"))
    return joined and any(index < other <= index + 4 for other in at)


def _is_of_writing(question: str, known: frozenset[str], language: str) -> bool:
    """Whether it asks about "this report": the document, unless a report was spoken of."""
    said = [word for match in _THIS.finditer(question) for word in match[1].split()]
    return any(word.lower().endswith(tuple(WRITINGS)) and stem(word, language) not in known for word in said)
