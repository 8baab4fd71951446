"""A library that many write: all of it stands in Milvus, and each of them has a copy, which is asked and may go.

The copy is an ordinary library. Before it is asked, and after it has changed, it is brought in step: documents that
others have written are read into it, and what was changed here is written there. A document is everybody's by the
path of its file and the machine that it lies on, so two people's files are two documents, whatever they are called.
Of two changes of one document the one that is sent last holds.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import msgspec

from rag.documents.paths import writer_of
from rag.documents.tags import united
from rag.errors import StoreUnusable
from rag.index import shared_collections as kept
from rag.index.library import Library
from rag.index.milvus_client import Milvus
from rag.index.rows import Entry, Prepared
from rag.index.shared_collections import Header, Note, SharedNames
from rag.index.shared_document import facts_of, packed, shared_id, tags_of, unpacked
from rag.index.shared_ledger import FILE, Known, Ledger
from rag.localization import gettext, ngettext
from rag.system.locks import preparing
from rag.system.logs import notice
from rag.text.sanitize import one_line

_LOCK = "shared.lock"  # in the copy's folder, while it is brought in step
Look = Callable[[], object]


def follow(library: Library, milvus: Milvus, name: str, origin: str, look: Look = lambda: None) -> None:
    """Bring a copy in step with the shared library of a name; `origin` says whose files have their own paths here.

    `look` is called between documents and may raise to stop that: what is done stays. Raises StoreUnusable or
    LibraryUnusable.
    """
    what = gettext("the copy of the shared library")
    with preparing(library.folder / _LOCK, what), Ledger(library.folder) as ledger:
        step = _Step(library, milvus, SharedNames.of(name), ledger, origin, look)
        if (note := step.agreed() or step.founded()) is None:
            return
        step.read(note)
        step.write(note)
        step.tell(name)


def behind(library: Library, milvus: Milvus, name: str) -> str:
    """Return how a copy differs from the shared library of a name, "" where it is in step. Changes nothing."""
    names = SharedNames.of(name)
    if not kept.there(milvus, names):
        return gettext("there is none of that name yet")
    with Ledger(library.folder) as ledger:
        news = kept.news(milvus, names, _read_up_to(ledger))
        in_step = not news and ledger.fact("stamp") == library.stamp
    return "" if in_step else gettext("it is not up to date")


def _read_up_to(ledger: Ledger) -> dict[str, int]:
    writer = ledger.fact("writer")
    own = {writer: int(ledger.fact("number") or 0)} if writer else {}
    return {**ledger.writers(), **own}


@dataclass(slots=True)
class _Step:
    """One time that a copy is brought in step."""

    library: Library
    milvus: Milvus
    names: SharedNames
    ledger: Ledger
    origin: str
    look: Look
    came: int = 0
    sent: int = 0
    left: list[str] = field(default_factory=list)  # names of documents that cannot be read

    # --- what it is a copy of --------------------------------------------------------------

    def agreed(self) -> Note | None:
        """Return what the shared library is; None where there is none yet. Raises StoreUnusable where it is another."""
        mine = self.library.vector_state.library
        if self.ledger.fact("library") not in ("", mine):  # the copy was restored from a backup, or made anew
            self.ledger.begin()
        held = self.ledger.fact("shared")
        if not kept.there(self.milvus, self.names):
            if held:
                raise self._another(gettext("it is not there any more"))
            return None
        if differ := kept.odd(self.milvus, self.names):
            raise kept.strange(self.milvus, self.names, gettext("made otherwise: {what}").format(what=differ))
        if (note := kept.noted(self.milvus, self.names)) is None:
            raise kept.strange(self.milvus, self.names, gettext("it is not noted what it is of"))
        if differ := kept.odd(self.milvus, self.names, note.dimension):
            raise kept.strange(self.milvus, self.names, gettext("made otherwise: {what}").format(what=differ))
        if held and held != note.library:
            raise self._another(gettext("it is another one of that name"))
        self._check_embedder(note)
        if not held:
            self.ledger.begin(library=mine, shared=note.library, writer=uuid.uuid4().hex)
        return note

    def founded(self) -> Note | None:
        """Make the shared library, if there is anything for it, and return what it is."""
        ids, vectors = self.library.vectors(0, 1)
        if not len(ids):
            return None
        kept.make(self.milvus, self.names, *self.library.embedder, int(vectors.shape[1]))
        return self.agreed()

    def _check_embedder(self, note: Note) -> None:
        fingerprint, name = self.library.embedder
        if self.library.count()[0] and fingerprint != note.embedder:
            raise StoreUnusable(
                gettext("The shared library {place} is of the embedder {other}, the one in {folder} of {name}.").format(
                    place=self.milvus.shown,
                    other=one_line(note.embedder_name),
                    folder=self.library.folder,
                    name=one_line(name),
                ),
                gettext("Rebuild it by that one (--embedder … index --rebuild), or name another --library."),
            )

    def _another(self, reason: str) -> StoreUnusable:
        folder = self.library.folder
        return StoreUnusable(
            gettext("The library in {folder} is a copy of the shared library {place}, but {reason}.").format(
                folder=folder, place=self.milvus.shown, reason=reason
            ),
            gettext("Name another --library to read what is there; delete {file} to send there what is here.").format(
                file=folder / FILE
            ),
        )

    # --- what others have written --------------------------------------------------------

    def read(self, note: Note) -> None:
        """Put what others have written into the library, and take out what they have removed."""
        news = kept.news(self.milvus, self.names, _read_up_to(self.ledger))
        if not news:
            return
        marks, known = self._marks(), self.ledger.documents()
        for header in news:
            self.look()
            self._take(header, known.get(header.id), marks, note)
        for header in news:
            self.ledger.read(header.writer, header.sequence)

    def _take(self, header: Header, known: Known | None, marks: dict[str, _Mark], note: Note) -> None:
        if known is not None and not known.coming:
            here = marks.get(known.local)
            if header.version == known.version or here is None or here.mark != known.mark:
                return  # it is here already; or was changed here since, which is sent after this, and so holds
        if not header.removed:
            self._put(header, known, note)
        elif known is not None:
            self.library.remove(known.local)
            self.ledger.drop(header.id)
            self.came += 1

    def _put(self, header: Header, known: Known | None, note: Note) -> None:
        made = self._made(header, note)
        if made is None:
            return
        prepared, tags = made
        local = prepared.document.id
        self.ledger.keep(header.id, replace(known or Known(local, "", ""), coming=header.version))
        self.library.add(prepared)
        given = self.library.tags_given(local)
        self.library.tag([local], add=tags, remove=[tag for tag in given if tag not in tags])
        self.ledger.keep(header.id, Known(local, header.version, _mark_of(prepared, tags)))
        self.came += 1

    def _made(self, header: Header, note: Note) -> tuple[Prepared, tuple[str, ...]] | None:
        """Return a document as it was written; None where that is not whole, or has been replaced meanwhile."""
        try:
            facts = facts_of(header)
            words = kept.read_words(self.milvus, self.names, header.version, facts.characters)
            sentences = kept.read_sentences(self.milvus, self.names, header.version, facts.sentences, note.dimension)
            prepared = unpacked(header, words, sentences, self.origin)
            if prepared.embedder.fingerprint == note.embedder:
                return prepared, tags_of(header)
        except (ValueError, TypeError, RecursionError):  # msgspec's errors are among them
            now = kept.header_of(self.milvus, self.names, header.id)
            if now is None or now.version != header.version:
                return None  # its row is among the news of the next time
        self.left.append(header.name)
        return None

    # --- what was changed here -------------------------------------------------------------

    def write(self, note: Note) -> None:
        """Write what was added, changed and removed here since the last time."""
        stamp = self.library.stamp
        if stamp == self.ledger.fact("stamp"):
            return
        if self.ledger.fact("sending"):
            self._clear()
        with self.library.snapshot():
            stamp, marks = self.library.stamp, self._marks()
        self._check_embedder(note)
        known = self.ledger.documents()
        for local, mark in marks.items():
            identity = shared_id(mark.entry.path, self.origin)
            if (there := known.get(identity)) is None or (not there.coming and there.mark != mark.mark):
                self.look()
                self._send(identity, local, mark)
        for identity, there in known.items():
            if there.local not in marks and not there.coming:
                self.look()
                self._remove(identity)
        self.ledger.note("stamp", stamp)

    def _clear(self) -> None:
        """Delete what whoever was killed had begun to send, or to replace."""
        identity, *versions = self.ledger.fact("sending").split()
        row = kept.header_of(self.milvus, self.names, identity)
        for version in versions:
            if row is None or row.version != version:  # none comes back: what is sent has a version of its own
                kept.delete_version(self.milvus, self.names, version)
        self.ledger.note("sending", "")

    def _send(self, identity: str, local: str, mark: _Mark) -> None:
        with self.library.snapshot():
            if self.library.missing([local]):
                return  # it has left meanwhile
            whole, tags = packed(self.library, local, mark.recipe), self.library.tags_given(local)
        version = uuid.uuid4().hex
        self._begin(identity, version)
        kept.write_version(self.milvus, self.names, version, whole.words, whole.sentences)
        entry = mark.entry
        origin, path = writer_of(entry.path)
        row = self._row(identity, version)
        row = replace(row, origin=origin or self.origin, name=entry.name, path=path, date=entry.date or "")
        row = replace(row, tags=json.dumps(tags), facts=msgspec.json.encode(whole.facts).decode())
        kept.write_header(self.milvus, self.names, row)
        self.ledger.keep(identity, Known(local, version, mark.mark))
        self._clear()
        self.sent += 1

    def _remove(self, identity: str) -> None:
        if self._begin(identity):
            kept.write_header(self.milvus, self.names, replace(self._row(identity, ""), removed=True))
            self._clear()
            self.sent += 1
        self.ledger.drop(identity)

    def _begin(self, identity: str, version: str = "") -> bool:
        """Note what is about to be sent and replaced, for whoever comes after a kill; return whether it is there."""
        before = kept.header_of(self.milvus, self.names, identity)
        there = before is not None and not before.removed
        self.ledger.note("sending", f"{identity} {version} {before.version if before and there else ''}")
        return there

    def _row(self, identity: str, version: str) -> Header:
        writer = self.ledger.fact("writer")
        return Header(identity, version, writer, self.ledger.number(), self.origin, False, "", "", "", "[]", "{}")

    def _marks(self) -> dict[str, _Mark]:
        with self.library.snapshot():
            made, entries = self.library.made_of(), self.library.entries()
        return {
            entry.id: _Mark(_mark(entry.path, entry.name, entry.title, entry.date, entry.tags, *made[entry.id]),
                            entry, made[entry.id][1])
            for entry in entries
        }  # fmt: skip

    def tell(self, name: str) -> None:
        """Tell the person what was done."""
        if self.came:
            said = ngettext("{n} change came from {name}", "{n} changes came from {name}", self.came)
            notice(said.format(n=self.came, name=name))
        if self.sent:
            said = ngettext("{n} change was sent to {name}", "{n} changes were sent to {name}", self.sent)
            notice(said.format(n=self.sent, name=name))
        for document in self.left:
            said = gettext("{document} cannot be read from {name}: it is not whole; whoever has its file can index it")
            notice(said.format(document=one_line(document), name=name))


@dataclass(frozen=True, slots=True)
class _Mark:
    """A document of the library, and what is another one once it has changed."""

    mark: str
    entry: Entry
    recipe: str


def _mark_of(prepared: Prepared, tags: Collection[str]) -> str:
    document = prepared.document
    facts = (document.path, document.name, document.title, document.date, united(document.tags, tags))
    return _mark(*facts, document.sha256, prepared.recipe)


def _mark(path: str, name: str, title: str, date: str | None, tags: Collection[str], sha256: str, recipe: str) -> str:
    facts = [path, name, title, date, sorted(tags), sha256, recipe]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
