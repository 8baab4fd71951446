"""Files of questions: .txt, .csv and .jsonl, each row a question or a line number with what is wrong there.

A batch runs for hours, so every row is looked at before the first is asked. Nothing in a file is trusted:
what is wrong with one row is told for that row (`bad`), what puts all rows in doubt (the encoding, an open
quote, an id given twice) ends the reading. Readers make `_Row`s of every format, and one way leads on from there.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

from rag.answering.limits import LONGEST_QUESTION
from rag.batch.csv_records import LINE, header
from rag.errors import UsageError
from rag.index.metadata_filter import ALL, Filter, wanted
from rag.text.sanitize import one_line, plain

MOST_BYTES = 100_000_000
MOST_ROWS = 100_000  # more than a day of answering; 100 MB could hold 50 million, and no memory would
LONGEST_ID = 200  # characters
# Follow-ups lean on recent turns only, and without a limit a conversation of n questions would hold n * n / 2 ids.
EARLIER = 20
_DEEPEST = 50  # levels of a JSON row: whoever writes it out again must not run into Python's own limit
_KINDS = {".txt": "txt", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUL = "there is a NUL in it, so the file is binary, or UTF-16 without a byte order mark"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a file, limited to `documents` by name, none of them meaning all, and to those `wanted`.

    `follows` is what it stands on, whether the file says so by a `conversation` or by `follows`: the
    ids of the questions before it, all earlier in the file, oldest first, the last `EARLIER` of them.
    """

    id: str
    text: str
    documents: tuple[str, ...] = ()
    conversation: str = ""
    follows: tuple[str, ...] = ()
    line: int = 0
    row: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)
    wanted: Filter = ALL


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked, and why, in plain words."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """What a file holds, in its order; `sha256` is that of its bytes."""

    name: str
    questions: tuple[Question, ...]
    bad: tuple[BadRow, ...]
    sha256: str


class _Bad(Exception):
    """A row cannot be asked; the text says why."""


@dataclass(slots=True)
class _Row:
    """A row of any format: its values by the names that mean something here, and all of it as read."""

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def read(path: Path, *, strict: bool = False, stdin: BinaryIO | None = None) -> QuestionFile:
    """Read the questions of a .txt, .csv, .tsv, .jsonl or .ndjson file, or of standard input for `-`.

    Rows that cannot be asked are in `bad`. UsageError: for the first of them if `strict`, if the
    file cannot be read as a whole, if it holds no question.
    """
    piped, ending = str(path) == "-", path.suffix.lower()
    name = "standard input" if piped else str(path)
    raw = _bytes(path, name, stdin)
    text = _decoded(raw, name)
    # One damaged first line must not make questions of thousands of JSON rows: for JSON a "{" is enough.
    guess = "jsonl" if re.match(r"\s*+\{", text) else "csv" if piped and header(text, name, ",;\t") else "txt"
    kind = guess if piped else _KINDS[ending]
    rows = _csv_rows(text, name, "\t,;" if ending == ".tsv" else ",;\t") if kind == "csv" else _line_rows(text, kind)
    held = list(islice(rows, MOST_ROWS + 1))
    if len(held) > MOST_ROWS:
        raise UsageError(f"{name} holds more than {MOST_ROWS:,} questions.", "Split it.")
    questions, bad = _questions(held, name)
    if bad and (strict or not questions):
        raise UsageError(f"{name}, line {bad[0].line}: {bad[0].reason}.", "Correct the line or take it out.")
    if not questions:
        raise UsageError(f"{name}: there is no question in it.", "Write one question a line.")
    return QuestionFile(name, tuple(questions), tuple(bad), hashlib.sha256(raw).hexdigest())


def _bytes(path: Path, name: str, stdin: BinaryIO | None) -> bytes:
    """Read to the end, but no more than one byte over the limit: a file can grow, and a pipe need not end."""
    raw = bytearray()
    try:
        about = None if str(path) == "-" else path.stat()
        if about and not stat.S_ISREG(about.st_mode):  # a folder, or a pipe, which waits for a writer, perhaps for ever
            raise UsageError(f"{path} is not a file.", "Name a file of questions, or - for standard input.")
        if about and path.suffix.lower() not in _KINDS:
            raise UsageError(f"{path} is no file of questions by its name.", f"Such names end in {', '.join(_KINDS)}.")
        size = about.st_size if about else 0
        with path.open("rb") if about else nullcontext(stdin or sys.stdin.buffer) as stream:
            while size <= MOST_BYTES and (chunk := stream.read(min(1 << 20, MOST_BYTES + 1 - len(raw)))):
                raw += chunk
    except (OSError, ValueError, AttributeError) as error:  # a NUL in the name; stdin closed, or none at all
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise UsageError(f"{name} cannot be read: {reason}.", "Name a file of questions.") from error
    if max(size, len(raw)) > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES // 1_000_000} MB.", "Split it.")
    return bytes(raw)


def _decoded(raw: bytes, name: str) -> str:
    """Return the text, with all line ends the same. U+2028 and form feeds, where str.splitlines parts, are none."""
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall(r"\r\n?|\n", raw[: error.start].decode(encoding, "ignore")))
        reason = f"the byte 0x{raw[error.start]:02X} there is not {encoding.upper()}"
        raise UsageError(f"{name}, line {line}: {reason}.", "Save it as UTF-8.") from error


def _line_rows(text: str, kind: str) -> Iterator[_Row]:
    for number, match in enumerate(LINE.finditer(text), 1):
        if (line := match[0]).strip():
            try:
                row = _object(line) if kind == "jsonl" else {}
                yield _Row(number, row if kind == "jsonl" else {"question": line}, row)
            except _Bad as bad:
                yield _Row(number, reason=str(bad))


def _object(line: str) -> dict[str, Any]:
    _refuse("\0" in line, _NUL)
    try:
        row = _JSON.decode(line)
    except json.JSONDecodeError as error:
        raise _Bad(f"it is not JSON ({one_line(error.msg, 60)}, character {error.pos + 1})") from error
    except (ValueError, RecursionError) as error:  # the first for whole numbers of thousands of digits
        raise _Bad("it is nested too deep, or a number in it is too long") from error
    _refuse(not isinstance(row, dict), 'it is not a JSON object such as {"id": "1", "question": "…"}')
    return dict(row)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Bad(f"{_shown(Counter(key for key, _ in pairs).most_common(1)[0][0])} is given twice in it")
    return found


def _finite(number: str) -> float:
    _refuse(not math.isfinite(value := float(number)), "a number in it is endless, or none (NaN)")
    return value


_JSON = json.JSONDecoder(object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite)


def _csv_rows(text: str, name: str, delimiters: str) -> Iterator[_Row]:
    found = header(text, name, delimiters)
    if found is None:
        raise UsageError(f"{name}: no column is called question.", "The first line names the columns: id,question")
    columns, records = found
    names = [column.casefold() for column in columns]
    if len({*filter(None, names)}) < len([*filter(None, names)]):
        raise UsageError(f"{name}: two columns have the same name.", "Give each a name of its own.")
    for line, cells in records:
        if isinstance(cells, str):
            yield _Row(line, reason=cells)
        elif any(map(str.strip, cells)) and len(cells) != len(names):
            yield _Row(line, reason=f"the number of its columns is {len(cells)}, not {len(names)} as in the first line")
        elif any(map(str.strip, cells)):  # Excel writes ";;;" for a row that was emptied
            values: dict[str, Any] = dict(zip(names, (cell.strip() or None for cell in cells), strict=True))
            for several in ("documents", "tags", "tag"):
                if values.get(several):
                    values[several] = [each.strip() for each in values[several].split("|")]
            yield _Row(line, values, {key: cell for key, cell in zip(columns, cells, strict=True) if key})


def _questions(rows: Sequence[_Row], name: str) -> tuple[list[Question], list[BadRow]]:
    ids = _ids(rows, name)
    lines = {identity: row.line for identity, row in zip(ids, rows, strict=True)}
    # What a question stands on that follows the one of this id: the id, after all that it follows itself.
    chains: dict[str, tuple[str, ...]] = {}
    talks: dict[str, tuple[str, ...]] = {}  # the same by conversation
    questions: list[Question] = []
    bad: list[BadRow] = []
    for identity, row in zip(ids, rows, strict=True):
        try:
            question, followed = _question(identity, row)
            if followed and followed not in chains:
                why = "is not earlier in the file" if lines.get(followed, 0) >= row.line else "cannot be asked"
                raise _Bad(f"it follows {_shown(followed)}, which {why if followed in lines else 'is no id of a row'}")
            follows = chains[followed] if followed else talks.get(question.conversation, ())
            questions.append(replace(question, follows=follows))
            chains[identity] = (*follows, identity)[-EARLIER:]
            if question.conversation:
                talks[question.conversation] = chains[identity]
        except _Bad as error:
            bad.append(BadRow(row.line, str(error)))
    return questions, bad


def _ids(rows: Sequence[_Row], name: str) -> list[str]:
    """Return an id for every row, even a bad one: what follows it is to be told so."""
    given: dict[str, int] = {}
    ids: list[str] = []
    for row in rows:
        try:
            identity = _name(row.values.get("id"), "the id")
        except _Bad as bad:
            identity, row.reason = "", str(bad)
        if identity and given.setdefault(identity, row.line) != row.line:
            reason = f"the id {_shown(identity)} is on line {given[identity]} already"
            raise UsageError(f"{name}, line {row.line}: {reason}.", "Give each question an id of its own.")
        ids.append(identity)
    for index, row in enumerate(rows):  # only now: the id to keep clear of may have been given later
        made = chain([f"{row.line}"], (f"{row.line}-{number}" for number in count(2)))
        ids[index] = ids[index] or next(each for each in made if each not in given)
    return ids


def _question(identity: str, row: _Row) -> tuple[Question, str]:
    """Check a row by itself; return its question and the id that it says it follows."""
    _refuse(bool(row.reason), row.reason)
    _look_through(row.values)
    get: Callable[[str], Any] = row.values.get
    text, documents, talk, follows = get("question"), get("documents"), get("conversation"), get("follows")
    _refuse(not isinstance(text, str), "there is no question in it" if text is None else "the question is not text")
    _refuse(not any(map(str.isalnum, text)), "there is no letter and no digit in the question")
    _refuse(len(text.strip()) > LONGEST_QUESTION, f"the question is longer than {LONGEST_QUESTION:,} characters")
    names = _several(documents)
    _refuse(not all(isinstance(each, str) and each.strip() for each in names), "its documents are not all names")
    _refuse(isinstance(talk, bool | list | dict), "the conversation is neither text nor a number")
    talk = "" if talk is None else str(talk).strip()
    followed = _name(follows if follows != "" else None, "what it follows")
    _refuse(bool(talk and followed), "it has a conversation and follows a question, and can have only one of the two")
    limit = _wanted(row.values)
    return Question(identity, text.strip(), tuple(names), talk, (), row.line, row.whole, limit), followed


def _several(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _wanted(values: Mapping[str, Any]) -> Filter:
    """Return what a row says of tags and dates; a year may be a number."""
    tags = [*_several(values.get("tags")), *_several(values.get("tag"))]
    _refuse(not all(isinstance(each, str) for each in tags), "its tags are not all text")
    dates = [values.get("since"), values.get("until")]
    _refuse(
        any(isinstance(each, bool | float | list | dict) for each in dates), "a date in it is neither text nor a year"
    )
    try:
        return wanted(tags, *(None if each is None else str(each) for each in dates))
    except ValueError as error:
        raise _Bad(str(error)) from error


def _look_through(value: object, depth: int = 0) -> None:
    """Refuse what a row can hold and nothing after it can open or write."""
    if isinstance(value, str):
        _refuse("\0" in value, _NUL)
        _refuse(bool(_SURROGATE.search(value)), "there is half a character in it (a lone surrogate)")
    elif isinstance(value, Mapping | list):
        _refuse(depth == _DEEPEST, "it is nested too deep")
        for each in value if isinstance(value, list) else chain(value, value.values()):
            _look_through(each, depth + 1)


def _name(value: Any, what: str) -> str:
    """Return an id as text, "" if there is none."""
    if value is None:
        return ""
    _refuse(isinstance(value, bool) or not isinstance(value, str | int), f"{what} is neither text nor a whole number")
    name = str(value)
    _refuse(not name.strip() or len(name) > LONGEST_ID, f"{what} is empty or longer than {LONGEST_ID} characters")
    _refuse(plain(name) != name or "\n" in name or "\t" in name, f"there is a control character in {what}")
    return name


def _refuse(wrong: bool, reason: str) -> None:
    if wrong:
        raise _Bad(reason)


def _shown(text: str) -> str:
    """Return text of the file for a message: short, on one line, and such that it can be written."""
    return f"“{one_line(text[:400].encode('utf-8', 'replace').decode(), 60)}”"
