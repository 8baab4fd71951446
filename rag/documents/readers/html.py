"""HTML pages, by trafilatura."""

from __future__ import annotations

import re

from rag.documents.readers.extraction import RAISED, Extract, Unreadable, clean

_ESCAPED = re.compile(r"(?<!\\)(\\+)([*_`~\[\]<|])|^( {0,3}\d{0,9})\\(?=[-+>#.)])", re.MULTILINE)
_INLINE = ("b", "strong", "i", "em", "u", "s", "del", "strike", "sub", "sup", "code", "kbd", "samp", "tt", "var")


def read_html(raw: bytes) -> Extract:
    """HTML: the main text, with headings, lists and tables as Markdown; title and date from the head."""
    import trafilatura
    from lxml import etree

    if b"\x00" in raw or raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable("it is binary, not HTML")
    tree = trafilatura.load_html(raw)
    if tree is None:
        raise Unreadable("it is not a whole HTML page")
    about = trafilatura.extract_metadata(tree, date_config={"extensive_search": False, "original_date": True})
    title, date = (about.title, about.date) if about else (None, None)
    # Emphasis says nothing, and its signs would stand inside quotes. "1907<sup>3</sup>" is not 19073.
    for raised in tree.xpath("//sup/descendant-or-self::*"):
        raised.text = (raised.text or "").translate(RAISED)
    etree.strip_tags(tree, *_INLINE)
    text = trafilatura.extract(tree, output_format="markdown", include_comments=False, favor_recall=True)
    if not text or not text.strip():
        text = trafilatura.html2txt(tree)  # a page of a few words has no "main" text
    return Extract(clean(_unescape(text)), title or "", date, why_empty="there is no text in the page")


def _unescape(markdown: str) -> str:
    """Take away the backslashes that Markdown needs before signs that mean themselves ("[sic]")."""
    return _ESCAPED.sub(
        lambda match: match[3] if match[1] is None else "\\" * ((len(match[1]) - 1) // 2) + match[2], markdown
    )
