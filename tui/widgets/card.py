"""A source of an answer: a quote and what stands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from rag.localization import words
from rag.localization.languages import language_name
from rag.text.sanitize import one_line
from tui.messages import SourceOpened
from tui.text import above, in_place, surroundings
from tui.widgets.document_view import wrap
from tui.widgets.selectable_text import SelectableText

if TYPE_CHECKING:
    from rag.answering.sentence_selection import Quote

_BESIDE = (1, 4)  # sentences on either side of the quote, on a closed card and on an open one


class Card(SelectableText, can_focus=True):
    """A numbered source. Open, it shows more of what surrounds the quote.

    `also` names copies and newer versions, `over` the headings over it; the words around the quote are in `language`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "Open", key_display="⏎", id="open-document"),
        Binding("down", "go(1)", "Next source", id="next-source", show=False),
        Binding("up", "go(-1)", "Previous source", id="previous-source", show=False),
    ]

    def __init__(self, n: int, quote: Quote, language: str, evidence: bool, also: str = "", over: str = "") -> None:
        from rag.output.terminal import date_and_page

        super().__init__(classes="card" if evidence else "card nearest")
        self.n = n
        self.quote = quote
        self._evidence = evidence
        self._also = also
        self._over = over
        self._around = words(language)
        document = quote.document
        self.border_title = Content(
            f"{n}  {one_line(document.title, 60)}" if evidence else one_line(document.title, 60)
        )
        about = date_and_page(document.date, document.page(quote.start), len(document.pages), language)
        about.append(language_name(document.language, language))
        self.border_subtitle = Content(" · ".join([*about, one_line(document.name, 40)]))
        self._fill(open_=False)

    def _fill(self, open_: bool) -> None:
        start, end = self._shown(open_)
        shown = in_place(self.quote, start, end, evidence=self._evidence)
        if over := self._headings(start):
            shown = Content.assemble(Content(f"{over}\n").stylize("bold"), shown)
        if self.quote.gloss:
            gloss = self._around.gettext("word by word:") + " " + one_line(self.quote.gloss)
            shown = Content.assemble(shown, (f"\n{gloss}", "italic"))
        if self._also:
            shown = Content.assemble(shown, Content(f"\n{self._also}").stylize("dim"))
        self.update(shown)
        self.set_class(open_, "open")

    def _shown(self, open_: bool) -> tuple[int, int]:
        """Return the span of the document that is shown; a closed row of a table takes as many lines as it has."""
        sentences = _BESIDE[open_] if self._evidence and (open_ or not self.quote.reading.cells) else 0
        return surroundings(self.quote, sentences)

    def _headings(self, start: int) -> str:
        """Return the headings over the quote, without those that are seen above it."""
        over = one_line(self._over, 120)
        for line in reversed(above(self.quote, start).split("\n")):
            seen = one_line(line)
            if seen and (over == seen or over.endswith(f" – {seen}")):
                over = over.removesuffix(seen).removesuffix(" – ")
        return over

    def open(self, *, focus: bool = True) -> None:
        """Show more of its surroundings, take the focus unless told not to, and bring the quote into view."""
        for other in self.screen.query(Card):
            if other is not self and other.has_class("open"):
                other._fill(open_=False)
        self._fill(open_=True)
        if focus:  # now: `focus` comes later, and would take it from a question whose typing began meanwhile
            self.screen.set_focus(self, scroll_visible=False)
        self.call_after_refresh(self._show_quote)

    def _show_quote(self) -> None:
        start, _ = self._shown(self.has_class("open"))
        over = self._headings(start)
        before = (f"{over}\n" if over else "") + above(self.quote, start)
        lines = len(wrap(before, max(1, self.content_size.width))) - 1
        pane = self.screen.query_one("#sources", VerticalScroll)
        room = max(0, pane.size.height // 3)
        top = self.virtual_region.y + (0 if lines < room else lines - 1)
        pane.scroll_to(y=top, animate=False)

    def clicked(self, event: events.Click) -> None:
        event.stop()
        if self.has_class("open"):
            self.action_show()
        else:
            self.open()

    def action_show(self) -> None:
        self.post_message(SourceOpened(self.n))

    def action_go(self, by: int) -> None:
        cards = list(self.screen.query(Card))
        at = cards.index(self) + by
        if 0 <= at < len(cards):
            cards[at].focus()
