"""What is known of a document beside its text: what was left out of it, how its file was read, its tags."""

from __future__ import annotations

from datetime import UTC, datetime

from rag.index.rows import Entry
from rag.localization import gettext, number
from rag.output.omission_words import told
from rag.text.sanitize import one_line


def details_of(entry: Entry) -> list[str]:
    """Return what is known, a line each, in plain words; only what there is to say."""
    facts = [_size(entry.size), _changed(entry.modified), gettext("{n} characters").format(n=number(entry.characters))]
    lines = [", ".join(filter(None, facts))]
    if entry.tags:
        own = gettext("the file’s own: {tags}").format(tags=_joined(entry.file_tags)) if entry.file_tags else ""
        lines.append(gettext("tags: {tags}").format(tags=_joined(entry.tags)) + (f" ({own})" if own else ""))
    if entry.encoding or entry.doubts:
        read_as = gettext("read as {encoding}").format(encoding=one_line(entry.encoding or "utf-8"))
        lines.append("; ".join(filter(None, [read_as, one_line(entry.doubts)])))
    left_out = gettext("left out: {what}")
    return [*lines, *(left_out.format(what=told(omission)) for omission in entry.omissions)]


def _joined(tags: tuple[str, ...]) -> str:
    return ", ".join(map(one_line, tags))


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{number(size / 1e6, 1)} MB" if size >= 1e6 else gettext("{n} bytes").format(n=number(size))


def _changed(modified: int | None) -> str:
    """Return when a file was changed last (ns since 1970), "" where that is not known or makes no sense."""
    try:
        when = datetime.fromtimestamp((modified or 0) / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    said = gettext("changed {moment} UTC").format(moment=f"{when:%Y-%m-%d %H:%M}")
    return said if modified is not None else ""
