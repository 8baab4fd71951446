"""The gender of a German noun, told by its ending: the table is fitted on a dictionary (`building/genders.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from rag.lexicon.table import Table

SHORTEST, LONGEST = 2, 7  # letters of an ending
_FILE = Path(__file__).parent / "de.genders.table"
_BEGINS = "^"  # before a word: an ending may be all of it


def gender(noun: str) -> str:
    """Return m, f, n, or pl for a form of many; "" where the ending does not tell, or there is no table."""
    table = _table()
    return gender_of(noun, table.get) if table is not None else ""


def gender_of(noun: str, known: Callable[[str], Sequence[str] | None]) -> str:
    """Return the gender of the longest ending that is known."""
    return next((found[0] for ending in endings(noun) if (found := known(ending))), "")


def endings(noun: str) -> Iterator[str]:
    """Yield the endings of a noun, longest first."""
    word = _BEGINS + noun.lower()
    for length in range(min(LONGEST, len(word)), SHORTEST - 1, -1):
        yield word[-length:]


@lru_cache(maxsize=1)
def _table() -> Table | None:
    return Table(_FILE) if _FILE.is_file() else None
