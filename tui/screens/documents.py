"""The documents in the library: add, bring up to date, remove, and choose which are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Input, ProgressBar, Static

from rag.errors import UsageError
from rag.localization import gettext, interface_language, pgettext
from rag.text.nested_quotes import nested
from rag.text.sanitize import one_line
from tui.screens.path import ConfirmScreen
from tui.widgets.document_table import DocumentTable, Failed
from tui.widgets.report_list import ReportList
from tui.widgets.screen_footer import KeyFooter

if TYPE_CHECKING:
    from rag.index.library import Entry
    from tui.messages import IndexedOn
    from tui.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Librarian:
    """What the screen asks of the chat below it. Each may raise BelegError."""

    shelf: Shelf
    entries: Callable[[], list[Entry]]
    open: Callable[[str], None]
    look: Callable[[str], list[str]]  # the paths that a line names; called in a thread
    index: Callable[[list[str] | None, bool], None]  # without paths: what has changed; whether to read all of it
    stop: Callable[[], None]
    remove: Callable[[list[str]], None]
    take_back: Callable[[], None]
    limit: Callable[[set[str]], None]
    choose: Callable[[], None]  # asks by which tags and dates


class DocumentsScreen(Screen[None]):
    """Lists the documents; what is typed filters them. Marked ones alone are asked; with none marked, all are."""

    AUTO_FOCUS = "#documents"

    BINDINGS: ClassVar[list[BindingType]] = [
        # Enter opens what a list shows; with it and ctrl+r German words would not fit in 80 columns.
        Binding("enter", "open", "Open", id="read-document", show=False, priority=True),
        Binding("space", "mark", "Ask only", id="limit"),
        Binding("ctrl+a", "add", "Add", id="add-documents", priority=True),
        Binding("ctrl+r", "again", "Re-read", id="read-again", show=False, priority=True),
        Binding("ctrl+d", "remove", "Remove", id="remove-document", priority=True),
        Binding("delete", "remove", "Remove", show=False),
        Binding("ctrl+z", "take_back", "Undo", id="take-back", priority=True),
        Binding("ctrl+s", "stop", "Stop", id="stop-indexing", priority=True),
        Binding("f7", "report", "Report", id="report", show=False),
        Binding("ctrl+u,f5", "update", "Update all", id="update-documents", show=False, priority=True),
        Binding("f6", "sort", "Sort", id="sort-documents", show=False),
        Binding("ctrl+f", "choose", "By tag/date", id="limit-by-tag", show=False, priority=True),
        Binding("ctrl+x", "unmark", "Ask all", id="unlimit", show=False, priority=True),
        Binding("down", "list", "Go to the list", show=False),
        Binding("ctrl+l", "app.documents", "Documents", id="documents", show=False),  # it is here
        Binding("ctrl+o", "app.conversations", "Conversations", id="conversations", show=False),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(
        self, librarian: Librarian, limited: set[str], by: str = "", progress: IndexedOn | None = None
    ) -> None:
        super().__init__()
        self._librarian, self._shelf = librarian, librarian.shelf
        self._limited, self._by = set(limited), by
        self._entries: list[Entry] = []
        self._progress = progress

    def compose(self) -> ComposeResult:
        yield Static(gettext("Documents"), id="documents-title")
        words = gettext("type to filter by title, file, #tag, date")
        yield Input(placeholder=words, compact=True, select_on_focus=False, id="documents-filter")
        yield DocumentTable()
        yield Static(id="documents-details")
        yield ReportList(id="documents-report")
        yield Static(id="documents-note")
        yield ProgressBar(id="documents-progress", show_eta=False)
        yield KeyFooter(compact=True)

    def on_mount(self) -> None:
        self.reload()
        if self._shelf.report is not None and not self._shelf.open:
            self.say(_closed())
        self.show_progress(self._progress)

    @property
    def _table(self) -> DocumentTable:
        return self.query_one(DocumentTable)

    @property
    def _filter(self) -> Input:
        return self.query_one("#documents-filter", Input)

    # --- what is shown -----------------------------------------------------------------------

    def mark_only(self, limited: set[str], by: str = "") -> None:
        """Mark these documents, and no others, when the list is next loaded; `by` is what chose them, in words."""
        self._limited, self._by = set(limited), by

    def reload(self, note: str = "") -> None:
        """List what is in the library now, and say what was done."""
        self._entries = self._librarian.entries()
        self._limited &= {entry.id for entry in self._entries}
        self._table.show(self._entries, self._shelf.failed, self._limited)
        self._show_title()
        self._show_details()
        self._show_report()
        self.refresh_bindings()
        if note or not self._entries:
            self.say(f"{note} {'' if self._entries else _none_yet()}".strip())

    def _show_title(self) -> None:
        shown, there = self._table.shown, len(self._entries)
        title = gettext("Documents: {shown} of {n}") if self._filter.value.strip() else gettext("Documents: {n}")
        title = title.format(shown=shown, n=there)
        if failed := len(self._shelf.failed):
            title += " · " + gettext("{n} unreadable").format(n=failed)
        if self._limited:
            title += " · " + gettext("questions ask only {n} of them").format(n=len(self._limited))
            title += f": {one_line(self._by)}" if self._by else ""
        self.query_one("#documents-title", Static).update(Content(title))

    def _show_report(self) -> None:
        report = self.query_one(ReportList)
        report.show(self._shelf.report)
        report.border_title = gettext("What the last run found — f7 closes")
        report.display = self._shelf.open and self._shelf.report is not None

    @on(DataTable.RowHighlighted)
    def _show_details(self) -> None:
        """Say of the document that is chosen what was left out of it and how it was read, if there is anything."""
        from rag.output.document_details import details_of

        row = self._table.chosen
        if isinstance(row, Failed):
            told = [f"{one_line(str(row.path))}: {one_line(row.reason)}"]
        else:
            _, *told = details_of(row) if row else [""]
        shown = self.query_one("#documents-details", Static)
        shown.display = bool(told)
        shown.update(Content(" · ".join(told)))

    def say(self, text: str) -> None:
        """Show a note below the list."""
        self.query_one("#documents-note", Static).update(Content(text))

    def show_progress(self, progress: IndexedOn | None) -> None:
        """Show how far indexing is, or that it does not run."""
        bar = self.query_one(ProgressBar)
        bar.display = progress is not None
        if progress is not None:
            bar.update(total=max(1, progress.total), progress=progress.done)
            count = gettext("{n} of {total}").format(n=progress.done, total=progress.total)
            what = f"{count}: " * bool(progress.total) + one_line(progress.name, 60)
            self.say(gettext("indexing {what} — ctrl+s stops").format(what=what))
        self._progress = progress
        self.refresh_bindings()

    def end_progress(self, said: str) -> None:
        """Show how indexing went, and what there is now."""
        self.show_progress(None)
        self.reload()
        self.say(said)

    # --- filtering, sorting --------------------------------------------------------------------

    @on(Input.Changed, "#documents-filter")
    def _filtered(self, event: Input.Changed) -> None:
        self._table.filter(event.value)
        self._show_title()
        self._show_details()
        self.refresh_bindings()
        none = bool(event.value.strip()) and not self._table.row_count
        self.say(gettext("No document has all these words. Esc shows all.") if none else "")

    def before_typing(self, event: events.Key | events.Paste) -> None:
        """Let what is typed filter, wherever the focus is; a space alone is no word, and marks.

        It has the focus before the next key comes: those of a burst would else be the list's, and a space lost.
        """
        if isinstance(event, events.Paste) or (event.is_printable and event.character and event.character != " "):
            self.set_focus(self._filter)

    @on(DocumentTable.Left)
    def _to_filter(self) -> None:
        self._filter.focus()

    def action_list(self) -> None:
        self._table.focus()

    def action_sort(self) -> None:
        self._table.sort_on()

    def action_report(self) -> None:
        self._shelf.open = not self._shelf.open
        self._show_report()
        self.say("" if self._shelf.open else _closed())
        self._table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if not self.is_mounted:
            return True
        if action == "mark":
            return bool(self._entries) and self.focused is not self._filter
        can = {
            "stop": self._progress is not None,
            "choose": bool(self._entries),
            "update": bool(self._entries),
            "remove": self._table.chosen is not None,
            "again": self._table.chosen is not None,
            "unmark": bool(self._limited),
            "take_back": self._shelf.can_take_back and self._progress is None,
            "report": self._shelf.report is not None,
        }
        return can.get(action, True)

    # --- what is done ------------------------------------------------------------------------

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        row = self._table.chosen
        if isinstance(row, Failed):
            said = gettext("It could not be read: {reason} ctrl+r tries again.")
            self.say(said.format(reason=one_line(row.reason)))
        elif row is not None:
            self._librarian.open(row.id)

    def action_add(self) -> None:
        from tui.screens.add_documents import AddDocumentsScreen  # with its tree of files it is seldom wanted

        def look(line: str) -> list[str]:
            if self._progress is not None:
                remedy = gettext("Wait for its end, then press Enter again.")
                raise UsageError(gettext("Indexing is running already."), remedy)
            return self._librarian.look(line)

        def add(paths: list[str] | None) -> None:
            if paths:
                self._librarian.index(paths, False)

        self.app.push_screen(AddDocumentsScreen(look), add)

    def action_again(self) -> None:
        row = self._table.chosen
        if row is not None:
            self._librarian.index([str(row.path)], True)

    def action_update(self) -> None:
        self._librarian.index(None, False)

    def action_stop(self) -> None:
        self._librarian.stop()
        self.say(gettext("stopping …"))

    def action_mark(self) -> None:
        row = self._table.chosen
        if row is not None and not isinstance(row, Failed):
            self._limit(self._limited ^ {row.id})

    def action_choose(self) -> None:
        self._librarian.choose()

    def action_unmark(self) -> None:
        self._limit(set())

    def _limit(self, limited: set[str]) -> None:
        self._limited, self._by = limited, ""
        self._librarian.limit(set(limited))
        self._table.mark(limited)
        self._show_title()
        self.refresh_bindings()

    def action_remove(self) -> None:
        row = self._table.chosen
        if isinstance(row, Failed):
            self._shelf.forget(row.path)
            self.reload()
        elif row is not None:
            self._ask_to_remove(row)

    def _ask_to_remove(self, entry: Entry) -> None:
        def removed(yes: bool | None) -> None:
            if yes:
                self._librarian.remove([entry.id])

        asked = gettext("Remove “{title}” from the library? The file itself stays.")
        asked = asked.format(title=nested(one_line(entry.title, 50), interface_language()))
        self.app.push_screen(ConfirmScreen(asked, yes=pgettext("button", "Remove"), no=gettext("Keep")), removed)

    def action_take_back(self) -> None:
        self._librarian.take_back()

    def action_back(self) -> None:
        if self._filter.value:
            self._filter.clear()
            self._table.focus()
        else:
            self.dismiss()


def _none_yet() -> str:
    return gettext("No documents yet: ctrl+a adds files and folders (txt md html pdf docx odt xlsx eml epub …).")


def _closed() -> str:
    return gettext("f7 shows what the last run of indexing found.")
