"""Of sentences that say one thing in two languages, the one in the question's language answers.

A library may hold a letter and its translation, or a fact in articles of both languages. Which of them has more support
is chance then. Where only the other language says it, that answers: the wrong sentence in the right language helps
nobody. So they have to be near to each other, and to name no figure that contradicts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.answering.candidate_sentences import Option
from rag.answering.query import Query
from rag.models.embedder_ability import on_fitted_scale
from rag.text.numbers import find

_NEAR = 0.6  # cosine of two sentences, between the languages
_NEAR_BY_FIGURE = 0.4  # of two that name the same figure
_AS_GOOD = 0.3  # of the best one's support, so much a translation of it needs


def prefer_own_language(query: Query, pool: list[Option], supports: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the support of each sentence, where what says in the question's language what the best one says leads."""
    best = int(supports.argmax())
    other = pool[best].passage.chunk.language
    if other == query.language:
        return supports
    own = [
        at
        for at, row in enumerate(pool)
        if row.passage.chunk.language == query.language and supports[at] >= _AS_GOOD * supports[best]
    ]
    cosines = np.array([float(pool[at].sentence.vector @ pool[best].sentence.vector) for at in own])
    near = on_fitted_scale(query.search.abilities, query.language, other, cosines)
    same = [at for at, cosine in zip(own, near, strict=True) if _same(pool[at].text, pool[best].text, float(cosine))]
    if not same:
        return supports
    leads = max(same, key=lambda at: (supports[at], -at))
    raised = supports.copy()
    raised[leads] = supports[best]
    raised[best] = np.nextafter(supports[best], 0.0)
    return raised


def _same(text: str, other: str, cosine: float) -> bool:
    """Return whether two texts say one thing, as far as their cosine and figures tell."""
    one, two = ({end for figure in find(each) for end in figure.ends} for each in (text, other))
    contradict = not (one <= two or two <= one)
    return not contradict and cosine >= (_NEAR_BY_FIGURE if one & two else _NEAR)
