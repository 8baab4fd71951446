"""The road from paths to a library: which files, what became of each.

A run is a series of whole documents. Files are told apart by content, so a second run
over a thousand unchanged files reads and hashes them and does nothing else.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rag.cancellation import CancelToken
from rag.chunks import split
from rag.documents import READERS, document_id, read, read_bytes
from rag.embedder import Embedder, Kind, Vectors
from rag.errors import UnreadableDocument, UsageError
from rag.library import Entry, Library
from rag.paths import absolute

_AT_ONCE = 16  # texts: long ones take a tenth of a second each on a busy machine


@dataclass(slots=True)
class Report:
    """What a run did, by document name; `unreadable` are (path, reason)."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)  # gone from the disk, kept in the library
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index and the folder that its name is relative to."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()


class Stoppable:
    """An embedder that looks every _AT_ONCE texts whether to stop, and then raises Stopped.

    A document is embedded before any of it is written, so it is whole or absent all the same.
    """

    def __init__(self, embedder: Embedder, cancel: CancelToken) -> None:
        self._embedder = embedder
        self._cancel = cancel
        self.fingerprint, self.name = embedder.fingerprint, embedder.name
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return unit vectors, float32, shape (len(texts), dimension)."""
        found = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # of like length, as embedders want them
        for at in range(0, len(order), _AT_ONCE):
            self._cancel.check()
            chosen = order[at : at + _AT_ONCE]
            found[chosen] = self._embedder.encode([texts[index] for index in chosen], kind)
        return found


def sources(paths: Sequence[str]) -> list[Source]:
    """Return the files that `paths` (files, folders, globs) stand for, each once, in order.

    Folders are walked for the endings that have a reader; hidden files and folders are
    left out. A file that is named is tried whatever its ending. Raises UsageError for a
    path that stands for nothing.
    """
    found: dict[Path, Source] = {}
    for given in paths:
        for source in _expand(given):
            found.setdefault(source.path, source)
    return list(found.values())


def check(given: str) -> None:
    """Raise UsageError for a path that stands for nothing, without walking a folder."""
    if not absolute(given).exists():
        next(_expand(given), None)


def _expand(given: str) -> Iterator[Source]:
    path = absolute(given)
    if path.is_dir():
        yield from _walk(path)
    elif path.exists():
        yield Source(path, path.parent)
    elif glob.has_magic(given):
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise UsageError(f"Nothing matches {given}.", "Check the pattern; in a shell, quote it.")
        root = Path(glob_root(str(path)))
        for match in map(Path, matches):
            if match.is_dir():
                yield from (Source(source.path, root) for source in _walk(match))
            elif match.suffix.lower() in READERS:
                yield Source(match, root)
    else:
        raise UsageError(f"There is no file or folder {given}.", "Check the path.")


def glob_root(pattern: str) -> str:
    """Return the folder above the first part of a pattern that holds a wildcard."""
    parts = Path(pattern).parts
    fixed = [part for index, part in enumerate(parts) if not any(glob.has_magic(p) for p in parts[: index + 1])]
    return str(Path(*fixed))


def _walk(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in READERS and path.is_file():
            yield Source(path, folder)


def index(
    paths: Sequence[str],
    library: Library,
    embedder: Embedder,
    progress: Callable[[Iterable[Source]], Iterable[Source]] = iter,
    *,
    keep_vanished: bool = False,
) -> Report:
    """Bring the library up to date with what `paths` stand for; return what was done.

    Documents that lie under an indexed folder but whose file is gone are removed, unless
    `keep_vanished`, or unless nothing at all is left there: an empty folder is more likely
    a drive that is not mounted than a wish. Stopping at any moment leaves whole documents.
    """
    library.claim(embedder)
    report = Report()
    found = sources(paths)
    _index_each(progress(found), library, embedder, report)
    seen = {source.path for source in found}
    gone = [entry for entry in library.entries() if _vanished(entry, paths, seen)]
    for entry in gone:
        if keep_vanished or not seen:
            report.vanished.append(entry.name)
        else:
            library.remove(entry.id)
            report.removed.append(entry.name)
    return report


def refresh(
    library: Library, embedder: Embedder, progress: Callable[[Iterable[Source]], Iterable[Source]] = iter
) -> Report:
    """Index anew the documents whose files have changed; return what was done. Files that are gone are only named."""
    library.claim(embedder)
    report = Report()
    found = []
    for entry in library.entries():
        path = Path(entry.path)
        if path.is_file():
            root = Path(entry.path.removesuffix(entry.name)) if entry.path.endswith("/" + entry.name) else path.parent
            found.append(Source(path, root))
        else:
            report.vanished.append(entry.name)
    _index_each(progress(found), library, embedder, report)
    return report


def _index_each(files: Iterable[Source], library: Library, embedder: Embedder, report: Report) -> None:
    known = library.known()
    for source in files:
        try:
            _index_one(source, library, embedder, known, report)
        except UnreadableDocument as error:
            report.unreadable.append((error.path, error.reason))


def _index_one(source: Source, library: Library, embedder: Embedder, known: dict[str, str], report: Report) -> None:
    raw = read_bytes(source.path)
    identity = document_id(source.path)
    before = known.get(identity)
    if before == hashlib.sha256(raw).hexdigest():
        report.unchanged.append(source.name)
        return
    document = read(source.path, source.name, raw)
    library.add(document, split(document), embedder)
    (report.new if before is None else report.changed).append(source.name)


def _vanished(entry: Entry, paths: Sequence[str], seen: set[Path]) -> bool:
    path = Path(entry.path)
    folders = [folder for given in paths if (folder := absolute(given)).is_dir()]
    return path not in seen and any(path.is_relative_to(folder) for folder in folders) and not path.exists()


def matching(entries: Sequence[Entry], given: str) -> list[Entry]:
    """Return the documents that a path or name means: a file, all under a folder, or a document's name."""
    path = absolute(given)
    exact = [entry for entry in entries if Path(entry.path) == path]
    under = [entry for entry in entries if Path(entry.path).is_relative_to(path)]
    return exact or under or [entry for entry in entries if entry.name == given]
