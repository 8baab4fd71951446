"""Results of the thread of the models, as they come, for the event loop that a tool runs in."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from mcp.server.mcpserver.exceptions import ToolError

from rag.errors import BelegError, NoLibrary
from rag.localization import gettext
from rag.serving.requests import Work
from rag.serving.service import Came, Ended, Service
from rag.system.cancellation import Stopped

T = TypeVar("T")


async def arriving(service: Service, work: Work[T], client: str) -> AsyncGenerator[T, None]:
    """Yield what work yields. Close it: that stops the work. Raises BelegError, ToolError where it was stopped."""
    came: asyncio.Queue[Came[T] | Ended] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(each: Came[T] | Ended) -> None:
        with suppress(RuntimeError):  # the loop has ended, and everybody has gone
            loop.call_soon_threadsafe(came.put_nowait, each)

    running = service.begin(work, tell, client)
    try:
        while isinstance(each := await came.get(), Came):
            yield each.value
    finally:
        running.cancel()
    if isinstance(each.error, Stopped):  # which is no Exception, and would end the loop
        raise ToolError(gettext("stopped"))
    if each.error is not None:
        raise each.error


@contextmanager
def told(service: Service) -> Iterator[None]:
    """Have what goes wrong told to the client, in words and with what to do about it."""
    try:
        yield
    except NoLibrary as error:  # whoever reads it sits at the client, and need not know where its library is to lie
        folder = shlex.quote(str(service.settings.library.absolute()))
        remedy = gettext("Make one in a terminal: beleg --library {folder} index FOLDER-OF-DOCUMENTS")
        raise ToolError(f"{error.reason} {remedy.format(folder=folder)}") from error
    except BelegError as error:
        raise ToolError(str(error)) from error
