"""What `--help` shows, in the interface's language.

Commands and options are described in English, where they are declared. What is shown is a copy of the command in which
each paragraph is a message that was looked up: the language is known only when the line is read, and the manual page
and the completion are in English whatever it is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

import click

from rag.localization import gettext

_AS_IT_STANDS = "\b"  # what stands above a paragraph that click wraps no lines of
_HEADINGS = ("Options", "Commands")  # click's

_Command = TypeVar("_Command", bound=click.Command)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a help text: one whose lines are only wrapped, unless it is shown as it stands."""

    lines: tuple[str, ...]
    as_it_stands: bool

    @property
    def message(self) -> str:
        """Return what is looked up: it stays the same where only a line ends elsewhere."""
        return "\n".join(self.lines) if self.as_it_stands else " ".join(self.lines)


def paragraphs(text: str | None) -> list[Paragraph]:
    """Return the paragraphs of a help text."""
    found = [each.splitlines() for each in re.split(r"\n\s*\n", inspect.cleandoc(text or "")) if each.strip()]
    return [
        Paragraph(tuple(lines[1:]), True) if lines[0] == _AS_IT_STANDS else Paragraph(tuple(lines), False)
        for lines in found
    ]


def translated(text: str | None) -> str:
    """Return a help text in the interface's language, paragraph by paragraph."""
    above = {True: f"{_AS_IT_STANDS}\n", False: ""}
    return "\n\n".join(above[each.as_it_stands] + gettext(each.message) for each in paragraphs(text))


def messages(context: click.Context) -> Iterator[str]:
    """Yield all that the help of a command, and of those below it, looks up: what is to be translated."""
    command = context.command
    yield from (*_HEADINGS, *_metavars(command))
    texts = [command.help, command.epilog]
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            texts.append(parameter.help)
            if parameter.is_flag:
                continue
        if not isinstance(parameter.type, click.Choice):
            yield parameter.make_metavar(context)
    yield from (each.message for text in texts for each in paragraphs(text))
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from messages(click.Context(below, info_name=name, parent=context, resilient_parsing=True))


def _metavars(command: click.Command) -> list[str]:
    """Return what stands in the usage for options, and for the commands below."""
    below = command.subcommand_metavar if isinstance(command, click.Group) else None
    return [each for each in (command.options_metavar, below) if each]


class _Formatter(click.HelpFormatter):
    """Says click's own words in the interface's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, gettext("Usage:") + " " if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(gettext(heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        added = {"[default: ": "[" + gettext("default:") + " ", "required]": gettext("required") + "]"}
        super().write_dl([(term, _replaced(said, added)) for term, said in rows], col_max, col_spacing)


def _replaced(text: str, parts: Mapping[str, str]) -> str:
    for part, other in parts.items():
        text = text.replace(part, other)
    return text


class Context(click.Context):
    """A line's context, whose help and usage are in the interface's language."""

    formatter_class = _Formatter

    def get_help(self) -> str:
        return _translated_command(self.command, self).get_help(self)

    def get_usage(self) -> str:
        return _translated_command(self.command, self).get_usage(self)


class Command(click.Command):
    """A command whose help is in the interface's language."""

    context_class = Context


class Group(click.Group):
    """A command with others below it, whose help is in the interface's language."""

    context_class = Context
    command_class = Command


def _translated_command(command: _Command, context: click.Context) -> _Command:
    """Return a copy of a command to show: its texts, those of its options and of the commands in its list."""
    shown = _described(command)
    shown.params = [_translated_parameter(each, context) for each in command.get_params(context)]
    shown.add_help_option = False  # it is one of the parameters
    shown.options_metavar, *below = map(gettext, _metavars(command))
    if isinstance(shown, click.Group):
        (shown.subcommand_metavar,) = below
        shown.commands = {name: _described(below) for name, below in shown.commands.items()}
    return shown


def _described(command: _Command) -> _Command:
    shown = copy(command)
    shown.help = translated(command.help)
    shown.epilog = translated(command.epilog)
    return shown


def _translated_parameter(parameter: click.Parameter, context: click.Context) -> click.Parameter:
    shown = copy(parameter)
    shown.metavar = gettext(parameter.make_metavar(context))
    if isinstance(shown, click.Option):
        shown.help = translated(shown.help)
    return shown
