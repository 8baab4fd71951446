"""Asks by which tags and dates questions are to be limited, and shows while it is typed what that lets through."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from rag.documents.tags import united
from rag.errors import UsageError
from rag.index.metadata_filter import ALL, Filter, chosen, marked, parsed
from rag.localization import gettext
from rag.text.sanitize import one_line
from tui.screens.dialog import Dialog
from tui.widgets.screen_footer import KeyFooter

if TYPE_CHECKING:
    from rag.index.library import Entry

_EXAMPLE = "#work since:2024 until:2024-06"


def renewed(
    entries: Sequence[Entry], wanted: Filter, limited: Collection[str], ids: Mapping[str, str]
) -> tuple[set[str], Filter, str]:
    """Return the ids and the filter that questions are limited to now, and what is to be told of it, "" if nothing.

    `limited` are the ids before; `ids` are others now, by what they were.
    """
    if wanted:
        try:
            return set(chosen(entries, wanted).ids), wanted, ""
        except UsageError:
            note = gettext("No document is {wanted} any more: now all documents are asked.")
            return set(), ALL, note.format(wanted=wanted)
    there = {entry.id for entry in entries}
    now = {ids.get(identity, identity) for identity in limited}
    left = gettext("A document that questions were limited to is not there any more: now all documents are asked.")
    if now & there:
        left = gettext("A document that questions were limited to is not there any more: now the other ones are asked.")
    return now & there, ALL, left if now - there else ""


class LimitScreen(Dialog[Filter | None]):
    """Gives back the filter that is typed, one of nothing for all documents, or None after Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", id="back")]

    def __init__(self, entries: Sequence[Entry], limit: Filter) -> None:
        super().__init__()
        self._entries = entries
        self._limit = limit

    def compose(self) -> ComposeResult:
        tags = united(*(entry.tags for entry in self._entries))
        known = gettext("No document has a tag yet: beleg tag PATH --add NAME")
        if tags:
            known = one_line(gettext("Tags there are: {tags}").format(tags=marked(tags)), 300)
        hint = gettext("Several tags mean all of them. Nothing: all documents.")
        with Vertical(classes="dialog"):
            yield Static(gettext("Ask only documents with these tags and dates"), classes="dialog-title")
            yield Input(str(self._limit), placeholder=_EXAMPLE)
            yield Static(id="limit-found")
            yield Static(Content(f"{known}\n{hint}"), classes="dialog-hint")
        yield KeyFooter()

    @on(Input.Changed)
    def _show(self, event: Input.Changed) -> None:
        self.query_one("#limit-found", Static).update(Content(self._looked(event.value)[1]))

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        limit, _ = self._looked(event.value)
        if limit is not None:
            self.dismiss(limit)

    def _looked(self, text: str) -> tuple[Filter | None, str]:
        """Return the filter that a line says, None where it lets nothing through, and what is told of it."""
        try:
            limit = parsed(text)
            choice = chosen(self._entries, limit)
        except ValueError as error:
            return None, one_line(str(error))
        except UsageError as error:
            return None, one_line(error.reason)
        count = gettext("{n} of {total} documents").format(n=len(choice.entries), total=len(self._entries))
        return limit, f"{count}, {choice.told}" if choice.told else count

    async def action_dismiss(self, result: Filter | None = None) -> None:
        self.dismiss(result)
