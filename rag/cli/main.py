"""The command. Standard output is data, standard error is narration, exit codes are a contract.

Whatever takes time to import is imported by the command that needs it, so that
`beleg --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import click

from rag import __version__
from rag.cli.help import Group
from rag.cli.imported_later import ImportedLater, Later
from rag.cli.options import first_language, options, say
from rag.localization import gettext, use
from rag.system import logs, signals
from rag.system.cancellation import CancelToken, Stopped

_EPILOG = """\b
Exit codes:
  0    done; for `ask` and `batch`: all is answered, or about the library as a whole
  1    `eval`: a figure is under its --fail-under
  2    usage: the command, a path, a question file or a setting makes no sense
  3    `ask`, `batch`: the documents do not say, for some of the questions
  4    the model or the library cannot be used, the answers cannot be written, or Beleg failed;
       `index`: none of the files can be read
  5    `batch`, `eval`: some questions failed, or rows of the file were no questions;
       `index`: some of the files cannot be read
  130  stopped before the end, by a signal or --stop-after

Ctrl-C or SIGTERM stops any command soon; what was done stays. A second one ends it at once.

No document, question or answer ever leaves this machine, but for servers that you name (--llm openai:…,
--embedder openai:…, --store milvus:http…, --workers ray://…).
Only `beleg models pull` opens a connection of its own, and the chat where you tell it to pull.
Only `beleg serve` and `beleg mcp --http` listen."""


COMMANDS: Mapping[str, Later] = {
    "ask": Later("rag.cli.asking", "ask"),
    "backup": Later("rag.cli.library", "backup"),
    "batch": Later("rag.cli.batch", "batch"),
    "check": Later("rag.cli.library", "check"),
    "completion": Later("rag.cli.completion", "completion"),
    "copy": Later("rag.cli.copying", "copy"),
    "doctor": Later("rag.cli.doctor", "doctor"),
    "documents": Later("rag.cli.library", "documents"),
    "eval": Later("rag.cli.evaluate", "evaluate"),
    "forget": Later("rag.cli.library", "forget"),
    "index": Later("rag.cli.indexing", "index"),
    "manual": Later("rag.cli.manual", "manual"),
    "mcp": Later("rag.cli.mcp", "mcp"),
    "models": Later("rag.cli.models", "models"),
    "restore": Later("rag.cli.library", "restore"),
    "search": Later("rag.cli.searching", "search"),
    "serve": Later("rag.cli.serve", "serve"),
    "show": Later("rag.cli.library", "show"),
    "tag": Later("rag.cli.library", "tag"),
}


@click.group(
    cls=Group,
    commands=ImportedLater(COMMANDS),
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="beleg")
@options
def cli(**_: Any) -> None:
    """Ask your own documents, offline, and see the evidence.

    \b
    beleg index articles/
    beleg ask "How many North Korean troops are in Kursk?"
    """


def main(arguments: Sequence[str] | None = None, command: click.Command = cli) -> int:
    """Run the command; return its exit code. Errors, and being stopped, become a line on stderr.

    The command line's own (without `arguments`) does not return where it was stopped: the
    process ends, since interpreters and native libraries take long to do so in order.
    """
    use(first_language(sys.argv[1:] if arguments is None else arguments, os.environ))
    try:
        with signals.heeded(last=arguments is None) as cancel:
            return _run(arguments, command, cancel)
    except (Stopped, KeyboardInterrupt):
        logs.stop(signals.STOPPED)
        if arguments is None:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            signals.end_process()
        say("beleg: " + gettext("stopped"))
        return signals.STOPPED


def _run(arguments: Sequence[str] | None, command: click.Command, cancel: CancelToken) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    code = _outcome(arguments, command, cancel)
    logs.stop(code)
    return code


def _outcome(arguments: Sequence[str] | None, command: click.Command, cancel: CancelToken) -> int:
    try:
        code = command.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="beleg",
            standalone_mode=False,
            obj=cancel,
        )
    except click.Abort as error:  # what click makes of a KeyboardInterrupt
        raise Stopped from error
    except SystemExit:  # what click makes of a pipe without a reader, and of nothing else here: with the exit code 1
        return _failed(BrokenPipeError())
    except Exception as error:
        if cancel.cancelled:  # it came of the stop
            logs.logger("command").info("stopped in %s", type(error).__name__, exc_info=error)
            raise Stopped from error
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: Exception) -> int:
    from rag.cli.failures import failed

    return failed(error)
