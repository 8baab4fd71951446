"""Which of the catalogue's English messages stand in what is shown in German."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from catalogue import po, translated


def left_in(shown: Iterable[str]) -> list[str]:
    """Return the messages that stand in any of these texts in English, though there is German for them."""
    texts = list(shown)
    return [message for message, pattern in _english().items() if any(map(pattern.search, texts))]


@cache
def _english() -> dict[str, re.Pattern[str]]:
    """Return the messages whose German is other than their English, with what finds them."""
    found = {}
    for message in translated(po("de"), "de"):
        if message.id and not message.context:
            forms = (message.id,) if isinstance(message.id, str) else message.id
            german = (message.string,) if isinstance(message.string, str) else message.string
            found |= {form: _pattern(form) for form, other in zip(forms, german, strict=True) if form != other}
    return found


def _pattern(message: str) -> re.Pattern[str]:
    """Return what finds a message on a screen, whatever stands in its fields."""
    parts = [re.split(r"\s+", part) for part in re.split(r"\{\w+(?:![rs])?\}", message)]
    written = ".{1,60}?".join(r"\s+".join(map(re.escape, words)) for words in parts)
    return re.compile(rf"(?<![\w/-]){written}(?![\w-])")
