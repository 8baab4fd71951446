"""Drafts of quotes of a short text about a ferry, and a checker that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.answering.drafts import Draft
from rag.answering.faithfulness import Check
from rag.answering.quote_context import Given
from rag.answering.sentence_selection import Quote
from rag.documents.document import read
from rag.system.cancellation import CancelToken

SANK = "The ferry Rosalinde sank off Husum in 1907."
SAVED = "Captain Lohse saved 40 passengers."
AGAIN = "In 1907 the Rosalinde went down near Husum."
AGAIN_TOO = "In the year 1907 the ferry Rosalinde sank."
GERMAN = "Die Fähre Rosalinde sank 1907 vor Husum, wie Kapitän Lohse später im Gasthaus erzählte."
DOCUMENT = read(Path("/nowhere/ferry.txt"), raw=" ".join((SANK, SAVED, AGAIN, AGAIN_TOO, GERMAN)).encode())


def draft(text: str, answering: str = "", *, language: str = "en", support: float = 0.8, or_no: bool = False) -> Draft:
    """A draft of a sentence from one of the quotes above."""
    start = DOCUMENT.text.index(text)
    quote = Quote(DOCUMENT, start, start + len(text), text, support)
    told = Given(text, answering, "", "ferry", "de" if text == GERMAN else "en")
    return Draft("What happened to the ferry?", language, (quote,), (told,), or_no)


@dataclass
class ToldChecker:
    """Finds what `backs` says of statement and quote, all likely by default, and notes what it looked at."""

    backs: Callable[[str, str], bool] = lambda _statement, _quote: True
    seen: list[Check] = field(default_factory=list)

    def backed(self, checks: Sequence[Check], cancel: CancelToken | None = None) -> list[bool]:
        (cancel or CancelToken()).check()
        self.seen += checks
        return [self.backs(check.statement, check.quote) for check in checks]
