"""What is said of a command that failed, and the exit code that tells scripts the same."""

from __future__ import annotations

import os
import sys

import click

from rag.cli.options import UNUSABLE, log_anyway, say
from rag.errors import BelegError, UsageError
from rag.system import logs


def failed(error: Exception) -> int:
    """Say what went wrong; return the exit code."""
    match error:
        case BelegError():
            said = logs.logger("command").warning if isinstance(error, UsageError) else logs.logger("command").error
            said("%s: %s", type(error).__name__, logs.Words(error), exc_info=error)
            say(f"beleg: {error}")
            return error.exit_code
        case click.ClickException():
            from rag.cli.usage_errors import told

            say(told(error))
            return error.exit_code
        case BrokenPipeError():
            # The reader has gone, and with it the wish for more; nothing is left to flush to.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        case _:  # a traceback says nothing to a person, and much to whoever reads the log
            log_anyway()
            say(f"beleg: {logs.unexpected(error)}")
            return UNUSABLE
