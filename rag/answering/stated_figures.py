"""The figure that a quote gives as its answer, and what is said of it: its measure, time, speaker and thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from rag.answering.answer import Citation
from rag.answering.answer_types import AnswerType
from rag.answering.figure_times import Period, days, is_year, periods
from rag.answering.figure_wordlists import SMALL
from rag.answering.query import Query
from rag.answering.reported_speech import Speaker, speaker
from rag.answering.terms_compared import Term, term, terms
from rag.documents.document import Document
from rag.text.intervals import Interval, interval
from rag.text.language import Word, read
from rag.text.number_wordlists import MEASURES, UNITS
from rag.text.numbers import Quantity, find

_MOST_OF = 0.4  # the share of the marked letters that a figure has where a question asks for none by its words
_LONGEST = 60  # characters of a figure as it is shown
_LOOK = 40  # characters before a figure in which "von" is looked for
_CHANGES = tuple(
    (
        re.compile(rf"\b(?:{before})\s+(?:[^\W\d_]+\s+){{0,2}}$", re.IGNORECASE),
        re.compile(rf"(?:\s+[^\W\d_]+){{0,3}},?\s+(?:{between})\s+(?:[^\W\d_]+\s+){{0,2}}", re.IGNORECASE),
    )
    for before, between in (("von|vom|um", "auf"), ("nicht|not", "sondern|but"))
)
_COUNTED = 3  # words of what is counted
_PER = re.compile(
    r"\s*(?:/|\b(?P<any>per|pro|je|each|every)\b|\b(?P<time>a|an|im|in der|in the)\b)\s*(?P<what>[^\W\d_]+)"
)
_SPLIT = re.compile(r"[;(]|[,:–—]\s|\s(?:und|and|while|whereas|während|but|aber|sowie)\s|\s·\s")
_TIME = re.compile(r"\s?(?:time|mal)\b", re.IGNORECASE)
_SIGN = re.compile(r"[;()]|[,:–—]\s|\s·\s")
_END = re.compile(rf"{_SIGN.pattern}|\s(?:und|and)\s")  # "is 146 km long and flows into …"
_FIELD = re.compile(r"[^:.]{1,80}:\s*[^:.]{0,40}")
_DATED = ("date", "time", "weekday", "quarter")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as quote `n` gives it. `words` are what is shown of it; offsets are in `text`, the quote as it is read.

    `moment` is the value of a date, a year or a time of day, where one answers; `interval` is a number's. `near` is
    the part of the sentence, between signs, that the figure stands in. `terms` are the words that say what the figure
    is of, `counted` those of them that it counts, `label` those before the colon of a field. `per` is the word for
    what it is counted by ("hour"); a figure is `bare` where no unit and no noun stands beside it.
    """

    n: int
    words: str
    document: Document
    text: str
    row: tuple[Word, ...]
    quantity: Quantity
    interval: Interval | None
    moment: str
    near: tuple[int, int]
    periods: tuple[Period, ...]
    weekdays: frozenset[str]
    ordinals: frozenset[str]
    speaker: tuple[Term, ...]
    reported: bool
    per: str
    bare: bool
    terms: tuple[Term, ...]
    counted: tuple[Term, ...]
    label: tuple[Term, ...]

    @property
    def language(self) -> str:
        return self.document.language

    @property
    def masked(self) -> str:
        """The sentence without the figure: dated versions of one text differ in nothing else."""
        start = self.interval.start if self.interval else self.quantity.start
        return " ".join(f"{self.text[:start]} # {self.text[self.quantity.end :]}".split())


def stated(citation: Citation, query: Query, asked: Sequence[Term]) -> Figure | None:
    """Return the figure among the marked words of a quote; None where they hold none that the question asks for."""
    reading, language = citation.quote.reading, citation.quote.document.language
    row, found = read(reading.text), find(reading.text)
    for left, right in (reading.place(*mark) for mark in citation.quote.marks):
        marked = [each for each in found if each.start < right and left < each.end]
        for quantity, following in zip_longest(marked, marked[1:]):
            if _is_asked(quantity, reading.text, row, query.answer_type, right - left, language):
                if query.counts and MEASURES.get(quantity.unit) == "time":
                    continue  # "three weeks" are no count of things
                if following and _becomes(reading.text, quantity, following):
                    continue  # "von 60 auf 72 Euro": the new value is what holds
                return _figure(citation, query, asked, row, found, quantity, (left, right))
    return None


def _becomes(text: str, old: Quantity, new: Quantity) -> bool:
    """Whether a figure gives way to the next: "von (bisher) 60 auf 72", "um 12 auf 72", "nicht 72, sondern 75".

    English has no sign of a change: "from 60 to 72" may as well say that it varies, and is read as a range.
    """
    before = text[max(0, old.start - _LOOK) : old.start]
    between = text[old.end : new.start]
    return any(leaves.search(before) and arrives.fullmatch(between) for leaves, arrives in _CHANGES)


def _is_asked(quantity: Quantity, text: str, row: Sequence[Word], kind: AnswerType, marked: int, language: str) -> bool:
    """Whether a marked figure is of the kind that is asked for: a moment, or an amount that is no year."""
    if kind in ("person", "place"):
        return False
    at = next((at for at, word in enumerate(row) if word.start == quantity.start), 0)
    year = quantity.kind == "number" and not quantity.unit and is_year(row, at, language)
    if kind == "time":
        return year or quantity.kind in ("date", "time")
    amount = interval(quantity, text)
    if amount is None or year:
        return False
    return kind == "number" or quantity.end - amount.start >= _MOST_OF * marked


def _figure(
    citation: Citation,
    query: Query,
    asked: Sequence[Term],
    row: Sequence[Word],
    found: Sequence[Quantity],
    quantity: Quantity,
    mark: tuple[int, int],
) -> Figure:
    document, reading = citation.quote.document, citation.quote.reading
    text, language = reading.text, document.language
    amount = interval(quantity, text) if query.answer_type != "time" else None
    start = amount.start if amount else quantity.start
    clause = _clause(text, found, quantity)
    said = _speaker(row, text, (start, quantity.end), asked, language)
    own = [
        word
        for word in row
        if _within(word.start, clause)
        and word.start not in said.reporting
        and not start <= word.start < quantity.end
        and not _within(word.start, [(other.start, other.end) for other in found])
        and not _within(word.start, _other_heads(reading.added, quantity))
    ]
    made = terms(own, language, row[0].start if row else 0)
    dates = [(at, named) for at, named in periods(found, row, language) if not start <= at < quantity.end]
    near = _segment(text, start, quantity.end)
    counted = {word.start for word in _counted(row, quantity, start, language)}
    label = _label_end(text, start)
    return Figure(
        n=citation.n,
        words=_shown(text, min(start, mark[0]), max(quantity.end, mark[1]), (start, quantity.end)),
        document=document,
        text=text,
        row=tuple(row),
        quantity=quantity,
        interval=amount,
        moment=quantity.value if amount is None else "",
        near=near,
        periods=tuple(_nearest(dates, clause)),
        weekdays=days([each for each in found if each is not quantity], row),
        ordinals=_ordinals(text, found, near),
        speaker=terms(said.words, language),
        reported=bool(said.reporting),
        per=_per(text, quantity),
        bare=_is_bare(row, quantity),
        terms=made,
        counted=tuple(each for each in made if each.start in counted),
        label=tuple(each for each in made if each.start < label),
    )


def _speaker(row: Sequence[Word], text: str, figure: tuple[int, int], asked: Sequence[Term], language: str) -> Speaker:
    def known(word: Word) -> bool:
        made = term(word, language)
        return made is not None and any(made.says(other) for other in asked)

    return speaker(row, text, figure, known, language)


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(left <= at < right for left, right in spans)


def _shown(text: str, start: int, end: int, figure: tuple[int, int]) -> str:
    return text[start:end] if end - start <= _LONGEST else text[slice(*figure)]


def _other_heads(added: Sequence[tuple[int, int]], quantity: Quantity) -> list[tuple[int, int]]:
    """Return where the heads of columns stand, except that of the figure's own."""
    own = max((span for span in added if span[1] <= quantity.start), default=None)
    return [span for span in added if span != own]


def _clause(text: str, found: Sequence[Quantity], quantity: Quantity) -> list[tuple[int, int]]:
    """Return the parts of a sentence that belong to a figure: all of it, or those up to the next figure."""
    rivals = [each for each in found if each is not quantity and each.kind not in (*_DATED, "ordinal")]
    if not rivals or text.count(" · ") > 0:
        return [(0, len(text))]
    cuts = [0, *(match.end() for match in _SPLIT.finditer(text)), len(text)]
    parts = [(left, right) for left, right in pairwise(cuts) if left < right]
    own = next((at for at, (left, right) in enumerate(parts) if left <= quantity.start < right), 0)
    kept = [parts[own]]
    for step in (-1, 1):
        at = own + step
        while 0 <= at < len(parts) and not any(parts[at][0] <= other.start < parts[at][1] for other in rivals):
            kept.append(parts[at])
            at += step
    return sorted(kept)


def _nearest(dates: Sequence[tuple[int, Period]], clause: Sequence[tuple[int, int]]) -> list[Period]:
    """Return the times in a figure's own part of the sentence, else all."""
    inside = [named for at, named in dates if _within(at, clause)]
    return inside or [named for _, named in dates]


def _ordinals(text: str, found: Sequence[Quantity], near: tuple[int, int]) -> frozenset[str]:
    """Return the ordinals beside a figure: "in the second round"; "for the first time" says nothing of it."""
    inside = [each for each in found if each.kind == "ordinal" and near[0] <= each.start < near[1]]
    return frozenset(each.value for each in inside if not _TIME.match(text, each.end))


def _per(text: str, quantity: Quantity) -> str:
    """Return the unit or word for what a figure is counted by: "pro Stunde", "a year"; "" where it is not."""
    match = _PER.match(text, quantity.end)
    if match is None:
        return ""
    what = match["what"].lower()
    return UNITS.get(what, what) if match["time"] is None or MEASURES.get(UNITS.get(what, "")) == "time" else ""


def _counted(row: Sequence[Word], quantity: Quantity, start: int, language: str) -> list[Word]:
    """Return the words of what a figure counts: "9 [verwundete Soldaten]", "500 g of [sugar]", "a [width] of 2 m"."""
    found: list[Word] = []
    for word in (word for word in row if word.start >= quantity.end):
        leads = word.low in ("of", "von") and not found
        if word.gap.strip() or len(found) == _COUNTED or (word.low in SMALL and not leads):
            break
        found += [] if leads else [word]
    before = [word for word in row if word.start < start][-2:]
    if not found and len(before) == 2 and before[1].low in ("of", "von") and before[0].low not in SMALL:
        return before[:1]
    return found if language != "de" or any(word.capital for word in found) else []  # "rund 8.000 angegeben"


def _label_end(text: str, start: int) -> int:
    """Return where the label of a field, or the cells before a figure's in a row, end; 0 where there are none."""
    if " · " in text[:start]:
        return text.rfind(" · ", 0, start)
    return text.rfind(":", 0, start) + 1 if _FIELD.fullmatch(text, 0, start) else 0


def _segment(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the part of a sentence, between signs, that a figure stands in."""
    left = max((match.end() for match in _SIGN.finditer(text, 0, start)), default=0)
    match = _END.search(text, end)
    return left, match.start() if match else len(text)


def _is_bare(row: Sequence[Word], quantity: Quantity) -> bool:
    """Whether a number stands alone: no unit, and nothing after it that it could count."""
    following = next((word for word in row if word.start >= quantity.end), None)
    if quantity.unit or quantity.kind != "number":
        return False
    return following is None or bool(following.gap.strip()) or following.low in SMALL
