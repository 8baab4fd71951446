"""From what was found and composed to the events that are shown, the last of which is the whole answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.answer import Answer, Answered, Event, Timings, Writing, cited, says_nothing
from rag.answering.attribution import Statement
from rag.answering.figure_disagreement import differing_figures
from rag.answering.grounded_generation import Composed
from rag.answering.request import Found
from rag.settings import Care, Mode
from rag.system import logs


@dataclass(frozen=True, slots=True)
class Made:
    """How an answer is made: by which models, and `prompts`, all that an LLM was given, to the letter."""

    model: str
    embedder: str
    mode: Mode
    care: Care
    prompts: tuple[str, ...]


def events(found: Found, composing: Iterator[Composed], made: Made) -> Iterator[Event]:
    """Yield the answer as it grows, and then whole; it enters the log."""
    first, text, composed = 0.0, "", Composed([], [])
    for composed in composing:
        said = composed.statements or [Statement(says_nothing(found.query), (), False)]
        # What is told of the library is a list, a line for each; an answer is a text.
        whole_text = ("\n" if found.overview else " ").join(map(_with_markers, said))
        text, delta = whole_text, whole_text[len(text) :]
        first = first or time.perf_counter()
        yield Writing(text, delta, tuple(said))
    times = Timings(found.searched - found.started, first - found.started, time.perf_counter() - found.started)
    answer = _answer(found, composed, text, times, made)
    _logged(answer)
    yield Answered(answer)


def _answer(found: Found, composed: Composed, text: str, times: Timings, made: Made) -> Answer:
    citations = tuple(cited(n, quote, found.passages, found.copies) for n, quote in enumerate(composed.quotes, 1))
    status = found.status(bool(composed.statements))
    return Answer(
        question=found.question,
        standalone=found.query.text,
        language=found.query.language,
        status=status,
        text=text,
        statements=tuple(composed.statements),
        citations=citations,
        passages=found.passages,
        figures=differing_figures(found.query, citations) if status == "answered" else (),
        model=made.model,
        embedder=made.embedder,
        mode=made.mode,
        timings=times,
        prompts=made.prompts,
        support=found.selection.support if composed.support is None else composed.support,
        declined=found.selection.declined,
        care=made.care,
        considered=found.selection.considered,
        limited=found.limited,
    )


def _logged(answer: Answer) -> None:
    named = sorted({citation.quote.document.name for citation in answer.citations})
    logs.logger("answer").info(
        "%s from %d passages, %d quotes; question in %s; search %.2f s, whole %.2f s; question %s, documents %s",
        *(answer.status, len(answer.passages), len(answer.citations), answer.language),
        *(answer.timings.search_s, answer.timings.total_s, logs.Words(answer.question), logs.Words(", ".join(named))),
    )


def _with_markers(statement: Statement) -> str:
    return statement.text + "".join(f" [{n}]" for n in statement.citations)
