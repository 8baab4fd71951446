"""Saved conversations: every turn as it was, with the documents as they were.

They lie in a SQLite file in the library's folder, and a turn enters it in one transaction,
so a process killed at any moment leaves every turn whole or absent. An answer outlives what
it was made from: files change, documents leave the library. So the text of every document
that an answer cites or retrieved is kept with it, compressed, and once for all the answers
that share it. What is read back is checked; a conversation is opened whole or not at all.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.answering.assistant import Answer
from rag.conversations import searching
from rag.conversations.deleting import Deleted, put_back, take_out
from rag.conversations.kept_texts import KeptTexts
from rag.conversations.schema import FORMAT, SCHEMA, climb, format_of
from rag.conversations.serialization import DAMAGED, TooLong, compressed, exactly, packed, unpacked
from rag.errors import LibraryUnusable
from rag.index.schema import make
from rag.localization import N_, gettext
from rag.system.private_files import private_file, private_folder
from rag.system.sqlite_files import damaged, open_to_read, there, trouble
from rag.text.sanitize import one_line

FILE = "conversations.sqlite"
_PATIENCE = 10  # seconds that a writer waits for another
_DAMAGED = N_(
    "`beleg restore` brings back a backup. Move the file away, and a new one is made; documents are not touched."
)
_LESS = N_(
    "The others can be opened. `beleg restore` brings back a backup, or choose this one in the list and delete it."
)
LONGEST_NAME = 200  # characters
MOST_OF_ONE = 300_000_000  # bytes of answers and texts in a conversation: those of a dozen of the longest documents


@dataclass(frozen=True, slots=True)
class Turn:
    """A question's answer and when it was saved: ISO 8601, UTC, to the second."""

    answer: Answer
    when: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in the order in which they were asked; there is at least one."""

    id: str
    turns: tuple[Turn, ...]
    name: str = ""  # that a person gave it

    @property
    def title(self) -> str:
        """Its name, or without one the first question."""
        return self.name or self.turns[0].answer.question


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the list of conversations: its name or first question, how many turns, when the last one was saved.

    `hit` is the line that holds what was looked for, where the title does not.
    """

    id: str
    title: str
    turns: int
    updated: str
    hit: str = ""


class _NothingSaved(Exception):
    """There is no file yet, or one that was not yet filled."""


def new_id() -> str:
    """Return an id that no conversation has yet."""
    return uuid.uuid4().hex


class Conversations:
    """The saved conversations of a library's folder; may be used by several threads and processes at once.

    Every method raises LibraryUnusable where the file cannot be used or is damaged. There
    is no file before the first `save`.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def save(self, conversation_id: str, answer: Answer) -> Turn:
        """Add a turn to the end of a conversation, which begins with its first."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        facts, texts = packed(answer)
        with self._transaction(create=True) as db:
            last = db.execute("SELECT max(n) FROM turns WHERE conversation = ?", (conversation_id,)).fetchone()[0]
            question, found_by = searching.storable(answer.question), searching.searched(answer)
            turn_id = db.execute(
                "INSERT INTO turns (conversation, n, saved, question, searched, answer) VALUES (?, ?, ?, ?, ?, ?)",
                (conversation_id, (last or 0) + 1, when, question, found_by, facts),
            ).lastrowid
            for key, text in texts.items():
                if not db.execute("SELECT 1 FROM texts WHERE sha256 = ?", (key,)).fetchone():
                    db.execute("INSERT INTO texts VALUES (?, ?)", (key, compressed(text)))
                db.execute("INSERT INTO uses VALUES (?, ?)", (turn_id, key))
        return Turn(answer, when)

    def headings(self, search: str = "") -> list[Heading]:
        """Return the list of conversations, newest first.

        With `search`, only those in whose name, questions, answers, or titles and names of cited
        documents every word of it occurs, in capitals or not.
        """
        wanted = searching.folded(search).split()
        with suppress(_NothingSaved), self._reading() as db, self._checked():
            # With max(id), SQLite takes the bare column `saved` from the row that has it.
            rows = db.execute(
                "SELECT conversation, max(id), saved, count(*), group_concat(searched, char(10)),"
                " (SELECT question FROM turns AS first WHERE first.conversation = turns.conversation AND n = 1)"
                " FROM turns GROUP BY conversation ORDER BY max(id) DESC"
            )
            names, found = _names(db), []
            for identity, _, saved, count, searched, question in rows:
                title = names.get(exactly(str, identity)) or exactly(str, question)
                text = f"{exactly(str, searched)}\n{searching.folded(title)}"
                if all(word in text for word in wanted):
                    unseen = [word for word in wanted if word not in searching.folded(title)]
                    hit = _hit(db, identity, unseen) if unseen else ""
                    found.append(Heading(identity, title, count, _time(saved), hit))
            return found
        return []

    def open(self, conversation_id: str) -> Conversation:
        """Return a conversation, equal to what was saved but for `Passage.sentences`, which are ().

        Raises LibraryUnusable also if there is no such conversation.
        """
        turns: tuple[Turn, ...] = ()
        name = ""
        with suppress(_NothingSaved), self._reading() as db, self._checked():
            (room,) = db.execute(
                "SELECT ? - coalesce(sum(length(CAST(answer AS BLOB))), 0) FROM turns WHERE conversation = ?",
                (MOST_OF_ONE, conversation_id),
            ).fetchone()
            if room < 0:
                raise TooLong
            rows = db.execute(
                "SELECT n, answer, saved FROM turns WHERE conversation = ? ORDER BY n", (conversation_id,)
            ).fetchall()
            texts = KeptTexts(db, conversation_id, room)
            if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
                raise ValueError("a turn is missing")
            turns = tuple(Turn(unpacked(answer, texts), _time(saved)) for _, answer, saved in rows)
            name = _names(db).get(conversation_id, "")
        if not turns:
            raise _not_saved()
        return Conversation(conversation_id, turns, name)

    def latest(self) -> str | None:
        """Return the id of the conversation that was last added to."""
        with suppress(_NothingSaved), self._reading() as db, self._checked():
            row = db.execute("SELECT conversation FROM turns ORDER BY id DESC LIMIT 1").fetchone()
            return exactly(str, row[0]) if row else None
        return None

    def questions(self, most: int) -> list[str]:
        """Return the questions asked last in any conversation, each as often as it was asked, the latest at the end."""
        with suppress(_NothingSaved), self._reading() as db, self._checked():
            rows = db.execute("SELECT question FROM turns ORDER BY id DESC LIMIT ?", (most,)).fetchall()
            return [exactly(str, question) for (question,) in reversed(rows)]
        return []

    def name(self, conversation_id: str) -> str:
        """Return the name that a person gave a conversation, "" if it has none."""
        with suppress(_NothingSaved), self._reading() as db, self._checked():
            return _names(db).get(conversation_id, "")
        return ""

    def rename(self, conversation_id: str, name: str) -> None:
        """Give a conversation a name; an empty one takes it away, and the first question stands for it again.

        Raises LibraryUnusable also if there is no such conversation.
        """
        kept = one_line(searching.storable(name), LONGEST_NAME)
        with self._transaction() as db:
            if not db.execute("SELECT 1 FROM turns WHERE conversation = ?", (conversation_id,)).fetchone():
                raise _not_saved()
            if kept:
                db.execute("INSERT OR REPLACE INTO names VALUES (?, ?)", (conversation_id, kept))
            else:
                db.execute("DELETE FROM names WHERE conversation = ?", (conversation_id,))

    def delete(self, conversation_id: str) -> Deleted | None:
        """Remove a conversation and the texts only it had need of; one that is not there is no error.

        What is removed is overwritten in the file at once (SQLite's secure_delete): nobody reads it
        there any more. It is in what this returns alone, in memory, for `restore`, and gone for
        good with that. Returns None where it is gone at once: it is too long to be kept, or damaged.
        """
        with self._transaction() as db:
            return take_out(db, conversation_id)

    def restore(self, deleted: Deleted) -> None:
        """Put a conversation back that was deleted, with its ids, times and texts; turns saved since stay after it.

        Raises LibraryUnusable also if the file is gone, or the conversation is there again.
        """
        if not there(self.file):
            raise LibraryUnusable(
                gettext("{file} is gone: the conversation cannot be taken back.").format(file=self.file),
                gettext("Put the file back."),
            )
        with self._transaction() as db:
            if not put_back(db, deleted):
                raise LibraryUnusable(
                    gettext("This conversation is there again already."), gettext("Choose it in the list.")
                )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads: it waits for no writer, and needs no right to write."""
        with self._told(), closing(self._read_only()) as db, db:
            db.execute("BEGIN")
            if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise _NothingSaved
            self._see_format(db)
            yield db

    def _read_only(self) -> sqlite3.Connection:
        if not self.file.exists():
            raise _NothingSaved
        db, _ = open_to_read(self.file, 5)
        return db

    @contextmanager
    def _transaction(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each call: calls are rare, and threads need no lock."""
        with self._told():
            if create:
                private_folder(self.file.parent)
                private_file(self.file)
            place = self.file if create or self.file.exists() else ":memory:"
            with closing(sqlite3.connect(place, timeout=_PATIENCE, isolation_level=None)) as db:
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
                if create:
                    # Does not wait for others that have just made the file; the next save tries again.
                    with suppress(sqlite3.OperationalError):
                        db.execute("PRAGMA journal_mode = WAL")
                db.execute("BEGIN IMMEDIATE")
                with db:
                    self._prepare(db)
                    yield db

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite and the system raise into one error that says whose fault it is."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, OSError) or not damaged(error):
                raise trouble(error, gettext("The conversations in {file}").format(file=self.file)) from error
            raise self._unusable(str(error)) from error

    def _prepare(self, db: sqlite3.Connection) -> None:
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            make(db, SCHEMA)
            db.execute(f"PRAGMA user_version = {FORMAT}")
        self._see_format(db)
        try:
            climb(db)
        except ValueError as error:
            raise self._unusable(str(error)) from error

    def _see_format(self, db: sqlite3.Connection) -> None:
        version = format_of(db)
        if version > FORMAT:
            raise self._unusable(
                gettext("it was made by a newer Beleg (format {version})").format(version=version),
                gettext("Update Beleg."),
            )
        if version < 1:
            raise self._unusable(gettext("it is of format {version}, which no Beleg has made").format(version=version))

    @contextmanager
    def _checked(self) -> Iterator[None]:
        """Turn whatever a damaged row makes the reading of it raise into one error."""
        try:
            yield
        except DAMAGED as error:
            raise self._unusable(
                gettext("it is damaged ({kind}: {error})").format(kind=type(error).__name__, error=error)
            ) from error
        except TooLong as error:
            raise self._unusable(
                gettext("one of them holds more than {most} MB of text").format(most=MOST_OF_ONE // 1_000_000),
                gettext(_LESS),
            ) from error
        except MemoryError as error:
            raise self._unusable(gettext("one of them takes more memory than there is"), gettext(_LESS)) from error

    def _unusable(self, reason: str, remedy: str = "") -> LibraryUnusable:
        return LibraryUnusable(
            gettext("The conversations in {file} cannot be used: {reason}.").format(file=self.file, reason=reason),
            remedy or gettext(_DAMAGED),
        )


def _names(db: sqlite3.Connection) -> dict[str, str]:
    """Return the names of conversations; a file of format 1, which is read as it is, has none."""
    if format_of(db) < 2:
        return {}
    rows = db.execute("SELECT conversation, name FROM names")
    return {exactly(str, identity): exactly(str, name) for identity, name in rows}


def _hit(db: sqlite3.Connection, conversation_id: str, wanted: Sequence[str]) -> str:
    """Return a line of the turn that holds most of the `wanted` words; what is damaged is told when it is opened."""
    rows = "SELECT id, CAST(searched AS TEXT) FROM turns WHERE conversation = ? ORDER BY n"
    turn_id, _ = max(db.execute(rows, (conversation_id,)), key=lambda row: searching.held(row[1], wanted))
    with suppress(*DAMAGED, sqlite3.OperationalError):  # the last of a text that is none
        answer = db.execute("SELECT answer FROM turns WHERE id = ?", (turn_id,)).fetchone()[0]
        return searching.hit(exactly(str, answer), wanted)
    return ""


def _not_saved() -> LibraryUnusable:
    return LibraryUnusable(gettext("This conversation is not saved, or no longer."), gettext("Choose another one."))


def _time(value: object) -> str:
    when = exactly(str, value)
    datetime.fromisoformat(when)
    return when
