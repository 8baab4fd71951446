"""Links beside a heading that lead to where it is edited, in brackets: no words of the page."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

Element = Any  # of lxml.html

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BRACKETED = re.compile(r"\s*\[[^\[\]]{1,60}\]\s*")


def drop_edit_links(root: Element, marks: Collection[Element]) -> None:
    """Take them out of headings, and from right behind these; `marks` are links to notes, which stay."""
    for heading in list(root.iter(*HEADINGS)):
        after = heading.getnext()
        beside = [] if after is None or (heading.tail or "").strip() else [after]
        for each in [*heading, *beside]:
            if isinstance(each.tag, str) and _BRACKETED.fullmatch(each.text_content()) and _only_leads(each, marks):
                each.drop_tree()


def _only_leads(element: Element, marks: Collection[Element]) -> bool:
    inner = list(element.iter())
    return any(each.tag == "a" for each in inner) and not any(each in marks for each in inner)
