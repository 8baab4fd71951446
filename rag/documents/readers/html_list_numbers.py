"""The numbers that a list's items have: where it begins, which way it counts, in figures, letters or Roman."""

from __future__ import annotations

import re
from typing import Any

_KINDS = {
    "decimal": "1", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
    "lower-roman": "i", "upper-roman": "I", "none": "",
}  # fmt: skip
_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def numbers(items: Any) -> list[str]:
    """Return what stands before each child of an HTML list: "-", "3.", "b)", or "" for what is no item."""
    if items.tag != "ol":
        return ["-" if child.tag == "li" else "" for child in items]
    style = _STYLE.search(items.get("style") or "")
    kind = _KINDS.get(style[1], "1") if style else items.get("type") or "1"
    backwards = "reversed" in items.attrib
    count = sum(child.tag == "li" for child in items)
    at = _number(items.get("start"), count if backwards else 1)
    found = []
    for child in items:
        if child.tag != "li":
            found.append("")
            continue
        at = _number(child.get("value"), at)
        found.append(_written(at, child.get("type") or kind))
        at += -1 if backwards else 1
    return found


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value and re.fullmatch(r"\s*-?\d{1,9}\s*", value) else otherwise


def _written(number: int, kind: str) -> str:
    if kind in {"a", "A"} and number > 0:
        letters, rest = "", number
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(ord(kind) + digit) + letters
        return letters + ")"
    if kind in {"i", "I"} and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN:
            times, number = divmod(number, value)
            roman += sign * times
        return (roman if kind == "i" else roman.upper()) + "."
    return f"{number}." if kind else "-"
