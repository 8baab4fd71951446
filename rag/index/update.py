"""The road from paths to a library: what became of each file that they stand for.

A run is a series of whole documents. A file of the size and time that it had when it was
read is unchanged, and is not read again; any other is told by its content, so that one that
was only touched is unchanged too, and one that has another place now takes its document along.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from rag.documents.discovery import Found, Source, find
from rag.documents.document import document_id, read_bytes
from rag.documents.ocr import Ocr, lacks_text
from rag.documents.own_files import is_own
from rag.documents.paths import absolute, elsewhere, filled, gone, linked, real, size_and_time
from rag.documents.reader_process import Limits, ReaderProcess
from rag.errors import BelegError, UnreadableDocument
from rag.index.document_making import FileRead, Maker, making_here
from rag.index.library import Entry, Library
from rag.index.preparation import prepare_document, recipe
from rag.index.report import Loss, Report
from rag.index.rows import Prepared
from rag.models.embedder import Embedder
from rag.system import logs

_MOST_FAILED = 10  # files in a row, unexpectedly
_SETTLED = 2_000_000_000  # ns: some file systems tell times no finer, and a file may change twice within that


Progress = Callable[[Iterable[Source]], Iterable[Source]]


def index(
    paths: Sequence[str],
    library: Library,
    embedder: Embedder,
    progress: Progress = iter,
    *,
    keep_vanished: bool = False,
    agreed: Callable[[Loss], bool] = lambda _: False,
    read_all: bool = False,
    exclude: Sequence[str] = (),
    tags: Collection[str] = (),
    limits: Limits | None = None,
    look: Callable[[], object] = lambda: None,
    ocr: Ocr | None = None,
    elsewhere: Maker | None = None,
) -> Report:
    """Bring the library up to date with what `paths` stand for; return what was done.

    Documents below a folder in `paths` whose file is gone are removed, unless `keep_vanished`; so are
    those whose file is left out now by the patterns `exclude` or of a `.belegignore`.
    Where that is more than half of what the folder had, and more than one, `agreed` is asked;
    where the folder is empty or gone altogether they are kept, for that is more likely a drive
    that is not mounted than a wish. With `read_all` no file is taken for unchanged by its size
    and time. `tags` are given to the documents of all files that are found, where the run is stopped,
    too. Stopping at any moment leaves whole documents. `look` is called while a document is read, and
    may raise to stop that. With `ocr`, pages of PDFs that hold no text are read by it, also in documents
    that are here already. `elsewhere` makes documents of files in other processes, in place of this one.

    Raises UsageError for a path that stands for nothing, or a pattern that is none.
    """
    library.claim(embedder)
    run = _Run(library, embedder, read_all, ocr)
    found = find(paths, run.places.values(), exclude)
    run.report.unreadable += found.refused.items()
    run.report.patterned = len(found.excluded)
    run.named, run.tags = found.folders, tags
    try:
        run.index(progress(list(found.files.values())), limits, look, elsewhere)
    finally:
        if tags:  # what is new has them already
            library.tag(map(document_id, found.files), tags)
    run.take_away(found, keep_vanished, agreed)
    return run.report


def refresh(
    library: Library,
    embedder: Embedder,
    progress: Progress = iter,
    *,
    limits: Limits | None = None,
    look: Callable[[], object] = lambda: None,
) -> Report:
    """Index anew the documents whose files have changed; return what was done. Files that are gone are only named."""
    library.claim(embedder)
    run = _Run(library, embedder)
    found: dict[Path, Source] = {}
    for entry in run.entries.values():
        path = run.places[entry.id]
        if gone(path):
            run.report.vanished.append(entry.name)
        else:
            found.setdefault(path, Source(path, entry.name, *size_and_time(path)))
    run.index(progress(list(found.values())), limits, look)
    return run.report


def rebuild(library: Library, embedder: Embedder, progress: Callable[[str], None]) -> int:
    """Make all of a library anew with `embedder` from the texts kept in it; return how many documents.

    `progress` is told each document's name. What is killed or stopped has not happened.
    """
    return library.rebuild(embedder, lambda document: prepare_document(document, embedder), progress)


class _Run:
    """One run over a library: the documents that it finds there, where their files are, and the report."""

    def __init__(self, library: Library, embedder: Embedder, read_all: bool = False, ocr: Ocr | None = None) -> None:
        self._library = library
        self._embedder = embedder
        self._read_all = read_all
        self._ocr = ocr
        self._left: set[str] = set()  # ids of documents that have moved away or were removed
        self._failed = 0  # files in a row, unexpectedly
        self.report = Report()
        self.named: list[Path] = []  # folders that the run is over
        self.tags: Collection[str] = ()  # what it gives to each document
        self._look()

    def _look(self) -> None:
        """See what is in the library now."""
        with self._library.snapshot():
            self._known = self._library.known(recipe())
            # Of a file that lies on another machine nothing is told by what lies here.
            self.entries = {entry.id: entry for entry in self._library.entries() if not elsewhere(entry.path)}
        self.places = places(self.entries.values())
        self._at: dict[Path, list[Entry]] = {}
        self._of: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            self._at.setdefault(self.places[entry.id], []).append(entry)
            self._of.setdefault(self._known[entry.id], []).append(entry)

    def index(
        self, files: Iterable[Source], limits: Limits | None, look: Callable[[], object], elsewhere: Maker | None = None
    ) -> None:
        """Bring the library up to date with files; whatever one of them brings about is told, and the next one read.

        Raises BelegError for what is wrong with the library or a model, and what failed unexpectedly with one
        file after the other: that is no fault of theirs.
        """
        with ReaderProcess(limits, look) as reader:
            maker = elsewhere or making_here(reader, self._embedder, self._ocr)
            for file, made in maker(self._to_make(files, look)):
                with self._telling(file.source, look):
                    self._keep(file, made())
                    self._failed = 0

    @contextmanager
    def _telling(self, source: Source, look: Callable[[], object]) -> Iterator[None]:
        """Report what one file brings about, in place of raising it."""
        try:
            yield
        except UnreadableDocument as error:
            self.report.unreadable.append((error.path, error.reason))
        except BelegError:
            raise
        except Exception as error:
            look()  # it may have come of a stop
            self._failed += 1
            if self._failed == _MOST_FAILED:
                raise
            logs.logger("index").error("failed with %s", logs.Words(source.path))
            self.report.unreadable.append((source.path, logs.unexpected(error)))

    def _to_make(self, files: Iterable[Source], look: Callable[[], object]) -> Iterator[FileRead]:
        """Yield the files that documents are to be made of; the others are dealt with."""
        for source in files:
            found = None
            with self._telling(source, look):
                found = self._looked_at(source)
                self._failed = self._failed if found else 0
            if found is not None:
                yield found

    def _looked_at(self, source: Source) -> FileRead | None:
        """Return a file as read, or None where there is nothing to make of it: it has not changed, or only moved."""
        entry = self._entry(source.path)
        if entry and self._same_file(entry, source):
            self.report.unchanged.append(entry.name)
            return None
        before = time.time_ns()
        raw = read_bytes(source.path, source.name)
        if entry is None and not source.named and is_own(raw):
            self.report.own.append(source.name)
            return None
        settled = len(raw) == source.size and (source.modified or before) < before - _SETTLED
        size = source.size if settled else None
        digest = hashlib.sha256(raw).hexdigest()
        if entry is None and (old := self._moved(digest, source.path)):
            if self._move(old, source.path, source.name):
                self.report.moved.append((Path(old.path), source.path))
                return None
            entry = self._entry(source.path)  # another program has moved it here, or taken it away
        name = entry.name if entry else source.name
        if entry and self._known[entry.id] == digest and not self._unread(entry):
            if (entry.size, entry.modified) != (size, source.modified):
                self._library.touch(entry.id, size, source.modified)
            self.report.unchanged.append(name)
            return None
        return FileRead(source, name, raw, size, known=entry is not None)

    def _keep(self, file: FileRead, prepared: Prepared) -> None:
        """Write the document that was made of a file."""
        self._library.add(prepared, self.tags)
        document = prepared.document
        self.report.left_out += [(file.name, omission) for omission in document.omissions]
        if document.doubts:
            self.report.doubts.append((file.name, document.encoding, document.doubts))
        (self.report.changed if file.known else self.report.new).append(file.name)

    def _same_file(self, entry: Entry, source: Source) -> bool:
        """Return whether a document was made, as it would be today, of a file of this size and time."""
        seen = (source.size, source.modified)
        return (
            not self._read_all
            and None not in seen
            and (entry.size, entry.modified) == seen
            and bool(self._known[entry.id])
            and not self._unread(entry)
        )

    def _unread(self, entry: Entry) -> bool:
        """Return whether OCR is asked for and a document has pages for it."""
        scannable = self._ocr is not None and entry.path.lower().endswith(".pdf")
        return scannable and lacks_text(self._library.document(entry.id))

    def _entry(self, path: Path) -> Entry | None:
        """Return the document of a file, which has its real path from now on; others of the same file go."""
        entries = sorted(self._at.get(path, []), key=lambda entry: entry.path != str(path))
        for other in entries[1:]:
            self._library.remove(other.id)
            self._left.add(other.id)
            self.report.ids[other.id] = document_id(path)
            self.report.doubled.append(other.name)
        if not entries or entries[0].path == str(path):
            return entries[0] if entries else None
        return self._move(entries[0], path, entries[0].name) or self._entry(path)

    def _moved(self, digest: str, path: Path) -> Entry | None:
        """Return the document of the same content whose file has left its place, the one with the most alike path."""
        entries = [entry for entry in self._of.get(digest, []) if entry.id not in self._left]
        entries = [entry for entry in entries if self._deserted(self.places[entry.id], path)]
        return max(entries, key=lambda entry: _alike(self.places[entry.id], path), default=None)

    def _deserted(self, place: Path, path: Path) -> bool:
        """Return whether a file has left its place for another path; on a drive that is not mounted it has not.

        It has where a folder above it was named and is there; where its own folder is; or where a
        folder in between has been renamed, so that both are below one that is there. An empty folder
        is none: it may be where a drive is mounted.
        """
        if not gone(place):
            return False
        if any(place.is_relative_to(folder) and filled(folder) for folder in self.named):
            return True
        root = Path(place.anchor)
        there = next((folder for folder in place.parents if not gone(folder)), root)
        return (there == place.parent or (there != root and path.is_relative_to(there))) and filled(there)

    def _move(self, entry: Entry, path: Path, name: str) -> Entry | None:
        """Move a document and return it; None where it was gone already: then the run has looked anew."""
        identity = document_id(path)
        self._left.add(entry.id)
        if not self._library.move(entry.id, identity, str(path), name):
            self._look()
            return None
        self._known[identity] = self._known[entry.id]
        self.report.ids[entry.id] = identity
        return replace(entry, id=identity, path=str(path), name=name)

    def take_away(self, found: Found, keep: bool, agreed: Callable[[Loss], bool]) -> None:
        """Remove the documents below the folders that were named whose file is gone or excluded, where that may be."""
        excluded = {entry.id for entry in self.entries.values() if self._excluded(entry, found)}
        lost = [entry for entry in self.entries.values() if entry.id in excluded or self._lost(entry, found)]
        if not lost:
            return
        kept = {entry.id for entry in lost if keep} - excluded
        filled = {above for folder in {path.parent for path in found.files} for above in (folder, *folder.parents)}
        for folder in dict.fromkeys(found.folders):
            mine = [entry for entry in lost if self.places[entry.id].is_relative_to(folder) and entry.id not in kept]
            had = sum(place.is_relative_to(folder) for place in self.places.values())
            loss = Loss(folder, len(mine), had, empty=folder not in filled)
            grave = loss.empty or (loss.gone > 1 and 2 * loss.gone > loss.documents)
            if mine and grave and (loss.empty or not agreed(loss)):
                self.report.spared.append(loss)
                kept.update(entry.id for entry in mine)
        for entry in lost:
            if entry.id in kept:
                self.report.vanished.append(entry.name)
            else:
                self._library.remove(entry.id)
                (self.report.excluded if entry.id in excluded else self.report.removed).append(entry.name)

    def _excluded(self, entry: Entry, found: Found) -> bool:
        place = self.places[entry.id]
        if entry.id in self._left or place in found.files:
            return False
        return not found.excluded.isdisjoint({place, *place.parents})

    def _lost(self, entry: Entry, found: Found) -> bool:
        place = self.places[entry.id]
        if entry.id in self._left or place in found.files:
            return False
        above = {place, *place.parents}
        return not above.isdisjoint(found.folders) and above.isdisjoint(found.refused) and gone(place)


def _alike(one: Path, other: Path) -> int:
    """Return how many names at their ends two paths share."""
    pairs = zip(reversed(one.parts), reversed(other.parts), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def places(entries: Iterable[Entry]) -> dict[str, Path]:
    """Return the real path of each document's file, by id; libraries may hold others from before."""
    folders: dict[str, Path] = {}
    found = {}
    for entry in entries:
        folder, name = os.path.split(entry.path)
        if folder not in folders:
            folders[folder] = real(Path(folder))
        file = folders[folder] / name
        found[entry.id] = real(file) if linked(file) else file
    return found


def matching(entries: Sequence[Entry], given: str) -> list[Entry]:
    """Return the documents that a path or name means: a file, all under a folder, or a document's name."""
    path = real(absolute(given))
    where = places(entries)
    exact = [entry for entry in entries if where[entry.id] == path]
    under = [entry for entry in entries if where[entry.id].is_relative_to(path)]
    return exact or under or [entry for entry in entries if entry.name == given]
