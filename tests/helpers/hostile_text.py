"""Text that a terminal or a parser would obey, an answer full of it, and whether a screen shows it as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_chat import Scripted, answer, rows

from rag.answering.assistant import Answer
from rag.answering.sentence_selection import Quote
from rag.documents.document import Document
from rag.index.versions import Version
from tui.app import BelegApp

SHOWN = ("[/INST]", "[red]red[/red]", "[link=x]y[/link]", "[@click=app.quit]z[/]")  # each of them markup
UNSHOWN = "\x1b[31mred \x1b]52;c;aGk=\x07 \x01\x02\x08\x0b\x0c\x7f\x9b31m \u202etxet \u2066x\u2069"
LINE = " ".join([*SHOWN, UNSHOWN])
LONG = "w" * 10_000
PILED = "a" + "\N{COMBINING ACUTE ACCENT}" * 2_000
HUGE = f"{LINE} {LONG} {PILED}"
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SIZE = (180, 50)


def dangerous(text: str) -> set[str]:
    """Return the characters that a terminal would obey."""
    return {each for each in text if ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 or each in TURNING + "\u2028\u2029"}


def shows(app: BelegApp, *wanted: str) -> None:
    """Check that the screen holds these texts as they are and nothing that is obeyed, and that the app is alive.

    White space does not matter: lines are wrapped.
    """
    app.screen._compositor.reflow(app.screen, app.size)
    lines = rows(app)
    together = "".join("".join(lines).split())
    assert dangerous("".join(lines)) == set()
    for text in wanted:
        assert text.replace(" ", "") in together, "\n".join(lines)
    assert app._exception is None and app.is_running


def hostile_document(text: str) -> Document:
    return Document(text[-9:], f"/{LINE}.txt", f"{LINE}.txt", LINE, "2024-10-31", "en", text, 0, (0,), "0")


def hostile_answer(question: str = LINE) -> Answer:
    """Return an answer whose every text is hostile."""
    short, huge = hostile_document(f"{LINE} it says."), hostile_document(f"It begins. {HUGE}")
    quotes = [
        Quote(short, 0, len(short.text), short.text, 0.9, ((0, 7),), LINE),
        Quote(huge, 11, len(huge.text), huge.text[11:], 0.9, ((11, 18),), HUGE),
    ]
    figures = ((1, LINE), (2, LINE))
    made = answer(question, *quotes)
    newest = Version("", LINE, LINE)
    cited = tuple(replace(citation, also_in=(LINE, HUGE), older_than=newest) for citation in made.citations)
    made = replace(made, citations=cited, figures=figures)
    return replace(made, standalone=f"And {LINE}", model=LINE, embedder=LINE, prompts=(LINE, HUGE))


class Always(dict[str, Answer | Exception]):
    """Has the same for every question: a text area changes hostile ones a little."""

    def get(self, *_: object) -> Any:
        return self[LINE]


def hostile(told: Answer | Exception) -> Scripted:
    """Return an assistant that answers everything with this, and whose model has a hostile name."""
    assistant = Scripted(Always({LINE: told}))
    assistant.model = LINE
    return assistant
