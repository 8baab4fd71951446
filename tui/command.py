"""The command `beleg`: the engine's commands, and the chat as what it does without one.

The engine knows no user interface, so the two meet here.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from rag.cli import main as engine
from rag.cli.help import Command, Group
from rag.cli.imported_later import ImportedLater, Later
from rag.cli.options import limit_from, limited, limits, open_in_step, options, settings_from
from rag.errors import UsageError
from rag.localization import gettext
from rag.system import logs
from rag.system.cancellation import CancelToken, instead
from rag.system.importing import collecting_nothing, many_imports

if TYPE_CHECKING:
    from tui.app import BelegApp

_SECONDS_TO_END = 0.3
_CANNOT_DRAW = ("", "dumb")


@click.command(cls=Command)
@click.option("--continue", "go_on", is_flag=True, help="Go on with the conversation that was saved last.")
@click.option("--plain", is_flag=True, help="Line by line, without a full screen: for screen readers and pipes.")
@limits
@options
@click.pass_context
def chat(context: click.Context, /, go_on: bool, plain: bool, **flags: Any) -> int:
    """Ask questions in a conversation; this is what `beleg` alone does."""
    limit = limit_from(flags)
    settings = settings_from(context, flags)
    if plain:
        from tui.plain_chat import converse

        return converse(settings, go_on, context.obj, limit)
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual draws on the last
        remedy = gettext("In a pipe, use `beleg chat --plain` or `beleg ask QUESTION`.")
        raise UsageError(gettext("The chat needs a terminal."), remedy)
    if os.environ.get("TERM", "") in _CANNOT_DRAW and os.name == "posix":  # elsewhere nobody sets it
        raise UsageError(
            gettext("This terminal cannot show the chat (TERM is not set, or dumb)."),
            gettext("Use `beleg chat --plain`, or set TERM: xterm-256color say."),
        )
    with many_imports():
        from tui.app import BelegApp
    if settings.keys:
        from tui.keys import check

        check(settings.keys, BelegApp)
    if limit:  # one that lets nothing through is said before a screen is painted
        with open_in_step(settings, context.obj) as library:
            limited(library, limit)
    logs.listen(None)  # the screen is drawn on; the chat shows them as soon as it can
    return _run(BelegApp(settings, go_on=go_on, wanted=limit), context.obj)


def _run(app: BelegApp, cancel: CancelToken) -> int:
    """Run the chat; end the process even while a model is still prepared, which nothing can interrupt.

    Raises Stopped where a signal ended it, once the terminal is as it was.
    """
    app.once_painted(collecting_nothing())  # a first screen stays, as modules do
    with instead(app.quit_by_signal):
        app.run()
    cancel.check()
    code = app.return_code or 0
    if not app.engine.idle(_SECONDS_TO_END):
        sys.stdout.flush()
        sys.stderr.flush()
        logs.stop(code)
        os._exit(code)  # what is on disk was written in transactions
    app.engine.close()
    return code


def _group() -> click.Group:
    def begin(context: click.Context, /, go_on: bool, **_: Any) -> Any:
        if context.invoked_subcommand is None:
            return context.invoke(chat, go_on=go_on, plain=False, tag=(), since=None, until=None)
        if go_on:
            remedy = gettext("Use it without a command: beleg --continue")
            raise UsageError(gettext("--continue is for the chat."), remedy)
        return None

    go_on = click.Option(
        ["--continue", "go_on"], is_flag=True, help="Without a command: go on with the last conversation."
    )
    callback: Callable[..., Any] = click.pass_context(begin)
    return Group(
        name="beleg",
        callback=callback,
        params=[*engine.cli.params, go_on],
        commands=ImportedLater({**engine.COMMANDS, "doctor": Later("tui.doctor", "doctor"), "chat": chat}),
        help=inspect.cleandoc(engine.cli.help or "") + "\n\nWithout a command it opens the chat.",
        epilog=engine.cli.epilog,
        context_settings=engine.cli.context_settings,
        invoke_without_command=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `beleg`; return its exit code."""
    return engine.main(arguments, _group())
