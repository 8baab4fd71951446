"""Exactly what an answer was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from rag.localization import gettext, interface_language, number
from rag.localization.languages import language_name
from rag.output.terminal import retriever
from rag.settings import manner
from rag.text.sanitize import one_line
from tui.text import link, safe
from tui.widgets.screen_footer import KeyFooter
from tui.widgets.selectable_text import SelectableText

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
                by = " + ".join(retriever(name, interface_language()) for name in passage.by)
                found = gettext("found by {retrievers}").format(retrievers=by)
                about = f"{passage.rank}. {number(passage.score, 3)}  {found}"
                where = f"{one_line(passage.document.title, 60)} · {one_line(passage.document.name)}"
                place = f"{passage.chunk.start}–{passage.chunk.end}"
                head = Content(f"{about}  ·  {where}:{place}").stylize("bold")
                yield Static(Content.assemble(head, "\n", safe(passage.shown)), classes="passage")
            if self.answer.considered:
                yield SelectableText(self._sentences(), classes="sentences")
            prompts = self.answer.prompts
            for n, prompt in enumerate(prompts, 1):
                head = Content(gettext("Prompt {n} of {total}").format(n=n, total=len(prompts))).stylize("bold")
                yield Static(Content.assemble(head, "\n", safe(prompt)), classes="prompt")
        yield KeyFooter()

    def _head(self) -> Content:
        answer = self.answer
        asked = gettext("Question ({language}): {question}").format(
            language=language_name(answer.language), question=one_line(answer.standalone)
        )
        embedder = gettext("embedder {name}").format(name=one_line(answer.embedder))
        how = f"{one_line(answer.model)} · {manner(answer.mode, answer.care)} · {embedder}"
        spent = answer.timings
        times = gettext("search {search} s, first words {first} s, all {total} s").format(
            search=number(spent.search_s, 2), first=number(spent.first_token_s, 2), total=number(spent.total_s, 2)
        )
        return Content(f"{asked}\n{how}\n{times}")

    def _sentences(self) -> Content:
        """Return the sentences that were considered, each with its support, and with [n] where it is cited."""
        parts: list[Content | str] = [Content(gettext("Sentences by the chance that they answer")).stylize("bold")]
        for row in self.answer.considered:
            n = next((cited.n for cited in self.answer.citations if _within(cited.quote, row)), 0)
            where = f"  {one_line(row.document.name)}:{row.start}–{row.end}"
            head = Content.assemble(f"{number(row.support, 2)} ", _mark(n), where)
            parts += ["\n", head.stylize("bold" if n else ""), "\n", safe(row.reading.text)]
        return Content.assemble(*parts)

    def action_source(self, n: int) -> None:
        """Open a source in its document."""
        from tui.screens.document import DocumentScreen

        quotes = [citation.quote for citation in self.answer.citations]
        if self.is_current and 1 <= n <= len(quotes):
            self.app.push_screen(DocumentScreen(quotes[n - 1].document, quotes, n - 1))

    def on_mount(self) -> None:
        self.query_one("#context").focus()

    async def action_dismiss(self, result: None = None) -> None:
        self.dismiss(result)


def _mark(number: int) -> Content:
    """Return [n] as a link to its source, or as much room."""
    if not number:
        return Content("   ")
    mark = f"[{number}]"
    return Content.assemble(" " * (3 - len(mark)), link(mark, f"screen.source({number})"))


def _within(quote: Quote, sentence: Quote) -> bool:
    """Whether a quote is of this sentence; an over-long one is cited in part."""
    return quote.document.id == sentence.document.id and sentence.start <= quote.start < sentence.end
