"""Exactly what an answer was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from rag.settings import manner
from rag.text.sanitize import one_line
from tui.text import safe
from tui.widgets.screen_footer import KeyFooter

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.answering.sentence_selection import Quote


class ContextScreen(Screen[None]):
    """Lists the passages in order, with scores and who found each, the sentences by support, and prompts, if any."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,c", "dismiss", "Back", id="back")]

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="context", can_focus=True):
            yield Static(self._head(), classes="context-head")
            for passage in self.answer.passages:
                about = f"{passage.rank}. {passage.score:.3f}  found by {' + '.join(passage.by)}"
                where = f"{one_line(passage.document.title, 60)} · {one_line(passage.document.name)}"
                place = f"{passage.chunk.start}–{passage.chunk.end}"
                head = Content(f"{about}  ·  {where}:{place}").stylize("bold")
                yield Static(Content.assemble(head, "\n", safe(passage.shown)), classes="passage")
            if self.answer.considered:
                yield Static(self._sentences(), classes="sentences")
            for n, prompt in enumerate(self.answer.prompts, 1):
                head = Content(f"Prompt {n} of {len(self.answer.prompts)}").stylize("bold")
                yield Static(Content.assemble(head, "\n", safe(prompt)), classes="prompt")
        yield KeyFooter()

    def _head(self) -> Content:
        answer = self.answer
        asked = f"Question ({answer.language}): {one_line(answer.standalone)}"
        how = f"{one_line(answer.model)} · {manner(answer.mode, answer.care)} · embedder {one_line(answer.embedder)}"
        times = f"search {answer.timings.search_s:.2f} s, first words {answer.timings.first_token_s:.2f} s"
        return Content(f"{asked}\n{how}\n{times}, all {answer.timings.total_s:.2f} s")

    def _sentences(self) -> Content:
        """Return the sentences that were considered, each with its support, and with [n] where it is cited."""
        parts: list[Content | str] = [Content("Sentences by the chance that they answer").stylize("bold")]
        for row in self.answer.considered:
            number = next((cited.n for cited in self.answer.citations if _within(cited.quote, row)), 0)
            mark = f"[{number}]" if number else ""
            where = Content(f"{row.support:.2f} {mark:>3}  {one_line(row.document.name)}:{row.start}–{row.end}")
            parts += ["\n", where.stylize("bold" if number else ""), "\n", safe(row.reading.text)]
        return Content.assemble(*parts)

    def on_mount(self) -> None:
        self.query_one("#context").focus()

    async def action_dismiss(self, result: None = None) -> None:
        self.dismiss(result)


def _within(quote: Quote, sentence: Quote) -> bool:
    """Whether a quote is of this sentence; an over-long one is cited in part."""
    return quote.document.id == sentence.document.id and sentence.start <= quote.start < sentence.end
