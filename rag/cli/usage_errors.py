"""What is said of a line that click can make no sense of, in the interface's language.

click says it by the gettext of Python, which knows no language but the environment's: --lang would have to be written
there, where every program that Beleg starts would find it. So the sentences that click has made are taken apart again
by its own messages, and said anew. One that is not known here stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from rag.localization import N_, gettext, ngettext

# click's own, as far as our commands can bring them about
MESSAGES = (
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Option {name!r} requires an argument."),
    N_("Option {name!r} does not take a value."),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("{value!r} is not one of {choices}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
)
KINDS = (N_("integer range"), N_("File"), N_("Directory"), N_("Path"))  # what click calls what it expects
_FIELD = re.compile(r"\{(\w+)(!r)?\}")
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""  # as repr writes it


def told(error: click.ClickException) -> str:
    """Return what is wrong with a line, under how the command is used."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.message
    said = gettext("Error: {message}").format(message=_message(error))
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return said
    hint = gettext("Try '{command} --help' for help.").format(command=error.ctx.command_path)
    return f"{error.ctx.get_usage()}\n{hint}\n\n{said}"


def _message(error: click.ClickException) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as parameter):
            missing = N_("Missing argument {name}.")
            if isinstance(parameter, click.Option):
                missing = N_("Missing option {name}.")
            return gettext(missing).format(name=_hint(parameter, error.ctx))
        case click.BadParameter(param=click.Parameter() as parameter):
            said = gettext("Invalid value for {name}: {message}")
            return said.format(name=_hint(parameter, error.ctx), message=_said_anew(error.message))
        case click.NoSuchOption(possibilities=[*near]) | click.exceptions.NoSuchCommand(possibilities=[*near]) if near:
            meant = ngettext("Did you mean {names}?", "Did you mean one of these: {names}?", len(near))
            return f"{_said_anew(error.message)} {meant.format(names=', '.join(map(repr, sorted(near))))}"
    return _said_anew(error.format_message())


def _hint(parameter: click.Parameter, context: click.Context | None) -> str:
    """Return what a person knows an option or an argument by: its names, or how the usage calls it."""
    if isinstance(parameter, click.Argument) and context is not None:
        return f"'{gettext(parameter.make_metavar(context))}'"
    return parameter.get_error_hint(context)


def _said_anew(message: str) -> str:
    """Return a message of click's in the interface's language."""
    for known in MESSAGES:
        if found := re.fullmatch(_pattern(known), message, re.DOTALL):
            return _filled(gettext(known), found.groupdict())
    return message


def _pattern(message: str) -> str:
    """Return what a message looks like once click has filled it in."""
    made, end = "", 0
    for field in _FIELD.finditer(message):
        made += re.escape(message[end : field.start()]) + f"(?P<{field[1]}>{_QUOTED if field[2] else '.+'})"
        end = field.end()
    return made + re.escape(message[end:])


def _filled(message: str, fields: Mapping[str, str]) -> str:
    """Return a message with its fields, which click has quoted already where they are to be quoted."""
    said = {name: gettext(value) if value in KINDS else value for name, value in fields.items()}
    return _FIELD.sub(lambda field: said[field[1]], message)
