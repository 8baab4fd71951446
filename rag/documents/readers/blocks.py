"""What a text consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text that stands by itself. `kind` is paragraph, heading, list, pairs, table or code."""

    kind: str
    text: str
