"""The LLM of an assistant: loaded when it is first to write, and let do what its trial found it able to do."""

from __future__ import annotations

from contextlib import suppress

from rag.answering.judging import Judge, judge_of
from rag.errors import ModelUnavailable
from rag.models.admission import UNTRIED, Admission, admission_of
from rag.models.bundled import Loading, admission_for, known_as
from rag.models.writer import Writer
from rag.settings import Settings
from rag.system.cancellation import CancelToken


class WritingModel:
    """The LLM that the settings name. One that may not write is never loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loading: Loading | None = None
        self._admitted: Admission | None = None

    def begin(self) -> Loading | None:
        """Begin to load it in a thread of its own, once; return it as it loads, None if it may not write.

        What is wrong with its file shows when it is waited for.
        """
        if self._loading is None and self._let_write():
            self._loading = Loading(self._settings)
        return self._loading

    def _let_write(self) -> bool:
        with suppress(ModelUnavailable):
            known = admission_for(self._settings)
            return known is None or known.writes
        return True

    def loaded(self, cancel: CancelToken) -> Writer | None:
        """Return it once it is loaded, None if it may not write. Raises ModelUnavailable or Stopped."""
        loading = self.begin()
        return loading.loaded(cancel) if loading is not None else None

    @property
    def busy(self) -> bool:
        """Whether it is being loaded."""
        return self._loading is not None and not self._loading.ready

    def writes_in(self, language: str, writer: Writer) -> bool:
        """Whether it may write in a language, now that it is open."""
        return self._admission(writer).writes_in(language)

    def judge(self, writer: Writer) -> Judge | None:
        """Return how it judges whether quotes answer; None where it may not."""
        return judge_of(self._admission(writer), self._settings.care)

    def _admission(self, writer: Writer) -> Admission:
        """Return what it is let do; of one that was never tried nobody knows."""
        if self._admitted is None:
            known = admission_of(self._settings.state, known_as(self._settings, writer))
            self._admitted = UNTRIED if known is None else known
        return self._admitted

    def close(self) -> None:
        """Free it; what is interrupted as it loads is waited for."""
        if self._loading is not None:
            self._loading.close()
