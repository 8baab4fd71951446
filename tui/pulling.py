"""One pull of an LLM: told as it goes, tried, and named in the settings once it is known to run here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

from rag.errors import BelegError
from rag.localization import gettext, number
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line
from tui.messages import Noticed, Offered, PulledOn, PullEnded

if TYPE_CHECKING:
    from rag.models.catalogue import CatalogueModel
    from rag.settings import Settings

Post = Callable[[Message], Any]

_BETWEEN = 0.2  # seconds between two looks at how far it is


def offer(settings: Settings, post: Post) -> None:
    """Offer an LLM to whoever has none that writes well. Nothing is asked of a network."""
    from rag.models.offer import offered

    try:
        post(Offered(offered(settings)))
    except BelegError as error:  # the catalogue is damaged, which keeps nobody from asking
        post(Noticed(str(error)))


def run(model: CatalogueModel, settings: Settings, cancel: CancelToken, post: Post) -> PullEnded:
    """Pull an LLM, try it, and have the settings file name it, in compose mode; return what came of it.

    Raises ModelUnavailable where it cannot be had or cannot be run, the settings being as they were, and Stopped.
    """
    from rag.models.pulled import llm_file
    from rag.models.trial import admitted
    from rag.pulling.pull import Way, pull

    def tell(text: str) -> None:
        if not cancel.cancelled:
            post(PulledOn(one_line(text, 60)))

    pull(model, settings.models, Way(tell, lambda _, size: _Far(size, tell), cancel))
    tell(gettext("trying the LLM, once"))
    admitted(
        llm_file(model.name, settings.models, settings.cache), settings.cache, threads=settings.threads, cancel=cancel
    )
    cancel.check()
    return PullEnded(model.name, unsaved=_save(model.name))


def _save(name: str) -> str:
    """Have the settings name the LLM, and write with it; return why that cannot be, "" if it can.

    Cut off between the two lines it is named and not in use.
    """
    from rag.maintenance.settings_edit import changed
    from rag.settings import settings_file

    try:
        for key, value in (("llm", name), ("mode", "compose")):
            with changed(settings_file(), key, value):
                pass
    except BelegError as error:
        return str(error)
    return ""


class _Far:
    """Tells how far a file is, but not of every block."""

    def __init__(self, size: int, tell: Callable[[str], None]) -> None:
        self._size, self._tell = size, tell
        self._last = 0.0

    def __call__(self, have: int) -> None:
        now = time.monotonic()
        if have >= self._size or now - self._last >= _BETWEEN:
            self._last = now
            said = gettext("pulling the LLM {have}/{size} MB")
            self._tell(said.format(have=number(have / 1e6), size=number(self._size / 1e6)))
