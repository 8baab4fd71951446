"""The table of documents: as wide as the screen, sorted by a column, and filtered by words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

from rag.index.metadata_filter import marked
from rag.localization import gettext
from rag.localization.languages import language_name
from rag.text.sanitize import cut_in_the_middle, one_line

if TYPE_CHECKING:
    from rag.index.library import Entry

FAILED = "✗"
_NARROW = 50  # columns of the screen: below, a language in words takes the title's room
_WIDE = 100  # columns of a screen that has room for all of the table's


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why."""

    path: Path
    reason: str

    @property
    def id(self) -> str:
        """What names its row; no document has such an id."""
        return f"{FAILED}{self.path}"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of fixed width, or with a share of what the others leave."""

    name: str  # by which its cells are known; `_heads` has what stands above it
    width: int
    share: int
    wide: bool  # shown where there is room
    falling: bool  # the largest first, at first
    by: Callable[[Entry], Any]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


COLUMNS = (
    _Column("Title", 0, 3, False, False, lambda entry: _folded(entry.title)),
    _Column("Date", 10, 0, False, True, lambda entry: entry.date or ""),
    _Column("Lang", 9, 0, False, False, lambda entry: language_name(entry.language)),
    _Column("Chunks", 8, 0, True, True, lambda entry: entry.chunks),
    _Column("Indexed", 10, 0, True, True, lambda entry: entry.indexed),
    _Column("File", 0, 2, False, False, lambda entry: _folded(entry.name)),
)
_FIRST = len(COLUMNS) - 1  # as the library lists them


class DocumentTable(DataTable[Text]):
    """Lists documents, and below them the files that could not be read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "noop", show=False),  # there is nothing beside what is seen
        Binding("right", "noop", show=False),
    ]

    class Left(Message):
        """The person went up from the first row."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, id="documents")
        self.sorted_by, self.falling = _FIRST, False
        self._all: list[Entry | Failed] = []
        self._rows: list[Entry | Failed] = []
        self._limited: set[str] = set()
        self._words: list[str] = []
        self._alike: set[str] = set()  # what several titles look like, cut at their ends
        self._laid = 0

    # --- what is shown -----------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """How many documents are listed, without the files that are none."""
        return sum(not isinstance(row, Failed) for row in self._rows)

    @property
    def chosen(self) -> Entry | Failed | None:
        """The row that the cursor is at."""
        return self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None

    def show(self, entries: Sequence[Entry], failed: Mapping[Path, str], limited: Collection[str]) -> None:
        """List these; those in `limited` are marked."""
        self._all = [*entries, *(Failed(path, reason) for path, reason in failed.items())]
        self._limited = set(limited)
        self._list()

    def filter(self, text: str) -> None:
        """List only those that have all these words in title, name, tags, date or language."""
        self._words = _folded(text).split()
        self._list()

    def mark(self, limited: Collection[str]) -> None:
        """Mark these, and no others."""
        self._limited = set(limited)
        for row in self._rows:
            self.update_cell(row.id, "mark", Text(self._sign(row)))

    def _sign(self, row: Entry | Failed) -> str:
        return FAILED if isinstance(row, Failed) else "●" if row.id in self._limited else " "

    def _list(self, *, anew: bool = False) -> None:
        """Fill the table, with its columns laid `anew`; the cursor stays with its document, or else in its place."""
        if not self._laid:
            return  # `on_resize` will
        before, at = self.chosen, self.cursor_row
        found = [row for row in self._all if all(word in _sought(row) for word in self._words)]
        entries = [row for row in found if not isinstance(row, Failed)]
        if self.sorted_by != _FIRST or self.falling:
            entries.sort(key=COLUMNS[self.sorted_by].by, reverse=self.falling)
        self._rows = [*entries, *(row for row in found if isinstance(row, Failed))]
        width = next((width for column, width in self._widths() if column.name == "Title"), 0)
        cut = Counter(one_line(entry.title, width) for entry in entries)
        self._alike = {title for title, times in cut.items() if times > 1}
        self.clear(columns=anew)
        if anew:
            self._add_columns()
        for row in self._rows:
            cells = [self._sign(row), *(self._cell(row, column, width) for column, width in self._widths())]
            self.add_row(*map(Text, cells), key=row.id)
        ids = [row.id for row in self._rows]
        at = ids.index(before.id) if before is not None and before.id in ids else min(at, max(0, len(ids) - 1))
        self.move_cursor(row=at)

    def _cell(self, row: Entry | Failed, column: _Column, width: int) -> str:
        if isinstance(row, Failed):
            cell = {"Title": one_line(row.reason), "File": one_line(row.path.name)}.get(column.name, "–")
        else:
            cell = {
                "Title": _titled(row, width, self._alike),
                "Date": row.date or "–",
                "Lang": language_name(row.language),
                "Chunks": str(row.chunks),
                "Indexed": row.indexed[:10],
                "File": one_line(row.name),
            }[column.name]
        text = Text(cell)
        text.truncate(width, overflow="ellipsis")
        return text.plain

    # --- how it is laid out ------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._laid and event.size.width:
            self._laid = event.size.width
            self._list(anew=True)

    def _widths(self) -> list[tuple[_Column, int]]:
        """Return the columns there is room for, and how wide each is; all together are as wide as the screen."""
        width = self.app.size.width
        columns = [
            column
            for column in COLUMNS
            if (not column.wide or width >= _WIDE) and (column.name != "Lang" or width >= _NARROW)
        ]
        heads = _heads()
        fixed = {column: max(column.width, len(heads[column.name]) + 2) for column in columns if column.width}
        padding = 2 * self.cell_padding
        room = self.app.size.width - self.styles.scrollbar_size_vertical - (1 + padding)
        room -= sum(fixed.get(column, 0) + padding for column in columns)
        shares = sum(column.share for column in columns)
        return [(column, fixed.get(column) or max(6, room * column.share // shares)) for column in columns]

    def _add_columns(self) -> None:
        self.add_column("", key="mark", width=1)
        for column, width in self._widths():
            self.add_column(self._heading(column), key=column.name, width=width)

    def _heading(self, column: _Column) -> Text:
        arrow = (" ▼" if self.falling else " ▲") if column is COLUMNS[self.sorted_by] else ""
        return Text(f"{_heads()[column.name]}{arrow}")

    # --- sorting -----------------------------------------------------------------------------

    def sort_by(self, at: int) -> None:
        """Sort by a column; by the one that it is sorted by, the other way round."""
        again = at == self.sorted_by
        self.sorted_by, self.falling = at, not self.falling if again else COLUMNS[at].falling
        self._list(anew=True)

    def sort_on(self) -> None:
        """Sort by the next column that is seen."""
        seen = [COLUMNS.index(column) for column, _ in self._widths()]
        self.sort_by(next((at for at in seen if at > self.sorted_by), seen[0]))

    @on(DataTable.HeaderSelected)
    def _clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        names = [column.name for column in COLUMNS]
        if event.column_key.value in names:
            self.sort_by(names.index(event.column_key.value))

    def action_cursor_up(self) -> None:
        if self.cursor_row <= 0:
            self.post_message(self.Left())
        else:
            super().action_cursor_up()

    def action_noop(self) -> None:
        """Do nothing."""


def _heads() -> dict[str, str]:
    """Return what stands above the columns, by their names."""
    return {
        "Title": gettext("Title"),
        "Date": gettext("Date"),
        "Lang": gettext("Lang"),
        "Chunks": gettext("Chunks"),
        "Indexed": gettext("Indexed"),
        "File": gettext("File"),
    }


def _sought(row: Entry | Failed) -> str:
    """Return the text that a row is found by."""
    if isinstance(row, Failed):
        return _folded(f"{row.path} {row.reason}")
    tags = " ".join(f"#{tag}" for tag in row.tags)
    return _folded(f"{row.title} {row.name} {tags} {row.date or ''} {row.language} {language_name(row.language)}")


def _titled(entry: Entry, room: int, alike: Collection[str]) -> str:
    """Return a document's title and tags, in the room there is for them; cut in its middle where others look alike."""
    title = one_line(entry.title, room)
    cut = cut_in_the_middle if title in alike else one_line
    title = cut(entry.title, room)
    tags = one_line(marked(entry.tags), max(room // 3, room - len(title) - 2))
    title = cut(entry.title, room - len(tags) - 2) if tags else title
    return f"{title}  {tags}" if tags else title
