"""Requests to a server that runs a model: streamed, bounded in time and size, asked again where that helps.

All of it runs on an event loop: a request is given up at any moment, also while it connects
or waits for the first byte, and its connection is closed then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from rag.errors import UsageError
from rag.localization import gettext
from rag.models.openai_reply import WORDS, Fault, own_words, read_json
from rag.system.server_address import KEYS, ServerAddress
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    import ssl

    import httpx2

EVENT_BYTES = 1 << 20  # of one event, a line that never ends included
LIST_BYTES = 8 << 20  # of the list of models: a hub's takes some 500 KB
ERROR_BYTES = 1 << 16  # of the page of an error, whose first words are shown
_BUSY = (429, 503)  # too much at once, or a model that is still being loaded
_END = 0.25  # seconds that the stream's end is waited for after the text's, so that the connection can be used again


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, in seconds."""

    connect: float = 10.0  # a machine that is there answers within one
    first: float = 300.0  # a large model reads some thousand tokens on a processor first, and others are before us
    between: float = 60.0  # between events: a token takes seconds at worst, on a machine that swaps
    whole: float = 1800.0  # a text: who drips an event a minute does not keep us for good
    embedding: float = 120.0  # some texts: a server that loads the model first takes a while
    listing: float = 20.0  # the list of models takes no model
    waits: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)  # before it is asked again: a model is loaded in some seconds
    longest_wait: float = 30.0  # that a server may ask for


def api_key() -> str:
    """Return the key from the environment, "" for none. Raises UsageError, which does not tell the key."""
    name = next(filter(os.environ.get, KEYS), "")
    key = os.environ.get(name, "").strip() if name else ""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            gettext("{name} in the environment holds spaces or letters that no key has.").format(name=name),
            gettext("Set it anew."),
        )
    return key


class Requests:
    """Requests to one server. To be used on one event loop; the key goes to the server that was named alone."""

    def __init__(self, address: ServerAddress, key: str, limits: Limits) -> None:
        import httpx2

        self.address = address
        self.limits = limits
        self._key = key
        # No proxy and no .netrc of the environment: what is sent goes to the host that was named, and so does a key.
        # Nor is a redirect followed. An answer that is packed could unpack to any size: none is asked for.
        self._client = httpx2.AsyncClient(
            headers={"Accept-Encoding": "identity", "User-Agent": "beleg"}
            | ({"Authorization": f"Bearer {key}"} if key else {}),
            timeout=httpx2.Timeout(None, connect=limits.connect),
            follow_redirects=False,
            trust_env=False,
            verify=_certificates(address),
        )

    async def models(self) -> Any:
        """Return what the server says of its models. Raises Fault."""
        try:
            async with asyncio.timeout(self.limits.listing), self._sent("GET", "/models") as response:
                return read_json(await self._body(response, LIST_BYTES))
        except TimeoutError as error:
            raise Fault(
                gettext("it does not answer within {seconds:g} seconds").format(seconds=self.limits.listing)
            ) from error

    async def embeddings(self, body: Mapping[str, object], most: int) -> Any:
        """Return what the server makes of texts, of at most so many bytes. Raises Fault."""
        seconds = self.limits.embedding
        try:
            async with asyncio.timeout(seconds), self._sent("POST", "/embeddings", body) as response:
                return read_json(await self._body(response, most))
        except TimeoutError as error:
            raise Fault(gettext("it does not answer within {seconds:g} seconds").format(seconds=seconds)) from error

    async def stream(self, body: Mapping[str, object], take: Callable[[str], bool]) -> None:
        """Ask for a chat completion; `take` is given the data of each event and returns whether that was the last.

        It ends, without that, where the server says that it is done. Raises Fault, and what `take` raises.
        """
        import httpx2

        limits = self.limits
        patience = limits.first
        idle = asyncio.timeout(patience)
        try:
            async with asyncio.timeout(limits.whole), idle, self._sent("POST", "/chat/completions", body) as response:
                response.encoding = "utf-8"  # whatever it says: some of Python's codecs unpack
                events = aiter(httpx2.EventSource(response, max_event_size=EVENT_BYTES))
                async for event in events:
                    if event.data.strip() == "[DONE]":
                        return
                    if take(self._hidden(event.data)):
                        with suppress(TimeoutError):
                            async with asyncio.timeout(_END):
                                async for _rest in events:
                                    pass
                        return
                    patience = limits.between
                    idle.reschedule(asyncio.get_running_loop().time() + patience)
        except TimeoutError as error:
            late = gettext("nothing came for {seconds:g} seconds").format(seconds=patience)
            raise Fault(
                late
                if idle.expired()
                else gettext("a text is not whole after {seconds:g} seconds").format(seconds=limits.whole)
            ) from error
        raise Fault(gettext("its text breaks off"))

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """Send a request and give its answer, whose body is not read yet. Raises Fault."""
        import httpx2

        try:
            request = self._client.build_request(method, self.address.url + path, json=body)
            response = await self._client.send(request, stream=True)
            try:
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise Fault(gettext("it sends packed what was asked for as it is"))
                if not response.is_success:
                    raise await self._refusal(response)
                yield response
            finally:
                await response.aclose()
        except httpx2.RemoteProtocolError as error:
            hung_up = "disconnected without" in str(error)  # as one does that is being started anew
            raise Fault(
                gettext("it speaks no proper HTTP: {error}").format(error=_root(error)), passing=hung_up
            ) from None
        except httpx2.SSEError as error:
            raise Fault(
                gettext("it does not stream as asked: {error}").format(error=one_line(str(error), WORDS))
            ) from None
        except httpx2.ConnectTimeout:
            raise Fault(
                gettext("no connection within {seconds:g} seconds").format(seconds=self.limits.connect)
            ) from None
        except httpx2.ConnectError as error:
            raise Fault(gettext("no connection: {error}").format(error=_root(error)), passing=_refused(error)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Fault(gettext("the connection failed: {error}").format(error=_root(error))) from None

    async def _refusal(self, response: httpx2.Response) -> Fault:
        """Return the fault that an answer tells of, in the server's own words."""
        status = response.status_code
        if 300 <= status < 400:
            other = one_line(self._hidden(response.headers.get("location", "")), WORDS)
            return Fault(
                gettext("it sends on to {other}").format(other=other or gettext("nowhere")),
                gettext("Name that address, if it is meant."),
                status=status,
            )
        raw = await self._body(response, ERROR_BYTES)
        try:
            words = own_words(read_json(raw))
        except Fault:  # a page for people
            words = one_line(raw, WORDS)
        said = gettext("it answers {status}").format(status=status) + (f": {words}" if words else "")
        if status in (401, 403):
            wants = (
                gettext("It wants another key than the one in the environment ({name} or {other}).")
                if self._key
                else gettext("It wants a key in the environment ({name} or {other}).")
            )
            return Fault(
                said,
                wants.format(name=KEYS[0], other=KEYS[1]),
                status=status,
            )
        return Fault(said, status=status, passing=status in _BUSY, wait=_retry_after(response))

    async def _body(self, response: httpx2.Response, most: int) -> str:
        """Return a body of at most so many bytes as text. Raises Fault for a longer one."""
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > most:
                status = response.status_code
                raise Fault(
                    gettext("it answers {status} with more than {most:,} bytes").format(status=status, most=most),
                    status=status,
                )
        return self._hidden(body.decode("utf-8", "replace"))

    def _hidden(self, text: str) -> str:
        """Return what came from the server without the key, which some repeat."""
        return text.replace(self._key, "…") if self._key else text

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _certificates(address: ServerAddress) -> ssl.SSLContext:
    """Return what certificates are checked with: the system's, or those of SSL_CERT_FILE. Raises UsageError."""
    import httpx2

    try:
        return httpx2.create_ssl_context(trust_env=address.encrypted)
    except OSError as error:  # SSLError is one
        raise UsageError(
            gettext("The certificates that SSL_CERT_FILE or SSL_CERT_DIR name cannot be read: {error}.").format(
                error=_root(error)
            ),
            gettext("Correct it."),
        ) from error


def _retry_after(response: httpx2.Response) -> float | None:
    """Return after how many seconds the server wants to be asked again, if it says so."""
    told = response.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:6])
    try:
        when = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _roots(error: BaseException) -> list[BaseException]:
    """Return what a failure comes of: one error, or one for each of a host's addresses."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    if isinstance(error, BaseExceptionGroup):
        return [root for each in error.exceptions for root in _roots(each)]
    return [error]


def _refused(error: BaseException) -> bool:
    """Whether nothing listens there, or not yet."""
    return all(isinstance(root, ConnectionRefusedError) for root in _roots(error))


def _root(error: BaseException) -> str:
    """Return what a failure comes of in the system's words."""
    root = _roots(error)[0]
    told = root.strerror if isinstance(root, OSError) and not _refused(root) else ""
    return "connection refused" if _refused(root) else one_line(told or str(root) or type(root).__name__, WORDS)
