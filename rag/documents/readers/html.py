"""HTML pages: trafilatura finds their main part, title and date; what it holds is written as for books."""

from __future__ import annotations

import re
from typing import Any

from rag.documents.readers.encodings import decode
from rag.documents.readers.extraction import Extract, Omission, Unreadable, clean
from rag.documents.readers.html_edit_links import drop_edit_links
from rag.documents.readers.html_markup import write
from rag.documents.readers.html_notes import find_notes
from rag.documents.readers.main_content import main_content
from rag.localization import gettext

_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]+)|<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)  # what is declared in one is not
_BODY = re.compile(rb"<body[\s>]", re.I)
_HEAD = 200_000  # bytes of its head in which a page declares its encoding
_ROLES = {  # what elements without a meaning are said to be (ARIA)
    "table": "table", "grid": "table", "row": "tr", "cell": "td", "gridcell": "td", "columnheader": "th",
    "rowheader": "th", "list": "ul", "listitem": "li",
}  # fmt: skip
_TAG = re.compile(r"<\s*[a-zA-Z!]")
_XML = re.compile(r"\s*<\?xml[^>]*\?>")


def read_html(raw: bytes) -> Extract:
    """HTML: the main text, with headings, lists, tables and notes as Markdown; title and date from the head."""
    import trafilatura

    if raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable(gettext("it is binary, not HTML"))
    said = declared(raw)
    decoded = decode(raw, said)
    tree = parse(decoded.text) if _TAG.search(decoded.text) else None
    if tree is None:
        raise Unreadable(gettext("it is not a whole HTML page"))
    about = trafilatura.extract_metadata(tree, date_config={"extensive_search": False, "original_date": True})
    title, date = (about.title, about.date) if about else (None, None)
    notes = find_notes(tree)
    drop_edit_links(tree, notes.marks)  # before they make a heading look like a link
    main, comments = main_content(tree, notes.bodies)
    text, omissions = write(main, notes)
    if comments:
        omissions = (*omissions, Omission("parts with readers' comments", comments))
    return Extract(
        clean(text), title or "", date, why_empty=gettext("there is no text in the page"), omissions=omissions,
        encoding="" if decoded.encoding in {_canonical(said), "utf-16-le", "utf-16-be"} else decoded.encoding,
        doubts=decoded.doubts,
    )  # fmt: skip


def declared(raw: bytes) -> str:
    """Return the encoding that a page says it has, in its XML declaration or its head; "" where it says none."""
    head = raw[:_HEAD]
    body = _BODY.search(head)
    match = _DECLARED.search(_COMMENT.sub(b"", head[: body.start()] if body else head))
    return (match[1] or match[2]).decode("ascii", "ignore") if match else ""


def _canonical(label: str) -> str:
    import webencodings

    known = webencodings.lookup(label)
    return known.name if known else ""


def parse(text: str) -> Any:
    """Return the tree of a page, None where there is none."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    text = _XML.sub("", text.lstrip("\ufeff"), count=1)
    try:
        tree = document_fromstring(text, parser=HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8"))
    except etree.ParserError:
        return None
    for element in tree.iter("div", "span", "section"):
        element.tag = _ROLES.get(element.get("role"), element.tag)
    return tree
