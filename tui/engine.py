"""What stands between the screen and `rag`: it loads, answers and indexes, in threads.

Every method that takes time is called from a thread worker and tells what happens through
`post`. The screen calls `stop`, `stop_indexing` and `quit`, which return at once. Heavy modules are
imported here, in the thread, so that the screen is painted before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.errors import BelegError, LibraryUnusable, NoLibrary
from rag.index.metadata_filter import ALL, Filter, chosen
from rag.localization import gettext
from rag.system import logs, long_work
from rag.system.cancellation import CancelToken, Stopped
from tui import pulling
from tui.indexing import check_paths, handing_on, question, run
from tui.library_watch import LibraryWatch, about
from tui.messages import (
    Counted,
    Ended,
    Found,
    IndexedOn,
    IndexEnded,
    Kept,
    LibraryGone,
    Loaded,
    LoadFailed,
    PreparedOn,
    Preparing,
    PullEnded,
    ReadOn,
    Removed,
    Searched,
    Wrote,
)
from tui.opening import bring_in_step, open_assistant
from tui.shelf import Shelf
from tui.suggesting import Suggesting
from tui.work import Quit, Work

if TYPE_CHECKING:
    from rag.answering.assistant import Answer, Assistant
    from rag.conversations.deleting import Deleted
    from rag.conversations.store import Conversations
    from rag.documents.document import Document
    from rag.index.library import Entry, Library
    from rag.index.report import Report
    from rag.models.catalogue import CatalogueModel
    from rag.models.embedder import Embedder
    from rag.settings import Settings

Post = Callable[[Message], Any]


class Engine:
    """The models and the library behind the chat. One question at a time; indexing may go on beside it."""

    def __init__(self, settings: Settings, open_: Callable[[Settings], Assistant] = open_assistant) -> None:
        self.settings = settings
        self.wanted: Filter = ALL  # which documents are asked, beside those that are chosen one by one
        self._wanted: Filter = ALL  # what held when the running question was sent: a limit that falls away is not its
        self.shelf = Shelf()
        self.deleted: list[Deleted] = []  # conversations that can be taken back, the last one last
        self.watch, self._open = LibraryWatch(settings.library), open_
        self._assistant: Assistant | None = None
        self._quitting = CancelToken()
        self._asking = CancelToken(self._quitting)
        self._indexing = CancelToken(self._quitting)
        self._pulling = CancelToken(self._quitting)
        # Two threads at once in a model, or one in a model that is freed, end the process.
        self._using = threading.Lock()
        self._work = Work(self._quitting)
        self._suggesting = Suggesting(self._work, self._quitting, self._using)

    # --- called by the screen ----------------------------------------------------------

    def begin(self) -> None:
        """The next question is about to be asked, and may be stopped from now on."""
        self._asking, self._wanted = CancelToken(self._quitting), self.wanted
        self._suggesting.stop()

    def stop(self) -> None:
        """Stop the running answer soon."""
        self._asking.cancel()

    def stop_indexing(self) -> None:
        """Stop indexing soon; the present document stays as it was."""
        self._indexing.cancel()

    def begin_pull(self) -> None:
        """A model is about to be pulled, and that may be stopped from now on."""
        self._pulling = CancelToken(self._quitting)

    def stop_pull(self) -> None:
        """Stop pulling soon; what is here of the model stays."""
        self._pulling.cancel()

    def quit(self) -> None:
        """Stop everything soon, loading too."""
        self._quitting.cancel()

    # --- called in threads -------------------------------------------------------------

    def load(self, settings: Settings, post: Post) -> None:
        """Count the library and load the models, in place of those there were. An empty library needs none.

        Where others than those before cannot be used, those before are loaded again.
        """
        before = self.settings if self._assistant is not None else settings
        self.settings = settings
        logs.listen(lambda text: post(Preparing(text)))
        long_work.listen(lambda step: post(PreparedOn(step)))
        self._suggesting.stop()
        try:
            self.close()
            self._work.until_quit(lambda: bring_in_step(settings))
            self.watch.start(post, self._quitting, self._using.locked)
            documents, *_ = counted = self.watch.count(post)
            post(Counted(*counted))
            pulling.offer(settings, post)
            if documents:
                self._suggesting.known(settings, post)
                if not (settings.cache / ("llms" if settings.mode == "compose" else "embedders")).is_dir():
                    post(Preparing())
                self._assistant = self._work.until_quit(lambda: self._open(settings))
                post(Loaded(self._assistant.model))
        except Quit:
            return
        except Exception as error:  # whatever a foreign model file brings about is shown, and the chat lives on
            if before == settings or self.watch.lost() or not self._load_again(before, post, told(error)):
                post((LibraryGone if self.watch.lost() else LoadFailed)(told(error)))

    def suggest(self, post: Post) -> None:
        """Find questions that the library can answer, while nothing is asked."""
        if self._assistant is not None:
            self._suggesting.run(self.settings, self._assistant, post)

    def _load_again(self, settings: Settings, post: Post, reason: str) -> bool:
        """Load the models that answered before; return whether they do."""
        try:
            self._assistant = self._work.until_quit(lambda: self._open(settings))
        except Quit:
            return True  # and nobody is told any more
        except Exception as error:  # what failed first is what the person did: that is told
            logs.logger("chat").warning("what was loaded before cannot be loaded again: %s", logs.Words(error))
            return False
        self.settings = settings
        post(Kept(reason, settings, self._assistant.model))
        return True

    def idle(self, seconds: float) -> bool:
        """Whether all work has ended, after waiting for it so long."""
        return self._work.idle(seconds)

    def ask(
        self, turn: int, question: str, documents: Sequence[str], earlier: Sequence[Answer], save: str, post: Post
    ) -> None:
        """Answer one question; what is finished is saved in the conversation `save`."""
        cancel = self._asking

        def work() -> Answer:
            with self._using:
                self.watch.check(post)
                return self._answer(turn, question, documents, earlier, post, cancel)

        try:
            cancel.check()
            answer = self._work.until_quit(work)
        except Quit:
            return
        except Stopped:
            post(Ended(turn))
            return
        except Exception as error:  # a failed turn is shown, and the next one can be asked
            post(Ended(turn, error=told(error)))
            return
        post(Ended(turn, answer, unsaved=self._save(save, answer)))

    def _answer(
        self,
        turn: int,
        question: str,
        documents: Sequence[str],
        earlier: Sequence[Answer],
        post: Post,
        cancel: CancelToken,
    ) -> Answer:
        from rag.answering import assistant as road

        if self._assistant is None:
            raise BelegError(gettext("The models are not loaded."), gettext("Wait, or see the status line."))
        joined = self.settings.mode == "compose"
        if self._wanted:  # looked up for each question: others may have been tagged, or have come, since
            documents = chosen(self.entries(), self._wanted).ids

        def reading(done: int, total: int) -> None:
            post(ReadOn(turn, done, total))

        for event in self._assistant.ask(question, documents, earlier, reading, cancel=cancel):
            if isinstance(event, road.Searching):
                post(Searched(turn, event.question))
            elif isinstance(event, road.Retrieved):
                post(Found(turn, len(event.passages)))
            elif isinstance(event, road.Writing):
                post(Wrote(turn, event.statements, joined))
            elif isinstance(event, road.Answered):
                return event.answer
        raise BelegError(gettext("The question was not answered."), gettext("Ask again."))

    def _save(self, conversation: str, answer: Answer) -> str:
        if lost := self.watch.lost():  # no file of conversations is made where somebody has deleted all there was
            return lost
        try:
            self.conversations().save(conversation, answer)
        except BelegError as error:
            return told(error)
        return ""

    def index(self, paths: Sequence[str] | None, post: Post, read_all: bool = False, anew: bool = False) -> None:
        """Index files and folders, or without any what has changed; documents that are done stay when it is stopped.

        A library that is gone is not made `anew` unless that is said.
        """
        cancel = self._indexing = CancelToken(self._quitting)
        first = not (self.settings.cache / "embedders").is_dir()
        post(IndexedOn(0, 0, gettext("preparing the model, once") if first else gettext("looking for files")))
        try:
            report = self._work.until_quit(lambda: self._index(paths, post, cancel, read_all, anew))
            post(IndexEnded(report, stopped=report is None))
        except Quit:
            return
        except Exception as error:  # whatever a foreign file brings about is told
            post(IndexEnded(None, told(error)))

    def _index(
        self, paths: Sequence[str] | None, post: Post, cancel: CancelToken, read_all: bool, anew: bool
    ) -> Report | None:
        check_paths(paths or (), self.entries)  # one that is wrong is told before a model is loaded or a library made
        try:
            embedder = self._embedder(cancel)
        except Stopped:
            return None
        if self.watch.missing() and not anew:
            raise LibraryUnusable(self.watch.lost(), gettext("Put it back, or add documents for a new one."))
        with self.watch.changing():
            return run(paths, self.settings, embedder, cancel, post, self.shelf, read_all=read_all)

    def many(self, paths: Sequence[str] | None) -> str:
        """Return what is to be asked before these are indexed, "" where they are few."""
        return self._work.until_quit(lambda: question(paths or ()))

    def look(self, line: str) -> list[str]:
        """Return the paths that a line names. Raises UsageError for the first that stands for nothing."""
        from rag.documents.shell_words import paths_in

        def look() -> list[str]:
            check_paths(paths := paths_in(line), self.entries)
            return paths

        return self._work.until_quit(look)

    def only_paths(self, line: str) -> list[str]:
        """Return the paths of a line that names nothing else; [] for a question."""
        from rag.documents.shell_words import only_paths_in

        return self._work.until_quit(lambda: only_paths_in(line))

    def _embedder(self, cancel: CancelToken) -> Embedder:
        from rag.models.bundled import load_embedder

        assistant = self._assistant
        return assistant.embedder if assistant is not None else load_embedder(self.settings, cancel)

    def pull(self, model: CatalogueModel, post: Post) -> None:
        """Bring an LLM here, and have the settings name it; what a stop leaves is gone on with another time."""
        stop = self._pulling
        try:
            post(self._work.until_quit(lambda: pulling.run(model, self.settings, stop, post), stop))
        except Quit:
            return
        except Stopped:
            post(PullEnded())
        except Exception as error:  # whatever a hub or a foreign file brings about is told
            post(PullEnded(error=told(error)))

    def entries(self) -> list[Entry]:
        """Return the library's documents; [] where there is no library. Raises LibraryUnusable."""
        from rag.index.library import Library

        with suppress(NoLibrary), Library(self.settings.library) as library:
            return library.entries()
        return []

    def document(self, identity: str) -> Document:
        """Return a document. Raises LibraryUnusable."""
        from rag.index.library import Library

        with Library(self.settings.library) as library:
            return library.document(identity)

    def conversations(self) -> Conversations:
        """Return the saved conversations."""
        from rag.conversations.store import Conversations

        return Conversations(self.settings.library)

    def remove(self, ids: Sequence[str], post: Post) -> None:
        """Remove documents from the library; another process that writes is waited for."""
        self._change(lambda library: self.shelf.remove(library, ids), post)

    def take_back(self, post: Post) -> None:
        """Put the document that was removed last into the library again."""
        self._change(lambda library: self.shelf.take_back(library, self._embedder(self._quitting)), post)

    def _change(self, act: Callable[[Library], str], post: Post) -> None:
        def change() -> str:
            with self.watch.changing(), handing_on(self.settings) as library:
                try:
                    return act(library)
                finally:
                    post(Counted(*library.count(), about(library)))

        try:
            post(Removed(self._work.until_quit(change)))
        except (Quit, Stopped):
            return
        except Exception as error:  # whatever a model brings about is told
            post(Removed(error=told(error)))

    def close(self) -> None:
        """Free the models, once nobody uses them."""
        with self._using:
            if self._assistant is not None:
                assistant, self._assistant = self._assistant, None
                assistant.close()
                assistant.library.close()


def told(error: Exception) -> str:
    """Return what a person is told of an error: what went wrong, and what to do if that is known."""
    if isinstance(error, BelegError):
        return str(error)
    return f"{logs.named(error)}. {logs.report(error)}"
