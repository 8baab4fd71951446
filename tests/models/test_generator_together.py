"""Held: what the LLM writes is the same to the bit, whatever is asked beside it and whatever was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import llama_cpp
import pytest

from rag.errors import ModelUnavailable
from rag.models.bundled import load_generator
from rag.models.generator import Generator
from rag.models.writer import Ending, Messages, Task, Written
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

SYSTEM = "You answer from the letters that you are given, in one sentence, and say which letter it was. "
LETTERS = "The ferry sank in 1907. The organ has 900 pipes. Bread costs three euros. " * 4
WATCHED = ("The", "Yes", "NO")


def asked(text: str, system: str = "") -> Messages:
    return (("system", system), ("user", text)) if system else (("user", text),)


MESSAGES = [
    *(asked(f"{LETTERS}\n{question}", SYSTEM) for question in ("When did the ferry sink?", "How many pipes?")),
    asked(f"{LETTERS}\nWhat costs bread?"),
    *map(asked, ("Say only: yes", "Say only: no", "Name three German rivers.", "Schreibe ein Wort mit ß: 🙂")),
    asked(LETTERS * 2, SYSTEM),
    *(asked(text, SYSTEM) for text in ("Name three German towns.", "Count to five.")),
]
TASKS = [Task(messages, 16, watched=WATCHED) for messages in MESSAGES]


@pytest.fixture(scope="module")
def llm(cache: Path) -> Iterator[Generator]:
    """The embedded LLM."""
    opened = load_generator(Settings(cache=cache, threads=1))
    yield opened
    opened.close()


@pytest.fixture
def fresh(llm: Generator) -> Iterator[Generator]:
    """The embedded LLM, which has read nothing yet."""
    opened = Generator(llm.path, threads=1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def alone(llm: Generator) -> list[Written]:
    """What is written to each task alone, when nothing was read before."""
    forgetful = Generator(llm.path, threads=1, memory=0)
    found = []
    for task in TASKS:
        forgetful._prefill.clear()
        found += wrote(forgetful, [task])
    forgetful.close()
    return found


def wrote(llm: Generator, tasks: Sequence[Task]) -> list[Written]:
    found = dict(llm.write(tasks))
    return [found[place] for place in range(len(tasks))]


def read(llm: Generator, tasks: Sequence[Task]) -> list[tuple[int, int]]:
    """Return what is told of reading while tasks are done."""
    told: list[tuple[int, int]] = []
    list(llm.write(tasks, progress=lambda done, total: told.append((done, total))))
    return told


# --- alone or together -------------------------------------------------------------------


def test_together_tasks_are_done_as_each_is_alone(llm: Generator, alone: list[Written]) -> None:
    assert {written.ending for written in alone} == {"end", "length"}
    assert len({written.watched for written in alone}) > 7
    assert wrote(llm, TASKS) == alone
    assert wrote(llm, TASKS) == alone


def test_in_another_order_or_number_they_are_done_the_same(fresh: Generator, alone: list[Written]) -> None:
    for order in ([9, 3, 0], [1], [7, 7, 2], [8], [0, 9, 1, 8, 7], [5]):
        assert wrote(fresh, [TASKS[index] for index in order]) == [alone[index] for index in order]


@pytest.mark.parametrize("room", [0, 3 << 20])
def test_with_room_for_few_at_once_they_are_done_the_same(llm: Generator, alone: list[Written], room: int) -> None:
    small = Generator(llm.path, threads=1, context=600, memory=room)
    assert wrote(small, TASKS) == alone
    assert wrote(small, TASKS[::-1]) == alone[::-1]
    small.close()


def test_each_is_given_as_soon_as_it_is_written(llm: Generator) -> None:
    tasks = [Task(asked("Name three German rivers."), 20), Task(asked("Name three German towns."), 0), TASKS[5]]
    assert [place for place, _ in llm.write(tasks)] == [1, 2, 0]


@pytest.mark.parametrize("early", [{0}, {9}, {1, 4, 5}, set(range(10)) - {3}])
def test_texts_that_are_ended_early_leave_the_others_as_they_are(
    llm: Generator, alone: list[Written], early: set[int]
) -> None:
    found = dict(llm.write(TASKS, enough=lambda place, text: place in early and len(text) >= 8))
    for place, whole in enumerate(alone):
        if place not in early or len(whole.text) < 8:
            assert found[place] == whole
        else:
            assert whole.text.startswith(found[place].text) and len(found[place].text) >= 8
            assert found[place].ending == "stopped" and found[place].watched == whole.watched


@pytest.mark.parametrize(
    ("text", "most", "least", "ending"),
    [
        ("Say only: yes", 60, 999, "end"),
        ("Name three German rivers.", 5, 999, "length"),
        ("Name three German rivers.", 0, 999, "length"),
        ("Name three German rivers.", 60, 8, "stopped"),
        ("Name three German rivers.", 1, 1, "stopped"),
    ],
)
def test_why_a_text_ended_is_told_alone_and_together(
    llm: Generator, text: str, most: int, least: int, ending: Ending
) -> None:
    tasks = [Task(asked(text), most), Task(asked("Count to five."), 30)]
    ((_, single),) = llm.write(tasks[:1], enough=lambda _, written: len(written) >= least)
    assert single.ending == ending and bool(single.text) == bool(most)
    assert dict(llm.write(tasks, enough=lambda place, written: place == 0 and len(written) >= least))[0] == single


def test_a_text_that_is_enough_is_not_written_on(llm: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    decode, calls = llama_cpp.llama_decode, []
    monkeypatch.setattr(llama_cpp, "llama_decode", lambda *given: (calls.append(1), decode(*given))[1])
    told: list[str] = []
    list(llm.write([TASKS[5]], enough=lambda _, text: (told.append(text), len(told) == 3)[1]))
    before = len(calls)
    told.clear()
    list(llm.write([TASKS[5]], enough=lambda _, text: (told.append(text), len(told) == 3)[1]))
    assert len(told) == 3 and len(calls) - before == 3  # the last token of the prompt, and one for each but the last


def test_nothing_asked_is_answered_by_nothing(llm: Generator) -> None:
    assert list(llm.write([])) == []


# --- what begins alike ---------------------------------------------------------------------


def test_what_all_begin_with_is_read_once(fresh: Generator) -> None:
    tasks = [Task(asked(f"Say {word}.", SYSTEM), 1) for word in ("one", "two", "three", "four")]
    head = fresh._model.chat(tasks[0].messages).head
    rest = sum(fresh.count(task.messages) - head for task in tasks)
    assert head > 20
    told = read(fresh, tasks)
    assert head < told[-1][1] <= head + rest
    assert [done for done, _ in told] == sorted({done for done, _ in told}) and told[-1][0] == told[-1][1]


def test_what_the_system_is_told_is_not_read_again_whatever_was_read_in_between(fresh: Generator) -> None:
    first, second = (Task(asked(f"Say {word}.", SYSTEM), 1) for word in ("one", "two"))
    other = Task(asked(LETTERS), 1)
    rest = fresh.count(second.messages) - fresh._model.chat(second.messages).head
    read(fresh, [other] * 3)  # a state fits as many streams as there were
    read(fresh, [first])
    for between in ([other], [other] * 3):
        read(fresh, between)
        assert read(fresh, [second])[-1][1] <= rest
        assert wrote(fresh, [second]) == wrote(fresh, [first, second])[1:]


def test_of_many_with_different_beginnings_those_that_begin_alike_are_read_together(fresh: Generator) -> None:
    heads = [SYSTEM * 2, "Be brief. " * 10]
    tasks = [Task(asked(f"Say {n}.", heads[n % 2]), 0) for n in range(40)]
    told = read(fresh, tasks)
    assert told[-1][0] == told[-1][1] == told[0][1] < 40 * 12 + sum(map(fresh.count_tokens, heads)) * 2


# --- what it would begin with -------------------------------------------------------------


def test_the_chance_of_a_beginning_is_told_and_that_of_others_is_the_rest(llm: Generator) -> None:
    messages = asked("Say only: yes")
    written = dict(
        llm.write([Task(messages, 9), *(Task(messages, 0, watched=(w,)) for w in ("Yes", "yes", "Xylophon"))])
    )
    none, upper, lower, never = (written[place].watched for place in range(4))
    assert none is None and upper is not None and lower is not None and never is not None
    assert 0 <= never < 0.01 and max(upper, lower) > 0.2 and upper + lower <= 1
    ((_, both),) = llm.write([Task(messages, 0, watched=("Yes", "yes"))])
    assert both.watched == pytest.approx(upper + lower)
    assert written[1].text == ""


def test_a_word_is_not_taken_for_another_that_it_begins(llm: Generator) -> None:
    watched = llm._watched
    pieces = {llm._model.piece(token).decode() for token in watched._found("NO")}
    assert {"NO", " NO"} <= pieces and "NOT" not in pieces and " NOT" not in pieces


def test_a_word_that_is_no_token_is_watched_by_its_first_part(llm: Generator) -> None:
    watched = llm._watched
    pieces = {llm._model.piece(token).decode().strip() for token in watched._found("UNANSWERABLEQUESTION")}
    assert len(pieces) == 1 and "UNANSWERABLEQUESTION".startswith(pieces.pop())
    assert watched._found("") == ()


# --- what is in its way --------------------------------------------------------------------


@pytest.mark.parametrize("readings", [1, 9])  # while the prompts are read, and while is written
def test_stopped_in_the_midst_the_next_texts_are_the_same(
    llm: Generator, alone: list[Written], monkeypatch: pytest.MonkeyPatch, readings: int
) -> None:
    decode, left, cancel = llama_cpp.llama_decode, iter(range(readings)), CancelToken()

    def stopping(*arguments: object) -> object:
        if next(left, None) is None:
            cancel.cancel()
        return decode(*arguments)

    monkeypatch.setattr(llama_cpp, "llama_decode", stopping)
    with pytest.raises(Stopped):
        list(llm.write(TASKS[:4], cancel=cancel))
    monkeypatch.undo()
    assert wrote(llm, TASKS[1:4]) == alone[1:4]


def test_left_in_the_midst_the_next_texts_are_the_same_and_it_cannot_be_gone_on_with(
    llm: Generator, alone: list[Written]
) -> None:
    left = llm.write(TASKS)
    next(left)
    assert wrote(llm, TASKS[1:4]) == alone[1:4]
    with pytest.raises(RuntimeError):
        next(left)
    assert wrote(llm, TASKS[:3]) == alone[:3]


def test_a_prompt_too_long_for_the_context_is_an_error_and_the_next_are_written(
    llm: Generator, alone: list[Written]
) -> None:
    with pytest.raises(ModelUnavailable, match=str(llm.context)) as caught:
        list(llm.write([TASKS[0], Task(asked("word " * llm.context), 1)]))
    assert "context" in caught.value.remedy
    assert wrote(llm, TASKS[:1]) == alone[:1]


def test_after_llama_cpp_failed_in_the_midst_the_next_texts_are_the_same(
    llm: Generator, alone: list[Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = llama_cpp.llama_decode
    for tasks in (TASKS[1:2], TASKS[:2]):
        left = iter([True, True, True])
        monkeypatch.setattr(llama_cpp, "llama_decode", lambda *args, left=left: decode(*args) if next(left, 0) else 1)
        with pytest.raises(ModelUnavailable, match="failed while reading"):
            list(llm.write(tasks))
        monkeypatch.undo()
        assert wrote(llm, TASKS[1:2]) == alone[1:2]
        assert wrote(llm, TASKS[:2]) == alone[:2]


# --- for the record ------------------------------------------------------------------------


def test_messages_are_told_as_the_model_is_given_them(llm: Generator) -> None:
    text = llm.prompt(MESSAGES[0])
    assert text.index("system") < text.index(SYSTEM.strip()) < text.index("The ferry") < text.rindex("assistant")
    assert llm.count(MESSAGES[0]) == len(llm.tokens(text, special=True))
