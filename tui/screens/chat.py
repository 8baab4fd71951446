"""The chat: what the person does, and what stands beside the conversation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from rag.errors import BelegError
from rag.localization import gettext, ngettext, number
from rag.settings import manner
from rag.text.sanitize import one_line
from tui import messages, preferences
from tui.screens.asking import AskingScreen
from tui.slash import UNKNOWN, Command
from tui.terminal import TerminalApp, size_classes
from tui.widgets.composer import TOO_LONG, Composer
from tui.widgets.conversation import MOST_SHOWN, Conversation
from tui.widgets.screen_footer import KeyFooter
from tui.widgets.source import Sources
from tui.widgets.status import StatusLine
from tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.conversations.store import Conversation as Saved
    from rag.settings import Settings
    from tui.engine import Engine
    from tui.widgets.turn import Turn


_AT_ONCE = 0.7  # seconds from a digit to the key after it, where both are typed; who looks at a source takes longer


class ChatScreen(AskingScreen):
    """Conversation, sources, composer, status."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="stop", key_display="esc"),
        Binding("escape", "leave", "Clear the question; to the answer, and back", id="leave", show=False),
        Binding("ctrl+r", "again", "Ask again", id="ask-again"),
        Binding("f9,alt+c", "context", "Context", id="context", key_display="f9"),
        Binding("alt+1,1", "source(1)", "Source 1 …", id="source-1", show=False),  # the help shows this one
        *(Binding(f"alt+{n},{n}", f"source({n})", f"Source {n}", id=f"source-{n}", show=False) for n in range(2, 10)),
        Binding("ctrl+z", "app.suspend_process", "To the shell (fg comes back)", id="suspend", show=False),
        Binding("ctrl+t", "app.seeds", "Try the seed articles", id="seeds"),
    ]

    def __init__(self, settings: Settings, engine: Engine) -> None:
        super().__init__(settings, engine)
        self._composer: Composer | None = None  # by which what is typed is known when the screen is gone
        self._deleted = ""  # the conversation that was on the screen when it was deleted
        self._digits, self._digit_at = "", -_AT_ONCE  # what opened sources one after the other, and when

    def compose(self) -> ComposeResult:
        self.add_class(*size_classes(self), update=False)  # the first paint is not made twice
        with Container(id="panes"):
            yield Conversation(Welcome())
            yield Sources()
        self._composer = Composer()
        yield self._composer
        yield StatusLine()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Sources).display = False
        self.query_one(StatusLine).mode = manner(self.settings.mode, self.settings.care)
        self.query_one(Composer).focus()
        self.query_one(Composer).insert(preferences.draft(self.settings.state, self.settings.library))
        self.call_after_refresh(self.load, self.settings)

    def on_unmount(self) -> None:
        if self._composer is not None:
            preferences.keep_draft(self.settings.state, self.settings.library, self._composer.text.strip())

    # --- typing -------------------------------------------------------------------------

    def before_typing(self, event: events.Key | events.Paste) -> None:
        """Let what is typed go to the question, wherever the focus is; the numbers of sources open them beside it."""
        composer = self.query_one(Composer)
        if self.focused is composer:
            return
        if isinstance(event, events.Key):
            begun = event.time - self._digit_at < _AT_ONCE
            if not event.is_printable or (event.key == "space" and not begun) or event.key.startswith("alt+"):
                return
            count = len(self.query_one(Sources).quotes) if self.focused is not None else 0
            if event.key in tuple("123456789"[:count]):
                self._digits = f"{self._digits if event.time - self._digit_at < _AT_ONCE else ''}{event.key}"
                self._digit_at = event.time
                return
            if event.time - self._digit_at < _AT_ONCE:  # it was no look at a source, but "2004 was …"
                composer.insert(self._digits)
                self._digit_at = -_AT_ONCE
        self.set_focus(composer)

    @on(Composer.Typed)
    def _typed(self, event: Composer.Typed) -> None:
        over = ""
        if event.characters > event.most:
            over = gettext("{n} of {most} characters: shorten it to ask")
            over = over.format(n=number(event.characters), most=number(event.most))
        elif isinstance(self.app, TerminalApp):
            self.app.untell(TOO_LONG)
        self.query_one(StatusLine).too_long = over

    @on(events.ScreenSuspend)
    def _left_for_another(self) -> None:
        """Take away what was said of the line that was typed here."""
        if isinstance(self.app, TerminalApp):
            self.app.untell(UNKNOWN)
            self.app.untell(TOO_LONG)

    @on(messages.PathsTyped)
    def _paths_typed(self, event: messages.PathsTyped) -> None:
        """Ask whether files that were dropped here are to be added; who does not want that has the line again."""
        from tui.screens.path import ConfirmScreen

        def answered(yes: bool | None) -> None:
            composer = self.query_one(Composer)
            if yes:
                self.post_message(messages.Commanded(Command("add", event.line)))
            elif not composer.text:
                composer.insert(event.line)

        named = one_line(", ".join(event.paths), 200)
        question = ngettext("Add {paths} to the documents?", "Add these to the documents: {paths}?", len(event.paths))
        self.app.push_screen(ConfirmScreen(question.format(paths=named), yes=gettext("Add")), answered)

    @on(messages.AnswerWanted)
    def _answer_wanted(self) -> None:
        if turn := self._selected or (self.turns[-1] if self.turns else None):
            turn.focus()

    def action_page(self, by: int) -> None:
        conversation = self.query_one(Conversation)
        conversation.scroll_relative(y=by * max(1, conversation.size.height - 2), animate=False)

    def action_leave(self) -> None:
        """Clear the question; without one, go to the selected answer, and back from anywhere."""
        composer = self.query_one(Composer)
        if self.focused is not composer:
            composer.focus()
        elif composer.text:
            composer.clear()
        elif self._selected is not None:
            self._selected.focus()

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
        self.action_source(event.n)

    def action_source(self, n: int) -> None:
        """Open a source; opened again, its document. Who types goes on typing. On the start screen: ask question n."""
        if self.query(Welcome):
            if n <= len(self.offered):
                self.call_later(self.ask, self.offered[n - 1])
            return
        card = self.query_one(Sources).card(n)
        typing = isinstance(self.focused, Composer)
        if card is not None and card.has_class("open") and (typing or card is self.focused):
            card.action_show()
        elif card is not None:
            card.open(focus=not typing)

    @on(messages.SourceOpened)
    def _source_opened(self, event: messages.SourceOpened) -> None:
        from tui.screens.document import DocumentScreen

        sources = self.query_one(Sources)
        n = sources.opened if event.n is None else event.n
        if self.app.screen is self and 1 <= n <= len(sources.quotes):  # Enter twice opens one document
            quote = sources.quotes[n - 1]
            self.app.push_screen(DocumentScreen(quote.document, sources.quotes, n - 1, evidence=sources.evidence))

    def action_context(self) -> None:
        from tui.screens.context import ContextScreen

        if self.answer is not None:
            self.app.push_screen(ContextScreen(self.answer))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        can = {"context": self.answer is not None, "stop": self.stoppable, "again": bool(self.turns or self._failure)}
        return can.get(action, True)

    # --- conversations ------------------------------------------------------------------

    async def begin(self, saved: Saved | None = None) -> None:
        """Begin a new conversation, or go on with one that was saved. Must run in this screen's own task."""
        if self._asking is not None:
            self.engine.stop()
        self._waiting.clear()
        self._selected, self.conversation = None, ""
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
        self.suggest()
        self.query_one(Composer).focus()
        self.refresh_bindings()

    def conversation_deleted(self, identity: str) -> None:
        """Begin anew where it is the one that is open: what stays on the screen would be taken for saved."""
        if identity == self.conversation:
            self._deleted = identity
            self.call_later(self.begin)

    def conversation_restored(self, identity: str) -> None:
        """Show the conversation again that was deleted while it was open, unless another one has begun."""
        if identity != self._deleted or self.conversation:
            return
        with suppress(BelegError):  # it is in the list again, and opened there it says why it cannot be shown
            self.call_later(self.begin, self.engine.conversations().open(identity))
