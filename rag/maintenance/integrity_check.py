"""Is what lies in a library's folder whole? Found is told with what to do about it, and nothing is changed.

The file is copied first, so that no reader or writer waits while it is looked at, and it is
looked at as a stranger's: first what tables there are, then that SQLite finds no damage, and
only then what the rows say.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from rag.conversations import store
from rag.conversations.schema import schema_of
from rag.conversations.store import Conversations
from rag.documents.document import content_digest
from rag.errors import LibraryUnusable
from rag.index import exact_vectors, library, vector_index, word_index
from rag.index.library import Library
from rag.index.migrations import library_format
from rag.index.rows import unpacked_about
from rag.index.schema import FORMAT, SCHEMA, WORDS, strangers
from rag.models.embedder import Embedder
from rag.system.sqlite_files import damaged, open_to_read, there, trouble

_PATIENCE = 60  # seconds that a writer is waited for
_UNIT = 1e-3  # how far from 1 a unit vector's length may be
_ALIKE = 0.999  # the least cosine of the vectors that one text is given twice
_AN_HOUR = 3600
_MOST = 20  # findings of a kind

_RESTORE = "Bring back a backup: beleg restore FILE --replace"
_REBUILD = "Make it anew from the texts in the library: beleg index --rebuild"
_FILL = "Fill it: beleg index FOLDER-OF-DOCUMENTS"
_INDEX = "Index its file again, or bring back a backup: beleg restore FILE --replace"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


def check(folder: Path) -> list[Fault]:
    """Return what is wrong in a library's folder; [] where all is well.

    Raises LibraryUnusable where there is no library, or it cannot be read though it is not damaged.
    """
    file = folder / library.FILE
    if not there(file):
        raise LibraryUnusable(f"There is no library in {folder}.", "Make one: beleg index FOLDER-OF-DOCUMENTS")
    found = library_findings(file)
    if not vector_index.intact(folder / vector_index.FILE):
        found.append(Fault(f"{vector_index.FILE} is damaged", "Delete it; the next question makes it anew."))
    if not exact_vectors.intact(folder / exact_vectors.FILE):
        found.append(Fault(f"{exact_vectors.FILE} is damaged", "Delete it; `beleg index` makes it anew."))
    if not word_index.intact(folder / word_index.FILE):
        found.append(Fault(f"{word_index.FILE} is damaged", "Delete it; `beleg index` makes it anew."))
    return [*found, *conversation_findings(folder), *_left_over(folder)]


def library_findings(file: Path) -> list[Fault]:
    """Return what is wrong with a library's file. Raises LibraryUnusable where it cannot be read though not damaged."""
    return _looked_at(file, lambda db: _library(db, file.name))


def conversation_findings(folder: Path) -> list[Fault]:
    """Return what is wrong with the saved conversations in a folder, if there are any."""
    file = folder / store.FILE
    if not there(file):
        return []
    found = _looked_at(file, lambda db: _sound(db, file.name, schema_of(db)))
    return found or list(_conversations(Conversations(folder)))


def _looked_at(file: Path, look: Callable[[sqlite3.Connection], Iterable[Fault]]) -> list[Fault]:
    try:
        source, _ = open_to_read(file, _PATIENCE)
        with closing(source), closing(sqlite3.connect("", isolation_level=None)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA trusted_schema = OFF")
            return list(look(copy))
    except sqlite3.Error as error:
        if damaged(error):
            return [Fault(f"{file.name}: {error}", _RESTORE)]
        raise trouble(error, str(file)) from error


# --- what SQLite can tell -------------------------------------------------------------------


def _sound(db: sqlite3.Connection, name: str, schema: str) -> Iterator[Fault]:
    """Yield what is wrong with the tables, the file's structure and its references."""
    if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        return  # made, and not yet filled
    if odd := strangers(db, schema):
        yield Fault(f"{name} has other tables than Beleg makes: {', '.join(odd[:_MOST])}", _RESTORE)
        return
    for (said,) in db.execute(f"PRAGMA integrity_check({_MOST})").fetchall():
        if said != "ok":
            yield Fault(f"{name}: {said}", _RESTORE)
    lost = db.execute("PRAGMA foreign_key_check").fetchall()
    if lost:
        yield Fault(f"{name}: {len(lost)} rows of {lost[0][0]} belong to nothing", _REBUILD)


def _library(db: sqlite3.Connection, name: str) -> Iterator[Fault]:
    if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        yield Fault(f"{name} was made, and is not yet filled", _FILL)
        return
    version = library_format(db)
    if version != FORMAT:
        newer = "Update Beleg." if version > FORMAT else "Open it with any command: that brings it up to date."
        yield Fault(f"{name} is of format {version}, this Beleg reads format {FORMAT}", newer if version else _RESTORE)
        return
    found = list(_sound(db, name, SCHEMA))
    yield from found
    if any(finding.remedy == _RESTORE for finding in found):
        return  # what such a file says of its documents is no use
    yield from _words(db)
    yield from _documents(db)


def _words(db: sqlite3.Connection) -> Iterator[Fault]:
    for table in WORDS:
        try:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except sqlite3.Error as error:
            yield Fault(f"the words in {table} are damaged ({error})", _REBUILD)
            continue
        odd = "SELECT count(*) FROM (SELECT id FROM chunks EXCEPT SELECT rowid FROM {0}) UNION ALL"
        odd += " SELECT count(*) FROM (SELECT rowid FROM {0} EXCEPT SELECT id FROM chunks)"
        without, stray = (row[0] for row in db.execute(odd.format(table)).fetchall())
        if without or stray:
            yield Fault(f"{table}: {without} passages have no words, {stray} words no passage", _REBUILD)


# --- what the rows say ----------------------------------------------------------------------


def _documents(db: sqlite3.Connection) -> Iterator[Fault]:
    sizes = {row[0] for row in db.execute("SELECT DISTINCT length(vector) FROM sentences")}
    if len(sizes) > 1:
        yield Fault(f"vectors of {len(sizes)} sizes", _REBUILD)
    for (identity,) in db.execute("SELECT id FROM documents ORDER BY name, path").fetchall():
        facts = db.execute(
            "SELECT name, path, title, language, text, body, pages, sha256, indexed, date, content FROM documents"
            " WHERE id = ?",
            (identity,),
        ).fetchone()
        if said := _odd_document(*facts[:10]) or _odd_reading(db, identity):
            yield Fault(f"{facts[0]}: {said}", _INDEX)
            continue
        rows = 'SELECT id, start, "end", context, language FROM chunks WHERE document_id = ? ORDER BY start, id'
        chunks = db.execute(rows, (identity,)).fetchall()
        said = _odd_chunks(chunks, len(facts[4])) or next(
            filter(None, (_odd_sentences(db, *row[:3]) for row in chunks)), ""
        )
        if not said and facts[10] != content_digest(facts[4][facts[5] :]):
            said = "what tells copies of its text is another text's"
        if said:
            yield Fault(f"{facts[0]}: {said}", _REBUILD)


def _odd_document(*facts: Any) -> str:
    """Return what is wrong with a document's own row, or ""."""
    name, path, title, language, text, body, pages, sha256, indexed, date = facts
    if not all(isinstance(value, str) for value in (name, path, title, language, text, pages, sha256, indexed)):
        return "what should be text is none"
    if date is not None and not isinstance(date, str):
        return "its date is no text"
    try:
        starts = json.loads(pages)
    except (ValueError, RecursionError):
        starts = None
    if not isinstance(starts, list) or not all(type(start) is int for start in starts):
        return "its pages are no numbers"
    if type(body) is not int or not 0 <= body < len(text):
        return "its text begins outside of itself"
    if starts != sorted(starts) or (starts and not 0 <= starts[0] <= starts[-1] <= len(text)):
        return "its pages are not in order, or outside of its text"
    return ""


def _odd_reading(db: sqlite3.Connection, identity: str) -> str:
    """Return what is wrong with what is kept of a document's file, how it was read, and its tags, or ""."""
    rows = "SELECT size, modified, about FROM documents WHERE id = ?"
    size, modified, about = db.execute(rows, (identity,)).fetchone()
    tags = [row[0] for row in db.execute("SELECT tag FROM tags WHERE document_id = ?", (identity,))]
    if not all(value is None or type(value) is int for value in (size, modified)):
        return "the size or the time of its file is no number"
    if not all(isinstance(tag, str) for tag in tags):
        return "a tag is no text"
    try:
        unpacked_about(about)
    except (ValueError, TypeError, RecursionError):
        return "how it was read is told in a way that Beleg does not use"
    return ""


def _odd_chunks(chunks: list[tuple[Any, ...]], length: int) -> str:
    """Return what is wrong with a document's passages, or "": joined, they are its text."""
    if any(not (type(row[1]) is type(row[2]) is int and type(row[3]) is type(row[4]) is str) for row in chunks):
        return "its passages are no spans of text"
    ends = [0, *(row[2] for row in chunks)]
    if [row[1] for row in chunks] != ends[:-1] or ends[-1] != length or any(row[1] >= row[2] for row in chunks):
        return "its passages, joined, are not its text"
    return ""


def _odd_sentences(db: sqlite3.Connection, chunk: int, start: int, end: int) -> str:
    """Return what is wrong with a passage's sentences, or ""."""
    rows = 'SELECT start, "end", vector FROM sentences WHERE chunk_id = ? ORDER BY id'
    found = db.execute(rows, (chunk,)).fetchall()
    if any(not (type(left) is type(right) is int and start <= left < right <= end) for left, right, _ in found):
        return "a sentence lies outside of its passage"
    if any(one[1] > other[0] for one, other in pairwise(found)):
        return "sentences are not in order"
    for *_, vector in found:
        if not isinstance(vector, bytes) or not vector or len(vector) % 4:
            return "a sentence's vector is none"
        if not abs(float(np.linalg.norm(np.frombuffer(vector, dtype=np.float32))) - 1) <= _UNIT:
            return "a sentence's vector is not of length 1"
    return ""


def vector_findings(opened: Library, embedder: Embedder, progress: Callable[[str], None]) -> list[Fault]:
    """Embed every sentence again and return which documents have vectors of other texts.

    `progress` is told each document's name. Raises LibraryUnusable if the library belongs to another embedder.
    """
    opened.refuse_other(embedder)
    found = []
    for entry in opened.entries():
        progress(entry.name)
        with opened.snapshot():
            text = opened.document(entry.id).text
            rows = [row for one in opened.sentences(opened.chunks_of([entry.id])).values() for row in one]
        if not rows:
            continue
        made = embedder.encode([text[row.start : row.end] for row in rows], "document")
        sizes = {len(row.vector) for row in rows}
        if sizes != {embedder.dimension}:
            found.append(Fault(f"{entry.name}: vectors of another size than the embedder's", _REBUILD))
            continue
        alike = np.einsum("ij,ij->i", made, np.stack([row.vector for row in rows]))
        if odd := int(np.sum(~(alike >= _ALIKE))):
            found.append(
                Fault(f"{entry.name}: {odd} of {len(rows)} vectors are not those of their sentences", _REBUILD)
            )
    return found


# --- what lies beside -------------------------------------------------------------------------


def _conversations(saved: Conversations) -> Iterator[Fault]:
    try:
        for heading in saved.headings():
            saved.open(heading.id)
    except LibraryUnusable as error:
        yield Fault(error.reason, error.remedy)


def _left_over(folder: Path) -> Iterator[Fault]:
    """Yield what a killed process has left behind; what is younger than an hour may be at work."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise trouble(error, str(folder)) from error
    for path in paths:
        made_and_renamed = path.name.startswith((".beleg-", f".{vector_index.FILE}", f".{word_index.FILE}"))
        if (made_and_renamed or path.suffix == ".part") and time.time() - path.stat().st_mtime > _AN_HOUR:
            yield Fault(f"{path} was left behind by a process that was killed", "Delete it.")
