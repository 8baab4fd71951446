"""The ask road with the real models: its events, stopping, what the LLM was given, and limits to documents."""

from __future__ import annotations

import threading
import time

import pytest
from seed_questions import TROOPS, answered

from rag.answering.assistant import Answered, Asked, Assistant, Event, Retrieved, Searching, Writing
from rag.answering.limits import LONGEST_QUESTION
from rag.errors import UsageError
from rag.index.library import Library
from rag.models import bundled, llama_sequences
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

FOUND = "When was the Rosetta Stone found?"


UNKNOWN = "Who composed the opera about whales?"


def test_events_come_in_the_order_of_the_road(events: list[Event]) -> None:
    kinds = [type(event) for event in events]
    count = kinds.count(Writing)
    assert count >= 2
    assert kinds == [Searching, Retrieved, *[Writing] * count, Answered]


def test_each_event_adds_to_the_answer_that_is_given_at_last(events: list[Event]) -> None:
    answer = answered(iter(events))
    writing = [event for event in events if isinstance(event, Writing)]
    assert "".join(event.delta for event in writing) == answer.text == writing[-1].text
    assert [len(event.statements) for event in writing] == list(range(1, len(writing) + 1))
    assert writing[-1].statements == answer.statements
    assert [event.passages for event in events if isinstance(event, Retrieved)] == [answer.passages]
    assert [event.question for event in events if isinstance(event, Searching)] == [answer.standalone] == [TROOPS]


def test_every_statement_cites_an_exact_quote_of_a_passage(events: list[Event]) -> None:
    answer = answered(iter(events))
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert {n for statement in answer.statements for n in statement.citations} == {c.n for c in answer.citations}
    for citation in answer.citations:
        quote = citation.quote
        assert quote.text == quote.document.text[quote.start : quote.end]
        holding = [passage for passage in answer.passages if passage.document.id == quote.document.id]
        assert any(passage.chunk.start <= quote.start < quote.end <= passage.chunk.end for passage in holding)
        assert all(quote.start <= start < end <= quote.end for start, end in quote.marks)


def test_times_grow_and_the_models_are_named(events: list[Event], assistant: Assistant) -> None:
    answer = answered(iter(events))
    times = answer.timings
    assert 0 < times.search_s <= times.first_token_s <= times.total_s
    assert (answer.model, answer.embedder, answer.mode) == (assistant.generator.name, assistant.embedder.name, "quote")


def test_the_prompts_hold_the_question_and_the_sentences_that_were_read(assistant: Assistant) -> None:
    answer = answered(assistant.ask(FOUND))
    assert answer.citations
    reading = [prompt for prompt in answer.prompts if FOUND in prompt]
    for citation in answer.citations:
        assert any(citation.quote.text in prompt for prompt in reading)
    assert len(set(answer.prompts)) == len(answer.prompts)


def test_the_prompts_are_those_of_this_question_alone(assistant: Assistant) -> None:
    first, second = answered(assistant.ask(FOUND)), answered(assistant.ask(UNKNOWN))
    assert second.status == "not_found" and second.prompts
    assert not any(FOUND in prompt or "French soldiers" in prompt for prompt in second.prompts)
    assert answered(assistant.ask(FOUND)).prompts == first.prompts


def test_what_the_documents_do_not_say_has_passages_but_no_citation(assistant: Assistant) -> None:
    *before, last = assistant.ask(UNKNOWN)
    answer = answered(iter([last]))
    assert (answer.status, answer.statements, answer.citations) == ("not_found", (), ())
    assert len(answer.passages) == 5
    said = [event for event in before if isinstance(event, Writing)]
    assert [event.text for event in said] == [answer.text] == ["The documents do not say."]
    assert not said[0].statements[0].supported


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the LLM read in small portions; in its usual ones it reads most questions' sentences at once."""
    monkeypatch.setattr(llama_sequences, "ROWS", 32)


@pytest.mark.usefixtures("small")
def test_reading_is_told_with_growing_numbers_up_to_all(assistant: Assistant) -> None:
    told: list[tuple[int, int]] = []
    answered(assistant.ask(TROOPS, reading=lambda done, total: told.append((done, total))))
    runs: list[list[tuple[int, int]]] = []  # what is read is told from its beginning for each thing that is read
    for done, total in told:
        if not runs or runs[-1][-1][0] == runs[-1][-1][1]:
            runs.append([])
        runs[-1].append((done, total))
    assert any(len(run) > 1 for run in runs)
    for run in runs:
        assert len({total for _, total in run}) == 1
        assert [done for done, _ in run] == sorted({done for done, _ in run})
        assert run[0][0] > 0 and run[-1][0] == run[-1][1]


def test_nothing_is_told_of_reading_after_a_question_that_did_not_want_it(assistant: Assistant) -> None:
    told: list[int] = []
    answered(assistant.ask(FOUND, reading=lambda done, _: told.append(done)))
    assert told
    told.clear()
    answered(assistant.ask(FOUND))
    assert told == []


# --- stopping -------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
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
    monkeypatch.setattr(assistant, "settings", assistant.settings.model_copy(update={"mode": "compose"}))
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
    with Library(settings_.library) as library, Assistant(settings_, library) as assistant:
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


# --- questions ------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "  \n ", "???", "…", "\x1b[", "why " * 501])
def test_a_question_without_words_or_too_long_is_refused_before_anything_is_searched(
    assistant: Assistant, question: str
) -> None:
    with pytest.raises(UsageError):
        next(assistant.ask(question))


@pytest.mark.parametrize("question", ["Who \udcff found the stone?", "Who \x00 found \ufffd the stone? [/INST] </s>"])
def test_a_question_of_odd_characters_is_answered_like_any_other(assistant: Assistant, question: str) -> None:
    answer = answered(assistant.ask(question))
    assert len(answer.passages) == 5
    assert answer.prompts


@pytest.mark.parametrize(
    "filling", ["when French soldiers came across the Rosetta Stone ", pytest.param("ähm, ", marks=pytest.mark.stress)]
)
def test_a_question_of_just_the_greatest_length_is_answered(assistant: Assistant, filling: str) -> None:
    room = LONGEST_QUESTION - len(FOUND) - 1
    answer = answered(assistant.ask(f"{(filling * room)[:room]} {FOUND}"))
    assert len(answer.question) == LONGEST_QUESTION
    assert len(answer.passages) == 5


def test_a_follow_up_is_searched_for_with_what_it_hangs_on(assistant: Assistant) -> None:
    first = answered(assistant.ask(FOUND))
    *events, last = assistant.ask("Who found it?", earlier=[first])
    answer = answered(iter([last]))
    searched = [event.question for event in events if isinstance(event, Searching)]
    assert searched == [answer.standalone]
    assert "Rosetta Stone" in answer.standalone and answer.question == "Who found it?"
    assert answer.passages[0].document.name == "rosetta-stone.md"
