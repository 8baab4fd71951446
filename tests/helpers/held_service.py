"""A service whose models are busy until they are let go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rag.serving.opened import Opened
from rag.serving.service import Service
from rag.system.cancellation import CancelToken


@contextmanager
def held(service: Service) -> Iterator[None]:
    """Keep the models busy."""
    began = threading.Event()

    def until_let_go(_: Opened, cancel: CancelToken) -> Iterator[None]:
        began.set()
        while not cancel.wait(0.01):
            pass
        yield None

    results = service.run(until_let_go, "another")
    assert began.wait(10)
    try:
        yield
    finally:
        results.close()


def waiting(service: Service) -> list[bool]:
    """Return of all that waits whether it was cancelled."""
    return [job.cancel.cancelled for jobs in list(service._queue._waiting.values()) for job in jobs]
