"""The documents in the library: add, bring up to date, remove, and choose which are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, ProgressBar, Static

from rag.index.metadata_filter import marked
from rag.text.sanitize import one_line
from tui.messages import IndexEnded
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.screen_footer import ScreenFooter

if TYPE_CHECKING:
    from rag.index.library import Entry


@dataclass(frozen=True, slots=True)
class Progress:
    """How far indexing is; `name` is the file it is at."""

    done: int
    total: int
    name: str


@dataclass(frozen=True, slots=True)
class Librarian:
    """What the screen asks of the chat below it. Each may raise BelegError."""

    entries: Callable[[], list[Entry]]
    open: Callable[[str], None]
    index: Callable[[list[str] | None], None]  # without paths: what has changed
    stop: Callable[[], None]
    remove: Callable[[list[str]], None]
    limit: Callable[[set[str]], None]
    choose: Callable[[], None]  # asks by which tags and dates


class DocumentsScreen(Screen[None]):
    """Lists the documents. Marked ones alone are asked; with none marked, all are."""

    HELP = (
        "# Documents\nSpace marks the documents that questions are limited to, f those of tags and dates; x marks none."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="read-document"),
        Binding("a", "add", "Add", id="add-documents"),
        Binding("u", "update", "Update", id="update-documents"),
        Binding("space", "mark", "Ask only", id="limit"),
        Binding("f", "choose", "By tag", id="limit-by-tag"),
        Binding("x", "unmark", "All", id="unlimit"),
        Binding("delete,d", "remove", "Remove", key_display="d", id="remove-document"),
        Binding("s", "stop", "Stop", id="stop-indexing"),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(self, librarian: Librarian, limited: set[str], by: str = "", progress: Progress | None = None) -> None:
        super().__init__()
        self._librarian = librarian
        self._limited, self._by = set(limited), by
        self._entries: list[Entry] = []
        self._progress = progress

    def compose(self) -> ComposeResult:
        yield Static("Documents", id="documents-title")
        table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=True, id="documents")
        yield table
        yield Static(id="documents-details")
        yield Static(id="documents-note")
        yield ProgressBar(id="documents-progress", show_eta=False)
        yield ScreenFooter()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_column("", key="mark")
        for name in ("Title", "Date", "Lang", "Chunks", "Indexed", "File"):
            table.add_column(name)
        self._show_details()
        self.reload()
        self.show_progress(self._progress)
        table.focus()

    def mark_only(self, limited: set[str], by: str = "") -> None:
        """Mark these documents, and no others, when the list is next loaded; `by` is what chose them, in words."""
        self._limited, self._by = set(limited), by

    def reload(self) -> None:
        """List what is in the library now."""
        table = self.query_one(DataTable)
        row = table.cursor_row
        self._entries = self._librarian.entries()
        self._limited &= {entry.id for entry in self._entries}
        table.clear()
        for entry in self._entries:
            cells = [
                self._mark(entry.id),
                _titled(entry, self.app.size.width),
                entry.date or "–",
                entry.language,
                str(entry.chunks),
                entry.indexed[:10],
                one_line(entry.name, 40),
            ]
            table.add_row(*map(Text, cells), key=entry.id)
        table.move_cursor(row=min(row, max(0, len(self._entries) - 1)))
        self._show_title()
        if not self._entries:
            self.say("No documents yet: a adds files and folders (txt md html pdf docx odt xlsx eml epub …).")

    def _show_title(self) -> None:
        title = f"Documents: {len(self._entries)}"
        if self._limited:
            title += f" · questions ask only {len(self._limited)} of them"
            title += f": {one_line(self._by)}" if self._by else ""
        self.query_one("#documents-title", Static).update(Content(title))

    @on(DataTable.RowHighlighted)
    def _show_details(self) -> None:
        """Say of the document that is chosen what was left out of it and how it was read, if there is anything."""
        from rag.output.document_details import details_of

        entry = self._chosen()
        _, *told = details_of(entry) if entry else [""]
        shown = self.query_one("#documents-details", Static)
        shown.display = bool(told)
        shown.update(Content(" · ".join(told)))

    def say(self, text: str) -> None:
        """Show a note below the list."""
        self.query_one("#documents-note", Static).update(Content(text))

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far indexing is, or that it does not run."""
        bar = self.query_one(ProgressBar)
        bar.display = progress is not None
        if progress is not None:
            bar.update(total=max(1, progress.total), progress=progress.done)
            count = f"{progress.done} of {progress.total}: " if progress.total else ""
            self.say(f"indexing {count}{one_line(progress.name, 60)} — s stops")
        self._progress = progress
        self.refresh_bindings()

    def end_progress(self, said: str) -> None:
        """Show how indexing went, and what there is now."""
        self.show_progress(None)
        self.reload()
        self.say(said)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "stop":
            return self._progress is not None
        if action in ("mark", "choose", "remove", "update"):
            return bool(self._entries)
        if action == "unmark":
            return bool(self._limited)
        return True

    def _chosen(self) -> Entry | None:
        row = self.query_one(DataTable).cursor_row
        return self._entries[row] if 0 <= row < len(self._entries) else None

    @on(DataTable.RowSelected)
    def _open(self) -> None:
        if entry := self._chosen():
            self._librarian.open(entry.id)

    def action_add(self) -> None:
        hint = "A file, a folder, or a pattern such as notes/**/*.md"
        self.app.push_screen(PathScreen("Add documents", hint), self._add)

    def _add(self, path: str | None) -> None:
        if path:
            self._librarian.index([path])

    def action_update(self) -> None:
        self._librarian.index(None)

    def action_stop(self) -> None:
        self._librarian.stop()
        self.say("stopping …")

    def action_mark(self) -> None:
        if entry := self._chosen():
            self._limited ^= {entry.id}
            self._limit([entry.id])

    def action_choose(self) -> None:
        self._librarian.choose()

    def action_unmark(self) -> None:
        marked, self._limited = self._limited, set()
        self._limit(sorted(marked))

    def _limit(self, changed: list[str]) -> None:
        self._by = ""
        self._librarian.limit(set(self._limited))
        for identity in changed:
            self.query_one(DataTable).update_cell(identity, "mark", Text(self._mark(identity)))
        self._show_title()
        self.refresh_bindings()

    def _mark(self, identity: str) -> str:
        return "●" if identity in self._limited else " "

    def action_remove(self) -> None:
        entry = self._chosen()
        if entry is None:
            return

        def removed(yes: bool | None) -> None:
            if yes:
                self._librarian.remove([entry.id])

        asked = f"Remove “{one_line(entry.title, 50)}” from the library? The file itself stays."
        self.app.push_screen(ConfirmScreen(asked), removed)

    def action_back(self) -> None:
        self.dismiss()


def _titled(entry: Entry, width: int) -> str:
    """Return a document's title and tags, in the room there is for them on a screen of that width."""
    room = 72 if width >= 130 else 48 if width >= 100 else 28
    title = one_line(entry.title, min(48, room))
    tags = one_line(marked(entry.tags), max(room // 3, room - len(title) - 2))
    title = one_line(title, room - len(tags) - 2) if tags else title
    return f"{title}  {tags}" if tags else title


def told_report(event: IndexEnded) -> str:
    """Return what a person is told of an indexing run."""
    if event.error:
        return one_line(event.error)
    if event.report is None:
        return "Stopped; the documents that were done are in the library."
    report = event.report
    counts: dict[str, Sequence[object]] = {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "moved": report.moved,
        "removed, their files are gone": report.removed,
        "removed, they are excluded now": report.excluded,
        "removed, of the same file as others": report.doubled,
        "gone from the disk but kept": report.vanished,
    }
    parts = [f"{len(names)} {what}" for what, names in counts.items() if names]
    parts += [f"unreadable: {one_line(path.name)} ({one_line(reason)})" for path, reason in report.unreadable[:3]]
    if len(report.unreadable) > 3:
        parts.append(f"and {len(report.unreadable) - 3} more unreadable")
    parts += [f"left out: {count} {one_line(what)}" for what, count in list(report.omitted.items())[:3]]
    parts += [f"{one_line(name)}: read as {one_line(encoding)}" for name, encoding, _ in report.doubts[:3]]
    return ", ".join(parts) or "nothing to index there"
