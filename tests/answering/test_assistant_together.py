"""Held: questions asked together get the answers that each gets alone, and each its own error, in either mode."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from library_fixtures import fill
from seed_questions import answered

from rag.answering import drafts
from rag.answering.assistant import Answer, Answered, Asked, Assistant
from rag.conversations.serialization import packed
from rag.errors import BelegError, ModelUnavailable, UsageError
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.models.writer import Task, Written
from rag.settings import Mode, Settings
from rag.system.cancellation import CancelToken, Stopped

TEXTS = {
    "ferry.txt": "The ferry Rosalinde sank off Husum in 1907. Captain Lohse saved 40 passengers from the water.",
    "organ.txt": "Marta Quandt has played the organ for 25 years. The organ of the church has 900 pipes.",
    "bread.txt": "The baker sells bread with caraway at the market. A loaf of his bread costs three euros.",
}
SANK = Asked("When did the ferry Rosalinde sink?")
PIPES = Asked("How many pipes does the organ of the church have?")
UNKNOWN = Asked("Who composed the opera about whales?")
EMPTY = Asked("???")
TOKENS = 24  # of a sentence: enough for most, and some are cut off


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Let the model write less than it may, for the sake of time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "MOST", TOKENS)
        yield


@pytest.fixture(scope="module")
def settings_(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Settings:
    """Settings for a library of three short texts: what the LLM reads before it writes is short too."""
    folder = tmp_path_factory.mktemp("together")
    with Library(folder / "library", create=True) as library:
        fill(library, folder, TEXTS, embedder)
    return Settings(library=folder / "library", cache=cache, threads=1)


@pytest.fixture(scope="module")
def assistant(settings_: Settings) -> Iterator[Assistant]:
    with Library(settings_.library) as library, Assistant(settings_, library) as assistant:
        assert assistant.model
        yield assistant


@pytest.fixture(params=["quote", "compose"])
def mode(request: pytest.FixtureRequest, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Mode:
    monkeypatch.setattr(assistant, "settings", replace(assistant.settings, mode=request.param))
    found: Mode = request.param
    return found


@pytest.fixture(scope="module")
def alone() -> dict[tuple[str, Asked], Any]:
    """What was asked alone, so that it is asked once."""
    return {}


def outcome(found: Answer | BelegError) -> Any:
    """All of an answer but the time it took, or the error's kind and words."""
    if isinstance(found, BelegError):
        return type(found), found.reason, found.remedy
    facts = json.loads(packed(found)[0])
    assert all(time > 0 for time in facts.pop("timings"))
    return facts


def asked_alone(assistant: Assistant, asked: Asked) -> Any:
    try:
        *_, last = assistant.ask(asked.question, asked.documents, asked.earlier)
    except BelegError as error:
        return outcome(error)
    assert isinstance(last, Answered)
    return outcome(last.answer)


def together(assistant: Assistant, *asked: Asked) -> list[Any]:
    return [outcome(found) for found in assistant.together(asked)]


def each_alone(assistant: Assistant, known: dict[tuple[str, Asked], Any], asked: Sequence[Asked]) -> list[Any]:
    for each in asked:
        if (assistant.settings.mode, each) not in known:
            known[assistant.settings.mode, each] = asked_alone(assistant, each)
    return [known[assistant.settings.mode, each] for each in asked]


def test_asked_together_in_any_order_questions_get_the_answers_that_each_gets_alone(
    assistant: Assistant, mode: Mode, alone: dict[tuple[str, Asked], Any]
) -> None:
    asked = [SANK, EMPTY, PIPES, UNKNOWN]
    expected = each_alone(assistant, alone, asked)
    assert together(assistant, *asked) == expected
    assert together(assistant, *asked[::-1], SANK) == [*expected[::-1], expected[0]]
    assert expected[0]["mode"] == mode and expected[0]["status"] == expected[2]["status"] == "answered"
    assert expected[3]["status"] == "not_found" and expected[3]["declined"] and expected[3]["support"] < 0.5
    assert expected[1][0] is UsageError


@pytest.mark.usefixtures("mode")
def test_what_was_looked_up_before_gives_the_same_answer(
    assistant: Assistant, alone: dict[tuple[str, Asked], Any]
) -> None:
    looked_up = [Asked(each.question, retrieval=assistant.look_up(each.question)) for each in (UNKNOWN, SANK)]
    assert together(assistant, *looked_up) == each_alone(assistant, alone, [UNKNOWN, SANK])
    with pytest.raises(UsageError):
        assistant.look_up(EMPTY.question)


def test_limits_and_earlier_answers_are_each_question_s_own(assistant: Assistant) -> None:
    ids = {entry.name: entry.id for entry in assistant.library.entries()}
    *_, last = assistant.ask(SANK.question)
    assert isinstance(last, Answered)
    asked = [
        Asked(PIPES.question, (ids["bread.txt"],)),
        Asked("How many passengers did the captain save from it?", earlier=(last.answer,)),
        Asked("How many passengers did the captain save from it?"),
    ]
    assert together(assistant, *asked) == [asked_alone(assistant, each) for each in asked]


@pytest.mark.usefixtures("mode")
def test_nothing_asked_has_no_answers_and_only_errors_are_no_error(assistant: Assistant) -> None:
    assert together(assistant) == []
    assert [kind for kind, *_ in together(assistant, EMPTY, Asked("why " * 501), EMPTY)] == [UsageError] * 3


def test_all_sentences_of_all_questions_are_written_in_one_go(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "settings", replace(assistant.settings, mode="compose"))
    writer = assistant.generator
    assert writer is not None
    real, made = writer.write, list[list[str]]()

    def noting(tasks: Sequence[Task], **named: Any) -> Iterator[tuple[int, Written]]:
        made.append([task.messages[-1][1] for task in tasks])
        return real(tasks, **named)

    monkeypatch.setattr(writer, "write", noting)
    found = [outcome(answer) for answer in assistant.together([SANK, UNKNOWN, PIPES])]
    (asked,) = made
    given = [prompt for answer in found[::2] for prompt in answer["prompts"]]
    assert len(asked) == len(given) and all(one in whole for one, whole in zip(asked, given, strict=True))
    assert all(SANK.question in one or PIPES.question in one for one in asked)


# --- stopping ----------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "step"), [("quote", "read"), ("compose", "read"), ("compose", "write")])
def test_stopped_while_it_reads_or_writes_the_next_answers_are_the_same(
    assistant: Assistant, alone: dict[tuple[str, Asked], Any], monkeypatch: pytest.MonkeyPatch, wanted: Mode, step: str
) -> None:
    monkeypatch.setattr(assistant, "settings", replace(assistant.settings, mode=wanted))
    expected = each_alone(assistant, alone, [SANK])
    model = assistant.generator if step == "write" else assistant.reader
    real, cancel = getattr(model, step), CancelToken()

    def stopping(*arguments: Any, **named: Any) -> Any:
        thread = threading.Thread(target=cancel.cancel)
        thread.start()
        thread.join()
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(model, step, stopping)
        with pytest.raises(Stopped):
            list(assistant.together([PIPES, SANK], cancel=cancel))
    assert together(assistant, SANK) == expected


def test_stopped_between_two_answers_there_is_no_second_one(assistant: Assistant) -> None:
    cancel = CancelToken()
    answers = assistant.together([SANK, PIPES], cancel=cancel)
    assert isinstance(next(answers), Answer)
    cancel.cancel()
    with pytest.raises(Stopped):
        next(answers)
    assert [found["status"] for found in together(assistant, SANK)] == ["answered"]


# --- one question's error ----------------------------------------------------------------


def test_where_a_prompt_is_too_long_for_the_model_the_quote_is_shown_and_others_are_written_to(
    settings_: Settings,
) -> None:
    small = replace(settings_, context=900, mode="compose")
    with Library(small.library) as library, Assistant(small, library) as assistant:
        asked = [SANK, Asked(f"{SANK.question} {'Think of the captain and of his passengers. ' * 38}")]
        answers = [answered(assistant.ask(each.question)) for each in asked]
        assert [answer.status for answer in answers] == ["answered", "answered"]
        quotes = {citation.quote.reading.text for citation in answers[1].citations}
        assert {statement.text for statement in answers[1].statements} == quotes
        assert together(assistant, *asked) == [outcome(answer) for answer in answers]


@pytest.mark.parametrize(("wanted", "becomes"), [("quote", Answer), ("compose", ModelUnavailable)])
def test_where_the_llm_cannot_be_loaded_each_question_that_it_is_to_answer_gets_that_error(
    settings_: Settings, tmp_path: Path, wanted: Mode, becomes: type
) -> None:
    broken = replace(settings_, llm=str(tmp_path / "none.gguf"), mode=wanted)
    with Library(broken.library) as library, Assistant(broken, library) as assistant:
        found = list(assistant.together([SANK, EMPTY, PIPES]))
        assert [type(each) for each in found] == [becomes, UsageError, becomes]
