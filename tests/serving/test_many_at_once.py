"""Many ask at once: each is answered or told that it is busy, none is lost, and who leaves leaves no work."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from serving_beleg import BRIDGE, MILL, Reply, ask, connected, served

from rag.serving.service import Limits
from rag.settings import Settings

MANY = 200


def answers(reply: Reply) -> bool:
    """Whether it is an answer; that it is busy otherwise."""
    if reply.status == 200:
        assert reply.json["status"] == "answered"
        return True
    assert (reply.status, reply.json["code"]) == (503, "busy") and reply.headers["retry-after"]
    return False


def test_of_two_hundred_at_once_none_is_lost(here: Settings) -> None:
    with served(here, Limits(waiting=100, waiting_each=100)) as server, ThreadPoolExecutor(MANY) as all_at_once:
        together = threading.Barrier(MANY, timeout=60)

        def one(n: int) -> bool:
            together.wait()
            return answers(ask(server.port, "/ask", {"question": (MILL, BRIDGE)[n % 2]}, user_agent=f"client-{n % 7}"))

        told = list(all_at_once.map(one, range(MANY)))
        assert len(told) == MANY and 100 <= sum(told) <= MANY
        assert server.service.waiting == 0 and ask(server.port, "/health").json["waiting"] == 0


def test_who_asks_once_does_not_wait_for_who_asks_much(here: Settings) -> None:
    with served(here) as server, ThreadPoolExecutor(61) as all_at_once:
        ended: list[str] = []

        def one(name: str) -> None:
            assert answers(ask(server.port, "/ask", {"question": MILL}, user_agent=name))
            ended.append(name)

        much = [all_at_once.submit(one, "much") for _ in range(60)]
        while server.service.waiting < 40:
            time.sleep(0.005)
        all_at_once.submit(one, "once").result(60)
        assert ended.index("once") < 40 and not all(each.done() for each in much)
        for each in much:
            each.result(120)


def test_questions_of_clients_that_have_gone_are_not_answered(here: Settings) -> None:
    with served(here) as server:
        body = b'{"question": "When did the mill burn down?"}'
        asked = (
            b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + b"Content-Length: %d\r\n\r\n" % len(body)
            + body
        )
        held = threading.Event()
        began = threading.Event()

        def work(*_: object) -> Iterator[None]:
            began.set()
            held.wait(30)
            yield None

        running = server.service.run(work, "other")
        assert began.wait(10)
        answered: list[logging.LogRecord] = []
        noting = logging.Handler()
        noting.emit = answered.append  # type: ignore[method-assign]
        log = logging.getLogger("beleg.answer")  # a line for each answer
        log.addHandler(noting)
        log.setLevel("INFO")
        for _ in range(20):
            with connected(server.port) as made:
                made.sendall(asked)
                while not server.service.waiting:
                    time.sleep(0.005)
        ends = time.monotonic() + 20
        while not all(job.cancel.cancelled for jobs in server.service._queue._waiting.values() for job in jobs):
            assert time.monotonic() < ends, "it is not noticed that they have gone"
            time.sleep(0.01)
        held.set()
        assert list(running) == [None]
        assert answers(ask(server.port, "/ask", {"question": MILL}))
        log.removeHandler(noting)
        assert len(answered) == 1
