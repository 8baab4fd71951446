"""What readers left out, in the interface's language. In a library, and in JSON, it is in English."""

from __future__ import annotations

from rag.documents.readers.extraction import Omission
from rag.localization import N_, gettext, number
from rag.text.sanitize import one_line

_IN = " in "  # between what was left out and the attachment that it is of
WHAT = frozenset(
    {
        N_("attachments"),
        N_("cells whose text is missing"),
        N_("chapters that are damaged"),
        N_("chapters that are missing"),
        N_("charts"),
        N_("comments"),
        N_("damaged parts"),
        N_("damaged sheets"),
        N_("damaged slides"),
        N_("deleted passages"),
        N_("diagrams"),
        N_("embedded documents"),
        N_("embedded objects"),
        N_("encrypted parts"),
        N_("entries of a table of contents"),
        N_("formulas without a value"),
        N_("hidden columns"),
        N_("hidden passages"),
        N_("hidden rows"),
        N_("hidden sheets"),
        N_("hidden slides"),
        N_("images"),
        N_("pages read without their layout"),
        N_("pages that OCR could not read"),
        N_("pages whose letters cannot be read"),
        N_("pages without text"),
        N_("parts with readers' comments"),
        N_("recordings"),
        N_("rows"),
        N_("running heads and page numbers"),
        N_("signs of symbol fonts"),
        N_("struck-out passages"),
    }
)
ADVICE = frozenset(
    {
        N_("read them with --ocr"),
        N_("save it anew with a spreadsheet program"),
        N_("scanned? read them with --ocr"),
        N_("split the file"),
        N_("unhide them to have them read"),
    }
)


def what_was(what: str) -> str:
    """Return what was left out in words of the interface: "images", "images in scan.docx"."""
    if what in WHAT:
        return gettext(what)
    head, within, name = what.partition(_IN)
    if within and head in WHAT:
        return gettext("{what} in {name}").format(what=gettext(head), name=one_line(name))
    return one_line(what)  # with a number in it, or of another version


def told(omission: Omission) -> str:
    """Return an omission on a line: "images: 3 of 12 (…)"."""
    count = number(omission.count)
    if omission.total is not None:
        count = gettext("{n} of {total}").format(n=count, total=number(omission.total))
    advice = gettext(omission.advice) if omission.advice in ADVICE else one_line(omission.advice)
    return f"{what_was(omission.what)}: {count}" + (f" ({advice})" if advice else "")
