"""Commands that are typed where questions are: a word after a slash, and what it is given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.localization import gettext

_WORD = re.compile(r"/([a-z]+)(?:\s+(.*))?")
UNKNOWN = "unknown command"  # what a note is about
COMMANDS = ("add", "docs", "export", "help", "model", "new", "quit")


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what was given to it, "" for nothing; `known` is false where there is no such command."""

    name: str
    given: str

    @property
    def known(self) -> bool:
        return self.name in COMMANDS


def parse(text: str) -> Command | None:
    """Return the command that a line is; None for a question, and for a path."""
    found = _WORD.fullmatch(text.strip())
    return Command(found[1], (found[2] or "").strip()) if found else None


def completion(text: str) -> str:
    """Return what is missing of the only command that a text begins, else ""."""
    if not text.startswith("/") or len(text) < 2:
        return ""
    begun = [name for name in COMMANDS if name.startswith(text[1:])]
    return begun[0][len(text) - 1 :] if len(begun) == 1 else ""


def told() -> str:
    """Return all commands on a line, with what they do."""
    what = (
        gettext("add files and folders"),
        gettext("the documents"),
        gettext("save the conversation"),
        gettext("all keys"),
        gettext("choose the LLM"),
        gettext("a new conversation"),
        gettext("leave"),
    )
    return " · ".join(f"/{name} {does}" for name, does in zip(COMMANDS, what, strict=True))
