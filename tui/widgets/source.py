"""The sources of an answer: a card for each quote, or for each nearest passage where nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rag.text.sanitize import one_line
from tui.messages import SourceOpened
from tui.text import in_place, surroundings
from tui.widgets.document_view import wrap

if TYPE_CHECKING:
    from rag.answering.assistant import Answer, Citation
    from rag.answering.sentence_selection import Quote
    from rag.index.hybrid_search import Passage

_BESIDE = (1, 4)  # sentences on either side of the quote, on a closed card and on an open one


class Card(Static, can_focus=True):
    """A numbered source. Open, it shows more of what surrounds the quote. `also` names copies and newer versions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "Open document", id="open-document"),
        Binding("down", "go(1)", "Next source", id="next-source", show=False),
        Binding("up", "go(-1)", "Previous source", id="previous-source", show=False),
    ]

    def __init__(self, n: int, quote: Quote, page: int, evidence: bool, also: str = "") -> None:
        super().__init__(classes="card" if evidence else "card nearest")
        self.n = n
        self.quote = quote
        self._evidence = evidence
        self._also = also
        document = quote.document
        self.border_title = Content(
            f"{n}  {one_line(document.title, 60)}" if evidence else one_line(document.title, 60)
        )
        about = [document.date or "no date", f"p. {page}", document.language]
        self.border_subtitle = Content(" · ".join([*about, one_line(document.name, 40)]))
        self._fill(open_=False)

    def _fill(self, open_: bool) -> None:
        start, end = surroundings(self.quote, _BESIDE[open_] if self._evidence else 0)
        shown = in_place(self.quote, start, end, evidence=self._evidence)
        if self.quote.gloss:
            gloss = Content(f"\nword by word: {one_line(self.quote.gloss)}").stylize("italic")
            shown = Content.assemble(shown, gloss)
        if self._also:
            shown = Content.assemble(shown, Content(f"\n{self._also}").stylize("dim"))
        self.update(shown)
        self.set_class(open_, "open")

    def open(self, *, focus: bool = True) -> None:
        """Show more of its surroundings, take the focus unless told not to, and bring the quote into view."""
        for other in self.screen.query(Card):
            if other is not self and other.has_class("open"):
                other._fill(open_=False)
        self._fill(open_=True)
        if focus:
            self.focus(scroll_visible=False)
        self.call_after_refresh(self._show_quote)

    def _show_quote(self) -> None:
        start, _ = surroundings(self.quote, _BESIDE[self.has_class("open")] if self._evidence else 0)
        before = in_place(self.quote, start, self.quote.start).plain
        above = len(wrap(before, max(1, self.content_size.width))) - 1
        room = max(0, self.screen.query_one(Sources).size.height // 3)
        top = self.virtual_region.y + (0 if above < room else above - 1)
        self.screen.query_one(Sources).scroll_to(y=top, animate=False)

    def on_click(self, event: events.Click) -> None:
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


class Sources(VerticalScroll, can_focus=False):
    """The cards of the selected answer. Without an answer it is not there."""

    def __init__(self) -> None:
        super().__init__(id="sources")
        self.quotes: Sequence[Quote] = ()
        self.evidence = True  # or the nearest passages

    def compose(self) -> ComposeResult:
        yield Static(id="sources-title")

    async def show(self, answer: Answer | None) -> None:
        """Show the sources of an answer."""
        quotes = [] if answer is None else quotes_of(answer)
        if answer is not None and list(self.quotes) == quotes and quotes:
            return
        self.quotes = quotes
        self.display = bool(quotes)
        await self.query(Card).remove()
        if answer is None or not quotes:
            return
        from rag.output.terminal import also_in, older

        evidence = self.evidence = bool(answer.citations)
        self.query_one("#sources-title", Static).update(_title(answer))
        cards = []
        found: Sequence[Citation | Passage] = answer.citations or answer.passages
        for n, (quote, of) in enumerate(zip(quotes, found, strict=False), 1):
            also = " · ".join(
                filter(None, [older(of.older_than, answer.language), also_in(of.also_in, answer.language)])
            )
            cards.append(Card(n, quote, quote.document.page(quote.start), evidence, also))
        await self.mount_all(cards)
        self.scroll_home(animate=False)

    @property
    def opened(self) -> int:
        """The number of the open card; 0 where none is."""
        return next((card.n for card in self.query(Card) if card.has_class("open")), 0)

    def card(self, n: int) -> Card | None:
        """Return the card of source `n`, if there is one."""
        return next((card for card in self.query(Card) if card.n == n), None)


def quotes_of(answer: Answer) -> list[Quote]:
    """Return the quotes of an answer; of one that found nothing, the nearest passages as quotes without marks."""
    from rag.answering.sentence_selection import Quote

    if answer.citations:
        return [citation.quote for citation in answer.citations]
    nearest = []
    for passage in answer.passages[:3]:
        document = passage.document
        text = passage.shown
        start = document.text.index(text, passage.chunk.start)
        nearest.append(Quote(document, start, start + len(text), text, 0.0))
    return nearest


def _title(answer: Answer) -> Content:
    if answer.citations:
        return Content("Sources").stylize("bold")
    return Content("Nearest passages — not evidence").stylize("bold $text-warning")
