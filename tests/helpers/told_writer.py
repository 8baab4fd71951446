"""A writer that says what it is told to say, by what its prompt holds, and notes what it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.models.reading_progress import Progress
from rag.models.writer import Ending, Enough, Messages, Task, Written
from rag.system.cancellation import CancelToken


@dataclass
class ToldWriter:
    """Writes what `says` returns for the last message, cut where it is enough or too long; `doubts` is what it watches.

    A word counts as a token. Texts come back in the opposite order.
    """

    says: Callable[[str], str]
    doubts: Callable[[str], float | None] = lambda _: None
    likelihoods: tuple[tuple[int, float], ...] = ()  # of whatever it writes
    context: int = 4096
    name: str = "told"
    given: list[list[Task]] = field(default_factory=list)

    def count(self, messages: Messages) -> int:
        return sum(len(content.split()) for _, content in messages)

    def prompt(self, messages: Messages) -> str:
        return "\n".join(content for _, content in messages)

    def write(
        self,
        tasks: Sequence[Task],
        *,
        enough: Enough = lambda _place, _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[tuple[int, Written]]:
        self.given.append(list(tasks))
        for place, task in reversed(list(enumerate(tasks))):
            (cancel or CancelToken()).check()
            if progress is not None:
                progress(1, 1)
            asked = task.messages[-1][1]
            text = self.says(asked)
            watched = self.doubts(asked) if task.watched else None
            upto = next((end for end in range(1, len(text) + 1) if enough(place, text[:end])), None)
            if len(text[:upto].split()) > task.most:
                yield place, Written(" ".join(text.split()[: task.most]), "length", watched)
            else:
                ending: Ending = "end" if upto is None else "stopped"
                yield place, Written(text[:upto], ending, watched, self.likelihoods)

    def close(self) -> None:
        """There is nothing to free."""
