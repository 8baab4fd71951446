"""Moments as people read them."""

from __future__ import annotations

from datetime import datetime

from rag.text.sanitize import one_line


def local(moment: str) -> str:
    """Return a moment, ISO and UTC, as the clock here shows it, to the minute; what is none as it is, on one line."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return one_line(moment)
