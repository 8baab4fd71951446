"""`beleg doctor` as the chat has it: it looks at the ways to a clipboard, too, of which the engine knows nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from rag.cli.doctor import command
from rag.localization import NC_, gettext, pgettext

if TYPE_CHECKING:
    from rag.maintenance.findings import Finding


def _clipboard() -> Iterator[Finding]:
    from rag.maintenance.findings import Finding
    from tui.clipboard import ways

    import_module("textual.app")  # nothing else of what is looked at needs it, and the chat does

    found = ways(os.environ)
    remedy = gettext("Install wl-clipboard, xclip or xsel, or use a terminal that knows OSC 52.") if not found else ""
    there = ", ".join(found) or gettext("none")
    yield Finding("clipboard", pgettext("doctor", "ways"), there, "fine" if found else "notice", remedy)


doctor = command({NC_("doctor", "clipboard"): _clipboard})
