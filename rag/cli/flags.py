"""The flags of the settings, wherever on the line they stand."""

from __future__ import annotations

from typing import Any

import click

SETTINGS = ("library", "store", "embedder", "llm", "reader", "mode", "care", "threads", "lang", "workers")


def given(context: click.Context, flags: dict[str, Any]) -> dict[str, Any]:
    """Return the flags of the settings that stood anywhere on the line, None for those that did not; the last win."""
    found = {name: flags.get(name) for name in SETTINGS}
    above = context.parent
    while above is not None:
        found |= {name: above.params.get(name) for name, value in found.items() if value is None}
        above = above.parent
    return found
