"""The command. Standard output is data, standard error is narration, exit codes are a contract.

Whatever takes time to import is imported by the command that needs it, so that
`beleg --help` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from io import TextIOWrapper
from typing import Any

import click

from rag import __version__
from rag.cli import completing
from rag.cli.asking import ask
from rag.cli.batch import batch
from rag.cli.completion import completion
from rag.cli.copying import copy
from rag.cli.doctor import command as doctor_command
from rag.cli.evaluate import evaluate
from rag.cli.failures import failed
from rag.cli.help import Group
from rag.cli.indexing import agreed, check_paths, keep_in_step, made_elsewhere, progress, told, watched
from rag.cli.library import backup, check, documents, forget, restore, show, tag
from rag.cli.manual import manual
from rag.cli.mcp import mcp
from rag.cli.models import models
from rag.cli.options import (
    ANSWERED,
    FAILED,
    UNUSABLE,
    first_language,
    limit_from,
    limited,
    limits,
    open_in_step,
    options,
    say,
    settings_from,
    tags_from,
    workers,
)
from rag.cli.serve import serve
from rag.errors import UsageError
from rag.localization import gettext, ngettext, use
from rag.localization.languages import language_name
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


@click.group(
    cls=Group, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="beleg")
@options
def cli(**_: Any) -> None:
    """Ask your own documents, offline, and see the evidence.

    \b
    beleg index articles/
    beleg ask "How many North Korean troops are in Kursk?"
    """


@cli.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=completing.files)
@click.option("--keep-vanished", is_flag=True, help="Keep documents whose file is gone from an indexed folder.")
@click.option(
    "--remove-vanished",
    is_flag=True,
    help="Remove them without asking, even if more than half of a folder's files are gone; never if all are.",
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out files or folders, as a line of .belegignore does."
)
@click.option("--watch", is_flag=True, help="Then go on, and index whatever changes in the folders, until stopped.")
@click.option("--read-all", is_flag=True, help="Read files of the same size and time as before, too.")
@click.option(
    "--ocr", is_flag=True, help="Read pages of PDFs without text by tesseract or ocrmypdf, which must be installed."
)
@click.option(
    "--rebuild", is_flag=True, help="Make the index anew from the texts in the library, for the present embedder."
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    shell_complete=completing.tag,
    help="Give the documents of all these files a tag, of the unchanged ones too; `beleg tag` takes it away.",
)
@workers
@options
@click.pass_context
def index(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    keep_vanished: bool,
    remove_vanished: bool,
    exclude: tuple[str, ...],
    watch: bool,
    read_all: bool,
    ocr: bool,
    rebuild: bool,
    tags: tuple[str, ...],
    **flags: Any,
) -> int:
    """Add files, folders and globs, or bring them up to date.

    Read are txt md html pdf epub docx odt rtf pptx xlsx csv tsv eml.
    Documents whose file is gone from a folder that is named are removed. Where that is more than
    half of the folder's, you are asked, or in a script they are kept. A file that has moved takes
    its document along; one of the size and time that it had is not read again. Links are followed
    to files, to folders only where they are named.

    Hidden files are left out, and what the patterns (as in .gitignore) of a file .belegignore in a
    folder say, or --exclude; documents that were indexed before are removed then. A file that is
    named itself is indexed all the same. A .gitignore is not looked at.

    With --watch it goes on until it is stopped: when files in the folders have changed and then been
    left alone for half a second, it indexes what changed, and says so in a line each.
    """
    if not paths and not rebuild:
        raise UsageError(gettext("Nothing to index."), gettext("Name files or folders: beleg index articles/"))
    if watch and not watched(paths):
        raise UsageError(gettext("There is nothing to watch."), gettext("Name folders: beleg index --watch articles/"))
    if keep_vanished and remove_vanished:
        raise UsageError(
            gettext("--keep-vanished and --remove-vanished contradict each other."), gettext("Give one of them.")
        )
    if tags and not paths:
        raise UsageError(
            gettext("There are no files to tag."), gettext("Name them, or tag what is in the library by `beleg tag`.")
        )
    given = tags_from(tags)
    from rag.documents.ocr import find_ocr
    from rag.index import update as indexing
    from rag.index.stores import renew_store, send
    from rag.models.bundled import load_embedder

    settings = settings_from(context, flags)
    check_paths(paths, settings.library)  # a path that is wrong is said before a model is loaded or a library made
    reader = find_ocr() if ocr else None
    embedder = load_embedder(settings)
    code = ANSWERED
    with open_in_step(settings, context.obj, create=True) as library:
        if rebuild:
            count = indexing.rebuild(
                library, embedder, lambda name: say(gettext("rebuilding {name}").format(name=name))
            )
            said = ngettext("{n} document rebuilt for {embedder}", "{n} documents rebuilt for {embedder}", count)
            say(said.format(n=count, embedder=embedder.name))
        if paths:
            look = context.obj.check
            maker = context.with_resource(made_elsewhere(settings, embedder, ocr, look))
            run = partial(indexing.index, paths, library, embedder, exclude=exclude, tags=given, look=look, ocr=reader)
            run = partial(run, elsewhere=maker)
            report = run(
                partial(progress, context),
                keep_vanished=keep_vanished,
                agreed=(lambda _: True) if remove_vanished else agreed,
                read_all=read_all,
            )
            say(told(report, library))
            if report.unreadable:
                code = FAILED if report.read else UNUSABLE
        renew_store(library, settings, context.obj.check)
        if watch:
            run = partial(run, keep_vanished=keep_vanished, agreed=lambda _: remove_vanished)
            keep_in_step(paths, library.folder, report, run, look, partial(send, library, settings, look))
    return code


@cli.command()
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@click.option("-k", "--top-k", type=click.IntRange(1, 50), help="How many passages.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@limits
@options
@click.pass_context
def search(context: click.Context, /, words: tuple[str, ...], top_k: int | None, as_json: bool, **flags: Any) -> None:
    """Find passages, in German and English, for a question or words in either."""
    from rag.answering.request import clean
    from rag.index.hybrid_search import retrieve
    from rag.index.stores import open_store
    from rag.models.bundled import load_embedder
    from rag.output.json_record import passage_record
    from rag.output.terminal import found

    limit = limit_from(flags)
    settings = settings_from(context, flags)
    query = clean(" ".join(words))
    with open_in_step(settings, context.obj) as library:
        embedder = load_embedder(settings)
        with library.snapshot():
            library.refuse_other(embedder)
            documents = limited(library, limit)
            with closing(open_store(library, settings, context.obj.check)) as store:
                asked_for, passages = retrieve(query, library, store, embedder, top_k or settings.passages, documents)
    if as_json:
        for passage in passages:
            click.echo(json.dumps({**passage_record(passage), "text": passage.chunk.text}, ensure_ascii=False))
    else:
        click.echo(found(passages, asked_for.language))
    told = ngettext("{n} passage, question in {language}", "{n} passages, question in {language}", len(passages))
    say(told.format(n=len(passages), language=language_name(asked_for.language)))


_OF_THE_LIBRARY = (documents, show, tag, forget, backup, restore, copy, check)
for command in (ask, batch, evaluate, *_OF_THE_LIBRARY, models, serve, mcp, completion, manual, doctor_command()):
    cli.add_command(command)


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
        return failed(BrokenPipeError())
    except Exception as error:
        if cancel.cancelled:  # it came of the stop
            logs.logger("command").info("stopped in %s", type(error).__name__, exc_info=error)
            raise Stopped from error
        return failed(error)
    return code if isinstance(code, int) else 0
