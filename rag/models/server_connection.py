"""A connection to a server that runs a model: requests on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent import futures
from contextlib import suppress
from typing import Any, TypeVar

from rag.models.openai_http import Limits, Requests
from rag.models.openai_reply import Fault
from rag.system.cancellation import CancelToken
from rag.system.logs import logger
from rag.system.server_address import ServerAddress

POLL = 0.02  # seconds after which it is looked whether all is to stop
_CLOSING = 1.0  # seconds for connections to be closed

_T = TypeVar("_T")


class Connection:
    """What is asked of one server. For use by any thread."""

    def __init__(self, address: ServerAddress, key: str, limits: Limits) -> None:
        self.limits = limits
        self.requests = Requests(address, key, limits)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_note)
        # A daemon: a look-up of a name cannot be interrupted, and a process that is stopped goes.
        self._thread = threading.Thread(target=self._loop.run_forever, name="beleg-server", daemon=True)
        self._thread.start()

    def begun(self, what: Coroutine[Any, Any, _T]) -> futures.Future[_T]:
        """Begin what is to run on the loop."""
        return asyncio.run_coroutine_threadsafe(what, self._loop)

    def done(self, what: Coroutine[Any, Any, _T], cancel: CancelToken) -> _T:
        """Return what comes of it. Raises what it raises, or Stopped once `cancel` is cancelled."""
        asked = self.begun(what)
        try:
            while not asked.done():
                cancel.check()
                futures.wait((asked,), POLL)
            return asked.result()
        finally:
            asked.cancel()

    async def again(
        self, ask: Callable[[], Coroutine[Any, Any, _T]], tries: Callable[[Fault], bool] = lambda _fault: True
    ) -> _T:
        """Return what is asked for; what fails for a while only is asked for again, with a wait before each time."""
        for wait in self.limits.waits:
            try:
                return await ask()
            except Fault as fault:
                if not fault.passing or not tries(fault):
                    raise
                logger("models").info("the server is asked again: status %d", fault.status)
                await asyncio.sleep(min(wait if fault.wait is None else fault.wait, self.limits.longest_wait))
        return await ask()

    def close(self) -> None:
        """Close all connections."""
        with suppress(TimeoutError, futures.CancelledError):
            self.begun(self._ended()).result(_CLOSING)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING)
        if not self._thread.is_alive():
            self._loop.close()

    async def _ended(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        if others:
            await asyncio.wait(others, timeout=_CLOSING / 2)
        await self.requests.close()


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody waits for; Python would print it, across a full screen too."""
    logger("models").info("the server's connections: %s", type(context.get("exception")).__name__)
