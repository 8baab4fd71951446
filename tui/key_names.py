"""What keys are called: as on the person's keyboard, in the help, in footers and in what is told."""

from __future__ import annotations

import re

from rag.localization import interface_language, pgettext

_FUNCTION = re.compile(r"f\d{1,2}")


def named(key: str) -> str:
    """Return a key as the interface writes it: "ctrl+l", in German "Strg+L"."""
    parts = key.replace("underscore", "_").split("+") if len(key) > 1 else [key]
    names = _names()
    return "+".join(names.get(part, _letter(part, alone=len(parts) == 1)) for part in parts)


def in_footer(shown: str) -> str:
    """Return a key as a footer writes it, from how Textual does: "^l" stays, which is short; words are as elsewhere."""
    return shown if shown.startswith("^") else named(shown)


def _names() -> dict[str, str]:
    escape = pgettext("key", "esc")
    return {
        "ctrl": pgettext("key", "ctrl"),
        "alt": pgettext("key", "alt"),
        "shift": pgettext("key", "shift"),
        "escape": escape,
        "esc": escape,
        "enter": "Enter",
        "tab": pgettext("key", "tab"),
        "space": pgettext("key", "space"),
        "backspace": pgettext("key", "backspace"),
        "delete": pgettext("key", "delete"),
        "home": pgettext("key", "home"),
        "end": pgettext("key", "end"),
        "pageup": pgettext("key", "PgUp"),
        "pagedown": pgettext("key", "PgDn"),
        "left": pgettext("key", "left"),
        "right": pgettext("key", "right"),
        "up": "↑",
        "down": "↓",
        "slash": "/",
    }


def _letter(key: str, *, alone: bool) -> str:
    """Return a letter or a function key as German keyboards have it on their caps: a letter alone is what is typed."""
    if interface_language() == "de" and (_FUNCTION.fullmatch(key) or (len(key) == 1 and not alone)):
        return key.upper()
    return key
