"""Commands that are imported when they are asked for: the chat needs none of them, and any command only itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module

import click


@dataclass(frozen=True, slots=True)
class Later:
    """Where a command is defined."""

    module: str
    name: str

    def command(self) -> click.Command:
        """Import the command."""
        found = getattr(import_module(self.module), self.name)
        assert isinstance(found, click.Command)
        return found


class ImportedLater(MutableMapping[str, click.Command]):
    """Commands by the names that they are called by; the names are known without them."""

    def __init__(self, commands: Mapping[str, Later | click.Command]) -> None:
        self._commands = dict(commands)

    def __getitem__(self, name: str) -> click.Command:
        command = self._commands[name]
        return command.command() if isinstance(command, Later) else command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)
