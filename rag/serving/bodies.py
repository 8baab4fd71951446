"""What may be sent, and its limits: what is not of this shape is refused, and names what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from rag.answering.limits import LONGEST_QUESTION
from rag.documents.tags import MOST
from rag.errors import UsageError
from rag.index.metadata_filter import wanted
from rag.localization import gettext
from rag.serving.problems import unusable
from rag.serving.requests import MOST_CHARACTERS, Limited, Question, Search
from rag.serving.schema_words import wrong

LARGEST_BODY = 1_000_000  # bytes
SECONDS_FOR_BODY = 10.0
MOST_MESSAGES = 1_000
MOST_LISTED = 10_000
_LARGEST_NUMBER = 2**53  # of an offset: what JSON has in all languages

# `clean` says how long a question may be, with its accents composed; this is told, and only what is far beyond refused.
Text = Annotated[str, Field(max_length=LONGEST_QUESTION * 4, json_schema_extra={"maxLength": LONGEST_QUESTION})]
Name = Annotated[str, Field(max_length=4096)]
Body = TypeVar("Body", bound=BaseModel)


class _Limits(BaseModel):
    """Which documents are asked: these, by id or name, that have all of the tags, dated from `since` to `until`."""

    documents: list[Name] = Field(default=[], max_length=1000, description="Only these, by id or name.")
    tags: list[Name] = Field(default=[], max_length=MOST, description="Only documents with all of these tags.")
    since: Name | None = Field(
        default=None, description="Only documents dated from then on: 2024, 2024-06 or 2024-06-30."
    )
    until: Name | None = Field(default=None, description="Only documents dated up to then.")

    def limited(self) -> Limited:
        try:
            return Limited(tuple(self.documents), wanted(self.tags, self.since, self.until))
        except ValueError as error:
            raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.", "") from error


class AskBody(_Limits):
    """A question, with those that were asked before it."""

    model_config = ConfigDict(extra="forbid")

    question: Text = Field(description="In German or English.")
    earlier: list[Text] = Field(
        default=[],
        max_length=MOST_MESSAGES,
        description="The questions before it in its conversation, the oldest first: they complete a follow-up.",
    )

    def asked(self) -> Question:
        return Question(self.question, tuple(self.earlier), self.limited())


class SearchBody(_Limits):
    """What passages are to be found for, and how many."""

    model_config = ConfigDict(extra="forbid")

    query: Text = Field(description="A question or words, in German or English.")
    top_k: int = Field(default=0, ge=0, le=50, description="How many passages; 0: as many as the settings say.")

    def sought(self) -> Search:
        return Search(self.query, self.top_k, self.limited())


class DocumentsQuery(_Limits):
    """Which of the documents are listed."""

    model_config = ConfigDict(extra="forbid")

    offset: int = Field(default=0, ge=0, le=_LARGEST_NUMBER, description="How many to leave out at the beginning.")
    limit: int = Field(default=1000, ge=1, le=MOST_LISTED, description="How many to list.")


class TextQuery(BaseModel):
    """Which part of a text is read."""

    model_config = ConfigDict(extra="forbid")

    start: int = Field(default=0, ge=0, le=_LARGEST_NUMBER, description="From this Unicode character.")
    end: int | None = Field(
        default=None,
        ge=0,
        le=_LARGEST_NUMBER,
        description=f"Up to this one; {MOST_CHARACTERS:,} are given at most, and `end` says how far.",
    )


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: Name
    text: str = ""


class Message(BaseModel):
    """A message of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.type == "text")


class StreamOptions(BaseModel):
    """What a stream has beside the answer."""

    include_usage: bool = Field(default=False, description="A piece with the tokens that were used; none are counted.")


class ChatBody(_Limits):
    """OpenAI's chat completions. The last user message is asked; what is for models, as temperature, is ignored."""

    model: Name = Field(default="beleg", description="There is no other.")
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = Field(default=None, description="Have the answer in pieces, as it comes.")
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=1, description="There is one answer.")

    def asked(self) -> Question:
        said = [message.text for message in self.messages if message.role == "user"]
        if not said or self.messages[-1].role not in ("user", "system", "developer"):
            raise unusable(gettext("The last message is no question of the user's."))
        earlier = (text for text in said[:-1] if len(text) <= LONGEST_QUESTION and any(map(str.isalnum, text)))
        return Question(said[-1], tuple(earlier), self.limited())


async def read_body(request: Request, shape: type[Body]) -> Body:
    """Return a request's JSON. Raises Refused for what is too large, too slow, or of another shape."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        remedy = gettext("Send the header Content-Type: application/json with it.")
        raise unusable(gettext("The body is not sent as application/json."), 415, "not_json", remedy)
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > LARGEST_BODY:
        raise _too_large()
    try:
        async with asyncio.timeout(SECONDS_FOR_BODY):
            raw = await _whole(request)
    except TimeoutError:
        raise unusable(gettext("The body did not come in time."), 408, "too_slow") from None
    try:
        return shape.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise _of_another_shape(error, shape) from error


async def _whole(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise _too_large()
    return b"".join(parts)


def read_query(request: Request, shape: type[Body], many: Sequence[str] = ("documents", "tags")) -> Body:
    """Return what stands behind the ? of an address. Raises Refused for what is of another shape, or given twice."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in many and name in shape.model_fields:
            given.setdefault(name, []).append(value)
        elif name in given:
            raise unusable(gettext("{name} is given twice.").format(name=name))
        else:
            given[name] = value
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise _of_another_shape(error, shape) from error


def _too_large() -> Exception:
    return unusable(gettext("The body has more than {n} bytes.").format(n=LARGEST_BODY), 413, "too_large")


def _of_another_shape(error: ValidationError, shape: type[BaseModel]) -> Exception:
    return unusable(wrong(error, _schema(shape)))


@cache
def _schema(shape: type[BaseModel]) -> dict[str, Any]:
    return shape.model_json_schema()
