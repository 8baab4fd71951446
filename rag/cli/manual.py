"""`beleg manual`: the manual page, made of what `--help` says of each command.

`docs/beleg.1` is what it prints, and is installed where `man beleg` looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import click

from rag import __version__
from rag.cli.help import Command, paragraphs

_ENVIRONMENT = """
Every setting can be given in the environment: BELEG_LIBRARY for the library, BELEG_MODE for the mode, and so on.
BELEG_SETTINGS names the settings file. What stands on the line counts more than the environment, and the environment
more than the file.

`beleg doctor` says which settings are in force and where each comes from."""


@click.command(cls=Command)
@click.pass_context
def manual(context: click.Context, /) -> None:
    """Print the manual page, of all commands: beleg manual | man -l -"""
    click.echo(as_roff(context.find_root()), nl=False)


def as_roff(root: click.Context) -> str:
    """Return the manual page of a command and those below it."""
    group = root.command
    assert isinstance(group, click.Group)
    first, *_ = paragraphs(group.help)
    lines = [
        f'.TH BELEG 1 "" "Beleg {_escaped(__version__)}" "User Commands"',
        *(".SH NAME", f"beleg \\- {_escaped(first.message).rstrip('.')}"),
        *(".SH SYNOPSIS", *_usage(root)),
        *(".SH DESCRIPTION", *_prose(group.help)),
        *(".SH OPTIONS", "They stand before the name of a command or after it, where those after it win."),
        *_options(root, ()),
        ".SH COMMANDS",
    ]
    shared = {parameter.name for parameter in group.params}
    for context in _below(root):
        lines += [f'.SS "{_escaped(context.command_path)}"', *_usage(context)]
        lines += [".PP", *_prose(context.command.help), *_options(context, shared)]
    lines += [".SH ENVIRONMENT", *_prose(_ENVIRONMENT), ".SH EXIT STATUS", *_prose(group.epilog)]
    return "\n".join(lines) + "\n"


def _below(context: click.Context) -> Iterator[click.Context]:
    """Yield a context of every command below one, by name."""
    assert isinstance(context.command, click.Group)
    for name, command in sorted(context.command.commands.items()):
        below = click.Context(command, info_name=name, parent=context, resilient_parsing=True)
        yield below
        if isinstance(command, click.Group):
            yield from _below(below)


def _usage(context: click.Context) -> list[str]:
    pieces = map(_escaped, context.command.collect_usage_pieces(context))
    return [f".B {_escaped(context.command_path)}", *pieces]


def _options(context: click.Context, without: Collection[str | None]) -> Iterator[str]:
    """Return what is said of each option that is the command's own; of --help once, for all of them."""
    parameters = context.command.params if context.parent else context.command.get_params(context)
    for parameter in parameters:
        said = parameter.get_help_record(context) if parameter.name not in without else None
        if said is not None and said[1]:  # an argument stands in the usage
            yield from (".TP", f".B {_escaped(said[0])}", _escaped(said[1]))


def _prose(text: str | None) -> list[str]:
    """Return paragraphs of a help text; those that are to stand as they are do."""
    lines: list[str] = []
    for paragraph in paragraphs(text):
        if lines:
            lines.append(".PP")
        escaped = map(_escaped, paragraph.lines)
        lines += [".nf", *escaped, ".fi"] if paragraph.as_it_stands else escaped
    return lines


def _escaped(text: str) -> str:
    """Return text in which nothing is a request or an escape of roff."""
    made = text.replace("\\", "\\(rs").replace("-", "\\-").replace('"', "\\(dq").replace("`", "\\(ga")
    made = made.replace("~", "\\(ti").replace("^", "\\(ha")
    return "\\&" + made if made.startswith((".", "'")) else made
