"""The journal of a batch: what was counted is never lost, and a run can be taken up again (`--resume`).

Answers are finished out of order, and files leave in order. So each finished record goes
first, whole and synced, into a journal beside the answers (`answers.jsonl.part`). From there
a .jsonl file grows in the questions' order; other forms are written when the run ends. A
crash can tear the last line of either; it is dropped, and that question is asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rag.batch.question_file import Question
from rag.batch.run_conditions import IN_RECORDS, differences, unknown
from rag.errors import BelegError, UsageError
from rag.system.atomic_write import atomic_write, sync_folder
from rag.system.private_files import FILE_MODE

if TYPE_CHECKING:
    from filelock import BaseFileLock

Record = Mapping[str, Any]
Form = Callable[[Sequence[Record]], str]
LINES = (".jsonl", ".ndjson")
_STATES = ("answered", "not_found", "about", "error")
_LONGEST_HEAD = 100_000  # bytes


def line(record: Record) -> str:
    """Return a record as the line of a .jsonl file: the contract's names only, halves of characters as \\ud800."""
    text = json.dumps({key: value for key, value in record.items() if key != "detail"}, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


class Ledger:
    """The records of one run. Use as a context manager; `finish` when there is nothing more to come.

    `form` makes the file's text of all records, or is None for a .jsonl file. `facts` are
    what a run must share with the one it goes on with (see `conditions`). After `resume`,
    `differences` says what it does not share, and `unknown` what is not known of the one before.
    """

    def __init__(self, path: Path, questions: Sequence[Question], facts: Mapping[str, str], form: Form | None) -> None:
        self.path, self.journal = path, path.with_name(path.name + ".part")
        self._form = form
        self._facts = dict(facts)
        self._order = [question.id for question in questions]
        self._texts = {question.id: question.text for question in questions}
        self.records: dict[str, Record] = {}
        self._written = 0  # how many records, in order, the .jsonl file holds
        self._part: BinaryIO | None = None
        self._file: BinaryIO | None = None
        self.kept: Path | None = None  # where an earlier run's answers are now
        self.differences: list[str] = []
        self.unknown: list[str] = []
        self._lock: BaseFileLock | None = None

    def begin(self) -> None:
        """Start a new run; answers that are there already, and what failed of them, are kept under other names.

        Raises UsageError if an unfinished run is there, or another one is at work, or the file cannot be written.
        """
        self._have_alone()
        with self._writing():
            if self.journal.exists() and not self._over():
                raise UsageError(
                    f"{self.path} has an unfinished run ({self.journal.name}).",
                    "Go on by --resume, or --only-failed to ask again what failed, or delete that file to begin anew.",
                )
            if self.path.exists():
                self.kept = _old(self.path)
                self.path.replace(self.kept)
            if self.journal.exists():
                self.journal.replace(_old(self.journal))
            elif self.kept:  # a journal that is there is of the answers that have just given way
                _old(self.journal).unlink(missing_ok=True)
            self._open([])

    def _over(self) -> bool:
        """Whether the journal is of a run that has come to its end, and was kept for what failed."""
        try:
            with self.journal.open("rb") as file:
                head = json.loads(file.readline(_LONGEST_HEAD))
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(head, dict) and head.get("over") is True

    def resume(self, again: Collection[str] = (), *, anyway: bool = False) -> None:
        """Go on with a run: what it has finished is in `records`, but for records whose status is in `again`.

        Raises UsageError where the answers belong to other questions, or another run is at
        work, and unless `anyway` where they were made under other conditions.
        """
        self._have_alone()
        with self._writing():
            part, answers = self.journal.exists(), self.path.exists()
        began, found = self._read_journal() if part else ({}, [])
        if self._form is None and answers:
            found = [*self._read(self.path), *found]
        if self._form is not None and answers and not part:
            raise UsageError(
                f"{self.path} is a finished run: there is nothing to go on with.", "Leave --resume out to ask anew."
            )
        for record in found:
            self._check(record)
            self.records[record["id"]] = record
        self._compare(began, found, anyway)
        self.records = {key: record for key, record in self.records.items() if record["status"] not in again}
        with self._writing():
            self._open(list(self.records.values()))

    def _compare(self, began: Mapping[str, str], found: Sequence[Record], anyway: bool) -> None:
        """See whether the run began as this one does; without a journal's head, the records say some of it."""
        heads = [began] if began else [{name: record[name] for name in IN_RECORDS} for record in found]
        self.differences = list(dict.fromkeys(told for head in heads for told in differences(head, self._facts)))
        self.unknown = unknown(heads[0], self._facts) if heads else []
        if self.differences and not anyway:
            raise UsageError(
                f"{self.path} was begun under other conditions: {'; '.join(self.differences)}.",
                "Go on under the same, or all the same by --resume=anyway (or --only-failed=anyway), "
                "or name another file with -o.",
            )

    def _have_alone(self) -> None:
        """Keep other runs from these files until `close` or death; not where files cannot be locked."""
        from filelock import FileLock, Timeout

        try:
            path = self.path.resolve()
            path.parent.stat()  # else the lock would make the folder, which is not ours to make
            lock = FileLock(path.with_name(path.name + ".lock"), timeout=0, mode=FILE_MODE, thread_local=False)
            lock.acquire()
        except Timeout as error:
            raise UsageError(
                f"Another run is writing {self.path}.", "Wait for it to end, or name another file with -o."
            ) from error
        except (OSError, NotImplementedError):
            return  # if it is more than locks that is missing, opening the files will tell
        self._lock = lock

    def _check(self, record: Record) -> None:
        identity = record["id"]
        if self._texts.get(identity) != record["question"]:
            raise UsageError(
                f"{self.path} has an answer to {identity!r} that is not to a question of this file.",
                "Name the questions that the run began with, or another file with -o.",
            )

    def _read_journal(self) -> tuple[dict[str, str], list[Record]]:
        """Return what the run began with, as far as its journal says, and its records."""
        head, *rows = self._rows(self.journal) or [{}]
        if not isinstance(head, dict) or "status" in head:
            raise self._no_record(self.journal, 1)
        began = {name: head[name] for name in self._facts if isinstance(head.get(name), str)}
        return began, self._records(self.journal, rows, 2)

    def _read(self, path: Path) -> list[Record]:
        return self._records(path, self._rows(path), 1)

    def _rows(self, path: Path) -> list[Any]:
        """Return what the whole lines of a file hold; a torn last line is dropped."""
        try:
            *lines, _ = path.read_bytes().split(b"\n")
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.", "Is it yours to read?") from error
        rows = []
        for number, text in enumerate(lines, 1):
            try:
                rows.append(json.loads(text))
            except (ValueError, RecursionError) as error:
                raise self._no_record(path, number) from error
        return rows

    def _records(self, path: Path, rows: Sequence[Any], first: int) -> list[Record]:
        records = []
        for number, row in enumerate(rows, first):
            try:
                records.append(_record(row))
            except (ValueError, KeyError, TypeError) as error:
                raise self._no_record(path, number) from error
        return records

    def _no_record(self, path: Path, number: int) -> UsageError:
        return UsageError(
            f"{path}, line {number}: that is no record of an answer.", "Correct it, or take the line out."
        )

    def _open(self, records: Sequence[Record]) -> None:
        """Write the journal anew with what is known; then let the .jsonl file hold what is known in order."""
        self._write_journal(records)
        self._part = self.journal.open("ab", buffering=0)
        if self._form is None:
            self._file = self.path.open("wb", buffering=0)
            self._advance()
        sync_folder(self.path.parent)

    def _write_journal(self, records: Collection[Record], *, over: bool = False) -> None:
        head = json.dumps({"beleg": 2, **self._facts, **({"over": True} if over else {})}, ensure_ascii=False) + "\n"
        replace_file(self.journal, head + "".join(map(self._journal_line, records)), private=True)

    def _journal_line(self, record: Record) -> str:
        return json.dumps(record, ensure_ascii=False) + "\n" if self._form else line(record)

    def add(self, record: Record) -> None:
        """Take a finished record; when this returns, it is on disk. Raises BelegError where it cannot be."""
        assert self._part is not None
        with self._writing():
            _append(self._part, self._journal_line(record))
            self.records[record["id"]] = record
            self._advance()

    def _advance(self) -> None:
        """Write to the .jsonl file what is next in order."""
        if self._file is None:
            return
        text = ""
        while self._written < len(self._order) and (record := self.records.get(self._order[self._written])):
            text += line(record)
            self._written += 1
        if text:
            _append(self._file, text)

    def finish(self, whole: bool) -> None:
        """Write what is written at the end; `whole` is whether all that was to be asked has its record.

        Of a whole run the journal goes, unless something failed: then it is the way to ask that again,
        and no obstacle to a new run.
        """
        ordered = [self.records[identity] for identity in self._order if identity in self.records]
        with self._writing():
            if self._form is not None:
                replace_file(self.path, self._form(ordered))
            self._let_go()
            # What waits for its turn is in the journal only, also where a smaller --limit is reached.
            failed = any(record["status"] == "error" for record in ordered)
            over = whole and (self._form is not None or self._written == len(ordered))
            if over and failed:
                self._write_journal(self.records.values(), over=True)
            elif over:
                self.journal.unlink(missing_ok=True)
            sync_folder(self.path.parent)
            self.close()

    def _let_go(self) -> None:
        for file in filter(None, (self._part, self._file)):
            file.close()
        self._part = self._file = None

    def close(self) -> None:
        """Let go of the files, and let other runs have them; what they hold stays."""
        self._let_go()
        if self._lock is not None:
            # Removed while it is held: filelock takes no lock on a file without a name.
            with suppress(OSError):
                Path(self._lock.lock_file).unlink()
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writing(self) -> _Writing:
        return _Writing(self.path)


class _Writing:
    """Turns a failure to write into what the person can do about it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise BelegError(
                f"{self._path} cannot be written: {error.strerror or error}.",
                "What was counted is on disk; --resume goes on, or name another file with -o.",
            ) from error


def _old(path: Path) -> Path:
    return path.with_name(path.name + ".old")


def _record(row: Any) -> Record:
    """Return what was read from a file if it is a record. Raises ValueError, KeyError or TypeError."""
    texts = [row[name] for name in ("id", "question", "answer", "model", "embedder", "mode")]
    lists = [row["citations"], row["passages"]]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(rows, list) for rows in lists):
        raise TypeError
    if row["status"] not in _STATES or not isinstance(row["timings"], dict):
        raise ValueError
    record: Record = row
    return record


def replace_file(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file whole or not at all, so that it outlives a power cut. Raises OSError.

    With `private` it is for its owner only; else as the person's other files are.
    """
    new = path.with_name(path.name + ".new")  # a run has its files for itself
    with atomic_write(path, private=private, durable=True, beside=new) as unfinished:
        unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))


def _append(file: BinaryIO, text: str) -> None:
    data = memoryview(text.encode("utf-8", "backslashreplace"))
    while data:
        data = data[file.write(data) :]
    os.fsync(file.fileno())
