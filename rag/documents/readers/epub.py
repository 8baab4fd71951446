"""EPUB books: a zip file with a list of HTML chapters.

The exception to "a library a format": the one in wide use is under the AGPL.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Any
from urllib.parse import unquote

from rag.documents.readers.extraction import RAISED, Extract, Unreadable, clean, open_zip, within

_SUP = re.compile(r"(<sup\b[^<>]*>(?:\s*<[^/<>][^<>]*>){0,9})(\d+)", re.IGNORECASE)


def read_epub(raw: bytes) -> Extract:
    """EPUB: the chapters in reading order, one after the other, a page each."""
    archive = open_zip(raw, "EPUB")
    try:
        container = _xml(archive.read("META-INF/container.xml"))
        opf_name = container.xpath("string(//*[local-name()='rootfile']/@full-path)")
        opf = _xml(archive.read(opf_name))
        files = {item.get("id"): item.get("href") for item in opf.xpath("//*[local-name()='item']")}
        spine = [item.get("idref") for item in opf.xpath("//*[local-name()='itemref']")]
        folder = posixpath.dirname(opf_name)
        names = [posixpath.normpath(posixpath.join(folder, unquote(files[key]))) for key in spine if files.get(key)]
        chapters = list(within(_chapter(archive.read(name)) for name in names))
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"the EPUB is damaged ({type(error).__name__}: {error})") from error
    pages, joined = [], ""
    for chapter in filter(None, chapters):
        pages.append(len(joined))
        joined += chapter + "\n\n"
    title = opf.xpath("string(//*[local-name()='title'])")
    date = re.match(r"\d{4}(-\d{2}(-\d{2})?)?", opf.xpath("string(//*[local-name()='date'])").strip())
    return Extract(joined, title, date.group() if date else None, tuple(pages) or (0,))


def _xml(raw: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    return etree.fromstring(raw, parser)


def _chapter(raw: bytes) -> str:
    """Return the words of an XHTML page, a block a paragraph."""
    from inscriptis import get_text
    from lxml import etree

    text = raw.decode("utf-8", "replace")
    # The declaration of an encoding is refused in text that is decoded already.
    text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        return ""
    text = _SUP.sub(lambda match: match[1] + match[2].translate(RAISED), text)
    try:
        lines = get_text(text).splitlines()
    except etree.ParserError:
        return ""
    return clean("\n".join(line.strip() for line in lines)).strip()
