"""Paths as people write them."""

from __future__ import annotations

from pathlib import Path

from rag.errors import UsageError


def absolute(given: str) -> Path:
    """Return a path in full, "~" replaced. Raises UsageError for the home of somebody this machine does not know."""
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"There is no home folder for {given}.", "Write the path in full.") from error
