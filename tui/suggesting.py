"""The questions of the start screen: found while nothing is asked, and kept until the library is another.

What is kept holds words of documents, so it is its owner's alone, a file for each library, and never read as more than
lines to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.errors import BelegError
from rag.localization import interface_language
from rag.system import logs
from rag.system.atomic_write import write_private
from rag.system.cancellation import CancelToken, Stopped
from rag.system.private_files import private_folder
from rag.text.sanitize import one_line
from tui.messages import Suggested
from tui.work import Quit, Work

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.settings import Settings

Post = Callable[[Message], Any]
_MADE_BY = 2  # raised when questions are made or chosen otherwise, so that those that are kept are found anew
_MOST, _LONGEST = 3, 200  # questions; characters of one
_LARGEST = 10_000  # bytes of a file


class Suggesting:
    """Finds the questions in the background; what a person asks goes first."""

    def __init__(self, work: Work, quitting: CancelToken, alone: AbstractContextManager[object]) -> None:
        self._work, self._quitting, self._alone = work, quitting, alone
        self._cancel = CancelToken(quitting)

    def stop(self) -> None:
        """Stop soon; the one that is tried just now ends."""
        self._cancel.cancel()

    def known(self, settings: Settings, post: Post) -> None:
        """Tell what was found before for the library as it is, if it was."""
        with suppress(BelegError):
            if (questions := suggested(settings)) is not None:
                post(Suggested(questions))

    def run(self, settings: Settings, assistant: Assistant, post: Post) -> None:
        """Find them, and tell which; nothing where that is stopped or fails."""
        self.stop()
        cancel = self._cancel = CancelToken(self._quitting)
        try:
            post(Suggested(self._work.until_quit(lambda: find(settings, assistant, self._alone, cancel), cancel)))
        except (Quit, Stopped):
            return
        except Exception as error:  # whatever a document brings about: the chat lives on without
            logs.logger("chat").warning("no questions are suggested: %s", logs.Words(error))


def suggested(settings: Settings) -> tuple[str, ...] | None:
    """Return what was found for the library as it is now; None where it was not tried. Raises BelegError."""
    return _kept(_file(settings), _stamp(settings))


def find(
    settings: Settings, assistant: Assistant, alone: AbstractContextManager[object], cancel: CancelToken
) -> tuple[str, ...]:
    """Return questions that the library answers, found now if they never were, and keep them.

    Each is tried while `alone` is held. Raises BelegError, or Stopped soon after `cancel` is cancelled.
    """
    stamp = _stamp(settings)
    if (known := _kept(_file(settings), stamp)) is not None:
        return known
    from rag.answering.suggested_questions import suggested_questions

    found = suggested_questions(assistant, alone, cancel)
    if stamp == _stamp(settings):
        _keep(_file(settings), stamp, found)
    return found


def _stamp(settings: Settings) -> str:
    """Name what the questions depend on: the library's content, and what chooses the quotes."""
    from rag.index.library import Library

    with Library(settings.library) as library:
        return f"{_MADE_BY} {library.stamp} {settings.reader or ''} {settings.care} {interface_language()}"


def _file(settings: Settings) -> Path:
    import hashlib

    name = hashlib.sha256(str(settings.library.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return settings.state / "suggested" / f"{name}.json"


def _kept(file: Path, stamp: str) -> tuple[str, ...] | None:
    import json

    try:
        with file.open("rb") as stream:
            kept = json.loads(stream.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    questions = kept.get("questions") if isinstance(kept, dict) and kept.get("stamp") == stamp else None
    if not isinstance(questions, list) or not all(isinstance(each, str) for each in questions):
        return None
    lines = [one_line(each, _LONGEST) for each in questions[:_MOST]]
    return tuple(line for line in lines if line)


def _keep(file: Path, stamp: str, questions: Sequence[str]) -> None:
    """Keep them; where that is not possible, they are found anew the next time."""
    import json

    with suppress(OSError):
        private_folder(file.parent)
        write_private(file, json.dumps({"stamp": stamp, "questions": list(questions)}).encode())
