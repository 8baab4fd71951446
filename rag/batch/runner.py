"""A batch of questions to their records, in the order that has the models read least.

Questions about the same documents stand next to each other, so that what was read for one
is still at hand for the next; follow-ups come after what they follow. None of this changes
an answer: each is, to the bit, what the question gets alone. So the order is free, a run can
be taken up again anywhere, and an answer that only a follow-up needs is made again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.answering.assistant import Answer, Asked, Assistant, Retrieval
from rag.batch.question_file import Question
from rag.errors import BelegError, UsageError
from rag.index.library import Entry
from rag.index.metadata_filter import Filter, chosen
from rag.index.update import matching
from rag.output.json_record import detailed, failure
from rag.system.cancellation import CancelToken

WINDOW = 64  # questions looked at ahead: answers leave a run in order, so this is what may have to wait
TOGETHER = 8  # questions whose answers are written side by side

Made = Answer | BelegError


def answers(
    questions: Sequence[Question],
    assistant: Assistant,
    done: Collection[str] = (),
    cancel: CancelToken | None = None,
    together: int = TOGETHER,
) -> Iterator[tuple[Question, Made]]:
    """Yield each question that is not `done` (by id) with its answer, or with the error it met.

    Not in the questions' order, but no question waits for one more than WINDOW after it.
    Raises ModelUnavailable if the LLM cannot be used at all, and Stopped soon after `cancel`
    is cancelled, between two answers or within one.
    """
    cancel = cancel or CancelToken()
    _ = assistant.model  # a model that cannot be used ends the batch, not each question
    run = _Run(questions, assistant, cancel)
    pending = [question for question in questions if question.id not in done]
    for at in range(0, len(pending), WINDOW):
        for group in run.groups(pending[at : at + WINDOW], together):
            for question, made in run.asked(group):
                yield question, made
                cancel.check()


def made_record(question: Question, made: Made, assistant: Assistant) -> dict[str, Any]:
    """Return the record, with its detail, of an answer, or of the error in place of one."""
    if isinstance(made, Answer):
        return detailed(question.id, made)
    model, embedder, settings = assistant.model, assistant.embedder.name, assistant.settings
    return failure(question.id, question.text, str(made), model, embedder, settings.mode, settings.care)


class _Run:
    """What a batch knows while it runs: the questions by id, and the answers that others follow."""

    def __init__(self, questions: Sequence[Question], assistant: Assistant, cancel: CancelToken) -> None:
        self._assistant, self._cancel = assistant, cancel
        self._questions = {question.id: question for question in questions}
        self._followed = {identity for question in questions for identity in question.follows}
        self._answers: dict[str, Answer | None] = {}  # of those that are followed; None where there is none
        # What names, and names with filters, mean in the library's state _stamp.
        self._entries: Sequence[Entry] = ()
        self._named: dict[str, Sequence[Entry]] = {}
        self._chosen: dict[tuple[tuple[str, ...], Filter], tuple[str, ...]] = {}
        self._stamp = ""

    def groups(self, window: Sequence[Question], size: int) -> Iterator[list[tuple[Question, Retrieval | None]]]:
        """Yield what is asked together: questions that look at the same documents, none of which follows another."""
        inside = {question.id for question in window}
        level: dict[str, int] = {}
        for question in window:
            level[question.id] = 1 + max((level[one] for one in question.follows if one in inside), default=-1)
        for depth in range(max(level.values(), default=-1) + 1):
            chosen = [(question, self._looked_up(question)) for question in window if level[question.id] == depth]
            first: dict[str, int] = {}
            for index, (_, found) in enumerate(chosen):
                first.setdefault(_document(found), index)
            chosen.sort(key=lambda pair: (first[_document(pair[1])], _place(pair[1])))
            for at in range(0, len(chosen), size):
                yield chosen[at : at + size]

    def _looked_up(self, question: Question) -> Retrieval | None:
        """Return what is found for a question that stands alone; others are only complete once they are asked."""
        if question.follows:
            return None
        try:
            return self._assistant.look_up(question.text, self._documents(question), cancel=self._cancel)
        except Exception:
            return None  # it is asked all the same, and fails where the failure is told

    def asked(self, group: Sequence[tuple[Question, Retrieval | None]]) -> Iterator[tuple[Question, Made]]:
        """Yield the questions of a group with their answers."""
        ready: list[tuple[Question, Asked]] = []
        for question, found in group:
            try:
                earlier = tuple(filter(None, map(self._earlier, question.follows)))
                ready.append((question, Asked(question.text, self._documents(question), earlier, found)))
            except BelegError as error:
                yield question, error
        made = self._assistant.together([asked for _, asked in ready], cancel=self._cancel)
        for (question, _), answer in zip(ready, made, strict=True):
            self._remember(question, answer)
            yield question, answer

    def _earlier(self, identity: str) -> Answer | None:
        """Return the answer that a follow-up stands on; made again if it was made in an earlier run."""
        if identity not in self._answers:
            question = self._questions[identity]
            earlier = tuple(filter(None, map(self._earlier, question.follows)))
            made: Made
            try:
                asked = Asked(question.text, self._documents(question), earlier)
                (made,) = self._assistant.together([asked], cancel=self._cancel)
            except BelegError as error:
                made = error
            self._remember(question, made)
        return self._answers[identity]

    def _remember(self, question: Question, made: Made) -> None:
        if question.id in self._followed:
            # The passages and their vectors are the bulk of it, and no follow-up needs them.
            self._answers[question.id] = replace(made, passages=()) if isinstance(made, Answer) else None

    def _documents(self, question: Question) -> tuple[str, ...]:
        """Return the ids of the documents a question is limited to. Raises UsageError where there is none."""
        if not question.documents and not question.wanted:
            return ()
        if (stamp := self._assistant.library.stamp) != self._stamp:  # some may have moved: then they have other ids
            self._stamp, self._entries = stamp, self._assistant.library.entries()
            self._named, self._chosen = {}, {}
        key = (question.documents, question.wanted)
        if key not in self._chosen:
            named = {entry.id: entry for name in question.documents for entry in self._meant(name)}
            self._chosen[key] = chosen(list(named.values()) or self._entries, question.wanted).ids
        return self._chosen[key]

    def _meant(self, name: str) -> Sequence[Entry]:
        if name not in self._named:
            self._named[name] = matching(self._entries, name)
        if not self._named[name]:
            raise UsageError(f"No document in the library is {name}.", "`beleg documents` lists them.")
        return self._named[name]


def _document(found: Retrieval | None) -> str:
    return found.passages[0].document.id if found and found.passages else ""


def _place(found: Retrieval | None) -> int:
    return found.passages[0].chunk.start if found and found.passages else 0
