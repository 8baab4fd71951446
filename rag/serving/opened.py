"""The library and its models as one thread holds them; opened anew where another library lies there now."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cachetools import LRUCache

from rag.answering.assistant import Answer, Assistant
from rag.index.library import FILE, Library
from rag.index.stores import open_in_step
from rag.settings import Settings
from rag.system import logs

_MOST_REMEMBERED = 128  # answers that a follow-up may need


class Opened:
    """What answers. For one thread, the one that it is made in.

    `answers` are those given last, by the state of the library, the documents and the questions that led to them: the
    conversations of clients that send all of their questions each time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.answers: LRUCache[tuple[object, ...], Answer] = LRUCache(_MOST_REMEMBERED)
        self._file = settings.library / FILE
        self._identity: tuple[int, int] | None = None
        self._assistant: Assistant | None = None

    @property
    def assistant(self) -> Assistant:
        """The assistant over the library that is there now. Raises LibraryUnusable or ModelUnavailable.

        SQLite goes on reading a file that was deleted: so it is looked at before every question.
        """
        now = _identity(self._file)
        if self._assistant is not None and now == self._identity:
            return self._assistant
        self.close()
        self._identity = now
        library = open_in_step(self.settings)
        if library.notice:
            logs.notice(library.notice)
        try:
            self._assistant = _loaded(self.settings, library)
        except BaseException:
            library.close()
            raise
        return self._assistant

    def close(self) -> None:
        """Free the models and leave the library."""
        self.answers.clear()
        if self._assistant is not None:
            assistant, self._assistant = self._assistant, None
            assistant.close()
            assistant.library.close()


def _loaded(settings: Settings, library: Library) -> Assistant:
    assistant = Assistant(settings, library)
    try:
        _ = assistant.model  # an LLM that cannot be loaded is told now
    except BaseException:
        assistant.close()
        raise
    return assistant


def _identity(file: Path) -> tuple[int, int] | None:
    """Return which file lies there; None where none does."""
    with suppress(OSError):
        found = file.stat()
        return found.st_dev, found.st_ino
    return None
