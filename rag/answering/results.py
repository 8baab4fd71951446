"""What a step of answering comes to: what it returns, or the error that is one question's own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from rag.errors import BelegError
from rag.localization import gettext
from rag.system import logs

T = TypeVar("T")


def returned(steps: Generator[object, None, T]) -> T:
    """Run a generator to its end; return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def tried(step: Callable[[], T]) -> T | BelegError:
    """Return what the step returns, or the error it met: in a batch, one question's failure is its own."""
    try:
        return step()
    except BelegError as error:
        logs.logger("answer").warning("%s: %s", type(error).__name__, logs.Words(error), exc_info=error)
        return error
    except Exception as error:  # whatever one document does to it, the rest of the night is not lost
        return BelegError(
            gettext("It failed unexpectedly: {kind}: {error}.").format(kind=type(error).__name__, error=error),
            logs.report(error),
        )
