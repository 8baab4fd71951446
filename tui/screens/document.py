"""A document, full screen, at the place of a quote."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from rag.localization import gettext
from rag.localization.languages import language_name
from rag.text.normalization import as_read
from rag.text.sanitize import one_line
from tui import clipboard
from tui.terminal import TerminalApp
from tui.widgets.document_view import DocumentView, Highlight, Span
from tui.widgets.screen_footer import ScreenFooter

if TYPE_CHECKING:
    from rag.answering.sentence_selection import Quote
    from rag.documents.document import Document

_MOST_FOUND = 10_000
_AROUND = 4  # columns beside a title and what is said of its document: between them, and at the edges
_LEAST_OF_A_TITLE = 12  # columns


class DocumentScreen(Screen[None]):
    """Shows the document of the quote at `at`.

    n and N go to the answer's other quotes, in their documents; while something is searched for, to where it stands.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="back"),
        Binding("n", "next(1)", "Next", id="next-quote"),
        Binding("N,shift+n", "next(-1)", "Previous", key_display="N", id="previous-quote"),
        Binding("slash", "find", "Find", key_display="/", id="find"),
        Binding("y", "copy", "Copy", id="copy"),
    ]

    def __init__(self, document: Document, quotes: Sequence[Quote] = (), at: int = 0, *, evidence: bool = True) -> None:
        super().__init__()
        self._evidence = evidence
        self.document = document
        self.quotes = list(quotes)
        self.at = at
        self._found: list[Span] = []
        self._here = 0  # which of them was gone to last
        self._from = 0  # the offset from which on the first of them is looked for
        self._line_from = 0.0  # the line that the search began at

    def compose(self) -> ComposeResult:
        yield Static(id="document-title")
        yield DocumentView()
        yield Static(id="document-status")
        yield Input(placeholder=gettext("Find …"), id="find", compact=True)
        yield ScreenFooter()

    def on_mount(self) -> None:
        self.query_one("#find").display = False
        self._open(self.document)
        if self.quotes:
            self._show_quote()
        self.query_one(DocumentView).focus()

    def _open(self, document: Document) -> None:
        self.document = document
        self._show_title()
        self.query_one(DocumentView).show(document.text)

    def _show_title(self) -> None:
        """Show the title, as much of it as leaves room for the date, the language and the file."""
        width, document = self.app.size.width - _AROUND, self.document
        about = [document.date or gettext("no date"), language_name(document.language)]
        facts = Content(" · ".join([*about, one_line(document.name, max(20, width // 2))]))
        room = max(_LEAST_OF_A_TITLE, width - facts.cell_length)
        title = Content(one_line(document.title)).truncate(room, ellipsis=True).stylize("bold")
        self.query_one("#document-title", Static).update(Content.assemble(title, "  ", facts))

    def on_resize(self) -> None:
        if self.is_mounted:
            self._show_title()

    def _show_quote(self) -> None:
        quote = self.quotes[self.at]
        if quote.document is not self.document:
            self._open(quote.document)
        self._highlight()
        self.query_one(DocumentView).go(quote.start, quote.end)
        self._tell_quote()

    def _tell_quote(self) -> None:
        quote = self.quotes[self.at]
        of = (
            gettext("quote {n} of {total}")
            if self._evidence
            else gettext("nearest passage {n} of {total}, not evidence")
        )
        place = gettext("characters {start}–{end}").format(start=quote.start, end=quote.end)
        if len(quote.document.pages) > 1:
            place = gettext("p. {page}").format(page=quote.document.page(quote.start)) + f" · {place}"
        self._say(f"{of.format(n=self.at + 1, total=len(self.quotes))} · {place}")

    def _say(self, text: str) -> None:
        self.query_one("#document-status", Static).update(Content(text))

    def _highlight(self) -> None:
        shown = []
        for index, quote in enumerate(self.quotes if self._evidence else ()):
            if quote.document.id == self.document.id:
                name = "document--current" if index == self.at else "document--quote"
                shown.append(Highlight(quote.start, quote.end, name))
                shown += [Highlight(start, end, "document--mark") for start, end in quote.marks]
        for index, (start, end) in enumerate(self._found):
            shown.append(Highlight(start, end, "document--here" if index == self._here else "document--found"))
        self.query_one(DocumentView).highlight(shown)

    def action_next(self, by: int) -> None:
        """Go to the next place where what is searched for stands, or without a search to the next quote."""
        if self._searching:
            self._go_found(self._here + by)
        elif self.quotes:
            self.at = (self.at + by) % len(self.quotes)
            self._show_quote()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Show no keys that would be typed, and none that have nowhere to go."""
        if action in ("next", "find", "copy") and isinstance(self.focused, Input):
            return False
        return action != "next" or self._searching or bool(self.quotes)

    # --- searching ----------------------------------------------------------------------

    @property
    def _searching(self) -> bool:
        box = self.query(Input)
        return bool(box) and box.first().display and bool(box.first().value)

    def action_find(self) -> None:
        """Ask what to search for. What is searched for already is selected, so that typing begins anew."""
        box = self.query_one("#find", Input)
        view = self.query_one(DocumentView)
        self._from, self._line_from = view.top, view.scroll_y
        if not box.display:
            box.value = ""
            box.display = True
        box.focus()

    @on(Input.Changed, "#find")
    def _search(self, event: Input.Changed) -> None:
        found = re.compile(re.escape(event.value), re.IGNORECASE).finditer(self.document.text) if event.value else ()
        self._found = [match.span() for match in islice(found, _MOST_FOUND)]
        if not self._found:  # what was found by its first letters is not what is looked for
            self.query_one(DocumentView).stay(self._line_from)
        first = bisect_left(self._found, (self._from, 0))
        self._go_found(first if first < len(self._found) else 0)

    @on(Input.Submitted, "#find")
    def _read_on(self, event: Input.Submitted) -> None:
        """Go on with the keys of the document, at the place that was found; the search stays."""
        if not event.value:
            self._end_search()
        elif self._found:
            self.set_focus(self.query_one(DocumentView))
            self._go_found(self._here)

    def _go_found(self, index: int) -> None:
        """Go to a place found, around the ends of the document."""
        self._here = index % max(1, len(self._found))
        self._highlight()
        if not self._found:
            self._say(gettext("not found") if self._searching else "")
            return
        self.query_one(DocumentView).go(*self._found[self._here])
        said = gettext("{n} of {total} found — n and N go on and back, Esc ends the search")
        if isinstance(self.focused, Input):
            said = gettext("{n} of {total} found — Enter goes there, Esc ends the search")
        self._say(said.format(n=self._here + 1, total=len(self._found)))

    def _end_search(self) -> None:
        self.query_one("#find").display = False
        self._found = []
        self._highlight()
        self._say("")
        if self.quotes and self.quotes[self.at].document is self.document:
            self._tell_quote()
        self.query_one(DocumentView).focus()

    def action_back(self) -> None:
        if self.query_one("#find").display:
            self._end_search()
        else:
            self.dismiss()

    # --- copying ------------------------------------------------------------------------

    def action_copy(self) -> None:
        if text := self.get_selected_text():
            self._copy(text, gettext("The selection"))
        elif self.quotes:
            what = gettext("The quote") if self._evidence else gettext("The passage")
            self._copy(as_read(self.quotes[self.at].text), what)
        else:
            self._say(gettext("Nothing is selected: draw the mouse over the text, then y copies it"))

    def action_copy_text(self) -> None:
        """Copy what is selected, if anything is; else the key is for whoever comes next."""
        if not (text := self.get_selected_text()):
            raise SkipAction
        self._copy(text, gettext("The selection"))

    def _copy(self, text: str, what: str) -> None:
        assert isinstance(self.app, TerminalApp)
        worked, said = clipboard.copy(self.app.send_to_clipboard, text, what)
        own = gettext("Most terminals have their own way to select: hold Shift with the mouse")
        self._say(said if worked else f"{said} {own}")

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is at a point; while text is being selected, the nearest in the document.

        Else a mouse that is drawn over the title would select the document from its beginning.
        """
        view = self.query_one(DocumentView)
        widget, offset = (view, None) if view.pressed else super().get_widget_and_offset_at(x, y)
        return (view, view.place_at(x, y)) if widget is view else (widget, offset)

    @on(events.TextSelected)
    def _let_go(self) -> None:
        self.query_one(DocumentView).pressed = False
