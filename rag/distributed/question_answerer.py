"""Questions of a batch answered by workers, each with models and a library of its own.

Questions that follow each other stay together; all others go wherever there is time. What comes back is records: where
they stand in the journal, and their order, is the business of the process that runs `beleg batch`.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rag import __version__
from rag.answering.assistant import Assistant
from rag.batch.question_file import Question
from rag.batch.runner import TOGETHER, answers, made_record
from rag.distributed.actor_pool import ActorPool, WorkerDied
from rag.distributed.workers import Connected, imported
from rag.errors import BelegError, WorkersUnavailable
from rag.index.library import FILE, Library
from rag.localization import gettext, interface_language, use
from rag.output.json_record import failure
from rag.settings import SQLITE, Settings
from rag.system.milvus_address import is_shared
from rag.system.private_files import private_folder

_LARGEST = 4_000_000_000  # bytes of a library that is sent to the workers

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that one worker answers; those that are `done` are there for what follows them."""

    questions: tuple[Question, ...]
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LibraryCopy:
    """A library for workers that do not see it: its stamp, and a reference to the bytes of its file."""

    stamp: str
    content: tuple[Any, ...]


class QuestionAnswerer:
    """The actor: models and a library that stay."""

    def __init__(self, settings: Settings, language: str, copy: LibraryCopy) -> None:
        self._settings, self._language, self._copy = settings, language, copy

    @cached_property
    def _assistant(self) -> Assistant:
        use(self._language)
        settings = self._settings
        if is_shared(settings.store):  # whoever asks keeps it in step
            settings = replace(settings, store=SQLITE)
        return Assistant(settings, Library(_folder(settings.library, self._copy)))

    def about(self) -> tuple[str, str]:
        """Return the version of Beleg, and the state of the library, by which this worker answers."""
        return __version__, self._assistant.library.stamp

    def do(self, part: Part) -> list[tuple[str, Record]]:
        """Return the records of a part's questions, by id."""
        made = answers(part.questions, self._assistant, part.done)
        return [(question.id, made_record(question, answer, self._assistant)) for question, answer in made]


def answering_elsewhere(workers: Connected, assistant: Assistant, look: Callable[[], object]) -> ActorPool:
    """Return workers that answer from the library as it is now. Raises WorkersUnavailable."""
    library = assistant.library
    wanted = (__version__, library.stamp)
    copy = LibraryCopy(library.stamp, () if workers.here else (imported().put(_content(library.folder)),))
    pool = ActorPool(QuestionAnswerer, (workers.settings, interface_language(), copy), workers, look)
    if any(about != wanted for about in pool.ask_each()):
        pool.__exit__()
        raise WorkersUnavailable(
            gettext("A worker has another version of Beleg, or the library has just changed."),
            gettext("Install version {version} there, or ask again.").format(version=__version__),
        )
    return pool


def records(
    pool: ActorPool, questions: Sequence[Question], done: Collection[str], assistant: Assistant
) -> Iterator[tuple[Question, Record]]:
    """Yield each question that is not `done` with its record, as they are made."""
    known = {question.id: question for question in questions}
    for part, result in pool.spread_unordered(parts(questions, done)):
        for identity, record in _made(part, result, assistant):
            yield known[identity], record


def _made(part: Part, result: Callable[[], Any], assistant: Assistant) -> list[tuple[str, Record]]:
    try:
        made: list[tuple[str, Record]] = result()
    except WorkerDied:
        error = BelegError(gettext("The workers that answered it died."), gettext("Ask again by --only-failed."))
        left = [question for question in part.questions if question.id not in part.done]
        return [(question.id, _failed(question, error, assistant)) for question in left]
    return made


def _failed(question: Question, error: BelegError, assistant: Assistant) -> Record:
    settings = assistant.settings
    names = assistant.model, assistant.embedder.name, settings.mode, settings.care
    return failure(question.id, question.text, str(error), *names)


def parts(questions: Sequence[Question], done: Collection[str]) -> Iterator[Part]:
    """Yield parts of up to TOGETHER questions, in order; those that follow each other are in one, however many."""
    family: dict[str, list[Question]] = {}  # that a question is of, by its id
    for question in questions:
        mine = [question]
        for one in question.follows:
            if one in family and family[one] is not mine:
                mine = family[one] + mine
        family |= {member.id: mine for member in mine}
    families = {id(mine): mine for mine in family.values()}
    at_hand: list[Question] = []
    for mine in families.values():
        if all(question.id in done for question in mine):
            continue
        at_hand += mine
        if len(at_hand) >= TOGETHER:
            yield _part(at_hand, done)
            at_hand = []
    if at_hand:
        yield _part(at_hand, done)


def _part(questions: Sequence[Question], done: Collection[str]) -> Part:
    return Part(tuple(questions), tuple(question.id for question in questions if question.id in done))


def _content(folder: Path) -> bytes:
    """Return a library's file as it is at one moment. Raises WorkersUnavailable where it is too large to be sent."""
    if (size := (folder / FILE).stat().st_size) > _LARGEST:
        raise WorkersUnavailable(
            gettext("The library has {size:.0f} GB: too much to be sent to workers.").format(size=size / 1e9),
            gettext("Run the batch on one machine."),
        )
    with tempfile.TemporaryDirectory(prefix="beleg-") as place:
        target = Path(place) / FILE
        with (
            closing(sqlite3.connect((folder / FILE).as_uri() + "?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return target.read_bytes()


def _folder(here: Path, copy: LibraryCopy) -> Path:
    """Return the folder of the library on a worker: the same one, or one that the copy is written to."""
    if not copy.content:
        return here
    content: bytes = imported().get(copy.content[0])
    place = Path(tempfile.mkdtemp(prefix=f"beleg-{hashlib.sha256(copy.stamp.encode()).hexdigest()[:8]}-"))
    private_folder(place)
    (place / FILE).write_bytes(content)
    return place
