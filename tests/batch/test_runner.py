"""Held: what is asked together, and in which order, never changes an answer; one question's failure is its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fake_assistant import Told, questions
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.answering.assistant import Answer, Asked, Assistant, Retrieval
from rag.batch.question_file import Question
from rag.batch.runner import WINDOW, answers, made_record
from rag.errors import BelegError
from rag.index.library import Library
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

SUMMER, WINTER = "summer.md", "winter.md"


def made(
    asked: list[Question], told: Told | None = None, together: int = 8, done: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return what each question becomes, as its record."""
    assistant = cast(Assistant, told or Told())
    return {
        question.id: made_record(question, answer, assistant)
        for question, answer in answers(asked, assistant, done, together=together)
    }


@st.composite
def files(draw: st.DrawFn) -> list[Question]:
    """Questions as a file holds them: what they follow is earlier, all of a chain, the oldest first."""
    count = draw(st.integers(1, 12))
    found: list[Question] = []
    for n in range(count):
        before = draw(st.sampled_from([None, *found]))
        follows = (*before.follows, before.id)[-20:] if before else ()
        text = draw(st.sampled_from(["When?", "Who built it?", "whales?", "broken?"])) + str(n)
        found.append(Question(f"q{n}", text, follows=follows))
    return found


# --- order ------------------------------------------------------------------------------


@given(files(), st.integers(1, 9), st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=150, deadline=None)
def test_groups_and_what_is_done_already_change_no_answer(
    asked: list[Question], size: int, chance: random.Random
) -> None:
    whole = made(asked, together=1)
    assert sorted(whole) == sorted(question.id for question in asked)
    assert made(asked, together=size) == whole
    done = tuple(question.id for question in asked if chance.random() < 0.5)
    assert made(asked, together=size, done=done) == {key: whole[key] for key in whole if key not in done}


@given(files(), st.integers(1, 9))
@hypothesis_settings(max_examples=80, deadline=None)
def test_follow_ups_are_asked_after_what_they_follow_and_never_beside_it(asked: list[Question], size: int) -> None:
    told = Told()
    order = list(made(asked, told, size))
    by_text = {question.text: question for question in asked}
    for question in asked:
        assert all(order.index(one) < order.index(question.id) for one in question.follows)
    for group in told.groups:
        ids = {by_text[text].id for text in group}
        assert len(group) <= size and not any(ids & set(by_text[text].follows) for text in group)


def test_no_question_waits_for_one_more_than_the_window_after_it() -> None:
    asked = questions(*(f"Question {n}?" for n in range(3 * WINDOW)))
    order = [int(identity) for identity in made(asked)]
    waiting = list(range(1, 3 * WINDOW + 1))
    assert order != waiting == sorted(order)
    for identity in order:
        assert identity - waiting[0] <= WINDOW
        waiting.remove(identity)


def test_questions_about_the_same_document_stand_next_to_each_other() -> None:
    told = Told()
    asked = questions(*(f"Question {n}?" for n in range(20)))
    made(asked, told, together=20)
    (group,) = told.groups
    found = [told._passages(text)[0].document.id for text in group]
    assert len(set(found)) == 2 and sum(one != other for one, other in pairwise(found)) == 1
    assert sorted(told.looked_up) == sorted(question.text for question in asked)


def test_what_was_looked_up_is_handed_on_but_not_for_follow_ups() -> None:
    class Spying(Told):
        def together(self, asked: Any, **named: Any) -> Iterator[Answer | BelegError]:
            seen.extend((each.question, each.retrieval is not None, len(each.earlier)) for each in asked)
            return super().together(asked, **named)

    seen: list[tuple[str, bool, int]] = []
    first, second, third = questions("a?", "b?", "c?")
    made([first, replace(second, follows=("1",)), replace(third, follows=("1", "2"))], Spying())
    assert seen == [("a?", True, 0), ("b?", False, 1), ("c?", False, 2)]


def test_a_run_that_is_stopped_ends_after_the_answer_that_is_made() -> None:
    cancel, got = CancelToken(), []
    with pytest.raises(Stopped):
        for question, _ in answers(questions("a?", "b?", "c?"), cast(Assistant, Told()), cancel=cancel):
            got.append(question.id)
            cancel.cancel()
    assert len(got) == 1


def test_a_stop_while_questions_are_looked_up_is_not_forgotten() -> None:
    class Stopping(Told):
        def look_up(self, question: str, documents: Any = (), **named: Any) -> Any:
            if question == "b?":
                cancel.cancel()
            return super().look_up(question, documents, **named)

    cancel, told = CancelToken(), Stopping()
    with pytest.raises(Stopped):
        next(answers(questions("a?", "b?", "c?"), cast(Assistant, told), cancel=cancel))
    assert told.looked_up == ["a?"] and told.groups == []


# --- failures ---------------------------------------------------------------------------


def test_a_failure_while_looking_up_is_that_questions_own() -> None:
    class Failing(Told):
        def look_up(self, question: str, documents: Any = (), **named: Any) -> Any:
            if question == "b?":
                raise RuntimeError("the index is broken")
            return super().look_up(question, documents, **named)

    assert made(questions("a?", "b?", "c?"), Failing()) == made(questions("a?", "b?", "c?"))


def entry(name: str) -> Any:
    return SimpleNamespace(id=name, path=f"/articles/{name}", name=name)


def with_documents() -> Told:
    library = SimpleNamespace(stamp="stamp", entries=lambda: [entry(SUMMER), entry(WINTER)])
    return Told(library=library)


def test_a_document_that_does_not_exist_is_the_error_of_its_question_only() -> None:
    told = with_documents()
    asked = [
        Question("1", "Where?", (SUMMER, "/articles")),
        Question("2", "Who?", ("nothing.md",)),
        Question("3", "Who?", ()),
        Question("4", "When?", (WINTER, "nothing.md")),
    ]
    got = made(asked, told)
    assert [got[n]["status"] for n in "1234"] == ["answered", "error", "answered", "error"]
    assert got["2"]["error"] == "No document in the library is nothing.md. `beleg documents` lists them."
    assert sorted(told.looked_up) == [f"Where? {SUMMER} {WINTER}", "Who?"]


def test_a_document_that_moves_during_the_run_is_asked_where_it_is_then() -> None:
    told = with_documents()
    seen: list[tuple[str, ...]] = []

    def meanwhile(_: Told, question: str) -> None:
        told.library.stamp += question
        moved = SimpleNamespace(id="moved", path="/elsewhere/summer.md", name=SUMMER)
        told.library.entries = lambda: [moved, entry(WINTER)]

    class Noting(Told):
        def _answer(self, asked: Asked) -> Answer | BelegError:
            seen.append(tuple(asked.documents))
            return super()._answer(asked)

    noting = Noting(library=told.library)
    noting.meanwhile = meanwhile
    made([Question(n, "Where?", (SUMMER,)) for n in "12"], noting, together=1)
    assert seen == [(SUMMER,), ("moved",)]


@pytest.mark.parametrize("done", [(), ("1",), ("1", "2")])
def test_what_follows_a_question_that_failed_is_asked_without_it(done: tuple[str, ...]) -> None:
    for lost in (Question("2", "Who?", ("nothing.md",), follows=("1",)), Question("2", "broken?", (), "", ("1",))):
        asked = [Question("1", "Where?"), lost, Question("3", "And when?", (), "", ("1", "2"))]
        got = made(asked, with_documents(), done=done)["3"]
        without = made([asked[0], replace(asked[2], follows=("1",))], with_documents())["3"]
        assert got == without and got["status"] == "answered"


# --- the real models --------------------------------------------------------------------

REAL = [
    Question("1", "How many North Korean troops are in Kursk?"),
    Question("2", "When was the Rosetta Stone found?"),
    Question("3", "Wo steht der Stein heute?", follows=("2",)),
    Question("4", "Who composed the opera about whales?"),
    Question("5", "Who said so?", ("kursk-lage.txt",), follows=()),
    Question("6", "When did he speak?", follows=("1",)),
    Question("7", "Who was in Kursk?", ("no-such.md",)),
    Question("8", "Wie viele Soldaten stehen in Kursk?"),
]


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    with Library(settings.library) as library, Assistant(settings, library) as opened:
        yield opened


def real(asked: list[Question], assistant: Assistant, together: int = 8, done: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        question.id: {**made_record(question, answer, assistant), "timings": 0}
        for question, answer in answers(asked, assistant, done, together=together)
    }


def test_the_real_models_answer_alone_as_in_any_batch(assistant: Assistant) -> None:
    whole = real(REAL, assistant)
    assert [whole[n]["status"] for n in "1247"] == ["answered", "answered", "not_found", "error"]
    alone = {}
    for question in REAL:
        before = [other for other in REAL if other.id in question.follows]
        done = tuple(other.id for other in before)
        alone |= real([*before, question], assistant, 1, done)
    assert alone == whole
    shuffled = [REAL[n] for n in (7, 1, 6, 3, 2, 0, 4, 5)]
    assert real(shuffled, assistant, together=3) == whole


@pytest.mark.stress  # the suite has test_together for what writes
def test_a_model_that_writes_answers_alone_as_in_any_batch(small_library: Path, cache: Path) -> None:
    first, second, third = questions("When did the mill burn down?", "Was kostete die Brücke?", "Who rebuilt it?")
    asked = [first, second, replace(third, follows=("1",))]
    writing = Settings(library=small_library, cache=cache, mode="compose", threads=2)
    with Library(small_library) as library, Assistant(writing, library) as assistant:
        whole = real(asked, assistant)
        assert whole["1"]["mode"] == "compose" and whole["1"]["status"] == "answered"
        alone = real(asked, assistant, together=1, done=("1",))
    assert alone == {"2": whole["2"], "3": whole["3"]}


def test_an_unexpected_failure_of_the_real_assistant_is_a_record_and_the_others_go_on(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    select = Assistant._select

    def failing(self: Assistant, found: Retrieval, *rest: Any) -> Any:
        if "Rosetta" in found.query.text:
            raise ZeroDivisionError("by what the document holds")
        return select(self, found, *rest)

    monkeypatch.setattr(Assistant, "_select", failing)
    got = real(REAL[:3], assistant)
    assert [got[n]["status"] for n in "12"] == ["answered", "error"] and got["3"]["status"] != "error"
    assert "ZeroDivisionError: by what the document holds" in got["2"]["error"]
