"""The seam to whatever writes: a model in this process (`generator`), or a server that runs one.

A writer is given messages and returns text. What it can be held to (a length, a grammar, an end) it is told in the
`Task`; what it would rather have begun with can be asked with the same reading, which is how a model judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.models.reading_progress import Progress
from rag.system.cancellation import CancelToken

# Why a text ends: the model ended its turn, it may be no longer, or it was enough for the caller.
Ending = Literal["end", "length", "stopped"]
Messages = tuple[tuple[str, str], ...]  # (role, content); roles are "system", "user" and "assistant"
Enough = Callable[[int, str], bool]  # told a task's place and what is written to it so far: nothing more is wanted


@dataclass(frozen=True, slots=True)
class Task:
    """A text that is to be written, in at most so many tokens; with `most` 0 the messages are only read.

    `grammar` is what it must follow, as llama.cpp's GBNF with a rule `root`; a writer that knows none leaves it out.
    `watched` are beginnings, such as "NO", whose chance to be what it begins with is told; `weighed`, whether the
    likelihood of each token is wanted.
    """

    messages: Messages
    most: int
    grammar: str = ""
    watched: tuple[str, ...] = ()
    weighed: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and why it ended.

    `watched` is the chance, from 0 to 1, that it begins with one of what was watched; None where that is not known.
    `likelihoods` are those of its tokens, as logarithms, each with the place in the text up to which it is written
    then; none where they are not known.
    """

    text: str
    ending: Ending
    watched: float | None = None
    likelihoods: tuple[tuple[int, float], ...] = ()


class Writer(Protocol):
    """A model that writes. Not for use by two threads at once."""

    @property
    def name(self) -> str:
        """What the model is called in answers."""

    @property
    def context(self) -> int:
        """The most tokens that messages and text may take together."""

    def count(self, messages: Messages) -> int:
        """Return how many tokens messages take, as an upper bound where it cannot be known."""

    def prompt(self, messages: Messages) -> str:
        """Return messages as the model is given them, for the record."""

    def write(
        self,
        tasks: Sequence[Task],
        *,
        enough: Enough = lambda _place, _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[tuple[int, Written]]:
        """Yield each task's place and text as soon as it is written; all are written side by side.

        What comes out for a task does not depend on the others, as far as the model can promise it. `progress` is
        called with the tokens read and to be read. Raises ModelUnavailable, or Stopped once `cancel` is cancelled.
        """

    def close(self) -> None:
        """Free what it holds; it is of no use afterwards."""
