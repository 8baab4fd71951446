"""Held: a server writes as a model in this process does: texts in their places, an end, a limit, what is watched."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from chat_server import Answer, Handler, Seen, odds, piece, serving

from rag.errors import ModelUnavailable
from rag.models.openai_http import Limits
from rag.models.openai_server import TOGETHER, OpenAIServer, open_server
from rag.models.writer import Task, Writer, Written
from rag.system.cancellation import CancelToken, Stopped
from rag.system.logs import listen

SOON = Limits(waits=(0.01, 0.02), longest_wait=0.05)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "BELEG_OPENAI_KEY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def writing(post: Answer, limits: Limits = SOON, **more: Answer) -> Iterator[tuple[OpenAIServer, Seen]]:
    with serving(post, **more) as seen:
        server = open_server(seen.llm, context=2048, limits=limits)
        yield server, seen
        server.close()


def task(content: str = "Say it.", most: int = 20, grammar: str = "", watched: tuple[str, ...] = ()) -> Task:
    return Task((("system", "You say it."), ("user", content)), most, grammar, watched)


def one(server: Writer, asked: Task) -> Written:
    ((place, written),) = server.write([asked])
    assert place == 0
    return written


def by_content(answer: Callable[[Handler, str], None]) -> Answer:
    return lambda handler: answer(handler, handler.body["messages"][-1]["content"])


# --- what is asked and what comes ---------------------------------------------------------


def test_a_text_is_asked_for_plainly_and_put_together_from_its_pieces() -> None:
    with writing(lambda handler: handler.say("The mill ", "burned ", "down.")) as (server, seen):
        assert one(server, task()) == Written("The mill burned down.", "end")
        (body,) = seen.bodies
    assert body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "You say it."}, {"role": "user", "content": "Say it."}],
        "max_tokens": 20,
        "temperature": 0,
        "repeat_penalty": 1.0,
        "stream": True,
    }


def test_without_a_name_the_first_model_of_the_list_is_taken_and_a_named_one_is_asked_for() -> None:
    with serving(lambda handler: handler.say("x")) as seen:
        first, named = (open_server(seen.llm + model, context=512) for model in ("", "#org/other%20one:7b"))
        host = seen.url.split("/")[2]
        assert (first.name, named.name) == (f"tiny at {host}", f"org/other one:7b at {host}")
        one(named, task())
        assert seen.bodies[0]["model"] == "org/other one:7b"
        first.close()
        named.close()


def test_texts_come_as_they_are_finished_each_in_its_place_and_a_few_are_asked_for_at_once() -> None:
    at_once, lock, most = 0, threading.Lock(), 0

    def answer(handler: Handler, content: str) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.6 if content == "0" else 0.1)
        with lock:
            at_once -= 1
        handler.say(f"text {content}")

    with writing(by_content(answer)) as (server, _):
        found = list(server.write([task(str(number)) for number in range(9)]))
    assert sorted(found) == [(number, Written(f"text {number}", "end")) for number in range(9)]
    assert found[0][0] != 0
    assert 1 < most <= TOGETHER


def test_enough_ends_a_text_there_and_closes_its_connection() -> None:
    def endless(handler: Handler) -> None:
        handler.stream()
        while True:
            handler.event(piece("word "))
            time.sleep(0.01)

    with writing(endless) as (server, seen):
        ((_, written),) = server.write([task(most=10_000)], enough=lambda _place, text: text.count("word") >= 3)
        assert written == Written("word word word ", "stopped")
        assert seen.hung_up.wait(5)


def test_a_text_that_reaches_its_length_says_so_also_where_the_server_heeds_no_limit() -> None:
    with writing(lambda handler: handler.say("one ", "two", reason="length")) as (server, _):
        assert one(server, task()) == Written("one two", "length")
    with writing(lambda handler: handler.say(*["word "] * 50)) as (server, _):
        assert one(server, task(most=3)) == Written("word word word ", "length")


def test_progress_tells_of_all_messages_in_the_end() -> None:
    told: list[tuple[int, int]] = []
    with writing(lambda handler: handler.say("x")) as (server, _):
        tasks = [task("first"), task("second, which is longer")]
        list(server.write(tasks, progress=lambda read, of: told.append((read, of))))
        total = sum(server.count(each.messages) for each in tasks)
    assert len(told) == 2 and told[-1] == (total, total)


def test_nothing_to_write_asks_nothing() -> None:
    with writing(lambda handler: handler.say("x")) as (server, seen):
        assert list(server.write([])) == []
        assert seen.bodies == []


# --- thoughts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("<think>The question", " is hard.</think>\n\n", "Yes."), "Yes."),
        (("<thi", "nk>x</th", "ink>Yes", "."), "Yes."),
        (("I wonder.\n</think>\n", "Yes."), "Yes."),  # the template has begun the thought
        (("<think>without end",), ""),
        (("<", "b> is bold."), "<b> is bold."),
        (("<thi",), "<thi"),
    ],
)
def test_a_thought_before_the_text_is_left_out(pieces: tuple[str, ...], text: str) -> None:
    shown: list[str] = []
    with writing(lambda handler: handler.say(*pieces)) as (server, _):
        ((_, written),) = server.write([task()], enough=lambda _place, so_far: bool(shown.append(so_far)))
    assert written == Written(text, "end")
    assert not any("<think>" in each for each in shown)


def test_what_comes_as_reasoning_is_no_part_of_the_text() -> None:
    def answer(handler: Handler) -> None:
        handler.stream()
        handler.event({"choices": [{"delta": {"reasoning_content": "hm", "content": None}, "finish_reason": None}]})
        handler.event(piece("Yes.", "stop"))

    with writing(answer) as (server, _):
        assert one(server, task()) == Written("Yes.", "end")


# --- what is watched ----------------------------------------------------------------------


def watched(*events: dict[str, object], most: int = 20) -> tuple[Written, dict[str, object]]:
    def answer(handler: Handler) -> None:
        handler.stream()
        for each in events:
            handler.event(each)
        handler.event(piece("", "stop"))

    with writing(answer) as (server, seen):
        return one(server, task(most=most, watched=("NO", "Nothing"))), seen.bodies[0]


def test_the_chance_of_what_is_watched_is_summed_over_the_tokens_that_begin_it() -> None:
    told = odds("Yes", Yes=-0.69, _NO=-1.61, N=-2.3, NOT=-3.0, no=-3.0, X=-3.0)
    written, body = watched(piece("Yes", logprobs=told))
    assert written.watched == pytest.approx(0.2 + 0.1 + 0.05, abs=0.005)
    assert (body["logprobs"], body["top_logprobs"]) == (True, 20)


def test_what_is_watched_is_looked_for_after_thoughts_and_white_space() -> None:
    first = piece("<think>hm</think>", logprobs=odds("<think>", NO=-0.01))
    space = piece("\n ", logprobs=odds("\n ", NO=-0.02))
    written, _ = watched(first, space, piece("NO", logprobs=odds("NO", NO=-0.5, Yes=-1)))
    assert written.watched == pytest.approx(0.6065, abs=0.001)


def test_where_the_server_gives_no_chances_none_is_told() -> None:
    assert watched(piece("NO"))[0] == Written("NO", "end", None)
    assert watched(piece("Yes", logprobs=odds("Yes")))[0].watched is None


def test_what_is_only_read_is_one_token_that_is_dropped() -> None:
    written, body = watched(piece("NO", logprobs=odds("NO", NO=-0.1, Yes=-2.4)), most=0)
    assert (written.text, written.ending, body["max_tokens"]) == ("", "length", 1)
    assert written.watched == pytest.approx(0.905, abs=0.001)


@pytest.mark.parametrize(
    "logprobs",
    [
        7,
        {"content": "x"},
        {"content": [7]},
        {"content": [{"token": "NO", "logprob": "likely", "top_logprobs": {"NO": 1}}]},
        {"content": [{"token": "NO", "logprob": float("nan"), "top_logprobs": [None, {"token": 5}]}]},
    ],
)
def test_chances_that_make_no_sense_are_none(logprobs: object) -> None:
    assert watched(piece("NO", logprobs=logprobs))[0] == Written("NO", "end", None)


# --- what not every server knows ----------------------------------------------------------


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_field_that_is_refused_is_left_out_from_then_on(status: int) -> None:
    def answer(handler: Handler) -> None:
        if "grammar" in handler.body:
            handler.whole(status, {"error": {"message": "Unrecognized request argument supplied: grammar"}})
        else:
            handler.say("x")

    with writing(answer) as (server, seen):
        for _ in range(2):
            assert one(server, task(grammar='root ::= "x"', watched=("NO",))).text == "x"
    assert ["grammar" in body for body in seen.bodies] == [True, False, False]
    assert all({"logprobs", "repeat_penalty"} <= body.keys() for body in seen.bodies)


def test_a_refusal_that_names_no_field_is_tried_without_one_after_the_other() -> None:
    def answer(handler: Handler) -> None:
        if {"grammar", "repeat_penalty", "logprobs"} & handler.body.keys():
            handler.whole(400, {"detail": "bad request"})
        else:
            handler.say("x")

    with writing(answer) as (server, seen):
        assert one(server, task(grammar='root ::= "x"', watched=("NO",))).text == "x"
    assert len(seen.bodies) == 4


def test_vllm_is_told_a_grammar_and_no_penalty_by_its_own_names() -> None:
    def models(handler: Handler) -> None:
        handler.whole(200, {"data": [{"id": "m", "owned_by": "vllm"}]})

    with writing(lambda handler: handler.say("x"), get=models) as (server, seen):
        one(server, task(grammar='root ::= "x"'))
    (body,) = seen.bodies
    assert (body["structured_outputs"], body["repetition_penalty"]) == ({"grammar": 'root ::= "x"'}, 1.0)
    assert not {"grammar", "repeat_penalty"} & body.keys()


def test_a_server_that_lets_requests_interrupt_each_other_is_asked_one_at_a_time() -> None:
    turn = threading.Lock()

    def answer(handler: Handler, content: str) -> None:
        if not turn.acquire(blocking=False):
            handler.stream()
            handler.event("[DONE]")
            return
        time.sleep(0.05)
        turn.release()
        handler.say(content)

    with writing(by_content(answer), Limits(waits=(0.2,) * 6)) as (server, _):
        found = dict(server.write([task(str(number)) for number in range(6)]))
    assert {place: written.text for place, written in found.items()} == {number: str(number) for number in range(6)}


# --- stopping -----------------------------------------------------------------------------


@pytest.mark.parametrize("begins", [False, True])
def test_a_stop_ends_it_soon_wherever_it_waits(begins: bool) -> None:
    def answer(handler: Handler) -> None:
        if begins:
            handler.stream()
            handler.event(piece("word "))
        handler.wait()

    cancel = CancelToken()
    with writing(answer) as (server, _):
        threading.Timer(0.3, cancel.cancel).start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            list(server.write([task(), task()], cancel=cancel))
        assert time.monotonic() - began < 3


def test_a_stop_ends_the_first_look_at_a_server_too() -> None:
    cancel = CancelToken()
    with serving(lambda handler: handler.say("x"), get=lambda handler: handler.wait()) as seen:
        threading.Timer(0.3, cancel.cancel).start()
        with pytest.raises(Stopped):
            open_server(seen.llm, context=512, cancel=cancel)


def test_an_address_where_nobody_ever_answers_can_be_stopped_while_it_connects() -> None:
    cancel = CancelToken()
    threading.Timer(0.3, cancel.cancel).start()
    with pytest.raises((Stopped, ModelUnavailable)):  # the latter where no network is there at all
        open_server("openai:http://192.0.2.1:9/v1", context=512, cancel=cancel)


# --- what leaves the machine ---------------------------------------------------------------


def test_a_server_elsewhere_is_told_of_once_and_one_on_this_machine_is_not() -> None:
    told: list[str] = []
    listen(told.append)
    try:
        with writing(lambda handler: handler.say("x")) as (server, _):
            one(server, task())
        assert told == []
        with pytest.raises(ModelUnavailable):
            open_server("openai:http://nowhere.invalid:1/v1", context=512)
    finally:
        listen(None)
    assert len(told) == 1 and "nowhere.invalid:1" in told[0] and "your documents" in told[0]


def test_no_proxy_of_the_environment_is_given_what_is_meant_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setitem(os.environ, "ALL_PROXY", "http://127.0.0.1:9")
    with writing(lambda handler: handler.say("x")) as (server, _):
        assert one(server, task()).text == "x"


def test_more_is_counted_than_models_take_and_the_record_shows_who_says_what() -> None:
    with writing(lambda handler: handler.say("x")) as (server, _):
        messages = (("system", "Be brief."), ("user", "Wie tief ist der See?"))
        assert server.prompt(messages) == "system: Be brief.\n\nuser: Wie tief ist der See?"
        assert server.count(messages) > 25
        assert server.context == 2048
