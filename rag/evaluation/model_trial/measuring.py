"""The trial itself: what a writer makes of sentences that answer, what it doubts, how fast it is, in what memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rag.answering.drafts import Draft, Drafted, write
from rag.answering.faithfulness import Checker
from rag.answering.grounded_generation import stands
from rag.evaluation.model_trial.asking import Posed
from rag.evaluation.model_trial.combining import Judgement
from rag.evaluation.model_trial.material import LANGUAGES, Asked
from rag.evaluation.model_trial.result import Sentence, Speed, TrialResult
from rag.models.writer import Writer
from rag.system.cancellation import CancelToken
from rag.text.language import detect
from rag.text.language import read as words

Told = Callable[[int, int], None]  # is told of the sentences that are done, and of all
_TIMED = 4  # questions that are asked one by one for the time they take; the first of them only warms up
_TELLING = 3  # words: "6,5 Liter" and "Roswitha Deppenkemper" are of any language
_READY = 0.02  # seconds: a server that counts what it reads as read at once has not told when it began to write


def tried(
    writer: Writer,
    posed: Sequence[Posed],
    checker: Checker,
    *,
    peak_before: int | None = None,
    told: Told = lambda _done, _all: None,
    cancel: CancelToken | None = None,
) -> TrialResult:
    """Put a writer to the trial with these questions; return what was found.

    What it writes may stand where `checker` finds it backed. One that judges well enough is asked to write as a model
    that judges is, with NO for a way out: by that it is measured, unless it writes too badly so; then it is not let
    judge. `peak_before` is what `peak_memory` was before the writer was opened. Raises ModelUnavailable, or Stopped
    once `cancel` is cancelled; what was found by then is lost, for half a trial tells nothing.
    """
    cancel = cancel or CancelToken()
    began = time.perf_counter()
    right = [each for each in posed if each.answers]
    timed = right[:: max(1, len(right) // _TIMED)][:_TIMED]
    total = len(timed) + len(right) + len(posed)
    # Timed first: a model may keep what it has read, and would not read it again.
    speed = _timed(writer, [each.draft for each in timed], cancel)
    told(len(timed), total)
    drafts = [each.draft for each in right]
    made = _written(writer, drafts, cancel, lambda done: told(len(timed) + done, total))
    judged = _judged(writer, posed, cancel, lambda done: told(len(timed) + len(right) + done, total))
    memory = _grown(peak_before)  # before anything is checked, which takes memory too
    result = TrialResult(
        name=writer.name,
        sentences=_sentences(right, drafts, made, checker, cancel),
        judgements=judged,
        speed=speed,
        memory=memory,
        seconds=0.0,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if result.tells_apart:
        either = [each.or_no for each in right]
        made = _written(writer, either, cancel, lambda done: told(total + done, total + len(right)))
        result = result.asked_for_no(_sentences(right, either, made, checker, cancel))
    return replace(result, seconds=time.perf_counter() - began)


def _written(
    writer: Writer, drafts: Sequence[Draft], cancel: CancelToken, done: Callable[[int], None]
) -> list[Drafted]:
    made: dict[int, Drafted] = {}
    for place, found in write(drafts, writer, None, cancel):
        made[place] = found
        done(len(made))
    return [made[place] for place in range(len(drafts))]


def _judged(
    writer: Writer, posed: Sequence[Posed], cancel: CancelToken, done: Callable[[int], None]
) -> tuple[Judgement, ...] | None:
    """Return what the model doubts of each sentence; None where it does not tell of all."""
    tasks = [each.to_judge for each in posed]
    if any(writer.count(task.messages) > writer.context for task in tasks):
        return None
    chances: dict[int, float | None] = {}
    for place, found in writer.write(tasks, cancel=cancel):
        chances[place] = found.watched
        done(len(chances))
    judged = []
    for place, each in enumerate(posed):
        asked, declined = each.asked, chances[place]
        if declined is None:
            return None
        missing = asked.answer is None
        judged.append(
            Judgement(asked.pair, asked.text, each.evidence.text, each.answers, missing, each.support, declined)
        )
    return tuple(judged)


def _sentences(
    posed: Sequence[Posed], drafts: Sequence[Draft], made: Sequence[Drafted], checker: Checker, cancel: CancelToken
) -> tuple[Sentence, ...]:
    backed = stands(drafts, made, checker, cancel)
    return tuple(_sentence(each, drafted.text, shown) for each, drafted, shown in zip(posed, made, backed, strict=True))


def _sentence(each: Posed, text: str, shown: bool) -> Sentence:
    asked, quote = each.asked, each.draft.given.text
    return Sentence(
        pair=asked.pair,
        question=asked.text,
        quote=quote,
        text=text,
        answers=asked.is_answered_by(text),
        spoken=bool(text) and _is_spoken(text, asked),
        shown=shown,
        quoted=asked.is_answered_by(quote) and _is_spoken(quote, asked),
    )


def _is_spoken(text: str, asked: Asked) -> bool:
    """Whether a text is in the question's language, or of any."""
    few = sum(not word.text[0].isdigit() for word in words(text)) < _TELLING
    return few or detect(text, LANGUAGES, asked.language) == asked.language


# --- time and memory ---------------------------------------------------------------------


@dataclass(slots=True)
class _Watch:
    """When all was read, and how much that was."""

    read: int = 0
    at: float | None = None

    def look(self, done: int, total: int) -> None:
        if done >= total and self.at is None:
            self.read, self.at = total, time.perf_counter()


def _timed(writer: Writer, drafts: Sequence[Draft], cancel: CancelToken) -> Speed:
    """Let drafts be written one by one; return how fast all but the first were."""
    took: list[float] = []
    reading: list[tuple[int, float]] = []
    writing: list[tuple[int, float]] = []
    for number, each in enumerate(drafts):
        watch, began = _Watch(), time.perf_counter()
        ((_, found),) = write([each], writer, watch.look, cancel)
        ended = time.perf_counter()
        if number == 0 and len(drafts) > 1:
            continue
        took.append(ended - began)
        tokens = writer.count((("user", f"x {found.text}"),)) - writer.count((("user", "x"),))
        if watch.at is not None and ended - watch.at > _READY:
            reading.append((watch.read, watch.at - began))
            writing.append((tokens, ended - watch.at))
    first = sum(took) / len(took) if took else None
    return Speed(_rate(reading), _rate(writing), first)


def _rate(rows: Sequence[tuple[int, float]]) -> float | None:
    seconds = sum(took for _, took in rows)
    return sum(tokens for tokens, _ in rows) / seconds if seconds > 0 else None


def peak_memory() -> int | None:
    """Return the most memory, in bytes, that this process ever took; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _grown(before: int | None) -> int | None:
    now = peak_memory()
    return None if before is None or now is None else max(0, now - before)
