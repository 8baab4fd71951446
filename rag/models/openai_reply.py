"""What a server sends event by event while it writes: checked, and put together to a text.

A server is not trusted: what it sends has any type, any length, and need not end.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.localization import gettext
from rag.models.writer import Ending, Task, Written
from rag.text.sanitize import one_line, plain

TOKEN_CHARS = 16  # characters a token may have on average before a text is cut: four are usual
SPARE_CHARS = 4096
TOKEN_BYTES = 16_384  # of events a token: one with twenty alternatives takes some 2,000
SPARE_BYTES = 1 << 20
WORDS = 300  # characters of a server's own words that are shown
_LETTERS = 500  # characters of a name that is taken from a server's list
_OPEN, _CLOSE = "<think>", "</think>"
_SURROGATE_SAFE = ("utf-8", "replace")

Alternatives = Mapping[str, float]  # tokens that could have stood there, with the logarithm of their chance


class Fault(Exception):
    """What is wrong with a server or with what it sent, in words fit to be shown.

    `status` is HTTP's, 0 for none; `passing` says that it may be over soon, after `wait` seconds if it said so.
    """

    def __init__(
        self, words: str, remedy: str = "", *, status: int = 0, passing: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(words)
        self.words = words
        self.remedy = remedy
        self.status = status
        self.passing = passing
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says. `tokens` are those of its text, where the server tells."""

    text: str = ""
    thought: bool = False
    ending: Ending | None = None
    tokens: Sequence[tuple[str, Alternatives]] = ()


def read_json(raw: str | bytes) -> Any:
    """Return what a server's JSON says. Raises Fault."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Fault(gettext("it sends what is no JSON")) from error


def listed_models(told: object) -> list[dict[str, Any]]:
    """Return the models that a server lists. Raises Fault."""
    entries = told.get("data") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise Fault(gettext("its /models is no list of models"), gettext("An address of this kind mostly ends in /v1."))
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def first_name(models: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the first model. Raises Fault where there is none."""
    name = next((str(entry["id"]) for entry in models if 0 < len(entry["id"]) <= _LETTERS), "")
    if not name:
        raise Fault(gettext("it has no model"), gettext("Load one there, or name one after #."))
    return name


def read_event(data: str) -> Said:
    """Return what an event's data says. Raises Fault, with the server's own words where it tells of an error."""
    event = read_json(data)
    if isinstance(event, dict) and event.get("error"):
        raise Fault(gettext("it says: {words}").format(words=own_words(event)))
    choices = event.get("choices") if isinstance(event, dict) else None
    if choices == []:  # of the last event, which tells how much was used
        return Said()
    choice = choices[0] if isinstance(choices, list) else None
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(delta, dict | None):
        raise Fault(gettext("it sends JSON that is no part of a chat completion"))
    content = (delta or {}).get("content")
    reason = choice.get("finish_reason")
    if not isinstance(content, str | None) or not isinstance(reason, str | None):
        raise Fault(gettext("it sends JSON that is no part of a chat completion"))
    thought = (delta or {}).get("reasoning_content") or (delta or {}).get("reasoning")
    return Said(
        text=plain((content or "").encode(*_SURROGATE_SAFE).decode()),
        thought=bool(thought),
        ending=None if reason is None else "length" if reason == "length" else "end",
        tokens=_tokens(choice.get("logprobs")),
    )


def _tokens(logprobs: object) -> Sequence[tuple[str, Alternatives]]:
    """Return the tokens and what could have stood in their place; what makes no sense is left out."""
    entries = logprobs.get("content") if isinstance(logprobs, dict) else None
    found: list[tuple[str, Alternatives]] = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("token"), str):
            return ()
        others = entry.get("top_logprobs")
        told = [*(others if isinstance(others, list) else ()), entry]
        found.append((entry["token"], dict(filter(None, map(_alternative, told)))))
    return found


def _alternative(told: object) -> tuple[str, float] | None:
    if not isinstance(told, dict):
        return None
    token, logarithm = told.get("token"), told.get("logprob")
    if not isinstance(token, str) or not isinstance(logarithm, int | float) or not -1e6 <= logarithm <= 1e6:
        return None
    return token, min(0.0, float(logarithm))


def own_words(said: object) -> str:
    """Return what a server's answer says of an error, on a line."""
    while isinstance(said, dict) and (inner := next(filter(None, map(said.get, ("error", "message", "detail"))), None)):
        said = inner
    return one_line(said if isinstance(said, str) else json.dumps(said), WORDS)


def spoken(raw: str, *, whole: bool) -> str:
    """Return a text without what was thought before it, so far as it is there; `whole` says that no more comes.

    Some templates begin the thought themselves: only its end is seen then.
    """
    if _CLOSE in raw:
        return raw.partition(_CLOSE)[2].lstrip()
    begun = raw.lstrip()
    hidden = begun.startswith(_OPEN) or (not whole and _OPEN.startswith(begun))
    return "" if hidden else raw


def chance(alternatives: Alternatives, watched: Sequence[str]) -> float | None:
    """Return how likely a token begins one of `watched` or begins with it; None where the others are not known.

    The sum is a little high where a token is only the beginning of one, and a little low by what was not told.
    """
    found = [
        math.exp(logarithm)
        for token, logarithm in alternatives.items()
        if (bare := token.lstrip()) and any(each.startswith(bare) or bare.startswith(each) for each in watched)
    ]
    return min(1.0, sum(found)) if found or len(alternatives) > 1 else None


@dataclass(slots=True)
class Reply:
    """A text as it comes in."""

    task: Task
    _raw: str = ""
    _ending: Ending | None = None
    _chance: float | None = None
    _begun: bool = False  # the first token of the text is known, and with it the chance
    _likelihoods: list[tuple[int, float | None]] = field(default_factory=list)  # by characters, also those of thoughts
    _pieces: int = 0
    _bytes: int = 0
    _most: int = field(init=False)

    def __post_init__(self) -> None:
        self._most = max(1, self.task.most)  # no server writes nothing: what is only read is one token, dropped

    def take(self, data: str) -> None:
        """Add what an event says. Raises Fault."""
        self._bytes += len(data)
        if self._bytes > SPARE_BYTES + TOKEN_BYTES * self._most:
            raise Fault(gettext("it sends far more than was asked for"))
        said = read_event(data)
        if said.text or said.thought:
            self._pieces += 1
            if self._pieces > self._most:  # a server that heeds no limit
                self._ending = "length"
                return
        if not self._begun and self.task.watched:
            self._watch(said)
        if self.task.weighed:
            self._weigh(said)
        self._raw += said.text
        if len(self._raw) > SPARE_CHARS + TOKEN_CHARS * self._most:
            self._raw, self._ending = self._raw[: SPARE_CHARS + TOKEN_CHARS * self._most], "length"
        self._ending = self._ending or said.ending

    def _watch(self, said: Said) -> None:
        """Look for the first token of what is spoken, white space aside."""
        if not spoken(self._raw + said.text, whole=False).strip():
            return
        self._begun = True
        raw = self._raw
        for token, alternatives in said.tokens:
            raw += token
            if spoken(raw, whole=False).strip():
                self._chance = chance(alternatives, self.task.watched)
                return

    def _weigh(self, said: Said) -> None:
        """Note how likely each token of the text was, and up to where it is written then; None where it is not told."""
        if not said.text:  # a thought that comes apart from the text, or a sign of control
            return
        place = len(self._raw)
        for token, alternatives in said.tokens:
            place += len(token)
            self._likelihoods.append((place, alternatives.get(token)))
        if place != len(self._raw) + len(said.text):
            self._likelihoods.append((len(self._raw) + len(said.text), None))

    def _told(self, text: str) -> tuple[tuple[int, float], ...]:
        """Return the likelihoods of the tokens of a text; none where they are not told of all of it."""
        thought = len(self._raw) - len(text)
        told = [(max(0, place - thought), each) for place, each in self._likelihoods if place > thought]
        known = tuple((place, each) for place, each in told if each is not None)
        return known if len(known) == len(told) else ()

    @property
    def done(self) -> bool:
        """Whether the text has ended."""
        return self._ending is not None

    @property
    def written(self) -> Written:
        """What was written so far, as if it were stopped now where it has not ended."""
        if self.task.most == 0:
            return Written("", "length", self._chance)
        text = spoken(self._raw, whole=self.done)
        return Written(text, self._ending or "stopped", self._chance, self._told(text))
