"""Questions as they are understood, without an embedder or a library."""

from __future__ import annotations

import numpy as np

from rag.answering.query import Query, understood
from rag.index.hybrid_search import SearchQuery
from rag.lexicon.query_terms import terms
from rag.models.embedder_ability import fitted


def query(question: str, language: str = "en") -> Query:
    """Return what is known of a question in `language`; its vector is of no dimension."""
    return understood(
        SearchQuery(question, language, np.zeros(0, dtype=np.float32), terms(question, language), fitted())
    )
