"""One family of errors. Each names the thing that failed and what to do next.

The command line turns any of them into one line on stderr and the exit code
the class carries, so a caller never has to parse a message.
"""

from __future__ import annotations

from pathlib import Path


class BelegError(Exception):
    """Base of every error Beleg raises on purpose.

    `reason` says what went wrong, `remedy` what the person can do about it.
    """

    exit_code = 4

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(f"{reason} {remedy}".strip())
        self.reason = reason
        self.remedy = remedy


class UnreadableDocument(BelegError):
    """A file that is not a document Beleg can read; indexing goes on without it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class ModelUnavailable(BelegError):
    """A model's files are missing, damaged or of a kind that cannot be used."""


class OcrUnavailable(BelegError):
    """OCR was asked for, and no program of the system does it."""


class WorkersUnavailable(BelegError):
    """Workers on other processes or machines were asked for, and cannot be had, or have gone."""


class LexiconUnusable(BelegError):
    """A lexicon's files are missing, damaged or of another version."""


class WeightsUnusable(BelegError):
    """A file of fitted weights is missing, damaged or for other features."""


class LibraryUnusable(BelegError):
    """The library cannot be opened, is damaged, or belongs to another embedder."""


class NoLibrary(LibraryUnusable):
    """There is no library, or one whose file was made and not yet filled."""


class StoreUnusable(BelegError):
    """A store that was named cannot be asked, or holds something else than the library does."""


class StoreSilent(StoreUnusable):
    """A store that was named does not answer just now."""


class UsageError(BelegError):
    """The command, a question file or a setting asks for something that makes no sense."""

    exit_code = 2


class NoSuchDocument(UsageError):
    """A document is asked for that is not in the library."""


class Busy(BelegError):
    """More is asked at once than can be answered soon, or what answers is about to end."""
