"""The sources of an answer: a card for each quote, or for each nearest passage where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rag.localization import words

if TYPE_CHECKING:
    from rag.answering.assistant import Answer, Citation
    from rag.answering.sentence_selection import Quote
    from rag.index.hybrid_search import Passage
    from tui.widgets.card import Card

_NEAREST = 3  # passages
_NO_EVIDENCE = "bold auto on $warning 30%"  # how it is said of what is nearest; a hue alone is not read in every theme


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
        await self.query(".card, .nearest-title").remove()
        if answer is None or not quotes:
            return
        from rag.answering.answer import context_of
        from rag.output.terminal import also_in, older
        from tui.widgets.card import Card

        self.evidence = bool(answer.citations)
        self.set_class(answer.status == "about", "about")
        self.query_one("#sources-title", Static).update(_title(answer))
        language = answer.language
        cards: list[Static] = []
        for n, (quote, of) in enumerate(zip(quotes, _found(answer), strict=True), 1):
            if n == 2 and _declined(answer):
                cards.append(Static(_passages_title(answer), classes="nearest-title"))
            notes = [older(of.older_than, language), also_in(of.also_in, language)] if of is not None else []
            over = context_of(quote, answer.passages)
            if n <= len(answer.citations):
                over = answer.citations[n - 1].context
            cards.append(Card(n, quote, language, self.evidence, " · ".join(filter(None, notes)), over))
        await self.mount_all(cards)
        self.scroll_home(animate=False)

    @property
    def opened(self) -> int:
        """The number of the open card; 0 where none is."""
        return next((card.n for card in self._cards() if card.has_class("open")), 0)

    def card(self, n: int) -> Card | None:
        """Return the card of source `n`, if there is one."""
        return next((card for card in self._cards() if card.n == n), None)

    def _cards(self) -> Iterable[Card]:
        from tui.widgets.card import Card

        return self.query(Card)


def quotes_of(answer: Answer) -> list[Quote]:
    """Return the quotes of an answer; of one that found nothing what is nearest, as quotes without marks.

    That is the sentence that was most likely to answer, where that is known, and then passages.
    """
    from rag.answering.sentence_selection import Quote

    if answer.citations:
        return [citation.quote for citation in answer.citations]
    nearest = _declined(answer)
    for passage in answer.passages[:_NEAREST]:
        document = passage.document
        text = passage.shown
        start = document.text.index(text, passage.chunk.start)
        nearest.append(Quote(document, start, start + len(text), text, 0.0))
    return nearest


def _declined(answer: Answer) -> list[Quote]:
    """Return the sentence that was nearest to be an answer, if any was, where there is none."""
    return [answer.declined] if answer.declined is not None and not answer.citations else []


def _found(answer: Answer) -> Sequence[Citation | Passage | None]:
    """Return for each of `quotes_of` what says whether it has copies or newer versions."""
    if answer.citations:
        return answer.citations
    of = {passage.document.id: passage for passage in reversed(answer.passages)}
    return [*(of.get(quote.document.id) for quote in _declined(answer)), *answer.passages[:_NEAREST]]


def _title(answer: Answer) -> Content:
    around = words(answer.language)
    if answer.citations:
        return Content(around.gettext("Sources")).stylize("bold")
    if _declined(answer):
        return Content(around.gettext("Nearest sentence — not evidence")).stylize(_NO_EVIDENCE)
    return _passages_title(answer)


def _passages_title(answer: Answer) -> Content:
    return Content(words(answer.language).gettext("Nearest passages — not evidence")).stylize(_NO_EVIDENCE)
