"""Held: how likely each token was is told where the server tells it of all of a text, and of thoughts never."""

from __future__ import annotations

import pytest
from chat_server import Handler, odds, piece, serving

from rag.models.openai_http import Limits
from rag.models.openai_server import open_server
from rag.models.writer import Task, Written


def weighed(*events: dict[str, object]) -> tuple[Written, dict[str, object]]:
    """Return what is written where these events come, and what the server was asked."""

    def answer(handler: Handler) -> None:
        handler.stream()
        for each in (*events, piece("", "stop")):
            handler.event(each)

    with serving(answer) as seen:
        server = open_server(seen.llm, context=2048, limits=Limits(waits=(0.01,), longest_wait=0.05))
        ((_, written),) = server.write([Task((("user", "Say it."),), 20, weighed=True)])
        server.close()
    return written, seen.bodies[0]


def likely(token: str, logprob: float) -> dict[str, object]:
    return {"content": [{"token": token, "logprob": logprob}]}


def test_each_tokens_is_told_with_its_place_in_the_text() -> None:
    written, body = weighed(
        piece("<think>hm</think>", logprobs=likely("<think>hm</think>", -3.0)),
        piece("It", logprobs=odds("It", It=-0.25, He=-2.0)),
        piece(" sank", logprobs=likely(" sank", -1.5)),
    )
    assert written == Written("It sank", "end", None, ((2, -0.25), (7, -1.5)))
    assert body["logprobs"] is True and body["top_logprobs"] == 1  # without any, some servers tell none


def test_those_of_thoughts_that_come_apart_from_the_text_are_left_out() -> None:
    thought = piece("", logprobs=likely("hm, I think so", -7.0))
    thought["choices"][0]["delta"]["reasoning_content"] = "hm, I think so"  # type: ignore[index]
    written, _ = weighed(thought, piece("It sank", logprobs=likely("It sank", -0.5)))
    assert written.likelihoods == ((7, -0.5),)


@pytest.mark.parametrize("without", [0, 1, 2])
def test_where_they_are_not_told_of_every_token_none_are(without: int) -> None:
    tokens = ("It", " sank", ".")
    events = [
        piece(token) if at == without else piece(token, logprobs=likely(token, -0.5)) for at, token in enumerate(tokens)
    ]
    assert weighed(*events)[0] == Written("It sank.", "end")
    assert weighed(*(piece(token, logprobs=likely(token, -0.5)) for token in tokens))[0].likelihoods


@pytest.mark.parametrize("logprob", ["likely", float("nan"), -(10**400), None])
def test_one_that_makes_no_sense_is_none(logprob: object) -> None:
    broken = {"content": [{"token": "It", "logprob": logprob}]}
    assert weighed(piece("It", logprobs=broken))[0] == Written("It", "end")
