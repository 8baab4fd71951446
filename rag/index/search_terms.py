"""What a chunk is found by, besides its sentences' vectors: stems, English glosses, pieces of words."""

from __future__ import annotations

from rag.lexicon.query_terms import glossed
from rag.text.char_ngrams import pieces
from rag.text.language import stems


def search_terms(searched: str, language: str) -> dict[str, str]:
    """Return the terms that a chunk is found by, apart by spaces, by the table they go to."""
    return {
        "stems": " ".join(stems(searched, language)),
        "glosses": " ".join(glossed(searched, language)),
        "pieces": " ".join(pieces(searched)),
    }
