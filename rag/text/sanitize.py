"""Text of documents and models made fit to be shown, never obeyed.

Control characters, terminal escapes and characters that turn the direction of writing are
replaced by visible ones, one for one, so that offsets stay what they are.
"""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")


def plain(text: str) -> str:
    """Return `text` with every control character replaced by a visible stand-in."""
    return _CONTROL.sub(
        lambda match: " " if match.group() in "\r\u2028\u2029\ufeff" else "\N{REPLACEMENT CHARACTER}", text
    )


def one_line(text: str, most: int = 0) -> str:
    """Return `text` on one line, cut to `most` characters if that is not 0."""
    line = " ".join(plain(text).split())
    return line if not most or len(line) <= most else line[: most - 1].rstrip() + "…"


def cut_in_the_middle(text: str, most: int) -> str:
    """Return `text` on one line, cut to `most` characters between its beginning and its end, which may tell it."""
    line = one_line(text)
    if len(line) <= most:
        return line
    end = max(0, most - 1) // 2
    return f"{line[: max(0, most - 1 - end)].rstrip()}…{line[len(line) - end :].lstrip()}"
