"""Office Open XML packages (Word, PowerPoint, Excel): their parts, and how these name each other.

python-docx and python-pptx read only what their own writer would write: they refuse ISO's strict form, templates,
and relations that lead nowhere, all of which Word opens. So the parts are read here, with lxml.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from rag.documents.readers.extraction import DAMAGED_ZIP, Unreadable, open_zip
from rag.localization import gettext

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"

# ISO 29500's strict form has names of its own for the same things.
_STRICT = tuple(
    (b"http://purl.oclc.org/ooxml/" + strict, b"http://schemas.openxmlformats.org/" + usual)
    for strict, usual in (
        (b"wordprocessingml/main", b"wordprocessingml/2006/main"),
        (b"drawingml/main", b"drawingml/2006/main"),
        (b"drawingml/chart", b"drawingml/2006/chart"),
        (b"drawingml/diagram", b"drawingml/2006/diagram"),
        (b"presentationml/main", b"presentationml/2006/main"),
        (b"spreadsheetml/main", b"spreadsheetml/2006/main"),
        (b"officeDocument/math", b"officeDocument/2006/math"),
        (b"officeDocument/relationships", b"officeDocument/2006/relationships"),
    )
)
_OLE = b"\xd0\xcf\x11\xe0"  # how files of Office before 2007 begin, and encrypted ones
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# What programs write by themselves, in the languages of those who use them.
_UNTITLED = re.compile(
    r"microsoft (?:word|excel|powerpoint)\b.*"
    r"|(?:(?:word|excel|powerpoint)[ -])?(?:document|dokument|presentation|präsentation|workbook|mappe)[ -]?\d*"
    r"|(?:slide|folie|untitled|unbenannt)[ -]?\d*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part names: `kind` is the last word of its type ("footnotes"), `target` the name of a part, or outside."""

    kind: str
    target: str


class Package:
    """The parts of a document. `kind` is what it is called in messages; `damaged` are parts that could not be read.

    Raises Unreadable where it is no package, or one that needs a password.
    """

    def __init__(self, raw: bytes, kind: str, before_2007: str) -> None:
        if raw.startswith(_OLE):
            if "EncryptedPackage".encode("utf-16-le") in raw:
                raise Unreadable(gettext("it needs a password; save it without one"))
            raise Unreadable(
                gettext("it is a {kind} of before 2007 ({before_2007}); save it anew in today's form").format(
                    kind=kind, before_2007=before_2007
                )
            )
        self._kind = kind
        self.damaged: set[str] = set()
        self._archive = open_zip(raw, kind)
        # Some programs write other capitals and backslashes than the relations have.
        self._names = {_plain(name): name for name in self._archive.namelist()}
        if self.tree("[Content_Types].xml").find("{*}*") is None:
            raise self._damaged(gettext("it does not say what is in it"))

    def tree(self, name: str) -> Any:
        """Return a part's root element. Raises Unreadable where it is not there, or no sound XML."""
        from lxml import etree

        try:
            raw = self._archive.read(self._names[_plain(name)])
            root = etree.fromstring(_transitional(raw), _parser())
        except DAMAGED_ZIP as error:
            raise self._damaged(f"{name}: {type(error).__name__}: {error}") from error
        if root.getroottree().docinfo.doctype:
            raise self._damaged(gettext("{name} has a document type, which no such file has").format(name=name))
        return root

    def tree_if_sound(self, name: str) -> Any | None:
        """Return a part's root element; None where there is none, for a part without which the rest can be read."""
        try:
            return self.tree(name) if _plain(name) in self._names else None
        except Unreadable:
            self.damaged.add(name)
            return None

    def raw(self, name: str) -> bytes:
        """Return the bytes of a part's XML. Raises Unreadable where it cannot be unpacked."""
        try:
            return _transitional(self._archive.read(self._names[_plain(name)]))
        except DAMAGED_ZIP as error:
            raise self._damaged(f"{name}: {type(error).__name__}: {error}") from error

    def holds(self, name: str) -> bool:
        return _plain(name) in self._names

    def relations(self, name: str) -> dict[str, Relation]:
        """Return what a part names, by id; "" is the package itself."""
        folder, own = posixpath.split(name)
        tree = self.tree_if_sound(posixpath.join(folder, "_rels", f"{own}.rels"))
        found = {}
        for each in tree if tree is not None else ():
            if isinstance(each.tag, str) and each.get("Id"):
                target = each.get("Target", "")
                if each.get("TargetMode") != "External":
                    target = posixpath.normpath(posixpath.join("/" + folder, unquote(target).split("#")[0]))[1:]
                found[each.get("Id")] = Relation(each.get("Type", "").rsplit("/", 1)[-1], target)
        return found

    def related(self, relations: dict[str, Relation], kind: str) -> str:
        """Return the name of the first part of a kind that is there; "" where there is none."""
        return next((each.target for each in relations.values() if each.kind == kind and self.holds(each.target)), "")

    def main(self) -> str:
        """Return the name of the part that is the document. Raises Unreadable where none is named."""
        if name := self.related(self.relations(""), "officeDocument"):
            return name
        raise self._damaged(gettext("it does not say which part is the document"))

    @cached_property
    def title(self) -> str:
        """The title in the properties; "" where there is none, or one that nobody wrote."""
        title = " ".join(self._property("title").split())
        return "" if _UNTITLED.fullmatch(title) else title

    @cached_property
    def date(self) -> str:
        """The day it was last changed, as the properties say it; "" where they do not, or have it from a template."""
        if self._property("description").startswith("generated by"):
            return ""
        return match[0] if (match := _DAY.match(self._property("modified"))) else ""

    def _property(self, name: str) -> str:
        part = self.related(self.relations(""), "core-properties")
        tree = self.tree_if_sound(part) if part else None
        return "" if tree is None else (tree.findtext(f"{{*}}{name}") or "").strip()

    def _damaged(self, why: str) -> Unreadable:
        return Unreadable(
            gettext("the {kind} is damaged ({reason})").format(kind=self._kind, reason=" ".join(why.split())[:200])
        )


def shown_alternative(element: Any) -> Any | None:
    """Return what is shown of mc:AlternateContent: its first choice, or where nothing is in that, what is instead."""
    choices = [each for each in element if each.tag == f"{MC}Choice"]
    fallback = element.find(f"{MC}Fallback")
    for each in [*choices, *([fallback] if fallback is not None else [])]:
        if any(True for _ in each.iter("{*}t", "{*}blip", "{*}imagedata", CHART, f"{DIAGRAM}relIds")):
            return each
    return None


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _transitional(raw: bytes) -> bytes:
    if b"purl.oclc.org/ooxml" in raw:
        for strict, usual in _STRICT:
            raw = raw.replace(strict, usual)
    return raw


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
