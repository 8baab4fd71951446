"""What the chat keeps between runs besides conversations: the theme, and a question that was typed but not asked.

It is a file of its own, since the settings file is the person's and is never written.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder
from rag.text.sanitize import plain

_LONGEST_DRAFT = 100_000  # characters that are kept


def theme(folder: Path) -> str:
    """Return the theme that was chosen last, or "" where none is known."""
    return _text(_kept(folder), "theme")


def keep_theme(folder: Path, name: str) -> None:
    """Remember a theme. Where that is not possible, the next run has the default."""
    _keep(folder, {"theme": name})


def draft(folder: Path, library: Path) -> str:
    """Return what was typed for a library and not asked when the chat was left last, or ""."""
    kept = _kept(folder).get("draft")
    return _text(kept, "text") if isinstance(kept, dict) and kept.get("library") == str(library) else ""


def keep_draft(folder: Path, library: Path, text: str) -> None:
    """Remember what is typed, or that nothing is, for the next run. Where that is not possible, it is lost."""
    if text or draft(folder, library):
        _keep(folder, {"draft": {"library": str(library), "text": text[:_LONGEST_DRAFT]} if text else None})


def _text(kept: dict[str, object], name: str) -> str:
    found = kept.get(name)
    return plain(found)[:_LONGEST_DRAFT] if isinstance(found, str) else ""


def _kept(folder: Path) -> dict[str, object]:
    try:
        text = (folder / "chat.json").read_text(encoding="utf-8")
        import json  # where there is something to read: the first paint waits for this

        kept = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(folder: Path, changed: dict[str, object]) -> None:
    import json

    with suppress(OSError):
        private_folder(folder)
        write_private(folder / "chat.json", json.dumps(_kept(folder) | changed).encode())
