"""Several questions in one text, as they are pasted from a list."""

from __future__ import annotations

import re

_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,3}[.)])\s+")  # how an item of a list begins
_ASKS = re.compile(r"[?？][\s\"'”“’»«)]*$")


def questions(text: str) -> list[str]:
    """Return the questions of a text whose every line is one, without marks of a list; else the text itself."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(map(_ASKS.search, lines)):
        return [text]
    return [_ITEM.sub("", line, count=1) if _ITEM.match(line) else line for line in lines]
