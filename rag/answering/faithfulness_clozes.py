"""Clozes: questions made of a statement, each asking for one of its numbers, names or nouns.

A reader that is asked them of the quote finds something else where the statement says it of something else:
"Who sent 8,000 soldiers to Blinken?"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.attribution import missing_numbers
from rag.answering.faithfulness_alignment import Pair, Side
from rag.answering.faithfulness_features import Cloze
from rag.models.reader.reader import Reader, Text
from rag.system.cancellation import CancelToken
from rag.text.numbers import find

_MOST = 5
_ASKING = {
    "en": {"number": "how many", "time": "when", "name": "who", "noun": "what"},
    "de": {"number": "wie viele", "time": "wann", "name": "wer", "noun": "was"},
}


@dataclass(frozen=True, slots=True)
class _Gap:
    """A part of a statement that is asked for."""

    start: int
    end: int
    kind: str


def clozes(
    statement: Side, pairs: Sequence[Pair], quote: Side, before: str, reader: Reader, cancel: CancelToken
) -> tuple[Cloze, ...]:
    """Return what the reader finds in the quote for parts of a statement. Raises Stopped."""
    found = []
    asking = _ASKING.get(statement.language, _ASKING["en"])
    for gap in list(_gaps(statement, pairs))[:_MOST]:
        cancel.check()
        text = statement.text
        asked = (text[: gap.start] + asking[gap.kind] + text[gap.end :]).rstrip(". ") + "?"
        (reading,) = reader.read(asked, [Text(before, (quote.text,))], cancel)
        span = reading.spans[0]
        hit = _hit(statement, gap, pairs, quote, (span.start, span.end)) if span else 0.0
        found.append(Cloze(gap.kind in ("number", "time"), hit, float(reading.scores[0])))
    return tuple(found)


def _gaps(statement: Side, pairs: Sequence[Pair]) -> Iterator[_Gap]:
    taken = list[tuple[int, int]]()
    for number in find(statement.text):
        taken.append((number.start, number.end))
        yield _Gap(
            number.start, number.end, "time" if number.kind in ("date", "weekday", "time", "quarter") else "number"
        )
    for pair in pairs:
        word, term = pair.token.word, pair.token.term
        if (term.name or term.noun) and not any(start <= word.start < end for start, end in taken):
            yield _Gap(word.start, word.end, "name" if term.name else "noun")


def _hit(statement: Side, gap: _Gap, pairs: Sequence[Pair], quote: Side, span: tuple[int, int]) -> float:
    """Return how surely what the reader marks is what the statement says."""
    if gap.kind in ("number", "time"):
        return float(not missing_numbers(statement.text[gap.start : gap.end], [quote.text[slice(*span)]]))
    inside = [pair for pair in pairs if gap.start <= pair.token.word.start < gap.end and pair.other is not None]
    marked = [pair.likeness for pair in inside if pair.other and span[0] <= pair.other.word.start < span[1]]
    return max(marked, default=0.0)
