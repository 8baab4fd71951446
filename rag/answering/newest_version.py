"""Of sentences that say one thing in versions of a document, the newest answers, or that of the year asked about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.candidate_sentences import Option
from rag.index.versions import alike, dated, of_year, years_named


def prefer_newest(question: str, pool: Sequence[Option], supports: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the support of each sentence, where the version that holds has no less than another one of its own.

    They differ in a figure, which tells nothing of how well they answer.
    """
    raised = supports.copy()
    years = years_named(question)
    for group in _said_alike(pool):
        dates = [dated(pool[at].passage.document) for at in group]
        newest_first = sorted(range(len(group)), key=lambda place: dates[place], reverse=True)
        wanted = of_year([dates[place] for place in newest_first], years)
        first = group[newest_first[wanted[0]]]
        best = supports[group].max()
        raised[first] = best
        for at in group:
            if at != first and raised[at] >= best:  # whatever stands first in the pool, it stands behind
                raised[at] = np.nextafter(best, 0.0)
    return raised


def _said_alike(pool: Sequence[Option]) -> list[list[int]]:
    """Return the places in `pool` of what says one thing in versions of a document, two or more of each."""
    of: dict[str, list[int]] = {}
    for at, row in enumerate(pool):
        newest = row.passage.older_than
        of.setdefault(newest.id if newest else row.passage.document.id, []).append(at)
    found: list[list[int]] = []
    for rows in of.values():
        if len({pool[at].passage.document.id for at in rows}) < 2:
            continue
        groups: list[list[int]] = []
        for at in rows:
            like = (group for group in groups if _belongs(pool, at, group))
            if (group := next(like, None)) is not None:
                group.append(at)
            else:
                groups.append([at])
        found += [group for group in groups if len(group) > 1]
    return found


def _belongs(pool: Sequence[Option], at: int, group: Sequence[int]) -> bool:
    other = all(pool[at].passage.document.id != pool[member].passage.document.id for member in group)
    return other and alike(pool[at].text, pool[group[0]].text)
