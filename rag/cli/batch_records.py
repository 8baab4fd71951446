"""Who answers the questions of a batch: this process, or workers that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.cli.options import say
from rag.localization import ngettext
from rag.system.cancellation import CancelToken

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.batch.question_file import Question

    Records = Callable[[Sequence[Question], Collection[str]], Iterator[tuple[Question, Mapping[str, Any]]]]


@contextmanager
def records_of(assistant: Assistant, cancel: CancelToken) -> Iterator[Records]:
    """Have at hand what yields each question that is not done (by id) with its record, as it is made."""
    if assistant.settings.workers is None:
        yield lambda questions, done: _made_here(questions, done, assistant, cancel)
        return
    from rag.distributed.question_answerer import answering_elsewhere, records
    from rag.distributed.workers import connected, parse_workers

    with connected(parse_workers(assistant.settings.workers), assistant.settings) as workers:
        said = ngettext("{n} worker answers", "{n} workers answer", workers.count)
        say(said.format(n=workers.count))
        with answering_elsewhere(workers, assistant, cancel.check) as pool:
            yield lambda questions, done: records(pool, questions, done, assistant)


def _made_here(
    questions: Sequence[Question], done: Collection[str], assistant: Assistant, cancel: CancelToken
) -> Iterator[tuple[Question, Mapping[str, Any]]]:
    from rag.batch.runner import answers, made_record

    for question, answer in answers(questions, assistant, done, cancel):
        yield question, made_record(question, answer, assistant)
