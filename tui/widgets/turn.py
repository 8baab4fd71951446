"""One question and its answer, as far as it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from rag.text.sanitize import one_line
from tui.messages import AgainWanted, SourceWanted, TurnSelected
from tui.text import escaped, markdown, safe

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.answering.attribution import Statement
    from rag.conversations.store import Turn as SavedTurn


_NUMBERED = re.compile(r"\[(\d+)\]")


def _parser() -> MarkdownIt:
    """A parser that knows no HTML and makes no link of an address."""
    return MarkdownIt("commonmark", {"html": False, "linkify": False})


class Phase(Static):
    """The lines below an answer, with links into it; `number` is the turn's."""

    def __init__(self, number: int) -> None:
        super().__init__("waiting", classes="phase")
        self._number = number

    def action_again(self) -> None:
        self.post_message(AgainWanted(self._number))

    def action_source(self, n: int) -> None:
        self.post_message(SourceWanted(n, self._number))


class Turn(Vertical, can_focus=True):
    """Shows a turn and its state; `number` names it in messages.

    Its state is one of: waiting, working, answered, not-found, failed, stopped. It is a
    class of the widget, so that the style sheet says how each looks.
    """

    def __init__(self, number: int, question: str) -> None:
        super().__init__(classes="turn waiting")
        self.number = number
        self.question = question
        self.state = "waiting"
        self.answer: Answer | None = None
        self.when = ""  # the answer was given: ISO 8601, UTC
        self.earlier: tuple[Answer, ...] = ()  # the answers that it followed, once it was asked
        self._limit = ""  # which documents are asked, if not all
        self._shown = ""
        self._stream: MarkdownStream | None = None

    def compose(self) -> ComposeResult:
        yield Static(safe(self.question), classes="question")
        yield Static(classes="standalone")
        yield Static(classes="limit")
        yield Markdown(classes="said", parser_factory=_parser, open_links=False)
        yield Phase(self.number)

    def _line(self, name: str, content: Content | str) -> None:
        if not self.is_attached:  # its conversation was left meanwhile
            return
        widget = self.query_one(f".{name}", Static)
        widget.update(Content(content) if isinstance(content, str) else content)
        widget.display = bool(content)

    def on_mount(self) -> None:
        self._line("standalone", "")
        self._line("limit", "")

    def become(self, state: str) -> None:
        """Change to a state."""
        self.remove_class(self.state)
        self.add_class(state)
        self.state = state

    def show_phase(self, phase: str) -> None:
        """Say what is being done for it."""
        if self.state == "waiting":
            self.become("working")
        self._line("phase", phase)

    def show_waiting(self, text: str) -> None:
        """Say what it is waiting for."""
        self._line("phase", text)

    def show_limit(self, asked: int, of: int) -> None:
        """Say that only some documents are asked."""
        self._limit = f"limited to {asked} of {of} documents"
        self._line("limit", self._limit)

    def show_standalone(self, standalone: str) -> None:
        """Show the question that a follow-up was completed to."""
        self._line("standalone", "")  # it may be asked as it was put after all
        if standalone != self.question.strip():
            self._line("standalone", f"asked as: {one_line(standalone)}")

    async def write(self, statements: tuple[Statement, ...], joined: bool) -> None:
        """Show the statements so far; what is shown already is not written again."""
        if not self.is_attached:
            return
        text = markdown(statements, joined)
        if not text.startswith(self._shown):  # what was said before is not what is said now
            await self._end_stream()
            await self.query_one(Markdown).update(text)
        elif len(text) > len(self._shown):
            if self._stream is None:
                self._stream = Markdown.get_stream(self.query_one(Markdown))
            await self._stream.write(text[len(self._shown) :])
        self._shown = text

    async def _end_stream(self) -> None:
        if self._stream is not None:
            await self._stream.stop()
            self._stream = None

    async def end(self, answer: Answer | None, error: str = "", unsaved: str = "", when: str = "") -> None:
        """Show how it ended: with an answer, an error, or stopped with what there is."""
        if not self.is_attached:
            return
        if answer is not None:
            self.answer = answer
            self.when = when or datetime.now(UTC).isoformat(timespec="seconds")
            await self.write(answer.statements, answer.mode == "compose")
            if not answer.statements:
                await self.query_one(Markdown).update(escaped(answer.text))
        await self._end_stream()
        if answer is None:
            self.become("failed" if error else "stopped")
            why = f"✗ {one_line(error, 500)}" if error else "stopped"
            self._line("phase", Content.assemble(f"{why} — ", _linked("ctrl+r asks again", "again")))
            return
        self.become("not-found" if answer.status == "not_found" else "answered")
        self._line("phase", _told(answer, unsaved, self._limit))

    async def restore(self, answer: Answer, when: str) -> None:
        """Show an answer that was given before."""
        self.show_standalone(answer.standalone)
        await self.end(answer, when=when)

    def saved(self) -> SavedTurn:
        """Return the turn, which must be answered, as it is saved."""
        from rag.conversations.store import Turn as SavedTurn

        assert self.answer is not None
        return SavedTurn(self.answer, self.when)

    @on(Markdown.LinkClicked)
    def _link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        if event.href.isdecimal():
            self.post_message(SourceWanted(int(event.href), self.number))

    def on_focus(self) -> None:
        self.post_message(TurnSelected(self.number))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()


def _told(answer: Answer, unsaved: str, limit: str) -> Content:
    """Return the lines below an answer: disagreement first; how it was made stands in the context."""
    parts: list[Content] = []
    if answer.figures:
        parts.append(_differing(answer).stylize("bold"))
    if answer.status == "not_found":
        nearest = ["the nearest passages are no evidence"] if answer.passages else []
        parts.append(Content(f"∅ {' · '.join([*filter(None, [limit]), *nearest]) or 'nothing was found'}"))
    if answer.status == "about" and answer.citations:
        parts.append(Content("about the library"))
    if unsaved:
        parts.append(Content(f"not saved: {one_line(unsaved)}").stylize("bold"))
    return Content("\n").join(parts)


def _differing(answer: Answer) -> Content:
    """Return that sources differ, each [n] a link to its source."""
    from rag.output.terminal import figures_differ

    text = f"≠ {figures_differ(answer.figures)}"
    content = Content(text)
    for match in _NUMBERED.finditer(text):
        content = content.stylize(_style(f"source({match[1]})"), *match.span())
    return content


def _linked(text: str, action: str) -> Content:
    return Content(text).stylize(_style(action))


def _style(action: str) -> Style:
    """Return the look of a link that does something when it is clicked."""
    return Style(underline=True) + Style.from_meta({"@click": action})
