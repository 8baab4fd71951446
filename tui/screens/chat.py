"""The chat: it turns what the person does into work for the engine, and what that tells into widgets."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer

from rag.settings import manner
from rag.text.sanitize import one_line
from tui import messages
from tui.engine import Engine
from tui.screens.context import ContextScreen
from tui.screens.document import DocumentScreen
from tui.widgets.composer import Composer
from tui.widgets.conversation import MOST_SHOWN, Conversation
from tui.widgets.source import Sources
from tui.widgets.status import StatusLine
from tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.conversations.store import Conversation as Saved
    from rag.models.catalogue import CatalogueModel
    from rag.settings import Settings
    from tui.widgets.turn import Turn

_MOST_EARLIER = 20  # answers that a follow-up may refer to


class ChatScreen(Screen[None]):
    """Conversation, sources, composer, status."""

    HELP = "# Beleg\nAsk, then press the number of a source to see the exact words."
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="stop", key_display="esc"),
        Binding("escape", "leave", "To the answers and back", id="leave", show=False),
        Binding("ctrl+r", "again", "Ask again", id="ask-again"),
        Binding("c", "context", "Context", id="context"),
        *(Binding(str(n), f"source({n})", f"Source {n}", id=f"source-{n}", show=False) for n in range(1, 10)),
        Binding("ctrl+t", "app.seeds", "Try the seed articles", id="seeds"),
    ]

    def __init__(self, settings: Settings, engine: Engine) -> None:
        super().__init__()
        self.settings, self.engine = settings, engine
        self.limited: set[str] = set()  # ids of the documents that are asked; empty: all
        self.writer: CatalogueModel | None = None  # an LLM that is offered
        self.conversation = ""  # the id under which turns are saved
        self._waiting: deque[Turn] = deque()
        self._asking: Turn | None = None
        self._selected: Turn | None = None
        self._models_ready = self._models_loading = False
        self._failure = ""
        self._wanted: Settings | None = None  # to be loaded when the running answer has stopped
        self._reading, self._read = "", 0  # what is read, and how many tokens of it were

    def compose(self) -> ComposeResult:
        with Container(id="panes"):
            yield Conversation(Welcome())
            yield Sources()
        yield Composer()
        yield StatusLine()
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Sources).display = False
        self.query_one(StatusLine).mode = manner(self.settings.mode, self.settings.care)
        self.query_one(Composer).focus()
        self.call_after_refresh(self.load, self.settings)

    def _work(self, work: partial[None], group: str) -> None:
        self.run_worker(work, thread=True, exit_on_error=False, group=group)

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
        status.doing = "loading the models"
        self._work(partial(self.engine.load, settings, self.post_message), "load")

    @on(messages.Counted)
    def _counted(self, event: messages.Counted) -> None:
        self.query_one(StatusLine).documents = (event.documents, event.chunks)
        self.welcome()
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
            welcome.show(self.settings.library, empty=empty, writer=self.writer)

    @on(messages.Preparing)
    def _preparing(self, event: messages.Preparing) -> None:
        self.query_one(StatusLine).prepare(one_line(event.text), loading=self._models_loading)

    @on(messages.Loaded)
    def _loaded(self, event: messages.Loaded) -> None:
        self._models_ready, self._models_loading = True, False
        status = self.query_one(StatusLine)
        status.model, status.doing = event.model, ""
        if self._wanted is not None:
            self.load(self._wanted)
        else:
            self._next()

    @on(messages.LoadFailed)
    async def _load_failed(self, event: messages.LoadFailed) -> None:
        self._models_ready, self._models_loading, self._failure = False, False, event.reason
        status = self.query_one(StatusLine)
        status.doing, status.failure = "", event.status
        if isinstance(event, messages.LibraryGone):
            status.documents = None
        self.app.notify(one_line(event.reason), title="Cannot answer yet", severity="error", markup=False, timeout=15)
        if self._wanted is not None:
            self.load(self._wanted)
            return
        while self._waiting:
            await self._waiting.popleft().end(None, event.reason, "")

    # --- asking -------------------------------------------------------------------------

    @on(messages.Asked)
    async def _asked(self, event: messages.Asked) -> None:
        await self.ask(event.question)

    async def ask(self, question: str) -> None:
        """Ask a question; it waits until what is before it is done."""
        turn = await self._add(question)
        if self._failure:
            await turn.end(None, self._failure, "")
            return
        if not self._models_ready and not self._models_loading:
            turn.show_phase("waiting for documents: ctrl+l adds some")
        self._waiting.append(turn)
        self._next()

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
        self.query_one(StatusLine).doing = "searching"
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
        self._show_phase(event.turn, "searching")

    @on(messages.Found)
    def _found(self, event: messages.Found) -> None:
        self._reading, self._read = f"reading {event.passages} passages", 0
        self._show_phase(event.turn, self._reading)

    @on(messages.ReadOn)
    def _read_on(self, event: messages.ReadOn) -> None:
        share = f" of {self._read + event.total}" if event.done < event.total else ""
        self._show_phase(event.turn, f"{self._reading} · {self._read + event.done}{share} tokens")
        if event.done >= event.total:  # the next is told of from 0 again
            self._read += event.total

    @on(messages.Wrote)
    async def _wrote(self, event: messages.Wrote) -> None:
        self._show_phase(event.turn, "writing")
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

    def action_stop(self) -> None:
        """Stop the running answer, or take back a question that still waits."""
        if self._asking is not None:
            self.query_one(StatusLine).doing = "stopping"
            self.engine.stop()
        elif self._waiting:
            self.call_later(self._waiting.pop().end, None, "", "")
        else:
            self.engine.stop_pull()
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Go from the question to the selected answer, and back from anywhere."""
        if not isinstance(self.focused, Composer):
            self.query_one(Composer).focus()
        elif self._selected is not None:
            self._selected.focus()

    async def action_again(self) -> None:
        turn = self._selected or (self.turns[-1] if self.turns else None)
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

    # --- evidence -----------------------------------------------------------------------

    @on(messages.TurnSelected)
    async def _turn_selected(self, event: messages.TurnSelected) -> None:
        if turn := self._turn(event.turn):
            await self.select(turn)

    async def select(self, turn: Turn) -> None:
        """Show the sources of a turn."""
        for other in self.turns:
            other.set_class(other is turn, "selected")
        self._selected = turn
        sources = self.query_one(Sources)
        await sources.show(turn.answer)
        self.query_one(Composer).sources = len(sources.quotes)
        self.refresh_bindings()

    @property
    def answer(self) -> Answer | None:
        """The answer of the selected turn, which may have none; without one, the last there is."""
        if self._selected is not None:
            return self._selected.answer
        return next((turn.answer for turn in reversed(self.turns) if turn.answer is not None), None)

    @on(messages.SourceWanted)
    async def _source_wanted(self, event: messages.SourceWanted) -> None:
        if event.turn is not None and (turn := self._turn(event.turn)):
            await self.select(turn)
        self.action_source(event.n, event.typing)

    def action_source(self, n: int, typing: bool = False) -> None:
        card = self.query_one(Sources).card(n)
        if card is not None and card.has_class("open") and (typing or card is self.focused):
            card.action_show()
        elif card is not None:
            card.open(focus=not typing)

    @on(messages.SourceOpened)
    def _source_opened(self, event: messages.SourceOpened) -> None:
        sources = self.query_one(Sources)
        n = sources.opened if event.n is None else event.n
        if self.app.screen is self and 1 <= n <= len(sources.quotes):  # Enter twice opens one document
            quote = sources.quotes[n - 1]
            self.app.push_screen(DocumentScreen(quote.document, sources.quotes, n - 1, evidence=sources.evidence))

    def action_context(self) -> None:
        if self.answer is not None:
            self.app.push_screen(ContextScreen(self.answer))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        pulling = any(line.pulling for line in self.query(StatusLine))
        stoppable = pulling or self._asking is not None or bool(self._waiting)
        can = {"context": self.answer is not None, "stop": stoppable, "again": bool(self.turns or self._failure)}
        return can.get(action, True)

    # --- conversations ------------------------------------------------------------------

    async def begin(self, saved: Saved | None = None) -> None:
        """Begin a new conversation, or go on with one that was saved. Must run in this screen's own task."""
        if self._asking is not None:
            self.engine.stop()
        self._waiting.clear()
        self._selected, self.conversation = None, ""
        self.query_one(Composer).sources = 0
        await self.query_one(Conversation).clear(
            None if saved else Welcome(), saved.turns[:-MOST_SHOWN] if saved else ()
        )
        await self.query_one(Sources).show(None)
        if saved is not None:
            self.conversation = saved.id
            for old in saved.turns[-MOST_SHOWN:]:
                turn = await self._add(old.answer.question)
                await turn.restore(old.answer, old.when)
            await self.select(self.turns[-1])
        self.welcome()
        self.query_one(Composer).focus()
