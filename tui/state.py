"""What the chat keeps between runs besides conversations: the theme.

It is a file of its own, since the settings file is the person's and is never written.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path


def theme(folder: Path) -> str:
    """Return the theme that was chosen last, or "" where none is known."""
    try:
        kept = json.loads((folder / "chat.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    name = kept.get("theme") if isinstance(kept, dict) else None
    return name if isinstance(name, str) else ""


def keep_theme(folder: Path, name: str) -> None:
    """Remember a theme. Where that is not possible, the next run has the default."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as stream:
            json.dump({"theme": name}, stream)
        try:
            Path(stream.name).replace(folder / "chat.json")
        finally:
            Path(stream.name).unlink(missing_ok=True)
