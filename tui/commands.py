"""What the command palette finds: what can be done, documents, and conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from rag.errors import BelegError
from rag.text.sanitize import one_line
from tui.text import local

if TYPE_CHECKING:
    from tui.app import BelegApp

Found = tuple[str, str, Callable[[], Any]]  # what it is called, what it does, how


class _Commands(Provider):
    """A provider of a list of commands; their names are text, never markup."""

    discovered = True

    def found(self, app: BelegApp) -> Iterator[Found]:
        """Yield the commands there are now."""
        raise NotImplementedError

    async def startup(self) -> None:
        self._all = list(self.found(cast("BelegApp", self.app)))  # once, and not with every key

    async def discover(self) -> Hits:
        if self.discovered:
            for name, about, act in self._all:
                yield DiscoveryHit(Content(name), act, text=name, help=cast(str, Content(about)))

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

    def found(self, app: BelegApp) -> Iterator[Found]:
        other = "compose" if app.settings.mode == "quote" else "quote"
        yield "New conversation", "Begin anew; what was said is kept", app.action_new
        yield "Save conversation", "As Markdown, HTML or JSON", app.action_export
        yield "Copy answer", "The selected answer", partial(app.action_copy, False)
        yield "Copy answer with sources", "The selected answer and its quotes", partial(app.action_copy, True)
        yield "Documents", "Add, update, remove, choose which are asked", app.action_documents
        yield "Conversations", "Go back to an earlier one", app.action_conversations
        yield "Model: choose a file", "Another LLM, a .gguf file", app.action_model
        if app.settings.llm is not None:
            yield "Model: the embedded one", "SmolLM2", partial(app.use, llm=None)
        yield (
            f"Mode: {other}",
            "quote: the documents’ words; compose: the model’s, checked",
            partial(app.use, mode=other),
        )


class DocumentCommands(_Commands):
    """Opens documents, and limits questions to one."""

    discovered = False

    def found(self, app: BelegApp) -> Iterator[Found]:
        try:
            entries = app.engine.entries()
        except BelegError:
            return
        for entry in entries:
            title = one_line(entry.title, 70)
            yield f"Open document: {title}", one_line(entry.name, 70), partial(app.open_document, entry.id)
            yield f"Ask only: {title}", one_line(entry.name, 70), partial(app.limit, {entry.id})
        if app.chat.limited:
            yield "Ask all documents", "Take the limit away", partial(app.limit, set())


class ConversationCommands(_Commands):
    """Opens saved conversations."""

    discovered = False

    def found(self, app: BelegApp) -> Iterator[Found]:
        try:
            headings = app.engine.conversations().headings()
        except BelegError:
            return
        for heading in headings:
            name = f"Conversation: {one_line(heading.title, 70)}"
            yield name, local(heading.updated), partial(app.open_conversation, heading.id)
