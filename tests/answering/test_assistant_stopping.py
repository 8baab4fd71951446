"""The ask road with the real models: it stops soon, whatever it is doing, and the next question is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from seed_questions import FOUND, TROOPS, answered

from rag.answering import drafts
from rag.answering.assistant import Asked, Assistant, Event, Retrieved, Searching
from rag.index.library import Library
from rag.models import bundled
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.models.reader.reader import Reading, Text
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped


class Slow:
    """A reader that tells when it has begun to read, and reads a passage again and again."""

    def __init__(self, assistant: Assistant) -> None:
        self._reader = assistant.reader
        self.begun = threading.Event()
        self.name, self.fingerprint = self._reader.name, self._reader.fingerprint

    def read(self, question: str, texts: Sequence[Text], cancel: CancelToken | None = None) -> list[Reading]:
        self.begun.set()
        return self._reader.read(question, [text for _ in range(1000) for text in texts], cancel)[: len(texts)]


def test_stop_from_another_thread_while_the_reader_reads_raises_soon_and_the_next_question_is_answered(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, slow = CancelToken(), Slow(assistant)
    stopped_at: list[float] = []

    def stop() -> None:
        assert slow.begun.wait(60)
        time.sleep(0.1)
        stopped_at.append(time.monotonic())
        cancel.cancel()

    with monkeypatch.context() as patch:
        patch.setattr(assistant, "reader", slow)
        thread = threading.Thread(target=stop)
        thread.start()
        with pytest.raises(Stopped):
            list(assistant.ask(TROOPS, cancel=cancel))
        assert time.monotonic() - stopped_at[0] < 1.5
        thread.join()
    assert answered(assistant.ask(FOUND)).status == "answered"


@pytest.mark.usefixtures("writing")
def test_stop_from_another_thread_while_reading_raises_soon_and_the_next_question_is_answered(
    assistant: Assistant,
) -> None:
    stopped_at: list[float] = []
    cancel = CancelToken()

    def stop() -> None:
        stopped_at.append(time.monotonic())
        cancel.cancel()

    def reading(done: int, total: int) -> None:
        if not stopped_at and done < total:
            thread = threading.Thread(target=stop)
            thread.start()
            thread.join()

    with pytest.raises(Stopped):
        list(assistant.ask(TROOPS, reading=reading, cancel=cancel))
    assert time.monotonic() - stopped_at[0] < 1.5
    answer = answered(assistant.ask(FOUND))
    assert answer.status == "answered"
    assert answer.text == answered(assistant.ask(FOUND)).text


@pytest.mark.parametrize("after", [0.0, 0.1, 0.5])
def test_stop_in_the_midst_of_reading_or_writing_raises_soon(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, after: float
) -> None:
    monkeypatch.setattr(assistant, "settings", replace(assistant.settings, mode="compose"))
    stopped_at: list[float] = []
    cancel = CancelToken()

    def stop() -> None:
        stopped_at.append(time.monotonic())
        cancel.cancel()

    events = assistant.ask(TROOPS, cancel=cancel)
    for event in events:
        if isinstance(event, Retrieved):
            break
    threading.Timer(after, stop).start()
    with pytest.raises(Stopped):
        list(events)
    assert time.monotonic() - stopped_at[0] < 1.5
    monkeypatch.undo()
    assert answered(assistant.ask(FOUND)).status == "answered"


@pytest.mark.parametrize("after", [Searching, Retrieved])
def test_stop_between_two_events_ends_the_answer_there(assistant: Assistant, after: type[Event]) -> None:
    cancel = CancelToken()
    events = assistant.ask(TROOPS, cancel=cancel)
    for event in events:
        if isinstance(event, after):
            break
    cancel.cancel()
    with pytest.raises(Stopped):
        next(events)
    assert answered(assistant.ask(FOUND)).status == "answered"


def test_a_question_that_is_stopped_stops_no_other_that_is_asked_beside_it(assistant: Assistant) -> None:
    cancel = CancelToken()
    events, others = assistant.ask(TROOPS, cancel=cancel), assistant.ask(FOUND, cancel=CancelToken())
    assert isinstance(next(events), Searching) and isinstance(next(others), Searching)
    cancel.cancel()
    assert answered(others).status == "answered"
    with pytest.raises(Stopped):
        next(events)


@pytest.mark.parametrize("begun", [False, True])
def test_what_was_stopped_before_it_was_asked_is_not_answered(assistant: Assistant, begun: bool) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        list(assistant.together([Asked(FOUND)], cancel=cancel) if begun else assistant.ask(FOUND, cancel=cancel))
    with pytest.raises(Stopped):
        assistant.look_up(FOUND, cancel=cancel)


def test_looking_a_thing_up_in_every_document_can_be_stopped(assistant: Assistant) -> None:
    cancel, question = CancelToken(), "Which documents mention the stone?"
    assert assistant.retrieve(question, cancel=cancel).overview
    cancel.cancel()
    with pytest.raises(Stopped):
        assistant.retrieve(question, cancel=cancel)


def test_an_answer_that_is_left_half_way_does_not_disturb_the_next(assistant: Assistant) -> None:
    whole = answered(assistant.ask(FOUND))
    events = assistant.ask(TROOPS)
    next(events)
    next(events)
    assert answered(assistant.ask(FOUND)).text == whole.text


def test_stop_before_the_llm_is_loaded_ends_the_waiting_and_loading_goes_on(
    settings_: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def late(settings: Settings, cancel: CancelToken) -> Generator:
        go_on.wait(100)
        return load_generator(settings, cancel)

    monkeypatch.setattr(bundled, "load_generator", late)
    monkeypatch.setattr(drafts, "MOST", 20)
    writes = replace(settings_, mode="compose")
    with Library(writes.library) as library, Assistant(writes, library) as assistant:
        try:
            cancel = CancelToken()
            events = assistant.ask(FOUND, cancel=cancel)
            assert [type(next(events)), type(next(events))] == [Searching, Retrieved]
            timer = threading.Timer(0.2, cancel.cancel)
            timer.start()
            started = time.monotonic()
            with pytest.raises(Stopped):
                next(events)
            assert time.monotonic() - started < 2
        finally:
            go_on.set()
        assert answered(assistant.ask(FOUND)).status == "answered"
