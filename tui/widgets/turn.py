"""One question and its answer, as far as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from rag.localization import gettext, interface_language, words
from rag.text.sanitize import one_line
from tui.messages import AgainWanted, SourceWanted, TurnSelected
from tui.text import cited, link, safe, statement
from tui.widgets.selectable_text import SelectableText

if TYPE_CHECKING:
    from rag.answering.assistant import Answer
    from rag.answering.attribution import Statement
    from rag.conversations.store import Turn as SavedTurn


_LONGEST_HEADING = 60  # characters
_NUMBERED = re.compile(r"\[(\d+)\]")


class Linked(SelectableText):
    """Text of a turn with links; `number` is the turn's."""

    def __init__(self, number: int, text: str, classes: str) -> None:
        super().__init__(text, classes=classes)
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
        self._statements: tuple[Statement, ...] = ()  # those that are shown, and how
        self._said: list[Content] = []

    def compose(self) -> ComposeResult:
        yield Static(safe(self.question), classes="question")
        yield Static(classes="standalone")
        yield Static(classes="limit")
        yield Linked(self.number, "", classes="said")
        yield Linked(self.number, gettext("waiting"), classes="phase")

    def _line(self, name: str, content: Content | str) -> None:
        if not self.is_attached:  # its conversation was left meanwhile
            return
        widget = self.query_one(f".{name}", Static)
        widget.update(Content(content) if isinstance(content, str) else content)
        widget.display = bool(content)

    def on_mount(self) -> None:
        for name in ("standalone", "limit", "said"):
            self._line(name, "")

    @property
    def ended(self) -> bool:
        """Whether it neither waits nor is worked on."""
        return self.state not in ("waiting", "working")

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
        limit = gettext("limited to {n} of {total} documents")
        self._line("limit", limit.format(n=asked, total=of))

    def show_standalone(self, standalone: str, language: str = "") -> None:
        """Show the question that a follow-up was completed to."""
        told = words(language or interface_language()).gettext("asked as:") + " " + one_line(standalone)
        self._line("standalone", told if standalone != self.question.strip() else "")

    async def write(self, statements: tuple[Statement, ...], joined: bool) -> None:
        """Show the statements so far; those that are shown already are not made anew."""
        if not self.is_attached or statements == self._statements:
            return
        shared = zip(statements, self._statements, strict=False)
        known = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], shared))
        said = [*self._said[:known], *map(_as_written, statements[known:])]
        self._say(statements, said, " " if joined else "\n\n")

    def _say(self, statements: tuple[Statement, ...], said: list[Content], between: str) -> None:
        self._statements, self._said = statements, said
        self._line("said", _together(said, between))

    async def end(self, answer: Answer | None, error: str = "", unsaved: str = "", when: str = "") -> None:
        """Show how it ended: with an answer, an error, or stopped with what there is."""
        if not self.is_attached:
            return
        if answer is None:
            self.become("failed" if error else "stopped")
            why = f"✗ {one_line(error, 500)}" if error else gettext("stopped")
            self._line("phase", Content.assemble(f"{why} — ", link(gettext("ctrl+r asks again"), "again")))
            return
        self.answer = answer
        self.when = when or datetime.now(UTC).isoformat(timespec="seconds")
        if answer.statements:
            self._say(answer.statements, _answered(answer), _between(answer))
        else:
            self._line("said", Content(one_line(answer.text)))
        self.show_standalone(answer.standalone, answer.language)
        self._line("limit", _limited(answer))
        self.become("not-found" if answer.status == "not_found" else "answered")
        self._line("phase", _told(answer, unsaved))

    async def restore(self, answer: Answer, when: str) -> None:
        """Show an answer that was given before."""
        await self.end(answer, when=when)

    def saved(self) -> SavedTurn:
        """Return the turn, which must be answered, as it is saved."""
        from rag.conversations.store import Turn as SavedTurn

        assert self.answer is not None
        return SavedTurn(self.answer, self.when)

    def on_focus(self) -> None:
        self.post_message(TurnSelected(self.number))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()


def _between(answer: Answer) -> str:
    """Return what parts the statements of an answer: a text runs on, quotes are paragraphs, a list has lines."""
    return " " if answer.mode == "compose" else "\n" if answer.status == "about" else "\n\n"


def _together(said: Sequence[Content], between: str) -> Content:
    """Return statements as one text, with this between them; rows of tables have lines of their own all the same."""
    parts: list[Content | str] = []
    for before, part in pairwise([Content(), *said]):
        if parts:
            rows = "\n" in before.plain or "\n" in part.plain
            parts.append("\n" if rows and between == " " else between)
        parts.append(part)
    return Content.assemble(*parts)


def _as_written(said: Statement) -> Content:
    return Content.assemble(statement(said.text), cited(said.citations))


def _answered(answer: Answer) -> list[Content]:
    """Return the statements of an answer, the words that answer marked, a row of a table as a line for each column."""
    from rag.output.answering_words import answering_spans, statement_lines, telling_headings

    over = telling_headings(answer) if answer.mode == "quote" else {}
    return [
        Content.assemble(
            statement(said.text, answering_spans(said, answer), statement_lines(said, answer)),
            cited(said.citations),
            *(
                Content(f" · {one_line(over[n], _LONGEST_HEADING)}").stylize("italic")
                for n in said.citations
                if n in over
            ),
        )
        for said in answer.statements
    ]


def _limited(answer: Answer) -> str:
    from rag.output.terminal import limited

    return limited(answer)


def _told(answer: Answer, unsaved: str) -> Content:
    """Return the lines below an answer: disagreement first; how it was made stands in the context."""
    around = words(answer.language)
    parts: list[Content] = []
    if answer.figures:
        parts.append(_differing(answer).stylize("bold"))
    if answer.status == "not_found":
        there = around.gettext("alt+1 shows what comes nearest, which is no evidence")
        nearest = there if answer.declined or answer.passages else around.gettext("nothing was found")
        parts.append(Content(f"∅ {nearest}"))
    if unsaved:
        parts.append(Content(gettext("not saved: {reason}").format(reason=one_line(unsaved))).stylize("bold"))
    return Content("\n").join(parts)


def _differing(answer: Answer) -> Content:
    """Return that sources differ, each [n] a link to its source."""
    from rag.output.terminal import figures_differ

    text = f"≠ {figures_differ(answer.figures, answer.language)}"
    parts: list[str | Content] = []
    at = 0
    for match in _NUMBERED.finditer(text):
        parts += [text[at : match.start()], link(match[0], f"source({match[1]})")]
        at = match.end()
    return Content.assemble(*parts, text[at:])
