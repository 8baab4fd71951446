"""The values of the numbers in a text, for tests that ask whether a figure is in it."""

from __future__ import annotations

from rag.text.numbers import find


def numbers(text: str) -> set[str]:
    """Values as `find` gives them, both ends of ranges; of a date year and day."""
    found: set[str] = set()
    for quantity in find(text):
        for end in quantity.ends:
            parts = end.replace("--", "-").split("-") if quantity.kind == "date" else [end]
            found |= {parts[0], parts[2].lstrip("0") if len(parts) == 3 else ""} - {""}
    return found
