"""A document, full screen, at the place of a quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from rag.text.sanitize import one_line
from tui.widgets.document_view import DocumentView, Highlight
from tui.widgets.screen_footer import ScreenFooter

if TYPE_CHECKING:
    from rag.answering.sentence_selection import Quote
    from rag.documents.document import Document

_MOST_FOUND = 10_000


class DocumentScreen(Screen[None]):
    """Shows the document of the quote at `at`; n and N go to the answer's other quotes, in their documents."""

    HELP = "# A document\nn and N go through the quotes of the answer, / searches the text, Esc goes back."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="back"),
        Binding("n", "quote(1)", "Next quote", id="next-quote"),
        Binding("N", "quote(-1)", "Previous quote", key_display="N", id="previous-quote"),
        Binding("slash", "find", "Find", key_display="/", id="find"),
    ]

    def __init__(self, document: Document, quotes: Sequence[Quote] = (), at: int = 0, *, evidence: bool = True) -> None:
        super().__init__()
        self._evidence = evidence
        self.document = document
        self.quotes = list(quotes)
        self.at = at
        self._found: list[tuple[int, int]] = []
        self._last = -1  # where the place begins that was gone to last

    def compose(self) -> ComposeResult:
        yield Static(id="document-title")
        yield DocumentView()
        yield Static(id="document-status")
        yield Input(placeholder="Find …", id="find", compact=True)
        yield ScreenFooter()

    def on_mount(self) -> None:
        self.query_one("#find").display = False
        self._open(self.document)
        if self.quotes:
            self._show_quote()
        self.query_one(DocumentView).focus()

    def _open(self, document: Document) -> None:
        self.document = document
        about = [document.date or "no date", document.language, one_line(document.name)]
        title = Content(one_line(document.title, max(20, self.app.size.width - 40))).stylize("bold")
        self.query_one("#document-title", Static).update(Content.assemble(title, "  ", " · ".join(about)))
        self.query_one(DocumentView).show(document.text)

    def _show_quote(self) -> None:
        quote = self.quotes[self.at]
        if quote.document is not self.document:
            self._found = []
            self._open(quote.document)
        self._highlight()
        self.query_one(DocumentView).go(quote.start, quote.end)
        self._tell_quote()

    def _tell_quote(self) -> None:
        quote = self.quotes[self.at]
        page = quote.document.page(quote.start)
        of = f"quote {self.at + 1} of {len(self.quotes)}"
        if not self._evidence:
            of = f"nearest passage {self.at + 1} of {len(self.quotes)}, not evidence"
        self._say(f"{of} · p. {page} · characters {quote.start}–{quote.end}")

    def _say(self, text: str) -> None:
        self.query_one("#document-status", Static).update(Content(text))

    def _highlight(self) -> None:
        shown = []
        for index, quote in enumerate(self.quotes if self._evidence else ()):
            if quote.document.id == self.document.id:
                name = "document--current" if index == self.at else "document--quote"
                shown.append(Highlight(quote.start, quote.end, name))
                shown += [Highlight(start, end, "document--mark") for start, end in quote.marks]
        shown += [Highlight(start, end, "document--found") for start, end in self._found]
        self.query_one(DocumentView).highlight(shown)

    def action_quote(self, by: int) -> None:
        if self.quotes:
            self.at = (self.at + by) % len(self.quotes)
            self._show_quote()

    def action_find(self) -> None:
        box = self.query_one("#find", Input)
        box.value = ""
        box.display = True
        box.focus()

    @on(Input.Changed, "#find")
    def _search(self, event: Input.Changed) -> None:
        wanted = event.value
        self._found = []
        if wanted:
            pattern = re.compile(re.escape(wanted), re.IGNORECASE)
            for match in pattern.finditer(self.document.text):
                self._found.append(match.span())
                if len(self._found) == _MOST_FOUND:
                    break
        self._highlight()
        self._go_found(self.query_one(DocumentView).top - 1)

    @on(Input.Submitted, "#find")
    def _next_found(self) -> None:
        self._go_found(self._last)

    def _go_found(self, after: int) -> None:
        """Go to the first place found after an offset, or from the beginning again."""
        if not self._found:
            self._say("not found" if self.query_one("#find", Input).value else "")
            return
        at = next((index for index, (start, _) in enumerate(self._found) if start > after), 0)
        self._last = self._found[at][0]
        self.query_one(DocumentView).go(*self._found[at])
        self._say(f"{at + 1} of {len(self._found)} — Enter goes on, Esc ends")

    def action_back(self) -> None:
        box = self.query_one("#find", Input)
        if not box.display:
            self.dismiss()
            return
        box.display = False
        self._found = []
        self._highlight()
        self._say("")
        if self.quotes and self.quotes[self.at].document is self.document:
            self._tell_quote()
        self.query_one(DocumentView).focus()
