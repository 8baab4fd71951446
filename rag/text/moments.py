"""Moments as people read them."""

from __future__ import annotations

from datetime import datetime


def local(moment: str) -> str:
    """Return a moment, ISO and UTC, as the clock here shows it, to the minute."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
