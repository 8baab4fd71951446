"""What the chat keeps between runs besides conversations: the theme.

It is a file of its own, since the settings file is the person's and is never written.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder


def theme(folder: Path) -> str:
    """Return the theme that was chosen last, or "" where none is known."""
    try:
        text = (folder / "chat.json").read_text(encoding="utf-8")
        import json  # where there is something to read: the first paint waits for this

        kept = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return ""
    name = kept.get("theme") if isinstance(kept, dict) else None
    return name if isinstance(name, str) else ""


def keep_theme(folder: Path, name: str) -> None:
    """Remember a theme. Where that is not possible, the next run has the default."""
    import json

    with suppress(OSError):
        private_folder(folder)
        write_private(folder / "chat.json", json.dumps({"theme": name}).encode())
