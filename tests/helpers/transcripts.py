"""Conversations to be written down, hostile ones too, and what Markdown makes of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import lxml.html
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.answering.assistant import Answer, Citation, Timings
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.conversations.store import Conversation, Turn
from rag.documents.chunking import Chunk
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.text.normalization import normalized
from rag.text.sanitize import plain

WHEN = "2024-11-24T12:00:00+00:00"
HOSTILE = [
    "[/INST]",
    "[red]x[/red]",
    "[a](http://evil)",
    "[a]: http://evil.example",
    "[a][b] and [^1] and ![^1]",
    "<script>alert(1)</script>",
    "</title></blockquote><!-- <style>*{}",
    "# x",
    "#hash ## x ##",
    "1. x",
    "12) x",
    "- x\n- y",
    "+ x\n* y",
    "    code",
    "\tcode\t\tmore",
    "* * *",
    "---",
    "x\n===",
    "x\n---",
    "```\ncode\n```",
    "~~~\ncode",
    "![i](x)",
    "\\",
    "\\\\[a\\](b)\\",
    "http://evil.example",
    "see www.evil.com, https://evil.com/a_b?c=d&e=f, evil.com and me@evil.com",
    "<http://evil.example> <me@evil.com>",
    "a_b_c _d_ __e__",
    "*a* **b** ***c***",
    "~~x~~ ~y~ ^z^ ==w== ++v++ $u$ :smile:",
    "|a|b|\n|-|-|\n|c|d|",
    "a\n:-:\nb",
    "> x",
    "&lt; &amp; &#60; & < >",
    "`a` ``b``",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "left \u202eright\u202c \u2066x\u2069",
    "x" * 10_000,
    "two\n\nparagraphs\n\n\n\nof text",
    "two  \nlines\\\nof text",
    "\n a \n",
    "{{ 7 * 7 }} {% raw %} {.class}",
    "\r\nMühle\u2028水車\ufeff 🙂 שלום\u00a0",
    "'\"><img src=x onerror=alert(1)>",
]


def document(text: str, name: str = "mill.txt", title: str = "The mill", date: str | None = None) -> Document:
    return Document("0", f"/{name}", name, title, date, "de", text, 0, (0, 1), "0")  # of two pages


def quote(text: str, *marks: tuple[int, int], gloss: str = "", **more: str) -> Quote:
    return Quote(document(text, **more), 0, len(text), text, 0.9, marks, gloss)


def answer(*quotes: Quote, question: str = "How much?", text: str = "", standalone: str = "") -> Answer:
    """An answer in quote mode: a statement of each quote, or of `text`, with its marker."""
    said = [text] if text else [" ".join(each.text.split()) for each in quotes]
    statements = tuple(Statement(words, (n,), True) for n, words in enumerate(said, 1))
    return Answer(
        question=question,
        standalone=standalone or question,
        language="en",
        status="answered" if quotes else "not_found",
        text=" ".join(f"{row.text} [{row.citations[0]}]" for row in statements) if quotes else text,
        statements=statements,
        citations=tuple(Citation(n, each, n) for n, each in enumerate(quotes, 1)),
        passages=(),
        figures=(),
        model="smollm2",
        embedder="minilm",
        mode="quote",
        timings=Timings(0.1, 0.2, 0.3),
    )


def conversation(*answers: Answer) -> Conversation:
    return Conversation("c1", tuple(Turn(each, WHEN) for each in answers))


def passage(text: str) -> Passage:
    source = document(text)
    return Passage(Chunk("0", 0, len(text), text, "", "de"), source, 0.5, 1, ("dense",), ())


def hostile(text: str) -> Conversation:
    """A conversation that says `text` wherever there is a place for text."""
    whole = quote(text, (1, 3), gloss=text, name=text, title=text, date=text)
    first = replace(answer(whole, question=text, text=text, standalone=f"{text} too"), figures=((1, text),))
    first = replace(first, model=text, embedder=text)
    nothing = replace(answer(text=text, question=text), passages=(passage(text),))
    return conversation(first, nothing)


def as_read(text: str) -> str:
    """What people read of a quote that is `text`."""
    return plain(normalized(text, 0, len(text)).text)


# --- Markdown, rendered ------------------------------------------------------------------


def rendered(text: str, preset: str = "gfm-like") -> Any:
    made = str(MarkdownIt(preset, {"html": True}).render(text))
    made = re.sub(r"<br />\n?", "\n", made)
    return lxml.html.fromstring(f"<div>{made}</div>", parser=lxml.html.HTMLParser(huge_tree=True))


def tags(tree: Any) -> set[str]:
    return {str(each.tag) for each in tree.iter()}


_SIGNS = "\\`*_{}[]()#+-.!~|<>&;:=^$\"'@/ \t\nab1é水„“€"
# What is markup only together: hardly ever do letters drawn one by one make an address or a table.
_PIECES = [
    *("http://", "https://", "ftp://", "//", "mailto:", "www.", "localhost", "evil.com", ".de", "a@", "1.2.3.4", ".рф"),
    *("|-|", "-|-", ":-:", "---", "===", "- ", "1. ", "12) ", "# ", " ##", "> ", "```", "~~~", "~~", "    ", "\t"),
    *(
        "[a]",
        "(b)",
        "[1]:",
        "![",
        "<b>",
        "<!--",
        "&amp;",
        "&#60;",
        "**",
        "__",
        "_",
        "*",
        "\\",
        "\n",
        "\n\n",
        " ",
        "x",
        "A",
    ),
]
SYNTAX = st.text(st.sampled_from(_SIGNS), max_size=40) | st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)


OURS = {"div", "h1", "h2", "p", "blockquote", "strong", "ul", "li"}
