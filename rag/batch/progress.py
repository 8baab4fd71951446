"""How far a batch is, for whoever waits: a bar on a terminal, and now and then a line in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, TextIO

from rag.localization import gettext, ngettext
from rag.output.terminal import counted

if TYPE_CHECKING:
    from tqdm import tqdm

_EVERY = 5.0  # seconds from one line to the next
_MINUTE, _HOUR = 60, 3600


class Progress:
    """Says how far a batch of `total` questions is, on a stream that is standard error as a rule.

    `done` questions have their answers from an earlier run, of which `already` says how many
    by status. They are counted, but the rate, and with it the time left, is that of this
    run, which begins when this is made.
    """

    def __init__(
        self,
        total: int,
        done: int = 0,
        *,
        stream: TextIO,
        quiet: bool = False,
        now: Callable[[], float] = time.monotonic,
        already: Mapping[str, int] | None = None,
    ) -> None:
        self.counts = {"answered": 0, "not_found": 0, "about": 0, "error": 0, **(already or {})}
        self._total, self._before, self._here = total, done, 0
        self._now = now
        self._began = self._said_at = now()
        self._said = -1  # how many were done by the last line
        self._stream = _Forgiving(stream)
        self._open = not quiet
        self._bar = self._new_bar() if self._open and self._stream.isatty() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, status: str) -> None:
        """Count an answer of this status: answered, not_found, about or error."""
        self.counts[status] += 1
        self._here += 1
        if self._bar is not None:
            self._bar.set_description_str(self._facts(_brief_pace), refresh=False)
            self._bar.update()
        elif self._open and self._now() - self._said_at >= _EVERY:
            self._say()

    def close(self) -> None:
        """Take the bar away, or write the last line; once."""
        if self._bar is not None:
            self._bar.close()
        elif self._open and self._said != self._done:
            self._say()
        self._open = False

    @property
    def _done(self) -> int:
        return self._before + self._here

    def _new_bar(self) -> tqdm[NoReturn]:
        from tqdm import tqdm

        return tqdm(
            total=self._total,
            initial=self._before,
            file=self._stream,
            leave=False,
            dynamic_ncols=True,
            miniters=1,  # else tqdm waits for more answers the quicker they come, also when they become slow
            desc=self._facts(_brief_pace),  # brief, so that 80 columns are enough
            bar_format="{n_fmt}/{total_fmt} {bar} {desc}",
        )

    def _say(self) -> None:
        said = gettext("{done} of {total} done: {facts}")
        self._stream.write(said.format(done=self._done, total=self._total, facts=self._facts(_pace)) + "\n")
        self._stream.flush()
        self._said, self._said_at = self._done, self._now()

    def _facts(self, pace: Callable[[float], str]) -> str:
        facts, seconds, left = counted(self.counts), self._now() - self._began, self._total - self._done
        if self._here and seconds > 0:  # else there is no telling yet
            rate = _MINUTE * self._here / seconds
            facts += [pace(rate), *([_left(_MINUTE * left / rate)] if left > 0 else [])]
        return ", ".join(facts)


def _pace(rate: float) -> str:  # in questions a minute
    if rate < 1:
        return gettext("less than 1 question a minute")
    return ngettext("{n} question a minute", "{n} questions a minute", round(rate)).format(n=f"{rate:.0f}")


def _brief_pace(rate: float) -> str:
    return "<1/min" if rate < 1 else f"{rate:.0f}/min"


def _left(seconds: float) -> str:
    if seconds < _MINUTE:
        return gettext("less than a minute left")
    hours, minutes = divmod(round(seconds / _MINUTE), _HOUR // _MINUTE)
    parts = [gettext("{n} h").format(n=hours)] * (hours > 0) + [gettext("{n} min").format(n=minutes)] * (minutes > 0)
    return gettext("about {time} left").format(time=" ".join(parts))


class _Forgiving:
    """A stream whose failures are nobody's concern.

    Hours of answers must not be lost because whoever watched them has gone: the pipe is
    broken, the terminal closed. Swallowed here and not around each call, since tqdm also
    writes when its bar is collected, and would complain of its own accord.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)  # tqdm asks for encoding and fileno

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # BrokenPipeError is the former, a closed stream or a letter it lacks the latter
            return 0

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return

    def isatty(self) -> bool:
        try:
            return self._stream.isatty()
        except (OSError, ValueError):
            return False
