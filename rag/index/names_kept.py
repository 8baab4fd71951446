"""The names and tags that a library holds, for a shell that completes them: read beside whoever else uses it.

A shell asks between two keystrokes: nothing is imported that is not needed, nothing waited for, nothing brought
up to date.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from rag.errors import LibraryUnusable
from rag.index.library_file import FILE
from rag.system.sqlite_files import open_to_read

_PATIENCE = 0.2  # seconds
_NAMES = "SELECT DISTINCT name FROM documents WHERE substr(name, 1, ?) = ? ORDER BY name LIMIT ?"
_TAGS = (
    "SELECT tag FROM tags UNION"
    " SELECT value FROM (SELECT about FROM documents WHERE about <> '{}'), json_each(about, '$.tags') ORDER BY 1"
)


def document_names(library: Path, beginning: str, most: int) -> list[str]:
    """Return names of documents that begin so; none where the library cannot be read just now."""
    return _read(library, _NAMES, (len(beginning), beginning, most))


def tag_names(library: Path) -> list[str]:
    """Return the tags that documents have; none where the library cannot be read just now."""
    return _read(library, _TAGS, ())


def _read(library: Path, query: str, values: tuple[object, ...]) -> list[str]:
    try:
        with closing(open_to_read(library / FILE, _PATIENCE)[0]) as db:
            return [row[0] for row in db.execute(query, values) if isinstance(row[0], str)]
    except (sqlite3.Error, OSError, LibraryUnusable):
        return []
