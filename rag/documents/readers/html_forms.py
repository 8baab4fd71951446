"""What is filled in in a form of HTML."""

from __future__ import annotations

from typing import Any

VALUED = {"input", "select", "textarea"}
_NO_VALUE = {"button", "file", "hidden", "image", "password", "reset", "search", "submit"}


def is_ticked(element: Any) -> bool:
    """Return whether a part of a form is a box to tick, whose label stands after it."""
    return element.tag == "input" and (element.get("type") or "").lower() in {"checkbox", "radio"}


def filled_in(element: Any) -> str:
    """Return what is filled in or chosen in a part of a form, "" where nothing is."""
    kind = (element.get("type") or "text").lower()
    if element.tag == "textarea":
        return " ".join(str(element.text_content()).split())
    if element.tag == "select":
        return ", ".join(
            " ".join(str(each.text_content()).split()) for each in element.iter("option") if "selected" in each.attrib
        )
    if is_ticked(element):
        return "✓" if "checked" in element.attrib else ""
    return "" if kind in _NO_VALUE else " ".join((element.get("value") or "").split())
