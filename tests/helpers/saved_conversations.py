"""Files of saved conversations, and what is compared of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from rag.conversations.store import FILE


def saved_file(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / FILE, isolation_level=None)


def as_format_1(folder: Path) -> None:
    """Make a file of conversations what it was before they had names."""
    with closing(saved_file(folder)) as db:
        db.execute("DROP TABLE names")
        db.execute("PRAGMA user_version = 1")


# --- damage ------------------------------------------------------------------------------


def facts(change: Callable[[dict], object]) -> Callable[[sqlite3.Connection], object]:  # type: ignore[type-arg]
    """A damage to the JSON of the saved answer."""

    def damage(db: sqlite3.Connection) -> None:
        facts = json.loads(db.execute("SELECT answer FROM turns WHERE n = 1").fetchone()[0])
        change(facts)
        db.execute("UPDATE turns SET answer = ? WHERE n = 1", (json.dumps(facts),))

    return damage
