"""A model's chat template: how messages are written for it. It is a program from a file, and foreign.

It runs in jinja's sandbox, within bounds of size and time, and is never given what messages say: marks stand for
that, so that what the template wrote and what a person or a document did stay apart.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.writer import Messages
from rag.text.sanitize import one_line

_MOST = 200_000  # characters that a template may write beside the messages
_SECONDS = 5.0
_MARK = 0xF0000  # private-use characters from here on stand for messages
_MARKS = re.compile("([\U000f0000-\U000ffffd])")
_BETWEEN = "\n\n"  # what the system is told, and what a person says, where both stand in one message
_CLOSED = "\n\n</think>\n\n"  # thoughts that a template has begun are none


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a conversation as the model is given it; the template's own, or of the message at `message`."""

    text: str
    message: int | None = None


class ChatTemplate:
    """A template that is ready to be filled in."""

    def __init__(self, name: str, source: str, eos: str, bos: str) -> None:
        """`name` is the model's, for errors. Raises ModelUnavailable for what is no template."""
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._name = name
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[Jinja2ChatFormatter.IgnoreGenerationTags, loopcontrols]
        )
        environment.filters["tojson"] = Jinja2ChatFormatter.tojson
        self._given: dict[str, Any] = {
            "eos_token": eos,
            "bos_token": bos,
            "add_generation_prompt": True,
            "enable_thinking": False,
            "raise_exception": _refused,
            "strftime_now": lambda form: datetime.now().strftime(form),
        }
        try:
            self._template = environment.from_string(source)
        except Exception as error:  # a foreign program: whatever it makes of jinja
            raise self._failure(error) from error
        self._system = self._knows_system()

    def segments(self, messages: Messages) -> list[Segment]:
        """Return a conversation, ready to be answered, in the order in which the model is given it.

        What the system is told is put before what the person says, where the template knows no system or leaves
        it out. Raises ModelUnavailable where it fails, or leaves out something else.
        """
        standing = [{"role": role, "content": chr(_MARK + n)} for n, (role, _) in enumerate(messages)]
        try:
            rendered = self._rendered(standing if self._system else _without_system(standing))
        except Exception as error:  # a foreign program
            raise self._failure(error) from error
        segments = list(_cut(rendered, messages))
        if not set(range(len(messages))) <= {segment.message for segment in segments}:
            raise self._failure(ValueError("it leaves out what it is told"))
        return segments

    def _rendered(self, standing: Sequence[dict[str, str]]) -> str:
        """Return what the template writes. Raises whatever it pleases to."""
        written: list[str] = []
        size, late = 0, time.monotonic() + _SECONDS
        for piece in self._template.generate(messages=standing, **self._given):
            written.append(piece)
            size += len(piece)
            if size > _MOST or time.monotonic() > late:
                raise ValueError("it does not come to an end")
        text = "".join(written)
        return text.rstrip() + _CLOSED if text.rstrip().endswith("<think>") else text

    def _knows_system(self) -> bool:
        """Whether the template writes what the system is told, before what a person says."""
        first, second = chr(_MARK), chr(_MARK + 1)
        try:
            text = self._rendered([{"role": "system", "content": first}, {"role": "user", "content": second}])
        except Exception:  # it refuses the system, or fails anyway: that is told when it is used without one
            return False
        return 0 <= text.find(first) < text.find(second)

    def _failure(self, error: Exception) -> ModelUnavailable:
        why = one_line(str(error) or type(error).__name__, 300)
        return ModelUnavailable(
            gettext("The chat template of {name} fails: {why}").format(name=self._name, why=why),
            gettext("Use another model."),
        )


def _refused(message: str) -> NoReturn:
    raise ValueError(message)


def _without_system(standing: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Put what the system is told before what the person says next; without that, the person says it."""
    merged: list[dict[str, str]] = []
    told = ""
    for message in standing:
        if message["role"] == "system":
            told += message["content"] + _BETWEEN
        elif message["role"] == "user":
            merged.append({"role": "user", "content": told + message["content"]})
            told = ""
        else:
            merged.append(message)
    return [*merged, {"role": "user", "content": told.removesuffix(_BETWEEN)}] if told else merged


def _cut(rendered: str, messages: Messages) -> Iterator[Segment]:
    """Yield the pieces of what a template wrote, with what messages say in the place of their marks."""
    for piece in _MARKS.split(rendered):
        place = ord(piece) - _MARK if _MARKS.fullmatch(piece) else len(messages)
        if place < len(messages):
            yield Segment(messages[place][1], place)
        elif piece:
            yield Segment(piece)
