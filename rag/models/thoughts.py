"""What a model thinks before it answers, in `<think>…</think>`, is not what it answers."""

from __future__ import annotations

BEGIN, END = "<think>", "</think>"


def without_thoughts(text: str, *, whole: bool) -> str:
    """Return what of a text that is being written is an answer: nothing, until thoughts it begins with have ended.

    `whole` is whether nothing more comes, so that "<th" is no thought that has just begun.
    """
    begun = text.lstrip()
    if not begun.startswith(BEGIN):
        return "" if begun and not whole and BEGIN.startswith(begun) else text
    return begun.partition(END)[2].lstrip()
