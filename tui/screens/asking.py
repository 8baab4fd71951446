"""Asking: questions become work for the engine, one after the other, and what it tells becomes their turns."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.screen import Screen

from rag.localization import gettext, ngettext
from rag.settings import manner
from rag.text.sanitize import one_line
from tui import messages, slash
from tui.engine import Engine
from tui.widgets.composer import Composer
from tui.widgets.conversation import Conversation
from tui.widgets.status import StatusLine
from tui.widgets.welcome import Welcome
from tui.work import Quit

if TYPE_CHECKING:
    from rag.models.catalogue import CatalogueModel
    from rag.settings import Settings
    from tui.widgets.turn import Turn

_MOST_EARLIER = 20  # answers that a follow-up may refer to


class AskingScreen(Screen[None]):
    """Loads the models, and asks what was typed. What is beside the conversation is for the chat to say."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        super().__init__()
        self.settings, self.engine = settings, engine
        self.limited: set[str] = set()  # ids of the documents that are asked; empty: all
        self.writer: CatalogueModel | None = None  # an LLM that is offered
        self.suggested: tuple[str, ...] = ()  # questions that the library can answer
        self.conversation = ""  # the id under which turns are saved
        self._waiting: deque[Turn] = deque()
        self._asking: Turn | None = None
        self._selected: Turn | None = None
        self._models_ready = self._models_loading = False
        self._failure = self._about = ""
        self._wanted: Settings | None = None  # to be loaded when the running answer has stopped
        self._reading, self._read = "", 0  # what is read, and how many tokens of it were

    async def select(self, turn: Turn) -> None:
        """Show the sources of a turn."""
        raise NotImplementedError

    def _work(self, work: partial[None], group: str) -> None:
        self.run_worker(work, thread=True, exit_on_error=False, group=group)

    def on_mount(self) -> None:
        self.set_interval(1, self._tell_waiting)

    # --- models -------------------------------------------------------------------------

    def load(self, settings: Settings) -> None:
        """Load the models that `settings` name; a running answer is stopped first."""
        if self._asking is not None or self._models_loading:
            self._wanted = settings
            self.engine.stop()
            return
        self.settings, self._wanted = settings, None
        self._models_ready, self._models_loading, self._failure = False, True, ""
        status = self.query_one(StatusLine)
        status.mode, status.model, status.failure = manner(settings.mode, settings.care), "", ""
        status.doing = gettext("loading the models")
        self._work(partial(self.engine.load, settings, self.post_message), "load")

    @on(messages.Counted)
    def _counted(self, event: messages.Counted) -> None:
        self.query_one(StatusLine).documents = (event.documents, event.chunks)
        self._about = event.about
        if self._models_ready or not event.documents:  # it was counted anew, so it has changed
            self.suggested = ()
        self.welcome()
        self.suggest()
        if event.documents:
            if not self._models_ready and not self._models_loading:
                self.load(self.settings)
        else:
            self._models_ready = self._models_loading = False
            if self._asking is None:
                self.query_one(StatusLine).doing = ""
        self.refresh_bindings()

    @on(messages.Offered)
    def _offered(self, event: messages.Offered) -> None:
        self.writer = event.writer
        self.welcome()

    def welcome(self) -> None:
        """Say how to begin, while nothing was asked."""
        empty = self.query_one(StatusLine).documents == (0, 0)
        for welcome in self.query(Welcome):
            welcome.show(
                self.settings.library, empty=empty, writer=self.writer, about=self._about, suggested=self.offered
            )

    @property
    def offered(self) -> tuple[str, ...]:
        """The questions that are suggested: none while but some documents are asked, which may not answer them."""
        return () if self.limited else self.suggested

    def suggest(self) -> None:
        """Look for questions that the library can answer, while the start screen is there and nothing else goes on."""
        idle = self._models_ready and self._asking is None and not self.query_one(StatusLine).indexing
        if idle and self.query(Welcome):
            self._work(partial(self.engine.suggest, self.post_message), "suggest")

    @on(messages.Suggested)
    def _suggested(self, event: messages.Suggested) -> None:
        self.suggested = event.questions
        self.welcome()

    @on(messages.IndexEnded)
    def _index_ended_here(self) -> None:
        self.call_after_refresh(self.suggest)  # once nothing is indexed any more

    @on(messages.Preparing)
    def _preparing(self, event: messages.Preparing) -> None:
        self.query_one(StatusLine).prepare(one_line(event.text), loading=self._models_loading)
        self._tell_waiting()

    @on(messages.PreparedOn)
    def _prepared_on(self, event: messages.PreparedOn) -> None:
        self.query_one(StatusLine).prepared_on(event.step)
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        for turn in self._waiting:
            turn.show_waiting(self._waits_for())

    @on(messages.Loaded)
    def _loaded(self, event: messages.Loaded) -> None:
        self._models_ready, self._models_loading = True, False
        status = self.query_one(StatusLine)
        status.model, status.doing = event.model, ""
        if self._wanted is not None:
            self.load(self._wanted)
        else:
            self._next()
            self.suggest()

    @on(messages.Kept)
    def _kept(self, event: messages.Kept) -> None:
        self.settings = event.settings
        self.query_one(StatusLine).mode = manner(event.settings.mode, event.settings.care)
        title = gettext("Everything is as it was")
        self.app.notify(one_line(event.reason), title=title, severity="error", markup=False, timeout=15)
        self._loaded(messages.Loaded(event.model))

    @on(messages.LoadFailed)
    async def _load_failed(self, event: messages.LoadFailed) -> None:
        self._models_ready, self._models_loading, self._failure = False, False, event.reason
        status = self.query_one(StatusLine)
        status.doing, status.failure = "", event.status
        if isinstance(event, messages.LibraryGone):
            status.documents = None
        title = gettext("Cannot answer yet")
        self.app.notify(one_line(event.reason), title=title, severity="error", markup=False, timeout=15)
        if self._wanted is not None:
            self.load(self._wanted)
            return
        while self._waiting:
            await self._waiting.popleft().end(None, event.reason, "")

    # --- asking -------------------------------------------------------------------------

    @on(messages.Asked)
    async def _asked(self, event: messages.Asked) -> None:
        from rag.documents.shell_words import begins_path
        from tui.several_questions import questions

        command = slash.parse(event.question)
        known = command is not None and command.known
        if not event.looked and not known and begins_path(event.question):
            self._work(partial(self._look_at, event.question), "look")
        elif command:
            self.post_message(messages.Commanded(command))
        else:
            for question in questions(event.question):
                await self.ask(question)

    def _look_at(self, line: str) -> None:
        with suppress(Quit):
            paths = self.engine.only_paths(line)
            self.post_message(messages.PathsTyped(line, paths) if paths else messages.Asked(line, looked=True))

    async def ask(self, question: str) -> None:
        """Ask a question; it waits until what is before it is done."""
        turn = await self._add(question)
        if isinstance(self.focused, Composer) or self.focused is None:
            await self.select(turn)  # the sources of what was asked before are not its own
        if self._failure:
            await turn.end(None, self._failure, "")
            return
        self._waiting.append(turn)
        self._next()
        if turn in self._waiting:
            turn.show_waiting(self._waits_for())

    def _waits_for(self) -> str:
        """Return what a question that waits is waiting for."""
        if self._models_ready or self._asking is not None:
            return gettext("waiting for the question before")
        if self._models_loading:
            return gettext("waiting: {what}").format(what=self.query_one(StatusLine).told_doing())
        return gettext("waiting for documents: ctrl+l adds some")

    async def _add(self, question: str) -> Turn:
        from rag.conversations.store import new_id

        await self.query(Welcome).remove()
        self.conversation = self.conversation or new_id()
        turn = await self.query_one(Conversation).add(question)
        self.query_one(Composer).remember([turn.question for turn in self.turns])
        return turn

    @property
    def turns(self) -> list[Turn]:
        """The turns on the screen, oldest first."""
        return self.query_one(Conversation).turns

    def _next(self) -> None:
        if self._asking is not None or not self._models_ready or not self._waiting:
            self.refresh_bindings()
            return
        turn = self._asking = self._waiting.popleft()
        answered = self.query_one(Conversation).answered(until=turn)
        turn.earlier = tuple(saved.answer for saved in answered)[-_MOST_EARLIER:]
        self.query_one(StatusLine).doing = gettext("searching")
        if self.limited and (there := self.query_one(StatusLine).documents):
            turn.show_limit(len(self.limited), there[0])
        asked = (turn.number, turn.question, sorted(self.limited), turn.earlier)
        self.engine.begin()
        self._work(partial(self.engine.ask, *asked, self.conversation, self.post_message), "ask")
        self.refresh_bindings()

    def _turn(self, number: int) -> Turn | None:
        return self.query_one(Conversation).turn(number)

    def _show_phase(self, number: int, phase: str) -> None:
        if turn := self._turn(number):
            turn.show_phase(phase)
        self.query_one(StatusLine).doing = phase

    @on(messages.Searched)
    def _searched(self, event: messages.Searched) -> None:
        if turn := self._turn(event.turn):
            turn.show_standalone(event.standalone)
        self._show_phase(event.turn, gettext("searching"))

    @on(messages.Found)
    def _found(self, event: messages.Found) -> None:
        reading = ngettext("reading {n} passage", "reading {n} passages", event.passages)
        self._reading, self._read = reading.format(n=event.passages), 0
        self._show_phase(event.turn, self._reading)

    @on(messages.ReadOn)
    def _read_on(self, event: messages.ReadOn) -> None:
        done, total = self._read + event.done, self._read + event.total
        tokens = gettext("{done} of {total} tokens") if event.done < event.total else gettext("{done} tokens")
        self._show_phase(event.turn, f"{self._reading} · {tokens.format(done=done, total=total)}")
        if event.done >= event.total:  # the next is told of from 0 again
            self._read += event.total

    @on(messages.Wrote)
    async def _wrote(self, event: messages.Wrote) -> None:
        self._show_phase(event.turn, gettext("writing"))
        if turn := self._turn(event.turn):
            await turn.write(event.statements, event.joined)

    @on(messages.Ended)
    async def _ended(self, event: messages.Ended) -> None:
        self._asking = None
        self.query_one(StatusLine).doing = ""
        if turn := self._turn(event.turn):
            await turn.end(event.answer, event.error, event.unsaved)
            if isinstance(self.focused, Composer) or self.focused is None:
                await self.select(turn)
        if self._wanted is not None:
            self.load(self._wanted)
        else:
            self._next()

    @property
    def stoppable(self) -> bool:
        """Whether an answer, a question that waits or a pull can be stopped."""
        pulling = any(line.pulling for line in self.query(StatusLine))
        return pulling or self._asking is not None or bool(self._waiting)

    def action_stop(self) -> None:
        """Stop the running answer, or take back a question that still waits."""
        if self._asking is not None:
            self.query_one(StatusLine).doing = gettext("stopping")
            self.engine.stop()
        elif self._waiting:
            self.call_later(self._waiting.pop().end, None, "", "")
        else:
            self.engine.stop_pull()
        self.refresh_bindings()

    @on(messages.AgainWanted)
    async def _again_wanted(self, event: messages.AgainWanted) -> None:
        await self._again(self._turn(event.turn))

    async def action_again(self) -> None:
        last = self.turns[-1] if self.turns else None
        told = last is not None and last.state in ("failed", "stopped") and self.focused is not self._selected
        await self._again(last if told else self._selected or last)

    async def _again(self, turn: Turn | None) -> None:
        if turn is not None and (turn is self._asking or turn in self._waiting):
            return
        if self._failure:
            self.load(self.settings)
        if turn is None:
            return
        if turn.answer is None:
            if self._selected is turn:
                self._selected = None
            await self.query_one(Conversation).drop(turn)
        await self.ask(turn.question)
