"""An answer's text in the pieces that the page shows: paragraphs, words and their language, markers of citations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.text.sanitize import one_line

Piece = tuple[str, str, int]  # words, their language, and the citation that they are a marker of, or 0

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def language_code(code: Any) -> str:
    """Return the code if it is fit to be one, else ""."""
    return code if isinstance(code, str) and _LANGUAGE.fullmatch(code) else ""


def paragraphs(record: Mapping[str, Any], detail: Mapping[str, Any]) -> tuple[tuple[Piece, ...], ...]:
    """Return the answer's text, a paragraph for each quote; what an LLM wrote, or is about the library, is one.

    "[1]" in a statement's own words is no marker, so these are found after the statements.
    A statement that is a quote, word for word, is in the quote's language.
    """
    cited = {citation["n"] for citation in record["citations"]}
    statements = detail.get("statements")
    if not statements:  # of an earlier version
        return (tuple(_by_markers(record["answer"], cited)),)
    languages = {each.get("n"): language_code(each.get("language")) for each in detail.get("citations") or ()}
    spoken = {one_line(each["quote"]): languages.get(each["n"], "") for each in record["citations"]}
    text, at, found = record["answer"], 0, list[list[Piece]]([[]])
    for statement in statements:
        begin = text.find(statement["text"], at)
        if begin < 0:
            continue
        if at and record.get("mode") == "quote" and text[at:begin] == " ":
            found.append([])
        else:
            found[-1].append((text[at:begin], "", 0))
        at = begin + len(statement["text"])
        found[-1].append((text[begin:at], spoken.get(one_line(statement["text"]), ""), 0))
        markers, at = _markers(statement["citations"], cited, text, at)
        found[-1] += markers
    found[-1].append((text[at:], "", 0))
    return tuple(map(tuple, found))


def _by_markers(text: str, cited: set[Any]) -> list[Piece]:
    """Return a text whose statements are not known in pieces: any [n] of a citation is taken for its marker."""
    pieces, at = list[Piece](), 0
    for match in re.finditer(r"\[(\d{1,4})\]", text):
        if int(match[1]) in cited:
            pieces += [(text[at : match.start()], "", 0), (match[0], "", int(match[1]))]
            at = match.end()
    return [*pieces, (text[at:], "", 0)]


def _markers(numbers: Sequence[int], cited: set[Any], text: str, at: int) -> tuple[list[Piece], int]:
    """Return the markers that stand after a statement, and where they end."""
    pieces = list[Piece]()
    for n in numbers:
        if n in cited and text.startswith(f" [{n}]", at):
            pieces += [(" ", "", 0), (f"[{n}]", "", n)]
            at += len(f" [{n}]")
    return pieces, at
