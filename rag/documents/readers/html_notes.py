"""Footnotes of HTML: marks that lead to a note in the same page, and the notes they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Element = Any  # of lxml.html

_LABEL = re.compile(r"[\[(]?\s*((?:[^\W\d_]{1,12}\.?[ \xa0])?[\w*†‡§]{1,4})\s*[\])]?:?")  # "[3]", "3)", "[a]", "Anm. 3"
_BACK = re.compile(r"[\s↑↩⤴^︎\uFE0E\uFE0F←⏎]*")
_LONGEST = 3000  # characters of a note; what is longer is a chapter that is linked to
_NOTE_BLOCKS = ("li", "p", "dd", "aside", "div", "section", "tr")


@dataclass(frozen=True, slots=True)
class Notes:
    """The elements that are marks of notes, with what they say, and those that are notes.

    `led` are the notes that marks lead to; a mark may lead to none.
    """

    marks: dict[Element, str]
    bodies: dict[Element, str]
    led: dict[Element, Element]


def find_notes(root: Element) -> Notes:
    """Return the marks and notes of a tree; takes the links that lead back from notes out of it.

    A mark is a raised or marked link of a few signs to a place in the page that is a note: the mark stands after
    words, the note is short and begins a block.
    """
    targets = {each.get("id") or each.get("name"): each for each in root.iter() if isinstance(each.tag, str)}
    marks: dict[Element, str] = {}
    bodies: dict[Element, str] = {}
    led: dict[Element, Element] = {}
    known: dict[Element, Element | None] = {}
    for link in root.iter("a"):
        label = _LABEL.fullmatch(" ".join(str(link.text_content()).split()))
        if not label or not _place(link) or not _is_mark(link) or any(each in bodies for each in link.iterancestors()):
            continue  # the last: it leads back
        target = targets.get(_place(link))
        if target is not None and target not in known:
            known[target] = _body(target)
        body = known.get(target)
        if body is not None and link in set(body.iter("a")):
            continue  # it leads back
        mark = _raised(link)
        name = "".join(label[1].split())
        marks[mark] = name if body is None else bodies.setdefault(body, name)
        if body is not None:
            led[mark] = body
    for block in root.iter("li", "p", "dd", "aside", "div"):
        if block not in bodies and (name := _of_other_page(block)):
            bodies[block] = name
    for body, name in bodies.items():
        _without_way_back(body, name)
    return Notes(marks, bodies, led)


def _place(link: Element) -> str:
    """Return the id in the page that a link leads to; notes of a book may name their file as well."""
    return unquote((link.get("href") or "").partition("#")[2])


def _raised(link: Element) -> Element:
    """Return the element that holds nothing but the link: "<sup>[<a>3</a>]</sup>"."""
    parent = link.getparent()
    while (
        parent is not None
        and parent.tag in {"sup", "span", "small"}
        and _LABEL.fullmatch(" ".join(str(parent.text_content()).split()))
    ):
        link, parent = parent, parent.getparent()
    return link


def _is_mark(link: Element) -> bool:
    if any(each.tag == "sup" for each in (link, *link.iterancestors(), *link.iterdescendants())):
        return True
    kind = f"{link.get('epub:type') or ''} {link.get('role') or ''}"
    if "noteref" in kind:
        return True
    return str(link.text_content()).strip().startswith("[")


def _body(target: Element) -> Element | None:
    """Return the block that the note is: the target, or the one that it begins."""
    block = target if target.tag in _NOTE_BLOCKS else next(target.iterancestors(*_NOTE_BLOCKS), None)
    if block is None or block.tag in {"body", "main", "article"}:
        return None
    if block.tag in {"div", "section"} and target is not block and block.get("id") is None:
        return None
    words = " ".join(str(block.text_content()).split())
    if target is not block and not _begins(block, target):
        return None  # it is a mark that a note leads back to
    if not words or len(words) > _LONGEST or block.find(".//h1") is not None or block.find(".//h2") is not None:
        return None
    return block


def _of_other_page(block: Element) -> str:
    """Return the label of a note whose marks are in other chapters: it begins with a link back to one; else ""."""
    link = next(block.iter("a"), None)
    if link is None or not {block.get("id"), link.get("id")} - {None} or block.find(".//p") is not None:
        return ""
    page, _, place = (link.get("href") or "").partition("#")
    label = _LABEL.fullmatch(" ".join(str(link.text_content()).split()))
    words = " ".join(str(block.text_content()).split())
    begins = label is not None and words.startswith(" ".join(str(link.text_content()).split()))
    return "".join(label[1].split()) if label and begins and page and place and "://" not in page else ""


def _begins(block: Element, target: Element) -> bool:
    """Return whether no words stand in a block before an element in it."""
    for element in block.iter():
        if element is target:
            return True
        if (element.text or "").strip(" \t\r\n\xa0^↑") or (
            element.tail and element is not block and element.tail.strip()
        ):
            return False
    return False


def _without_way_back(body: Element, label: str) -> None:
    """Take out of a note the links to where it is marked ("↑", "^ a b", "3"), and its own number before its words."""
    for link in list(body.iter("a")):
        words = " ".join(str(link.text_content()).split())
        leads_back = "#" in (link.get("href") or "") and not (link.get("href") or "").startswith("http")
        if leads_back and (_BACK.fullmatch(words) or _LABEL.fullmatch(words)):
            link.text = None
            del link[:]
    number = rf"(?:[\[(]?{re.escape(label)}(?:[\])][.:]?|[.:])?\s+|[.:)\]]+\s+)?"
    own = re.compile(rf"^[\s↑^↩]*{number}")
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        before = [(element, "text")] if element is body else [(element, "text"), (element, "tail")]
        for holder, where in before:
            words = str(getattr(holder, where) or "")
            if words.strip(" \t\n^↑↩[]()."):
                setattr(holder, where, own.sub("", words))
                return
