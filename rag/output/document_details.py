"""What is known of a document beside its text: what was left out of it, how its file was read, its tags."""

from __future__ import annotations

from datetime import UTC, datetime

from rag.index.rows import Entry
from rag.text.sanitize import one_line


def details_of(entry: Entry) -> list[str]:
    """Return what is known, a line each, in plain words; only what there is to say."""
    facts = [_size(entry.size), _changed(entry.modified), f"{entry.characters:,} characters"]
    lines = [", ".join(filter(None, facts))]
    if entry.tags:
        own = f" (the file’s own: {_joined(entry.file_tags)})" if entry.file_tags else ""
        lines.append(f"tags: {_joined(entry.tags)}{own}")
    if entry.encoding or entry.doubts:
        lines.append(
            "; ".join(filter(None, [f"read as {one_line(entry.encoding or 'utf-8')}", one_line(entry.doubts)]))
        )
    return [*lines, *(f"left out: {one_line(str(omission))}" for omission in entry.omissions)]


def _joined(tags: tuple[str, ...]) -> str:
    return ", ".join(map(one_line, tags))


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size:,} bytes"


def _changed(modified: int | None) -> str:
    """Return when a file was changed last (ns since 1970), "" where that is not known or makes no sense."""
    try:
        when = datetime.fromtimestamp((modified or 0) / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"changed {when:%Y-%m-%d %H:%M} UTC" if modified is not None else ""
