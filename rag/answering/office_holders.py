"""Of those who hold an office one after the other, the one who holds it now answers "Who is …?".

Minutes tell who steps down and who is elected, a list has a row for each of them with the years. All are said to be
treasurer, in the same words; which of them is told by what is said of the change, and by the years beside them. The
one who was asked about comes first; the other stays, behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.candidate_sentences import Option
from rag.answering.features import holds_new
from rag.answering.labels import asked_of, score
from rag.answering.office_wordlists import BEFORE, HOLDS, LEFT, asks_for_now
from rag.answering.query import Query
from rag.index.versions import years_named
from rag.text.char_ngrams import pieces
from rag.text.language import words
from rag.text.markup import markup
from rag.text.number_wordlists import YEAR

_AS_GOOD = {True: 5.0, None: 3.0, False: 3.0}  # log odds that it may lie below the other, by what it says of now
_LESS = 0.5  # log odds between them
_SOUND = 0.6  # share of the pieces of the longer word
_LEAST = 0.02  # support of what is looked at
_JOINED = re.compile(r"\w+(?:-\w+)+")  # a vice-chairman is no chairman
_YEAR = re.compile(rf"(?<!\d)(?:{YEAR})(?!\d)")


def prefer_in_office(query: Query, pool: Sequence[Option], supports: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the support of each sentence, where who holds an office leads who held it; or the other way round."""
    now, before = asks_for_now(query.text), BEFORE.search(query.text) is not None
    if query.answer_type != "person" or not (now or before):
        return supports
    rows = [at for at in range(len(pool)) if supports[at] >= _LEAST and holds_new(query, pool[at])]
    if len(rows) < 2:
        return supports
    first = max(rows, key=lambda at: (supports[at], -at))
    said = _office(query, pool[first])
    by_years = _by_years(query, pool, [at for at in rows if _office(query, pool[at]) >= said], first)
    in_office = by_years or {at: _says(pool[at].text) for at in rows}
    wanted, other = (True, False) if now else (False, True)
    if in_office.get(first) is not other:
        return supports
    others = [
        at
        for at, holds in in_office.items()
        if holds is not other and (now or holds is wanted) and (by_years or said & _office(query, pool[at]))
    ]
    odds = np.log(supports[rows] / np.maximum(1 - supports[rows], 1e-12))
    known = dict(zip(rows, odds, strict=True))
    near = [at for at in others if known[at] >= known[first] - _AS_GOOD[in_office[at]]]
    leads = max(near, key=lambda at: (known[at] + (in_office[at] is wanted), -at), default=None)
    if leads is None:
        return supports
    changed = supports.copy()
    changed[leads] = supports[first]
    for at, holds in in_office.items():
        if holds is other:
            changed[at] = 1 / (1 + np.exp(_LESS - min(known[at], known[first])))
    return changed


def _says(text: str) -> bool | None:
    """Return whether a sentence tells that somebody holds an office, or that somebody has left it; None for both."""
    left, holds = LEFT.search(text) is not None, HOLDS.search(text) is not None
    return holds if left != holds else None


def _office(query: Query, row: Option) -> frozenset[int]:
    """Return which words of a question a sentence says, by their number: by what they mean, else by their sound."""
    asked = asked_of(query, row.passage.chunk.language)
    text = _JOINED.sub("", row.in_context)
    meant = [at for at in range(len(asked.words)) if score(text, asked.only(at))]
    said = [frozenset(pieces(text[start:end])) for start, end in words(text)]
    alike = [
        at
        for at, sound in enumerate(query.sounds, len(asked.words))
        if sound and any(len(sound & own) >= _SOUND * max(len(sound), len(own)) for own in said)
    ]
    return frozenset([*meant, *alike])  # "Kassenwart", "Kassenwartin"


def _by_years(query: Query, pool: Sequence[Option], rows: Sequence[int], first: int) -> dict[int, bool | None]:
    """Return which rows of a table are of now by the years in them; nothing where they do not tell."""
    table = _table(pool[first])
    years = {at: _YEAR.findall(pool[at].text) for at in rows if table is not None and _table(pool[at]) == table}
    if not any(len(found) > 1 for found in years.values()):
        return {}
    asked = years_named(query.text)
    if asked and not asks_for_now(query.text):
        return {at: not (len(found) > 1 and found[-1] in asked) for at, found in years.items()}
    latest = max((found[-1] for found in years.values() if found), default="")
    return {at: len(found) == 1 and found[-1] >= latest for at, found in years.items() if found}


def _table(row: Option) -> tuple[str, int] | None:
    document = row.passage.document
    table = markup(document.text).table(row.start)
    return (document.id, table.start) if table else None
