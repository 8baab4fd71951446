"""EPUB books: a zip file with a list of HTML chapters.

The exception to "a library a format": the one in wide use is under the AGPL.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from rag.documents.readers.encodings import decode
from rag.documents.readers.extraction import DAMAGED_ZIP, Extract, Omission, Unreadable, clean, open_zip, within
from rag.documents.readers.html import declared, parse
from rag.documents.readers.html_markup import write
from rag.localization import gettext

_MISSING, _BROKEN = "chapters that are missing", "chapters that are damaged"
_TEXT = ("html", "xml", "dtbook", "")  # what the types of chapters end in
_FONTS = (
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
)  # hide the fonts of a book, not its text
_CONTENTS = 0.8  # of a page's words in links: what holds more is a list of contents
_LEADS = 4  # links that such a list has at least


@dataclass(frozen=True, slots=True)
class _Book:
    """What a book's list of parts says. Names are those of files in the archive."""

    archive: zipfile.ZipFile
    opf: Any
    chapters: tuple[str, ...]  # in reading order; "" where there is no such file
    labels: dict[str, str]  # of chapters, in the list of contents
    images: int  # that stand in reading order


def read_epub(raw: bytes) -> Extract:
    """EPUB: the chapters in reading order, one after the other, a page each; missing and damaged ones are counted."""
    archive = open_zip(raw, "EPUB")
    try:
        book = _open(archive)
        left_out = Counter({"images": book.images})
        chapters = list(within(_texts(book, left_out)))
        if not chapters and (left_out[_MISSING] or left_out[_BROKEN]):
            raise KeyError("none of its chapters can be read")
    except DAMAGED_ZIP as error:
        raise Unreadable(
            gettext("the EPUB is damaged ({kind}: {error})").format(kind=type(error).__name__, error=error)
        ) from error
    pages, joined = [], ""
    for chapter in chapters:
        pages.append(len(joined))
        joined += chapter + "\n\n"
    omissions = tuple(
        Omission(what, count, len(book.chapters) if what in {_MISSING, _BROKEN} else None)
        for what, count in left_out.items()
        if count
    )
    title = str(book.opf.xpath("string(//*[local-name()='title'])"))
    return Extract(joined, title, _date(book.opf), tuple(pages) or (0,), omissions=omissions)


def _open(archive: zipfile.ZipFile) -> _Book:
    opf_name = _package(archive)
    opf = _xml(archive.read(opf_name), recover=True)
    items = {item.get("id"): item for item in opf.xpath("//*[local-name()='item']")}
    files = _Files(archive, posixpath.dirname(opf_name))
    chapters, images = [], 0
    listed = [items.get(reference.get("idref")) for reference in opf.xpath("//*[local-name()='itemref']")]
    for item in listed or _pages(items.values()):
        kind = "" if item is None else item.get("media-type") or ""
        if kind.startswith("image/"):
            images += 1
        elif item is None or (kind.endswith(_TEXT) and "nav" not in (item.get("properties") or "").split()):
            chapters.append("" if item is None else files.find(item.get("href") or ""))
    _refuse_encrypted(archive, files, set(chapters))
    contents = [each for each in items.values() if _is_contents(each)]
    labels: dict[str, str] = {}
    for item in contents:
        labels = {**_labels(archive, files.find(item.get("href") or "")), **labels}
    return _Book(archive, opf, tuple(chapters), labels, images)


def _pages(items: Iterable[Any]) -> list[Any]:
    """Return the parts of a book that are pages: their order is that of a book that tells none."""
    return [item for item in items if (item.get("media-type") or "html").endswith(("html", "dtbook"))]


def _package(archive: zipfile.ZipFile) -> str:
    """Return the name of the list of parts: as the container says, or where it says nothing that is so, the first."""
    packages = [name for name in archive.namelist() if name.lower().endswith(".opf")]
    try:
        container = _xml(archive.read("META-INF/container.xml"), recover=True)
    except DAMAGED_ZIP:
        if not packages:
            raise
        return packages[0]
    said = str(container.xpath("string(//*[local-name()='rootfile']/@full-path)"))
    return _Files(archive, "").find(said) or (packages or [said])[0]


@dataclass(slots=True)
class _Files:
    """Finds files by the links to them, as reading programs do: in another case or form of Unicode, too."""

    archive: zipfile.ZipFile
    folder: str
    names: dict[str, str] | None = None

    def find(self, link: str, folder: str | None = None) -> str:
        """Return the name in the archive of what a link in `folder` leads to, "" where there is no such file."""
        if self.names is None:
            self.names = {_plain(name): name for name in self.archive.namelist()}
            self.names.update({name: name for name in self.archive.namelist()})
        path = link.partition("#")[0].replace("\\", "/")
        for each in (unquote(path), path):
            name = posixpath.normpath(posixpath.join(self.folder if folder is None else folder, each))
            if found := self.names.get(name) or self.names.get(_plain(name)):
                return found
        return ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_contents(item: Any) -> bool:
    return "nav" in (item.get("properties") or "").split() or item.get("media-type") == "application/x-dtbncx+xml"


def _labels(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return what the list of contents calls each file; {} where there is none that can be read."""
    try:
        tree = _xml(archive.read(name), recover=True)
    except DAMAGED_ZIP:
        return {}
    files, labels = _Files(archive, posixpath.dirname(name)), dict[str, str]()
    points = [
        *(
            (each.get("href"), each.xpath("string()"))
            for each in tree.xpath("//*[local-name()='nav']//*[local-name()='a']")
        ),
        *(
            (each.xpath("string(*[local-name()='content']/@src)"), each.xpath("string(*[local-name()='navLabel'])"))
            for each in tree.xpath("//*[local-name()='navPoint']")
        ),
    ]
    for link, words in points:
        if (file := files.find(link or "")) and words.strip():
            labels.setdefault(file, " ".join(words.split()))
    return labels


def _refuse_encrypted(archive: zipfile.ZipFile, files: _Files, chapters: set[str]) -> None:
    """Raise Unreadable for a book whose text only a certain program may read."""
    try:
        tree = _xml(archive.read("META-INF/encryption.xml"))
    except KeyError:
        return
    for data in tree.xpath("//*[local-name()='EncryptedData']"):
        method = data.xpath("string(*[local-name()='EncryptionMethod']/@Algorithm)")
        link = str(data.xpath("string(.//*[local-name()='CipherReference']/@URI)"))
        if method not in _FONTS and files.find(link, "") in chapters - {""}:
            raise Unreadable(gettext("it is encrypted (DRM), for one program to read; get the book without DRM"))


def _xml(raw: bytes, recover: bool = False) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=recover)
    tree = etree.fromstring(raw, parser)
    if tree is None:
        raise SyntaxError("no XML")
    return tree


def _texts(book: _Book, left_out: Counter[str]) -> Iterator[str]:
    """Yield the text of each chapter that has some; count in `left_out` what is not in them."""
    for name in book.chapters:
        if not name:
            left_out[_MISSING] += 1
            continue
        try:
            raw = book.archive.read(name)
            decoded = decode(raw, declared(raw)).text if raw.strip() else ""
        except (*DAMAGED_ZIP, Unreadable):
            left_out[_BROKEN] += 1
            continue
        tree = parse(decoded) if decoded.strip() else None
        if tree is None or _lists_contents(tree):
            continue
        text, omissions = write(tree)
        left_out.update({each.what: each.count for each in omissions})
        text = clean(text).strip()
        if text:
            yield _headed(text, book.labels.get(name, ""))


def _lists_contents(tree: Any) -> bool:
    """Return whether a page is a list of links to others of the book."""
    links = [each for each in tree.iter("a") if each.get("href") and "://" not in each.get("href")]
    if len(links) < _LEADS:
        return False
    words, linked = (sum(len("".join(each.itertext()).split()) for each in part) for part in ([tree], links))
    return linked > _CONTENTS * words


def _headed(text: str, label: str) -> str:
    """Give a chapter that has no heading the one that it has in the list of contents."""
    if not label or re.search(r"^#{1,6} ", text, re.MULTILINE):
        return text
    first, _, rest = text.partition("\n\n")
    if " ".join(first.split()).casefold() == label.casefold():
        text = rest
    return f"# {label}\n\n{text}".rstrip()


def _date(opf: Any) -> str | None:
    """Return the day, month or year of publication."""
    dates = opf.xpath("//*[local-name()='date']")
    published = [each for each in dates if "publication" in each.attrib.values()]
    match = re.match(r"\d{4}(-\d{2}(-\d{2})?)?", ((published or dates)[0].text or "").strip()) if dates else None
    return match.group() if match else None
