"""What a model was given to score, as texts to be shown."""

from __future__ import annotations

from collections.abc import Sequence


def read_as(prefix: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the texts that a model reads to score continuations, one a context.

    Several continuations of one context stand in ⟨ ⟩, apart by ¦.
    """
    continuations: dict[str, list[str]] = {}
    for context, continuation in pairs:
        continuations.setdefault(context, []).append(continuation)
    return [
        prefix + context + (found[0] if len(found) == 1 else f"⟨{'¦'.join(text.strip() for text in found)}⟩")
        for context, found in continuations.items()
    ]
