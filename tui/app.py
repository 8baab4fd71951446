"""The application: what is open, what the keys and the palette can do anywhere, what is kept between runs.

Answering is the chat screen's; what is asked for from more than one screen is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from rag.errors import BelegError
from rag.index.metadata_filter import ALL, Filter, chosen
from rag.localization import gettext, pgettext
from tui import commands, messages, preferences, saving
from tui.commands import ChatCommands, ConversationCommands, DocumentCommands
from tui.engine import Engine, told
from tui.indexing import begin
from tui.opening import open_assistant
from tui.screens.chat import ChatScreen
from tui.seed_articles import seeds
from tui.terminal import TerminalApp
from tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.conversations.store import Conversation as Saved
    from rag.index.library import Entry
    from rag.settings import Settings
    from tui.screens.documents import DocumentsScreen


class BelegApp(TerminalApp):
    """The chat over one library."""

    TITLE = "Beleg"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        *TerminalApp.COMMANDS,
        ChatCommands,
        ConversationCommands,
        DocumentCommands,
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "documents", "Documents", id="documents"),
        Binding("ctrl+o", "conversations", "Conversations", id="conversations"),
        Binding("ctrl+n", "new", "New conversation", id="new-conversation", show=False),
        Binding("ctrl+s", "export", "Save conversation", id="export", show=False),
        Binding("ctrl+y", "copy(False)", "Copy answer", id="copy", show=False),
        Binding("alt+y", "copy(True)", "Copy with sources", id="copy-with-sources", show=False),
        Binding("ctrl+t", "seeds", "Try the seed articles", id="seeds"),
        Binding("ctrl+g", "writer", "Pull an LLM that writes", id="writer", show=False),
        Binding("f1", "help", "Help", id="help"),
        Binding("ctrl+q", "quit", "Quit", id="quit", show=False, priority=True),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        open_: Callable[[Settings], Assistant] = open_assistant,
        go_on: bool = False,
        wanted: Filter = ALL,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.engine = Engine(settings, open_)
        self.chat = ChatScreen(settings, self.engine)
        self._go_on, self._first_wanted = go_on, wanted
        self._progress: messages.IndexedOn | None = None  # of indexing, while it runs
        self.animation_level = self.animation_level if settings.animation else "none"
        if (theme := preferences.theme(settings.state)) in self.available_themes:
            self.theme = theme

    def get_default_screen(self) -> Screen[Any]:
        return self.chat

    def on_mount(self) -> None:
        self.set_keymap(self._keys())
        self.theme_changed_signal.subscribe(self, lambda theme: preferences.keep_theme(self.settings.state, theme.name))
        if self._go_on:
            self.call_after_refresh(self._open_latest)
        if self._first_wanted:
            self.call_after_refresh(self.choose, self._first_wanted)

    def _keys(self) -> dict[str, str]:
        """Return the keys that are others than the code says: in this language, and for this person."""
        answers = {"yes": pgettext("keys that say yes", "y"), "no": "n,escape"}  # both, so that they stay in order
        return answers | self.settings.keys

    def before_typing(self, event: events.Key | events.Paste) -> None:
        if self.screen is self.chat:
            self.chat.before_typing(event)
        elif len(self.screen_stack) > 1:
            self._on_documents(lambda screen: screen.before_typing(event) if screen is self.screen else None)

    def stop_working(self) -> bool:
        if self.chat.stoppable:
            self.chat.action_stop()
        elif self.chat.query_one(StatusLine).indexing:
            self.engine.stop_indexing()
        else:
            return False
        return True

    def quit_engine(self) -> None:
        self.engine.quit()

    @on(messages.Noticed)
    def _noticed(self, event: messages.Noticed) -> None:
        self.tell(event.notice)

    def action_leave(self) -> None:
        self.call_later(self.action_quit)

    @on(messages.Commanded)
    def _commanded(self, event: messages.Commanded) -> None:
        commands.run(self, self.tell, event.command)

    def action_help(self) -> None:
        from tui.keys import places
        from tui.screens.help import HelpScreen

        here = [node for node in (self.focused or self.screen).ancestors_with_self if node is not self]
        self.push_screen(HelpScreen(places(type(self), here), self._keys()))

    # --- documents ----------------------------------------------------------------------

    def action_documents(self) -> None:
        from tui.screens.documents import DocumentsScreen, Librarian

        if not isinstance(self.screen, DocumentsScreen):
            self._limit_anew({})  # another program may have changed the library
            engine, open_, limit = self.engine, self.open_document, self.limit
            read = (engine.shelf, self.entries, open_, engine.look, self.index, engine.stop_indexing)
            take_back = partial(self._work, partial(engine.take_back, self.chat.post_message), "remove")
            librarian = Librarian(*read, self._remove, take_back, limit, self.action_choose)
            self.push_screen(DocumentsScreen(librarian, self.chat.limited, str(self.engine.wanted), self._progress))

    def action_add(self) -> None:
        """Ask what is to be added, over the list of what there is."""
        self.action_documents()
        self.call_after_refresh(self._on_documents, lambda screen: screen.action_add())

    def entries(self) -> list[Entry]:
        """Return the documents; where the library cannot be read, say so and return none."""
        try:
            return self.engine.entries()
        except BelegError as error:
            self.tell(told(error), bad=True)
            return []

    def open_document(self, identity: str) -> None:
        """Show a document from its beginning."""
        from tui.screens.document import DocumentScreen

        try:
            self.push_screen(DocumentScreen(self.engine.document(identity)))
        except BelegError as error:
            self.tell(told(error), bad=True)

    def limit(self, identities: set[str], wanted: Filter = ALL) -> None:
        """Ask only these documents from now on, which are those `wanted` if anything is; all, where there are none."""
        self.engine.wanted = wanted
        self.chat.limited = set(identities)
        status = self.chat.query_one(StatusLine)
        status.limited, status.limited_by = len(identities), str(wanted)
        self.chat.welcome()  # which offers questions of all documents

    def action_choose(self) -> None:
        """Ask by which tags and dates questions are to be limited."""
        from tui.screens.limit import LimitScreen

        def given(wanted: Filter | None) -> None:
            if wanted is not None:
                self.choose(wanted)

        self.push_screen(LimitScreen(self.entries(), self.engine.wanted), given)

    def choose(self, wanted: Filter) -> None:
        """Ask only documents of these tags and dates from now on; tell where there are none."""
        try:
            choice = chosen(self.engine.entries(), wanted)
        except BelegError as error:
            self.tell(told(error), bad=True)
            return
        self._mark(set(choice.ids) if wanted else set(), wanted)
        self._on_documents(lambda screen: screen.reload())

    def _mark(self, identities: set[str], wanted: Filter) -> None:
        self.limit(identities, wanted)
        self._on_documents(lambda screen: screen.mark_only(identities, str(wanted)))

    def _limit_anew(self, ids: Mapping[str, str]) -> None:
        """Keep the limit to the documents that are there, whose `ids` may be others now; tell where one has left."""
        if not self.chat.limited:
            return
        from tui.screens.limit import renewed

        try:
            entries = self.engine.entries()
        except BelegError as error:
            self.tell(told(error), bad=True)
            return
        limited, wanted, note = renewed(entries, self.engine.wanted, self.chat.limited, ids)
        if note:
            self.tell(note)
        self._mark(limited, wanted)

    def index(self, paths: list[str] | None, read_all: bool = False, anew: bool = False, sure: bool = False) -> None:
        """Index files and folders, or without any what has changed, in a thread, one run at a time."""
        if commands.hindered(self, self.tell, paths, anew, lambda: self.index(paths, read_all, anew=True)):
            return
        self.chat.query_one(StatusLine).indexing = gettext("indexing")
        post = self.chat.post_message
        work = partial(self.engine.index, paths, post, read_all, anew)
        many, again = partial(self.engine.many, paths), partial(self.index, paths, read_all, anew, sure=True)
        self._work(work if sure else partial(begin, work, many, again, post), "index")

    @on(messages.ManyFound)
    def _many_found(self, event: messages.ManyFound) -> None:
        from tui.screens.path import ConfirmScreen

        self.chat.query_one(StatusLine).indexing, self._progress = "", None
        self._on_documents(lambda screen: screen.end_progress(""))
        self.push_screen(ConfirmScreen(event.question), lambda yes: event.go_on() if yes else None)

    def _work(self, work: partial[None], group: str) -> None:
        self.run_worker(work, thread=True, exit_on_error=False, group=group)

    def action_seeds(self) -> None:
        if folder := seeds():
            self.index([str(folder)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "seeds":
            status = self.chat.query(StatusLine)
            return bool(status) and status.first().documents == (0, 0) and not status.first().indexing
        if action == "writer":
            return self.chat.writer is not None and bool(self.chat.query("#welcome"))
        if action == "copy":
            return self.chat.is_attached and isinstance(self.screen, ChatScreen) and self.chat.answer is not None
        return True

    def _remove(self, identities: list[str]) -> None:
        self._work(partial(self.engine.remove, identities, self.chat.post_message), "remove")

    @on(messages.Removed)
    @on(messages.CountedAnew)
    def _removed(self, event: messages.Removed | messages.CountedAnew) -> None:
        if isinstance(event, messages.Removed) and event.error:
            self.tell(event.error, bad=True)
        self._limit_anew({})
        note = event.note if isinstance(event, messages.Removed) else ""
        self._on_documents(lambda screen: screen.reload(note))

    def _on_documents(self, act: Callable[[DocumentsScreen], None]) -> None:
        from tui.screens.documents import DocumentsScreen

        for screen in self.screen_stack:
            if isinstance(screen, DocumentsScreen):
                act(screen)

    @on(messages.IndexedOn)
    def _indexed_on(self, event: messages.IndexedOn) -> None:
        self.chat.query_one(StatusLine).indexing = event.told
        self._progress = event
        self._on_documents(lambda screen: screen.show_progress(event))

    @on(messages.IndexEnded)
    def _index_ended(self, event: messages.IndexEnded) -> None:
        from tui.widgets.report_list import told_report

        self.chat.query_one(StatusLine).indexing = ""
        self._progress = None
        self._limit_anew(event.report.ids if event.report is not None else {})
        said = told_report(event)
        self._on_documents(lambda screen: screen.end_progress(said))
        self.tell(said, bad=bool(event.error))
        self.refresh_bindings()

    # --- conversations ------------------------------------------------------------------

    def action_conversations(self) -> None:
        from tui.screens.conversations import ConversationsScreen

        saved, chat = self.engine.conversations(), self.chat
        screen = ConversationsScreen(saved, self.engine.deleted, chat.conversation_deleted, chat.conversation_restored)
        self.push_screen(screen, self.open_conversation)

    def open_conversation(self, identity: str | None) -> None:
        """Go on with a saved conversation."""
        if identity is None:
            return
        try:
            self._begin(self.engine.conversations().open(identity))
        except BelegError as error:
            self.tell(told(error), bad=True)

    def _begin(self, saved: Saved | None = None) -> None:
        while self.screen is not self.chat and len(self.screen_stack) > 1:
            self.pop_screen()
        self.chat.call_later(self.chat.begin, saved)  # in the chat's own task, between its messages

    def _open_latest(self) -> None:
        try:
            latest = self.engine.conversations().latest()
        except BelegError as error:
            self.tell(told(error), bad=True)
            return
        if latest is None:
            self.tell(gettext("There is no earlier conversation to go on with."))
        self.open_conversation(latest)

    def action_new(self) -> None:
        self._begin()

    def action_export(self, path: str = "") -> None:
        saving.export(self, self.tell, self.chat, path)

    def action_copy(self, with_sources: bool) -> None:
        if self.chat.answer is not None:
            saving.copy(self, self.tell, self.chat.answer, with_sources)

    def action_model(self) -> None:
        commands.choose_model(self, self.tell, self.use)  # a running answer is stopped before it is loaded

    def action_writer(self) -> None:
        commands.pull_offered(self)

    @on(messages.PullEnded)
    def _pull_ended(self, event: messages.PullEnded) -> None:
        commands.end_pull(self, self.tell, event)

    @on(messages.Kept)
    def _kept(self, event: messages.Kept) -> None:
        self.settings = event.settings

    def use(self, **changes: Any) -> None:
        """Load the models anew with other settings."""
        self.settings = replace(self.settings, **changes)
        self.chat.load(self.settings)
