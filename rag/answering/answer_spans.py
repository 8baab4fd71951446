"""Answer spans: which words of a sentence answer, and are marked.

Candidates are found by shape (figures with their unit, dates, names, stretches between
punctuation and function words) and by what the question asks for; words the question
already holds answer nothing. A reader's own span goes before all of that (`rag.models.reader`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answering.answer_types import AnswerType
from rag.answering.query import Query
from rag.text.amounts_in_words import amounts_in_words, reads
from rag.text.char_ngrams import pieces
from rag.text.language import stem, words
from rag.text.number_wordlists import DURATIONS, MONTHS
from rag.text.numbers import Quantity, find, may_be_year
from rag.text.wordlists import ABOUT, FUNCTION_WORDS, PART_OF_TIME

_LASTING = DURATIONS | {"fortnight", "fortnights"}
_IN_A_CODE = re.compile(r"[-/.]\d{3}")  # "2024-0118"; but "2023/24" and "2024-05" are times
_PLAIN_NUMBER = re.compile(r"\d{4}")  # a year by its looks, but "2000 guests" is none


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of a sentence that may answer, and what shape it has."""

    start: int
    end: int
    kind: AnswerType


def holds(sentence: str, query: Query, language: str, said: frozenset[str] = frozenset()) -> bool:
    """Whether the sentence has something of the kind asked for that the question does not hold.

    Where that cannot be told, in a language whose amounts are not known, it may have.
    """
    if query.answer_type in ("thing", "unknown") or not reads(language):
        return True
    found = candidates(sentence, query, language, said)
    return any(_fits(sentence, candidate, query) for candidate in found)


def tells(sentence: str, query: Query, language: str, said: frozenset[str] = frozenset()) -> bool:
    """Whether the sentence has anything that the question does not hold, of the kind asked for where that is known."""
    if query.answer_type in ("thing", "unknown") or not reads(language):
        return bool(candidates(sentence, query, language, said))
    return holds(sentence, query, language, said)


def candidates(sentence: str, query: Query, language: str, said: frozenset[str] = frozenset()) -> list[Candidate]:
    """Return the spans of `sentence`, which is in `language`, that may answer the question, in order, none twice.

    `said` are words of the sentence, in lower case, that the question holds in its own language.
    """
    known = said | {stem(word, language) for word in query.words} | {word.lower() for word in query.words}
    spans = words(sentence)
    found: dict[tuple[int, int], Candidate] = {}
    for candidate in [*_figures(sentence, spans), *_names(sentence, spans), *_stretches(sentence, spans)]:
        inside = [sentence[a:b] for a, b in spans if candidate.start <= a and b <= candidate.end]
        if any(_is_new(word, known, query.sounds, language) for word in inside):
            found.setdefault((candidate.start, candidate.end), candidate)
    asked = {word.lower() for word in query.words}
    for start, end, what in amounts_in_words(sentence, language):  # "no" and "both" are function words elsewhere
        if not asked.issuperset(sentence[start:end].lower().split()):
            found[start, end] = Candidate(start, end, what)
    return sorted(found.values(), key=lambda candidate: (candidate.start, candidate.end))


def _is_new(word: str, known: frozenset[str], parts: Sequence[frozenset[str]], language: str) -> bool:
    low = word.lower()
    if word[0].isupper() and low in MONTHS:
        return low not in known  # "May" is a month, whatever "may" is
    if any(low in group for group in FUNCTION_WORDS.values()) or low in ABOUT:
        return False
    if low in known or stem(word, language) in known:
        return False
    own = set(pieces(word))
    return not any(len(own & part) >= 0.6 * max(len(own), 1) for part in parts)


def _figures(sentence: str, spans: list[tuple[int, int]]) -> list[Candidate]:
    """Figures with what belongs to them: "rund 8.000", "200 Millionen Euro", "am 3. November"."""
    begins = [start for start, _ in spans]
    found = []
    for quantity in find(sentence):
        left = max(bisect_right(begins, quantity.start) - 1, 0)
        kind = _kind(sentence, quantity)
        near = ABOUT | PART_OF_TIME if kind == "time" else ABOUT
        while left > 0 and sentence[slice(*spans[left - 1])].lower() in near:
            left -= 1
        start = min(spans[left][0], quantity.start)
        found.append(Candidate(start, quantity.end, kind))
    return found


def _kind(sentence: str, quantity: Quantity) -> AnswerType:
    """Return what kind of thing a figure is; "the third" is neither how many nor when, and no year is in a code."""
    if quantity.kind in ("date", "weekday", "time", "quarter") or quantity.unit == "century":
        return "time"
    if may_be_year(quantity) and not _IN_A_CODE.match(sentence, quantity.end):
        return "time"
    return "thing" if quantity.kind == "ordinal" else "number"


def _names(sentence: str, spans: list[tuple[int, int]]) -> list[Candidate]:
    """Runs of capitalised words, with the small words that stand inside names."""
    found = []
    index = 0
    while index < len(spans):
        word = sentence[slice(*spans[index])]
        if not word[0].isupper() or any(word.lower() in group for group in FUNCTION_WORDS.values()):
            index += 1
            continue
        last = index
        while last + 1 < len(spans):
            gap = sentence[spans[last][1] : spans[last + 1][0]]
            following = sentence[slice(*spans[last + 1])]
            if gap.strip(" -–.'’") or not (following[0].isupper() or following[0].isdigit()):
                break
            last += 1
        kind: AnswerType = "person" if index > 0 or last > index else "thing"
        found.append(Candidate(spans[index][0], spans[last][1], kind))
        index = last + 1
    return found


def _stretches(sentence: str, spans: list[tuple[int, int]]) -> list[Candidate]:
    """Stretches of content words: what lies between punctuation and function words."""
    found: list[Candidate] = []
    begin = None
    for index, (start, end) in enumerate(spans):
        word = sentence[start:end].lower()
        small = any(word in group for group in FUNCTION_WORDS.values())
        gap = sentence[spans[index - 1][1] : start] if index else ""
        if begin is not None and (small or re.search(r"[,;:()„“”\"–—|]", gap)):
            found.append(Candidate(begin, spans[index - 1][1], "thing"))
            begin = None
        if begin is None and not small:
            begin = start
    if begin is not None:
        found.append(Candidate(begin, spans[-1][1], "thing"))
    # clauses: a "why" is answered by more than a noun
    edges = [0, *(match.end() for match in re.finditer(r"[,;:–—(]\s", sentence)), len(sentence)]
    for left, right in pairwise(edges):
        clause = sentence[left:right].rstrip(" ,;:–—().")
        if len(clause.split()) >= 3:
            found.append(Candidate(left, left + len(clause), "thing"))
    return found


def likeliest(sentence: str, query: Query, language: str, said: frozenset[str] = frozenset()) -> tuple[int, int] | None:
    """Return the span of `sentence` that answers, by its shape alone; None where nothing in it is new.

    For a reader that scores sentences and marks nothing: the first thing of the kind that is asked for.
    """
    found = candidates(sentence, query, language, said)
    kind = query.answer_type
    wanted = [candidate for candidate in found if _fits(sentence, candidate, query)]
    if kind == "person":
        wanted = [candidate for candidate in wanted if _ends_new(sentence, candidate, query, language, said)]
    if kind in ("number", "time", "person") and wanted:
        found = wanted
    return (found[0].start, found[0].end) if found else None


def _ends_new(sentence: str, candidate: Candidate, query: Query, language: str, said: frozenset[str]) -> bool:
    """Whether a name's last word is not in the question: "Wladimir Putin" does not answer "Who met Putin?"."""
    asked = {stem(word, language) for word in query.words}
    inside = words(sentence[candidate.start : candidate.end])
    last = sentence[candidate.start :][slice(*inside[-1])] if inside else ""
    return bool(last) and last.lower() not in said and stem(last, language) not in asked


def _fits(sentence: str, candidate: Candidate, query: Query) -> bool:
    kind = query.answer_type
    if kind == "number" and candidate.kind == "number":
        # "How many troops" is not answered by "three weeks".
        inside = {sentence[a:b].lower() for a, b in words(sentence[: candidate.end]) if a >= candidate.start}
        return not (query.counts and inside & _LASTING)
    if kind == "number" and candidate.kind == "time":
        return _PLAIN_NUMBER.fullmatch(sentence[candidate.start : candidate.end]) is not None
    return candidate.kind == kind or (kind == "place" and candidate.kind == "person")
