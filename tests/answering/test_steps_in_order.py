"""Held: numbered steps of one list are quoted in its order, whatever answers best among them; nothing else is moved."""

from __future__ import annotations

from pathlib import Path

from library_fixtures import fill

from rag.answering.candidate_sentences import candidates
from rag.answering.query import understood
from rag.answering.sentence_selection import Candidate, _steps_in_order
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder

_TEXTS = {
    "kiln.md": "# How the kiln is fired\n\n1. Close both dampers of the kiln.\n2. Light the burner of the kiln.\n"
    "3. Wait until the cone bends.\n\n- Gloves lie beside the kiln.\n- Tongs hang above the kiln.",
    "press.md": "# How the press is inked\n\n1. Mix the ink for the press.\n2. Roll the ink onto the press.",
}


def test_numbered_steps_stand_in_the_order_of_their_list(tmp_path: Path, embedder: Embedder) -> None:
    with Library(tmp_path / "library", create=True) as library:
        fill(library, tmp_path, _TEXTS, embedder)
        search, passages = retrieve("How do I fire the kiln?", library, SqliteStore.of(library), embedder, 8)
        pool = {each.text.split()[0]: each for each in candidates(understood(search), passages)}

    def ordered(*firsts: str) -> list[str]:
        chosen = tuple(Candidate(pool[first], 0.9 - at / 10, None) for at, first in enumerate(firsts))
        return [each.option.text.split()[0] for each in _steps_in_order(chosen)]

    assert ordered("Wait", "Close") == ["Close", "Wait"]
    assert ordered("Light", "Wait", "Close") == ["Close", "Light", "Wait"]
    assert ordered("Tongs", "Gloves") == ["Tongs", "Gloves"]  # no steps
    assert ordered("Wait", "Gloves", "Close") == ["Wait", "Gloves", "Close"]
    assert ordered("Roll", "Close") == ["Roll", "Close"]  # of two lists
    assert ordered("Wait") == ["Wait"]
