"""What can be done in the chat: what the command palette finds, and what commands after a slash do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from rag.documents.paths import absolute
from rag.documents.tags import united
from rag.errors import BelegError
from rag.index.metadata_filter import Filter, marked
from rag.localization import gettext
from rag.settings import said_of
from rag.text.sanitize import one_line
from tui import messages, slash
from tui.engine import Engine, told
from tui.saving import Tell
from tui.screens.chat import ChatScreen
from tui.slash import UNKNOWN, Command
from tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from rag.settings import Care, Mode, Settings

Found = tuple[str, str, Callable[[], Any]]  # what it is called, what it does, how


class Chat(Protocol):
    """The application, as far as the palette acts on it."""

    settings: Settings
    engine: Engine
    chat: ChatScreen

    def use(self, **changes: Any) -> None: ...
    def limit(self, identities: set[str]) -> None: ...
    def choose(self, wanted: Filter) -> None: ...
    def open_document(self, identity: str) -> None: ...
    def open_conversation(self, identity: str | None) -> None: ...
    def action_new(self) -> None: ...
    def action_export(self, path: str = "") -> None: ...
    def action_copy(self, with_sources: bool) -> None: ...
    def action_documents(self) -> None: ...
    def action_choose(self) -> None: ...
    def action_conversations(self) -> None: ...
    def action_model(self) -> None: ...
    def action_writer(self) -> None: ...
    def action_add(self) -> None: ...
    def action_help(self) -> None: ...
    def action_leave(self) -> None: ...
    def index(self, paths: list[str] | None) -> None: ...
    def refresh_bindings(self) -> None: ...
    def run_worker(self, work: Callable[[], None], *, group: str, exit_on_error: bool, thread: bool) -> object: ...
    def push_screen(self, screen: Screen[bool], callback: Callable[[bool | None], None]) -> object: ...


# --- the palette -----------------------------------------------------------------------


class _Own(DiscoveryHit):
    """A command that stands above Textual's own: those of one score stand in the order in which they happen to come."""

    @property
    def score(self) -> float:
        return 1.0


class _Commands(Provider):
    """A provider of a list of commands; their names are text, never markup."""

    discovered = True

    def found(self, app: Chat) -> Iterator[Found]:
        """Yield the commands there are now."""
        raise NotImplementedError

    async def startup(self) -> None:
        self._all = list(self.found(cast("Chat", self.app)))  # once, and not with every key

    async def discover(self) -> Hits:
        if self.discovered:
            for name, about, act in self._all:
                yield _Own(Content(name), act, text=name, help=cast(str, Content(about)))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, about, act in self._all:
            # The matcher's own highlight reads the name as markup, and the palette a help that is a string.
            score, offsets = matcher.fuzzy_search.match(matcher.query, name)
            if score > 0:
                shown = Content(name)
                for at in offsets:
                    shown = shown.stylize(matcher.match_style, at, at + 1)
                yield Hit(score, shown, act, text=name, help=cast(str, Content(about)))


class ChatCommands(_Commands):
    """What can be done in the chat."""

    def found(self, app: Chat) -> Iterator[Found]:
        from rag.models.offer import size_of

        other: Mode = "compose" if app.settings.mode == "quote" else "quote"
        _ = gettext
        yield _("New conversation"), _("Begin anew; what was said is kept"), app.action_new
        yield _("Save conversation"), _("As Markdown, HTML or JSON"), app.action_export
        yield _("Copy answer"), _("The selected answer"), partial(app.action_copy, False)
        yield _("Copy answer with sources"), _("The selected answer and its quotes"), partial(app.action_copy, True)
        yield _("Documents"), _("Add, update, remove, choose which are asked"), app.action_documents
        yield _("Ask only by tag, date"), _("Limit questions to documents of tags and dates"), app.action_choose
        yield _("Conversations"), _("Go back to an earlier one"), app.action_conversations
        yield _("Model: choose a file"), _("Another LLM to compose with, a .gguf file"), app.action_model
        if app.settings.llm is not None:
            yield _("Model: the embedded one"), "SmolLM2", partial(app.use, llm=None)
        yield from _pulled(app)
        if (writer := app.chat.writer) is not None:
            about = f"{writer.name}, {size_of(writer)}"
            yield _("Model: pull one that writes"), about, app.action_writer
        about = _("quote: the documents’ words; compose: the model’s, checked")
        yield _("Mode: {mode}").format(mode=said_of(other)), about, partial(app.use, mode=other)
        for care, about in _cares().items():
            if care != app.settings.care:
                yield _("Care: {care}").format(care=said_of(care)), about, partial(app.use, care=care)


def _cares() -> dict[Care, str]:
    return {
        "careful": gettext("Answer only what is sure"),
        "balanced": gettext("The usual: answer what is likely"),
        "eager": gettext("Answer where it is not so sure, too"),
    }


def _pulled(app: Chat) -> Iterator[Found]:
    """Yield the LLMs that were pulled, but for the one in use."""
    from rag.models.pulled import pulled

    for model in pulled(app.settings.models):
        if model.role == "llm" and model.name != app.settings.llm:
            name = gettext("Model: {name}").format(name=one_line(model.name, 70))
            yield name, gettext("An LLM that was pulled"), partial(app.use, llm=model.name)


class DocumentCommands(_Commands):
    """Opens documents, and limits questions to one, or to those of a tag."""

    discovered = False

    def found(self, app: Chat) -> Iterator[Found]:
        try:
            entries = app.engine.entries()
        except BelegError:
            return
        open_, only = gettext("Open document: {title}"), gettext("Ask only: {what}")
        for tag in united(*(entry.tags for entry in entries)):
            name = only.format(what=marked([tag]))
            yield name, gettext("Documents with this tag"), partial(app.choose, Filter((tag,)))
        for entry in entries:
            title = one_line(entry.title, 70)
            yield open_.format(title=title), one_line(entry.name, 70), partial(app.open_document, entry.id)
            yield only.format(what=title), one_line(entry.name, 70), partial(app.limit, {entry.id})
        if app.chat.limited:
            yield gettext("Ask all documents"), gettext("Take the limit away"), partial(app.limit, set())


class ConversationCommands(_Commands):
    """Opens saved conversations."""

    discovered = False

    def found(self, app: Chat) -> Iterator[Found]:
        from rag.text.moments import local

        try:
            headings = app.engine.conversations().headings()
        except BelegError:
            return
        for heading in headings:
            name = gettext("Conversation: {title}").format(title=one_line(heading.title, 70))
            yield name, local(heading.updated), partial(app.open_conversation, heading.id)


def hindered(app: Chat, tell: Tell, paths: list[str] | None, anew: bool, make: Callable[[], None]) -> bool:
    """Return whether documents cannot be indexed now, and tell why.

    Where the library was deleted, and none is to be made `anew`, it is asked whether `paths` are to `make` one.
    """
    from tui.screens.path import ConfirmScreen

    if app.chat.query_one(StatusLine).indexing:
        tell(gettext("Indexing is running already."), bad=True)
        return True
    watch = app.engine.watch
    if anew or not watch.missing():
        return False
    if paths is None:
        said = gettext("There is nothing to bring up to date.")
        tell(f"{watch.lost()} {said}", bad=True)
    else:
        question = gettext("Make a new one there, of these documents alone?")
        app.push_screen(ConfirmScreen(f"{watch.lost()} {question}"), lambda yes: make() if yes else None)
    return True


def choose_model(app: App[Any], tell: Tell, use: Callable[..., None], value: str = "", wrong: str = "") -> None:
    """Ask for another LLM, and `use` it; what is no model is told at once, though it writes in compose mode only."""
    from rag.models.llama_model import check_file
    from tui.screens.path import PathScreen

    def chosen(path: str | None) -> None:
        if path:
            try:
                file = absolute(path)
                check_file(file, gettext("Choose a .gguf file."))
            except BelegError as error:
                choose_model(app, tell, use, path, told(error))
            else:
                use(llm=str(file))
                if cast("Chat", app).settings.mode == "quote":  # where it is not loaded, so nothing else is to be seen
                    said = gettext("{name} is tried and writes once answers are composed: ctrl+p, “Mode: compose”.")
                    tell(said.format(name=one_line(file.name)))

    hint = gettext(
        "The file of a language model (.gguf), which is to write the answers in its own words. "
        "Without one, Beleg answers in the words of your documents."
    )
    app.push_screen(PathScreen(gettext("Choose the LLM"), hint, value, (".gguf",), wrong), chosen)


def use_model(app: Chat, tell: Tell, given: str) -> None:
    """Use the LLM that is given: the name of one that was pulled, or the path of a .gguf file; ask for one that is."""
    from rag.documents.shell_words import paths_in
    from rag.models.llama_model import check_file
    from rag.models.pulled import pulled

    if any(model.name == given and model.role == "llm" for model in pulled(app.settings.models)):
        app.use(llm=given)
        return
    path = next(iter(paths_in(given)), given)
    try:
        file = absolute(path)
        check_file(file, gettext("Choose a .gguf file."))
    except BelegError as error:
        choose_model(cast("App[Any]", app), tell, app.use, path, told(error))
    else:
        app.use(llm=str(file))


def pull_offered(app: Chat) -> None:
    """Pull the LLM that is offered, after a yes: it is large, and comes over the network."""
    from rag.models.offer import size_of
    from tui.screens.path import ConfirmScreen

    model, status = app.chat.writer, app.chat.query_one(StatusLine)
    if model is None or status.pulling:
        return

    def pull(yes: bool | None) -> None:
        if yes:
            status.pulling = gettext("pulling the LLM")
            app.engine.begin_pull()
            work = partial(app.engine.pull, model, status.post_message)
            app.run_worker(work, thread=True, exit_on_error=False, group="pull")
            app.refresh_bindings()

    asked = gettext("Pull {name}, {size}, licence {licence}? It needs the network.")
    asked = asked.format(name=model.name, size=size_of(model), licence=one_line(model.licence))
    app.push_screen(ConfirmScreen(asked), pull)


def run(app: Chat, tell: Tell, command: Command) -> None:
    """Do what a command says; of one that there is not, tell which there are."""
    from rag.documents.shell_words import paths_in

    if not command.known:
        said = gettext("There is no /{name}. There are: {all}").format(name=command.name, all=slash.told())
        tell(said, bad=True, about=UNKNOWN)
    elif command.name == "add" and command.given:
        app.index(paths_in(command.given))
    elif command.name == "model" and command.given:
        use_model(app, tell, command.given)
    elif command.name == "export":
        app.action_export(next(iter(paths_in(command.given)), command.given))
    else:
        acts: dict[str, Callable[[], Any]] = {
            "add": app.action_add,
            "docs": app.action_documents,
            "help": app.action_help,
            "model": app.action_model,
            "new": app.action_new,
            "quit": app.action_leave,
        }
        acts[command.name]()


def end_pull(app: Chat, tell: Tell, event: messages.PullEnded) -> None:
    """Tell what came of a pull; where the LLM is here, let it write from now on."""
    app.refresh_bindings()
    if event.error:
        tell(event.error, bad=True)
    elif not event.writer:
        tell(gettext("Stopped. What is here of the model stays; pulled again, it goes on from there."))
    else:
        written = gettext("{name} writes the answers from now on, in compose mode.")
        if event.unsaved:
            written = gettext("{name} writes the answers in this chat: the settings could not be written.")
        back = gettext("ctrl+p, “Mode: quote” goes back.")
        tell(f"{written.format(name=event.writer)} {back} {event.unsaved}".strip())
        app.use(llm=event.writer, mode="compose")
