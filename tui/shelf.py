"""What is known of a library's documents in this session only.

That is how the last run of indexing went, which files it could not read, and what was removed and can be
taken back. Threads change it; the screen reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import LibraryUnusable
from rag.localization import gettext
from rag.text.sanitize import one_line

if TYPE_CHECKING:
    from rag.documents.document import Document
    from rag.index.library import Library
    from rag.index.report import Report
    from rag.models.embedder import Embedder


@dataclass(frozen=True, slots=True)
class _Taken:
    """A document that was removed, with the tags that a person had given it."""

    document: Document
    tags: tuple[str, ...]


class Shelf:
    """The last report, the files that could not be read, and the documents that were removed."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.failed: dict[Path, str] = {}  # by path, with the reason, in the order they came
        self.open = False  # the report, in the list of documents
        self._taken: list[_Taken] = []

    # --- indexing ------------------------------------------------------------------------

    def note(self, report: Report, paths: Sequence[str] | None, tried: Collection[Path]) -> None:
        """Keep how a run went. What failed before and was tried again, or is below what was named, failed or did not.

        `tried` are the files that the run has looked at.
        """
        from rag.documents.paths import absolute, gone, real

        named = {real(absolute(path)) for path in paths or ()}

        def settled(path: Path) -> bool:
            return path in tried or not named.isdisjoint({path, *path.parents}) or gone(path)

        failed = {path: reason for path, reason in self.failed.items() if not settled(path)}
        self.failed = failed | dict(report.unreadable)
        self.report, self.open = report, bool(report.new or report.changed or report.unreadable)

    def forget(self, path: Path) -> None:
        """Speak no more of a file that could not be read."""
        self.failed = {other: reason for other, reason in self.failed.items() if other != path}

    # --- taking back ---------------------------------------------------------------------

    @property
    def can_take_back(self) -> bool:
        """Whether a document was removed that is not back yet."""
        return bool(self._taken)

    def remove(self, library: Library, ids: Sequence[str]) -> str:
        """Remove documents and return what is to be told; one that is damaged goes for good. Raises LibraryUnusable."""
        told = ""
        for identity in ids:
            try:
                taken = _Taken(library.document(identity), library.tags_given(identity))
            except LibraryUnusable:  # it is damaged, or has left already
                library.remove(identity)
                continue
            library.remove(identity)
            self._taken.append(taken)
            title = one_line(taken.document.title, 50)
            told = gettext("Removed “{title}”. ctrl+z takes it back.").format(title=title)
        return told

    def take_back(self, library: Library, embedder: Embedder) -> str:
        """Put the document that was removed last into the library again, and return what is to be told.

        Its text was kept, so its file may be gone. Raises BelegError, and keeps it, where that fails.
        """
        from rag.index.preparation import prepare_document

        try:
            taken = self._taken.pop()
        except IndexError:
            return gettext("Nothing was removed in this session that could be taken back.")
        document = taken.document
        title = one_line(document.title, 50)
        try:
            if any(entry.id == document.id for entry in library.entries()):
                said = gettext("“{title}” is in the library already: its file was added anew.")
                return said.format(title=title)
            library.add(prepare_document(document, embedder), taken.tags)
        except BaseException:
            self._taken.append(taken)
            raise
        return gettext("“{title}” is in the library again.").format(title=title)
