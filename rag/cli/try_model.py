"""`beleg models try`: what an LLM can be trusted with, measured on questions and documents that come with Beleg."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from rag.cli import completing
from rag.cli.help import Command
from rag.cli.options import ANSWERED, options, say, settings_from
from rag.errors import BelegError
from rag.localization import gettext
from rag.system.cancellation import CancelToken, deferred

if TYPE_CHECKING:
    from rag.answering.faithfulness import Checker
    from rag.evaluation.model_trial.asking import Posed
    from rag.models.writer import Writer
    from rag.settings import Settings

_EVERY = 10.0  # seconds from one line of narration to the next


@click.command("try", cls=Command)
@click.argument("name", required=False, shell_complete=completing.model_here)
@click.option("--show", is_flag=True, help="Print the sentences that are not right, or not shown, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: figures, sentences, judgements.")
@options
@click.pass_context
def try_model(context: click.Context, /, name: str | None, show: bool, as_json: bool, **flags: Any) -> int:
    """Measure what an LLM can do, and keep what it is let do by that.

    NAME is what --llm takes; without one it is the LLM in use. It is asked as an answer asks it: to write a
    sentence from each of 42 that answer a question, in German and English, within one language and across; and
    of these and 124 others whether they answer. That takes minutes.

    \b
    right      says what is asked, in the question's language
    shown      stands up to what every sentence of an answer is held against; else the quote takes its place
    wrong      shown, and says something else
    told       right and shown
    answered   what is shown, the sentence or the quote, says what is asked, in the question's language
    quotes     the same, if nothing were written
    apart      the chance that it doubts a sentence which answers less than one that does not

    In compose mode a model writes, and judges, as far as it was found to be able to.
    """
    from rag.evaluation.model_trial.measuring import peak_memory, tried
    from rag.evaluation.model_trial.report import as_object, table, wrong_ones
    from rag.models.admission import keep

    settings = settings_from(context, flags if name is None else flags | {"llm": name})
    cancel: CancelToken = context.obj
    (asked, checker), before = _asked(settings, cancel), peak_memory()
    writer, key = _opened(settings, cancel)
    try:
        result = tried(writer, asked, checker, peak_before=before, told=_narrator(), cancel=cancel)
    finally:
        writer.close()
    with deferred():
        try:
            keep(settings.state, key, result.admission)
        except OSError as error:
            raise BelegError(
                gettext("What was found cannot be kept in {folder}: {error}.").format(
                    folder=settings.state, error=error.strerror
                ),
                gettext("Make room there, or name another folder with the setting state."),
            ) from error
        finally:  # minutes of measuring are not lost with a full disk
            if as_json:
                click.echo(json.dumps(as_object(result), ensure_ascii=False))
            else:
                click.echo(table(result))
                if show and (wrong := wrong_ones(result)):
                    click.echo("\n" + wrong)
    return ANSWERED


def _asked(settings: Settings, cancel: CancelToken) -> tuple[Sequence[Posed], Checker]:
    """Return what is asked, and what checks the answers, by the embedder and the reader in use.

    Raises ModelUnavailable or Stopped.
    """
    from rag.answering.faithfulness import Checker
    from rag.evaluation.model_trial.asking import posed
    from rag.evaluation.model_trial.material import questions
    from rag.models.bundled import load_embedder, load_reader
    from rag.models.llama_model import check_file
    from rag.models.pulled import llm_file
    from rag.system.server_address import is_server

    if settings.llm is not None and not is_server(settings.llm):  # what is no model is told before all that is read
        check_file(llm_file(settings.llm, settings.models, settings.cache))
    embedder = load_embedder(settings, cancel)
    reader = load_reader(settings, embedder, cancel=cancel)
    return posed(questions(), embedder, reader, cancel), Checker()


def _opened(settings: Settings, cancel: CancelToken) -> tuple[Writer, str]:
    """Open the LLM in use; return it, and what it is known by. Raises ModelUnavailable."""
    from rag.models.bundled import known_as, load_writer

    writer = load_writer(settings, cancel)
    return writer, known_as(settings, writer)


def _narrator() -> Callable[[int, int], None]:
    """Return what says now and then how many sentences are done."""
    said_at = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _EVERY:
            said_at = time.monotonic()
            say(gettext("{n} of {total} sentences").format(n=done, total=total))

    return told
