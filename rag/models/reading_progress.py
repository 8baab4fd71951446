"""How far a model is with what it reads, told while it does."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # is told of the tokens read, and of all that are to be read


def counted(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    """Return what is to be told of the tokens of each piece that is read, so that `progress` is of all of them."""
    if progress is None:
        return None
    done = 0

    def count(tokens: int) -> None:
        nonlocal done
        done += tokens
        progress(min(done, total), total)

    return count
