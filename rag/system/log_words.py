"""What both halves of the log know: its file's name, and which words are the person's own."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "beleg.log"


@dataclass(frozen=True, slots=True)
class Words:
    """Text that may come from a document, a question or a file's name: only a full log shows it."""

    text: object


def words(value: object) -> str:
    """Return `value` as text, also where it is an exception that cannot be shown."""
    try:
        return str(value)
    except Exception as error:  # what reports errors must not bring about another
        return f"({type(error).__name__} where it was to be shown)"
