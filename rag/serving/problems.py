"""What goes wrong, as HTTP says it: a status, and JSON with the reason and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.errors import BelegError, Busy, LibraryUnusable, ModelUnavailable, NoSuchDocument, UsageError
from rag.localization import gettext
from rag.text.sanitize import one_line

_LONGEST = 500  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request is not answered, and what to do; `code` is the same in every language."""

    status: int
    reason: str
    remedy: str
    code: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON: for people, and as OpenAI's clients read it."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        message = f"{self.reason} {self.remedy}".strip()
        error = {"message": message, "type": kind, "param": None, "code": self.code}
        return {"reason": self.reason, "remedy": self.remedy, "code": self.code, "error": error}


class Refused(Exception):
    """A request is not answered."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem_of(error: BelegError) -> Problem:
    """Return what is told of an error of Beleg's."""
    status, code = 500, "failed"
    for kind, known, name in (
        (NoSuchDocument, 404, "no_such_document"),
        (UsageError, 400, "usage"),
        (Busy, 503, "busy"),
        (LibraryUnusable, 503, "library_unusable"),
        (ModelUnavailable, 503, "model_unavailable"),
    ):
        if isinstance(error, kind):
            status, code = known, name
            break
    return Problem(status, one_line(error.reason, _LONGEST), one_line(error.remedy, _LONGEST), code)


def unusable(reason: str, status: int = 400, code: str = "invalid", remedy: str = "") -> Refused:
    """Return that a request is none that can be answered; without a `remedy` the page is named."""
    remedy = remedy or gettext("The page /docs says what can be asked.")
    return Refused(Problem(status, one_line(reason, _LONGEST), remedy, code))
