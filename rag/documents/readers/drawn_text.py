"""Text in drawings (DrawingML): the paragraphs of slides, with their bullets and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rag.documents.readers.blocks import Block, item, paragraph
from rag.documents.readers.extraction import RAISED
from rag.documents.readers.numerals import numeral
from rag.documents.readers.ooxml import MC, A, M, shown_alternative

_FORMS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
          "romanUc": "upperRoman"}  # fmt: skip
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}


def paragraphs(body: Any, styles: Sequence[Any]) -> Iterator[Block]:
    """Yield the paragraphs of a body of text; `styles` are where its bullets may be said, the nearest first."""
    counts: dict[int, int] = {}
    for each in body.iterfind(f"{A}p"):
        words = "".join(map(_inline, each))
        if not words.strip():
            continue
        properties = each.find(f"{A}pPr")
        said = properties.get("lvl", "0") if properties is not None else "0"
        level = int(said) if said.isdecimal() and len(said) < 3 else 0
        mark = _mark(_bullet(properties, styles, level), counts, level)
        yield item(mark, words) if mark else paragraph(words)


def _inline(element: Any) -> str:
    if element.tag == f"{A}br":
        return "\n"
    if element.tag == f"{A}r" or (element.tag == f"{A}fld" and not element.get("type", "").startswith("slidenum")):
        text = element.findtext(f"{A}t") or ""
        properties = element.find(f"{A}rPr")
        raised = properties is not None and not properties.get("baseline", "0").startswith(("0", "-"))
        return text.translate(RAISED) if raised and text.strip().isdecimal() else text
    if element.tag == f"{MC}AlternateContent":
        chosen = shown_alternative(element)
        return "" if chosen is None else "".join(each.text or "" for each in chosen.iter(f"{M}t", f"{A}t"))
    return ""


def _bullet(properties: Any | None, styles: Sequence[Any], level: int) -> Any | None:
    """Return the element that says which bullet a paragraph has, of the nearest that says anything."""
    levels = (style.find(f"{A}lvl{level + 1}pPr") for style in styles)
    for place in (properties, *levels):
        for kind in ("buNone", "buChar", "buAutoNum", "buBlip"):
            found = place.find(A + kind) if place is not None else None
            if found is not None:
                return found
    return None


def _mark(bullet: Any | None, counts: dict[int, int], level: int) -> str:
    """Return what stands before a paragraph, and count it if that is a number."""
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    if bullet is None or bullet.tag == f"{A}buNone":
        counts.pop(level, None)
        return ""
    if bullet.tag != f"{A}buAutoNum":
        counts.pop(level, None)
        return "-"
    kind, start = bullet.get("type", "arabicPeriod"), bullet.get("startAt", "1")
    counts[level] = counts[level] + 1 if level in counts else int(start) if start.isdecimal() else 1
    form = next((own for name, own in _FORMS.items() if kind.startswith(name)), "decimal")
    around = next((own for end, own in _AROUND.items() if kind.endswith(end)), "{}.")
    return around.format(numeral(counts[level], form))
