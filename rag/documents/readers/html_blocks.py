"""What a text consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text that stands by itself. `kind` is paragraph, item, heading, list,
    pairs, table or code; an item is one whose bullet was typed."""

    kind: str
    text: str
