"""The running text of Word documents: a paragraph's runs as the text that Word shows, and what hangs on them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rag.documents.readers import symbol_fonts
from rag.documents.readers.blocks import PAGE_NUMBER
from rag.documents.readers.extraction import RAISED
from rag.documents.readers.ooxml import CHART, DIAGRAM, MC, A, M, R, W, shown_alternative
from rag.documents.readers.word_styles import Styles, is_on, value

_RAISED = RAISED | str.maketrans("-−+", "⁻⁻⁺")
_PAGE_FIELDS = {"PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION"}
_GONE = {W + name for name in ("del", "moveFrom")}
_NOTHING = {W + name for name in ("pPr", "rPr", "sdtPr", "instrText", "delText", "delInstrText", "rt", "annotationRef")}
_SIGNS = {W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_BOX = f"{W}txbxContent"
_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"


@dataclass(slots=True)
class Runs:
    """Reads the runs of a document's parts; what is left out is counted in `left_out`, and `notes` are numbered.

    `boxes` are the text boxes and drawings with words that hang on the last paragraph read.
    """

    styles: Styles
    left_out: Counter[str] = field(default_factory=Counter)
    notes: dict[tuple[str, str], int] = field(default_factory=dict)
    boxes: list[Any] = field(default_factory=list)
    _fields: list[list[str]] = field(default_factory=list)
    _style: str | None = None
    _hiding: bool = False

    def text(self, paragraph: Any) -> str:
        """Return a paragraph's text. What hangs on it is added to `boxes`."""
        # A field whose end is missing must not hide all that follows.
        self._fields, self._hiding = [], False
        self._style = value(paragraph.find(f"{W}pPr"), "pStyle")
        return self._inside(paragraph)

    def _inside(self, element: Any) -> str:
        return "".join(map(self._one, element))

    def _one(self, element: Any) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag in _NOTHING:
            return ""
        if tag == f"{W}r":
            return self._run(element)
        if tag in _GONE:
            self.left_out["deleted passages"] += any(
                (each.text or "").strip() for each in element.iter("{*}t", "{*}delText")
            )
            return ""
        if tag == f"{W}sdt":
            return self.control(element)
        if tag == f"{W}fldSimple":
            return self._result(element.get(W + "instr", ""), self._inside(element))
        if tag == f"{W}ruby":
            base, above = (self._words(element.find(W + name)) for name in ("rubyBase", "rt"))
            return f"{base} ({above})" if above and base else base
        if tag == f"{MC}AlternateContent":
            chosen = shown_alternative(element)
            return "" if chosen is None else self._inside(chosen)
        if tag == f"{M}oMath":
            return equation(element)
        if tag == f"{W}drawing" or tag == f"{W}pict" or tag == f"{W}object":
            return self._drawing(element)
        return self._inside(element) if tag[:1] == "{" and tag.startswith((W, M)) else ""

    def _words(self, element: Any | None) -> str:
        return "" if element is None else self._inside(element).strip()

    def control(self, element: Any) -> str:
        """Return the text of a content control in a line; one that shows what to write there is not filled."""
        content = element.find(f"{W}sdtContent")
        return "" if content is None or is_placeholder(element) else self._inside(content)

    # --- runs ----------------------------------------------------------------------------

    def _run(self, run: Any) -> str:
        properties = run.find(f"{W}rPr")
        if self._is_on(properties, "vanish"):
            hides = any((each.text or "").strip() for each in run.iter(f"{W}t"))
            self.left_out["hidden passages"] += hides and not self._hiding
            self._hiding = self._hiding or hides
            return ""
        text = "".join(self._in_run(each, properties) for each in run)
        self._hiding = self._hiding and not text
        raised = re.fullmatch(r"\s*[-−+]?\d+\s*", text) and self._is_raised(properties)
        return text.translate(_RAISED) if raised else text

    def _is_raised(self, properties: Any | None) -> bool:
        align = self.styles.run_property(properties, None, "vertAlign")
        lifted = value(properties, "position") or ""
        return (align is not None and align.get(W + "val") == "superscript") or (lifted.isdecimal() and int(lifted) > 0)

    def _is_on(self, properties: Any | None, name: str) -> bool:
        found = self.styles.run_property(properties, self._style, name)
        return found is not None and is_on(found.getparent(), name) is True

    def _in_run(self, element: Any, properties: Any | None) -> str:
        tag = element.tag
        if tag == f"{W}fldChar":
            return self._field(element)
        if tag == f"{W}instrText":
            if self._fields:
                self._fields[-1][0] += element.text or ""
            return ""
        if any(state == "asked" for _, state in self._fields):
            return ""
        if tag == f"{W}t":
            return self._letters(element.text or "", properties)
        if tag in _SIGNS:
            return _SIGNS[tag]
        if tag == f"{W}pgNum":
            return PAGE_NUMBER
        if tag == f"{W}sym":
            return self._symbol(element)
        if tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
            return self._note(tag.removeprefix(W).removesuffix("Reference"), element.get(W + "id", ""))
        shown = self._one(element)
        hides = any(state == "page" for _, state in self._fields)
        return "" if hides else shown

    def _letters(self, text: str, properties: Any | None) -> str:
        if any(state == "page" for _, state in self._fields):
            return ""
        fonts = properties.find(f"{W}rFonts") if properties is not None else None
        font = "" if fonts is None else fonts.get(W + "ascii", "")
        if not symbol_fonts.is_symbol_font(font):
            return text
        return "".join(sign if sign.isspace() else symbol_fonts.shown(font, ord(sign)) or sign for sign in text)

    def _symbol(self, element: Any) -> str:
        try:
            code = int(element.get(W + "char", ""), 16)
        except ValueError:
            return ""
        if shown := symbol_fonts.shown(element.get(W + "font", ""), code):
            return shown
        if 0xF000 <= code <= 0xF8FF or code > 0x10FFFF:
            self.left_out["signs of symbol fonts"] += 1
            return ""
        return chr(code)

    def _note(self, kind: str, id_: str) -> str:
        return f"[^{self.notes.setdefault((kind, id_), len(self.notes) + 1)}]"

    # --- fields --------------------------------------------------------------------------

    def _field(self, mark: Any) -> str:
        """Follow a field: first what is asked for, then what is shown; where nothing is shown, what a form holds."""
        kind = mark.get(W + "fldCharType")
        if kind == "begin":
            hidden = any(state == "asked" for _, state in self._fields)
            self._fields.append(["", "asked"])
            return "" if hidden else _form_field(mark)
        if kind == "separate" and self._fields:
            asked = self._fields[-1][0]
            self._fields[-1][1] = "page" if _is_page(asked) else "shown"
            return PAGE_NUMBER if self._fields[-1][1] == "page" else ""
        if kind == "end" and self._fields:
            asked, state = self._fields.pop()
            return PAGE_NUMBER if state == "asked" and _is_page(asked) else ""
        return ""

    @staticmethod
    def _result(asked: str, text: str) -> str:
        return PAGE_NUMBER if _is_page(asked) else text

    # --- drawings ------------------------------------------------------------------------

    def _drawing(self, element: Any) -> str:
        """Take out the boxes of a drawing, for after the paragraph, and count what is no text."""
        objects = element.tag == f"{W}object"
        self.left_out["embedded objects"] += objects
        self._boxes(element, counted=not objects)
        return ""

    def _boxes(self, element: Any, counted: bool) -> None:
        for each in element:
            if each.tag == f"{MC}AlternateContent":
                chosen = shown_alternative(each)
                if chosen is not None:
                    self._boxes(chosen, counted)
            elif each.tag in {_BOX, f"{A}txBody", f"{DIAGRAM}relIds"}:
                self.boxes.append(each)
            elif isinstance(each.tag, str):
                self.left_out["images"] += counted and each.tag in {f"{A}blip", _IMAGE}
                self.left_out["charts"] += counted and each.tag == CHART
                self._boxes(each, counted)


def is_placeholder(control: Any) -> bool:
    """Return whether a content control shows what should be written there."""
    return is_on(control.find(f"{W}sdtPr"), "showingPlcHdr") is True


def diagram_data(relation_ids: Any) -> str:
    """Return the id of the relation to the words of a diagram ("SmartArt")."""
    return str(relation_ids.get(f"{R}dm", ""))


def equation(element: Any) -> str:
    """Return a formula in a line: fractions by "/", powers by "^", all else as it stands."""
    tag = element.tag
    if tag == f"{M}t":
        return element.text or ""
    if tag in {f"{M}f", f"{M}sSup", f"{M}sSub"}:
        first, sign, second = {"f": ("num", "/", "den"), "sSup": ("e", "^", "sup"), "sSub": ("e", "_", "sub")}[
            tag.removeprefix(M)
        ]
        left, right = (_grouped(element.find(M + name)) for name in (first, second))
        return f"{left}{sign}{right}"
    if tag == f"{M}rad":
        return f"√{_grouped(element.find(f'{M}e'))}"
    if tag == f"{M}d":
        return f"({''.join(map(equation, element))})"
    return "".join(equation(each) for each in element if isinstance(each.tag, str))


def _grouped(element: Any | None) -> str:
    text = "" if element is None else equation(element).strip()
    return text if re.fullmatch(r"\w*", text) else f"({text})"


def _is_page(asked: str) -> bool:
    return asked.split()[:1] != [] and asked.split()[0].upper() in _PAGE_FIELDS


def _form_field(mark: Any) -> str:
    """Return what is chosen in a form's list or box: no run shows it."""
    data = mark.find(f"{W}ffData")
    if data is None:
        return ""
    if (box := data.find(f"{W}checkBox")) is not None:
        checked = is_on(box, "checked")
        return "☒" if (is_on(box, "default") if checked is None else checked) else "☐"
    if (choice := data.find(f"{W}ddList")) is not None:
        entries = [each.get(W + "val", "") for each in choice.iterfind(f"{W}listEntry")]
        at = value(choice, "result") or value(choice, "default") or "0"
        return entries[int(at)] if at.isdecimal() and int(at) < len(entries) else ""
    return ""
