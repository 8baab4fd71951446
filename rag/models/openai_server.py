"""A writer behind an address: a server that runs a model and speaks OpenAI's chat completions.

llama-server, llama-cpp-python's server, vLLM, Ollama and LM Studio do. Texts are asked for side by
side on an event loop in a thread of its own; whoever writes is told of them in their own thread.
"""

from __future__ import annotations

import asyncio
import queue
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypeVar

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.openai_http import Limits, api_key
from rag.models.openai_reply import Fault, Reply, first_name, listed_models
from rag.models.reading_progress import Progress, counted
from rag.models.server_connection import POLL, Connection
from rag.models.writer import Enough, Messages, Task, Written
from rag.system.cancellation import CancelToken
from rag.system.logs import logger, notice
from rag.system.server_address import ServerAddress, parse_address
from rag.text.sanitize import one_line

TOGETHER = 4  # texts asked for at once: llama-server and Ollama have as many places by default, or let others wait
ALTERNATIVES = 20  # to each token: the most that OpenAI and vLLM give
_NAME = 200  # characters of a model's name
_LIGHT = b" \n" + string.ascii_letters.encode()
_MESSAGE = 8  # tokens around a message, of its template
_VLLM = "vllm"  # what it says that its models are owned by

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _News:
    """A text so far, or whole, or what went wrong with it."""

    place: int
    written: Written | None = None
    whole: bool = False
    error: Exception | None = None


def open_server(
    text: str, *, context: int, cancel: CancelToken | None = None, limits: Limits | None = None
) -> OpenAIServer:
    """Return the server that `text` names, as openai:http://HOST:PORT/v1#MODEL, after it has told of its models.

    `context` is the most tokens that messages and text may take together. Raises UsageError for an address that
    makes no sense, ModelUnavailable where no such server answers, or Stopped once `cancel` is cancelled.
    """
    address = parse_address(text)
    key = api_key()
    if not address.loopback:
        if address.encrypted:
            said = gettext("Passages of your documents and your questions are sent to {host}, which writes.")
        elif key:
            said = gettext(
                "Passages of your documents and your questions are sent to {host}, which writes; on the way it can be "
                "read, and so is your key."
            )
        else:
            said = gettext(
                "Passages of your documents and your questions are sent to {host}, which writes; on the way it can be "
                "read."
            )
        notice(said.format(host=address.host))
    server = OpenAIServer(address, key, context, limits or Limits())
    try:
        server.look(cancel or CancelToken())
    except BaseException:
        server.close()
        raise
    return server


class OpenAIServer:
    """A model that a server runs: a `Writer`. Not for use by two threads at once."""

    def __init__(self, address: ServerAddress, key: str, context: int, limits: Limits) -> None:
        self.address = address
        self.context = context
        self.model = address.model
        self._vllm = False
        self._unknown: frozenset[str] = frozenset()  # what the server has refused to know
        self._connection = Connection(address, key, limits)
        self._places = asyncio.Semaphore(TOGETHER)
        self._alone = asyncio.Lock()
        self._one_by_one = False  # the server lets a request interrupt the one before, as llama-cpp-python's does

    @property
    def name(self) -> str:
        """The model's name and the host that runs it; of a file's name, no more than the file."""
        name = self.model.replace("\\", "/").rpartition("/")[2] if self.model.endswith(".gguf") else self.model
        return f"{one_line(name, _NAME)} at {self.address.host}"

    def count(self, messages: Messages) -> int:
        """Return an estimate that errs upwards: a server tells how it cuts text only once it has read it.

        Half a token for a byte of Latin letters and spaces, one for every other byte, figures and signs included:
        in English and German that is about twice of what models take. Letters that form no words could take more.
        """
        return sum(_MESSAGE + _upper_bound(role) + _upper_bound(content) for role, content in messages) + _MESSAGE

    def prompt(self, messages: Messages) -> str:
        """Return the messages with their roles: the template that they are put in is the server's."""
        return "\n\n".join(f"{role}: {content}" for role, content in messages)

    def look(self, cancel: CancelToken) -> None:
        """Ask which models there are, and take the first where none is named.

        Raises ModelUnavailable, or Stopped once `cancel` is cancelled.
        """
        connection = self._connection
        listed = connection.again(connection.requests.models, tries=lambda fault: fault.status > 0)
        try:
            self._choose(connection.done(listed, cancel))
        except Fault as fault:
            raise self._unavailable(fault) from fault

    def _choose(self, told: object) -> None:
        models = listed_models(told)
        self.model = self.model or first_name(models)
        self._vllm = any(entry.get("owned_by") == _VLLM for entry in models)

    def write(
        self,
        tasks: Sequence[Task],
        *,
        enough: Enough = lambda _place, _text: False,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[tuple[int, Written]]:
        """Yield each task's place and text as soon as it is written; at most TOGETHER are asked for at once.

        `enough` and `progress` are called in the caller's thread; messages count as read, by `count`, once the first
        of their text comes. Raises ModelUnavailable, or Stopped once `cancel` is cancelled.
        """
        cancel = cancel or CancelToken()
        news: queue.SimpleQueue[_News] = queue.SimpleQueue()
        sizes = [self.count(task.messages) for task in tasks]
        read = counted(progress, sum(sizes))
        begun: set[int] = set()
        open_tasks = {
            place: self._connection.begun(self._told(place, task, news.put)) for place, task in enumerate(tasks)
        }
        try:
            while open_tasks:
                cancel.check()
                try:
                    latest = news.get(timeout=POLL)
                except queue.Empty:
                    continue
                place, written = latest.place, latest.written
                if place not in open_tasks:  # there was enough of it
                    continue
                if written is None:
                    raise self._failed(latest.error)
                if read is not None and place not in begun:
                    read(sizes[place])
                begun.add(place)
                stop = not latest.whole and enough(place, written.text)
                if stop or latest.whole:
                    open_tasks.pop(place).cancel()
                    yield place, written
        finally:
            for asked in open_tasks.values():
                asked.cancel()

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    # --- on the event loop ----------------------------------------------------------

    async def _told(self, place: int, task: Task, tell: Callable[[_News], None]) -> None:
        """Write a text and tell of it."""
        try:
            async with self._places:
                written = await self._connection.again(
                    lambda: self._asked(task, lambda so_far: tell(_News(place, so_far)))
                )
            tell(_News(place, written, whole=True))
        except Exception as error:
            tell(_News(place, error=error))

    async def _asked(self, task: Task, tell: Callable[[Written], None]) -> Written:
        """Return a text; what of the question a server does not know is left out, from then on."""
        without = self._unknown
        while True:
            extras = {name: fields for name, fields in self._extras(task).items() if name not in without}
            try:
                written = await self._streamed(task, extras, tell)
            except Fault as fault:
                named = [name for name in extras if name in fault.words.lower()]
                if not (named or (extras and fault.status in (400, 422))):
                    raise
                without |= {(named or [*extras])[0]}
                continue
            for name in without - self._unknown:
                logger("models").info("the server does not know %s", name)
            self._unknown |= without
            return written

    def _extras(self, task: Task) -> dict[str, Mapping[str, object]]:
        """Return the fields that not every server knows, by what a refusal calls them.

        llama-server and llama-cpp-python's server take GBNF as `grammar`, vLLM under another name; Ollama and
        LM Studio pass over it, and some refuse it. Words that stand in the question are not to be avoided in the
        answer, which names and figures come to where a penalty is usual: 1.1 in llama-cpp-python's server, and
        with vLLM whatever comes with the model.
        """
        extras: dict[str, Mapping[str, object]] = {}
        if task.grammar:
            structured = {"structured_outputs": {"grammar": task.grammar}}
            extras["grammar"] = structured if self._vllm else {"grammar": task.grammar}
        penalty = "repetition_penalty" if self._vllm else "repeat_penalty"
        extras[penalty] = {penalty: 1.0}
        if task.watched:
            extras["logprobs"] = {"logprobs": True, "top_logprobs": ALTERNATIVES}
        elif task.weighed:
            extras["logprobs"] = {"logprobs": True, "top_logprobs": 1}  # llama-cpp-python's tells none without any
        return extras

    async def _streamed(
        self, task: Task, extras: Mapping[str, Mapping[str, object]], tell: Callable[[Written], None]
    ) -> Written:
        reply = Reply(task)
        body: dict[str, object] = {
            "model": self.model,
            "messages": [{"role": role, "content": content} for role, content in task.messages],
            "max_tokens": max(1, task.most),  # nobody writes none
            "temperature": 0,
            "stream": True,
        }
        for fields in extras.values():
            body |= fields

        def take(data: str) -> bool:
            before = reply.written.text
            reply.take(data)
            if reply.written.text != before:
                tell(reply.written)
            return reply.done

        async with self._alone if self._one_by_one else nullcontext():
            await self._connection.requests.stream(body, take)
        if not reply.done:
            self._one_by_one = True
            raise Fault(gettext("it ends a text before it is whole"), passing=True)
        return reply.written

    # --- errors ---------------------------------------------------------------------

    def _failed(self, error: Exception | None) -> Exception:
        if isinstance(error, Fault):
            return self._unavailable(error)
        return error or ModelUnavailable(gettext("The LLM's server {url} gave no text.").format(url=self.address.url))

    def _unavailable(self, fault: Fault) -> ModelUnavailable:
        remedy = fault.remedy or gettext(
            "See whether it runs and the address is right, or name another LLM with --llm."
        )
        return ModelUnavailable(
            gettext("The LLM's server {url} cannot be used: {reason}.").format(
                url=self.address.url, reason=fault.words.rstrip(".")
            ),
            remedy,
        )


def _upper_bound(text: str) -> int:
    raw = text.encode("utf-8", "replace")
    heavy = len(raw.translate(None, _LIGHT))
    return heavy + (len(raw) - heavy + 1) // 2
