"""The part of a page that is its text: without menus, notices, what is shared and what readers say.

trafilatura finds which words are the text; it leaves out what is short (captions, addresses, cells, items), so all that
stands among these words is taken, but for what it knows as furniture, and for links alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

Element = Any  # of lxml.html

_RUN = 3  # words that tell a place
_MOST = 0.8  # of the found words: what holds them is the main part
_LINKS = 0.3  # of the words: what holds more leads elsewhere
_WORD = re.compile(r"\w+")
_NO_TEXT = {"script", "style", "noscript", "template"}
_FURNITURE = {"nav", "footer", "dialog", "button", "menu"}
_TABLE = {"table", "tr", "td", "th"}
_WHOLE = {"p", "li", "td", "th", "tr", "table", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure"}


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of the words in each element: all, those that trafilatura found, those in links."""

    words: Counter[Element]
    found: Counter[Element]
    linked: Counter[Element]


def main_content(tree: Element, notes: Collection[Element] = ()) -> tuple[Element, int]:
    """Return the element of `tree` that holds the main text, rid of what is none, and how many parts were comments.

    `notes` are the notes of the page, which stay.
    """
    body = tree.find("body") if tree.tag == "html" else tree
    body = tree if body is None else body
    counts = _count(body, _found(tree))
    comments = _comments(body, counts)
    furniture = _furniture(body)
    main = body
    while (deeper := _holding(main, counts, counts.found[body])) is not None:
        main = deeper
    head = None if main is body else _headline(body, main)
    _prune(main, counts, furniture, {each for note in notes for each in (note, *note.iterancestors())})
    if head is not None:
        main.insert(0, head)
        head.tail, main.text = main.text, None
    return main, comments


def _holding(element: Element, counts: _Counts, found: int) -> Element | None:
    """Return the child that holds nearly all of the found words."""
    deeper = (each for each in element if counts.found[each] > _MOST * found)
    return next((each for each in deeper if each.tag not in _WHOLE), None)


def _found(tree: Element) -> list[str]:
    """Return the words of the main text as trafilatura finds it."""
    from copy import deepcopy

    import trafilatura

    text = trafilatura.extract(deepcopy(tree), output_format="txt", include_comments=False)
    return _words(text or "")


def _count(body: Element, found: list[str]) -> _Counts:
    words: list[str] = []
    owners: list[Element] = []
    for owner, text in _texts(body):
        these = _words(text)
        words += these
        owners += [owner] * len(these)
    runs = set(zip(*(found[start:] for start in range(_RUN)), strict=False))
    kept = [False] * len(words)
    for start in range(len(words) - _RUN + 1):
        if tuple(words[start : start + _RUN]) in runs:
            kept[start : start + _RUN] = [True] * _RUN
    counts = _Counts(Counter(owners), Counter(), Counter())
    counts.found.update(owner for owner, known in zip(owners, kept, strict=True) if known)
    for element in reversed(list(body.iter())):
        if element.tag == "a":
            counts.linked[element] = counts.words[element]
        if element is not body:
            for count in (counts.words, counts.found, counts.linked):
                count[element.getparent()] += count[element]
    return counts


def _texts(body: Element) -> Iterator[tuple[Element, str]]:
    """Yield the texts in their order, each with the element that it is directly in."""
    from lxml import etree

    for event, element in etree.iterwalk(body, events=("start", "end")):
        owner, text = (element, element.text) if event == "start" else (element.getparent(), element.tail)
        if text and owner is not None and owner.tag not in _NO_TEXT and not (event == "end" and element is body):
            yield owner, text


def _words(text: str) -> list[str]:
    return _WORD.findall(text.replace("\xad", ""))


def _furniture(body: Element) -> set[Element]:
    """Return the elements that trafilatura knows, by how they are named, as no text."""
    from trafilatura.xpaths import OVERALL_DISCARD_XPATH, TEASER_DISCARD_XPATH

    return {each for path in (*OVERALL_DISCARD_XPATH, *TEASER_DISCARD_XPATH) for each in path(body)}


def _comments(body: Element, counts: _Counts) -> int:
    """Take out what readers say of a page, where trafilatura says that it is no part of it; return how many parts."""
    from trafilatura.xpaths import REMOVE_COMMENTS_AND_LISTS_XPATH

    said = {each for path in REMOVE_COMMENTS_AND_LISTS_XPATH for each in path(body) if not counts.found[each]} - {body}
    outermost = [each for each in said if counts.words[each] and said.isdisjoint(each.iterancestors())]
    for element in outermost:
        element.drop_tree()
    return len(outermost)


def _headline(body: Element, main: Element) -> Element | None:
    """Return the page's only first heading where it stands before the main part."""
    heads = [each for each in body.iter("h1") if " ".join(each.itertext()).strip()]
    if len(heads) != 1 or main in set(heads[0].iterancestors()) or any(each is main for each in heads):
        return None
    return heads[0]


def _prune(element: Element, counts: _Counts, furniture: set[Element], notes: set[Element]) -> None:
    """Take out of the main part what is no text of it; `notes` are those and what holds them."""
    todo = [element]
    while todo:
        for child in list(todo.pop()):
            if not isinstance(child.tag, str) or not counts.words[child]:
                continue
            leads_away = counts.linked[child] > _LINKS * counts.words[child]
            if counts.found[child] and not (leads_away and counts.found[child] < counts.words[child] / 2):
                if not _is_whole(child) or counts.found[child] < counts.words[child] / 2:
                    todo.append(child)
            elif child in notes:
                todo.append(child)
            elif (
                (child.tag in _FURNITURE and "aria-expanded" not in child.attrib)
                or child in furniture
                or _hidden(child)
                or leads_away
            ):
                child.drop_tree()


def _is_whole(element: Element) -> bool:
    """Return whether an element is a block of text, no part of the page; tables may lay out others."""
    lays_out = element.tag in _TABLE and any(element.find(f".//{tag}") is not None for tag in ("table", "h1", "h2"))
    return element.tag in _WHOLE and not lays_out


def _hidden(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "")
    return "hidden" in element.attrib or "display:none" in style or "visibility:hidden" in style
