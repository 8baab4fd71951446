"""Quotation marks within quotation marks: single ones, as each language has them."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"[„“\"«»]([^„“”\"«»]*)[“”\"«»]")
_SINGLE = {"de": "‚{}‘"}


def nested(text: str, language: str) -> str:
    """Return a text as it stands between double quotation marks: its own become single."""
    single = _SINGLE.get(language, "‘{}’")
    return _QUOTED.sub(lambda match: single.format(match[1]), text)
