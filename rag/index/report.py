"""What a run of indexing did, and what it left undone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rag.documents.readers import Omission


@dataclass(frozen=True, slots=True)
class Loss:
    """So many documents of a folder's have no file any more; `empty` where it has no files at all."""

    folder: Path
    gone: int
    documents: int
    empty: bool


@dataclass(slots=True)
class Report:
    """What a run did, by document name; `unreadable` are (path, reason), `moved` (path before, path now)."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[tuple[Path, Path]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # before to now, of documents that have another
    removed: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)  # removed: patterns leave their files out now
    patterned: int = 0  # files and folders that patterns leave out
    own: list[str] = field(default_factory=list)  # in folders, and left out: Beleg wrote them
    doubled: list[str] = field(default_factory=list)  # removed: another document is of the same file
    vanished: list[str] = field(default_factory=list)  # gone from the disk, kept in the library
    spared: list[Loss] = field(default_factory=list)  # folders that too much is gone from; it was kept
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    left_out: list[tuple[str, Omission]] = field(default_factory=list)  # of documents that are new or changed
    doubts: list[tuple[str, str, str]] = field(default_factory=list)  # (name, encoding, why it may be another)

    @property
    def omitted(self) -> dict[str, int]:
        """How much of what the readers of this run's documents have left out, most first."""
        counts: Counter[str] = Counter()
        for _, omission in self.left_out:
            counts[omission.what] += omission.count
        return dict(counts.most_common())

    @property
    def read(self) -> int:
        """How many files are documents now."""
        return len(self.new) + len(self.changed) + len(self.unchanged) + len(self.moved)
