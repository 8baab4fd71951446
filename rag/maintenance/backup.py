"""A library and its conversations in one file, and back.

A backup is a zip of SQLite files and a manifest with their hashes, taken while others write:
each file is of one moment. A file that is to be restored is a stranger's until all of it was
seen: nothing of the library is touched before.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rag.conversations import store
from rag.errors import LibraryUnusable, UsageError
from rag.index import library
from rag.index.migrations import LIBRARY, climb, library_format
from rag.index.schema import FORMAT
from rag.localization import gettext, ngettext
from rag.maintenance.integrity_check import conversation_findings, library_findings
from rag.system.atomic_write import atomic_write
from rag.system.private_files import private_file, private_folder
from rag.system.sqlite_files import damaged, open_to_read, open_to_write, there, trouble, writable
from rag.system.validation import Strict
from rag.text.sanitize import plain

_MANIFEST = "manifest.json"
_FILES = (library.FILE, store.FILE)
_COUNTED = {library.FILE: "documents", store.FILE: "turns"}  # tables
_LONGEST_MANIFEST = 64 * 1024
_MOST_PACKED = 200  # times: texts and vectors are packed 2 to 5 times smaller, a bomb 1,000 times
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PORTION = 1024 * 1024
_PATIENCE = 60.0  # seconds that a writer is waited for
_PAGE = 4096  # bytes: SQLite's own size; a file of another cannot be put in the place of one that is open


class Packed(Strict, frozen=True):
    """What a backup says of a file in it."""

    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Manifest(Strict, frozen=True):
    """What a backup says of itself. `format` is the backup's own, `beleg` the version that made it."""

    format: Literal[1]
    beleg: Annotated[str, Meta(max_length=100)]
    made: Annotated[str, Meta(max_length=100)]
    files: dict[str, Packed]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, when it was made, and where what was there before is kept, if anything was."""

    documents: int
    turns: int
    made: str
    before: Path | None = None


# --- making one ----------------------------------------------------------------------------------


def backup(folder: Path, target: Path, version: str) -> Backup:
    """Write the library in `folder` and its conversations to the file `target`, whole or not at all.

    Raises UsageError where there is such a file already, LibraryUnusable where there is no
    library, it is damaged, or the file cannot be written.
    """
    if not there(folder / library.FILE):
        raise LibraryUnusable(
            gettext("There is no library in {folder}.").format(folder=folder),
            gettext("Make one: beleg index FOLDER-OF-DOCUMENTS"),
        )
    what = gettext("The backup {file}").format(file=target)
    with _told(what):
        if target.exists():
            raise UsageError(
                gettext("There is a file {file} already.").format(file=target),
                gettext("Name another one; a backup takes no other's place."),
            )
    with _workplace(target.parent, what, gettext("Name a file where you may write and there is room.")) as place:
        names = [name for name in _FILES if (folder / name).is_file()]
        parts = {name: _copied(folder / name, place / name) for name in names}
        counts = {name: _count(place / name) for name in names}
        made = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(format=1, beleg=version, made=made, files=parts)
        with (
            atomic_write(target, private=True, durable=True, beside=place / "whole") as whole,
            zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        ):
            packed.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
            for name in names:
                packed.write(place / name, name)
    return Backup(counts[library.FILE], counts.get(store.FILE, 0), made)


def _copied(source: Path, target: Path) -> Packed:
    """Copy an SQLite file as it is at one moment, without what was deleted from it."""
    private_file(target)
    try:
        db, _ = open_to_read(source, _PATIENCE)
        with closing(db):
            db.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise trouble(error, str(source)) from error
    with target.open("rb") as stream:
        return Packed(size=target.stat().st_size, sha256=hashlib.file_digest(stream, "sha256").hexdigest())


def _count(file: Path) -> int:
    """Return how many documents or turns a file holds. Raises sqlite3.Error."""
    db, _ = open_to_read(file, _PATIENCE)
    with closing(db):
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            return 0
        return int(db.execute(f"SELECT count(*) FROM {_COUNTED[file.name]}").fetchone()[0])


# --- bringing it back ----------------------------------------------------------------------------


def restore(archive: Path, folder: Path, version: str, *, replace: bool = False) -> Backup:
    """Put what a backup holds in the place of the library in `folder` and its conversations.

    All of the backup is checked before anything is touched. With `replace`, a library with
    documents or conversations gives way, and is kept beside: as a backup of its own, or file by
    file where `check` finds something wrong with it. Programs that have it open see the new one at their next question.
    Raises UsageError where it must not give way, LibraryUnusable where the backup is none.
    """
    if not there(archive):
        raise UsageError(gettext("There is no backup {file}.").format(file=archive), gettext("Check the path."))
    with _told(gettext("The backup {file}").format(file=archive)):
        archive.open("rb").close()
    what = gettext("The library in {folder}").format(folder=folder)
    with _told(what):
        if any((folder / name).exists() and not writable(folder / name) for name in _FILES):
            raise LibraryUnusable(
                gettext("{what} can only be read.").format(what=what), gettext("Name another folder with --library.")
            )
        taken = _taken(folder)
    if taken and not replace:
        raise UsageError(
            taken, gettext("Name another folder with --library, or add --replace: it is kept beside then.")
        )
    with _told(what):
        private_folder(folder)
    with _workplace(folder, what) as place:
        manifest = _unpacked(archive, place)
        counts = _seen(archive, place, manifest)
        before = _kept_beside(folder, version) if taken else None
        for name in reversed(_FILES):  # the library last: what is done is done once it is there
            if name in manifest.files:
                _put(place / name, folder / name)
    return Backup(counts[library.FILE], counts.get(store.FILE, 0), manifest.made, before)


def _taken(folder: Path) -> str:
    """Return what there is in a folder that a restore must not overwrite unasked, or ""."""
    for name in _FILES:
        file = folder / name
        try:
            count = _count(file) if file.exists() else 0
        except sqlite3.Error as error:
            if not damaged(error):
                raise trouble(error, str(file)) from error
            return gettext("There is a {name} that cannot be read in {folder}.").format(name=name, folder=folder)
        if count and name == library.FILE:
            said = ngettext(
                "There is {n} document already in {folder}.", "There are {n} documents already in {folder}.", count
            )
            return said.format(n=count, folder=folder)
        if count:
            said = ngettext(
                "There is {n} answer already in {folder}.", "There are {n} answers already in {folder}.", count
            )
            return said.format(n=count, folder=folder)
    return ""


def _unpacked(archive: Path, place: Path) -> Manifest:
    """Unpack a backup into `place`, each file with the size and hash that the manifest promises."""
    try:
        with zipfile.ZipFile(archive) as packed:
            if odd := [info for info in packed.infolist() if info.compress_type not in _PACKINGS]:
                raise ValueError(
                    gettext("{name} is packed in a way that Beleg does not use").format(name=odd[0].filename)
                )
            with packed.open(_MANIFEST) as stream:
                manifest = msgspec.json.decode(stream.read(_LONGEST_MANIFEST), type=Manifest)
            names = sorted(info.filename for info in packed.infolist())
            if names != sorted([_MANIFEST, *manifest.files]) or not {library.FILE} <= set(manifest.files) <= set(
                _FILES
            ):
                raise ValueError(gettext("it holds {names}").format(names=", ".join(names[:5])))
            for name, promised in manifest.files.items():
                info = packed.getinfo(name)
                if info.file_size != promised.size or info.file_size > _PORTION + _MOST_PACKED * info.compress_size:
                    raise ValueError(gettext("the size of {name} is wrong").format(name=name))
            # Unpacked, in the write-ahead log and in the file, and what was there before beside it.
            if shutil.disk_usage(place).free < 4 * sum(part.size for part in manifest.files.values()):
                said = gettext("There is not enough room for {file} in {folder}.")
                raise LibraryUnusable(said.format(file=archive, folder=place.parent), gettext("Make room there."))
            for name, promised in manifest.files.items():
                _extract(packed, name, place / name, promised)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, RuntimeError) as error:
        said = " ".join(str(error).split())[:200]
        raise _no_backup(archive, said) from error
    return manifest


def _extract(packed: zipfile.ZipFile, name: str, target: Path, promised: Packed) -> None:
    private_file(target)
    digest, left = hashlib.sha256(), promised.size
    with packed.open(name) as source, target.open("wb") as stream:
        while portion := source.read(_PORTION):
            left -= len(portion)
            if left < 0:
                raise ValueError(gettext("{name} is longer than it says").format(name=name))
            digest.update(portion)
            stream.write(portion)
    if left or digest.hexdigest() != promised.sha256:
        raise ValueError(gettext("{name} is not what it was").format(name=name))


def _seen(archive: Path, place: Path, manifest: Manifest) -> dict[str, int]:
    """See that the unpacked files are what Beleg makes; return how much each holds. Nothing in them is run."""
    file, version = place / library.FILE, 0
    try:
        for name in manifest.files:
            db, _ = open_to_read(place / name, _PATIENCE)
            with closing(db):
                if db.execute("PRAGMA page_size").fetchone()[0] != _PAGE:
                    raise _no_backup(archive, gettext("{name} has pages of another size").format(name=name))
                if name == library.FILE:
                    version = library_format(db)
        if version > FORMAT:
            said = gettext("{file} was made by a newer Beleg (format {version}).")
            raise LibraryUnusable(said.format(file=archive, version=version), gettext("Update Beleg."))
        if version in LIBRARY.steps:
            climb(file, LIBRARY, _PATIENCE)
        for finding in [*library_findings(file), *conversation_findings(place)]:
            raise _no_backup(archive, finding.what)
        with closing(open_to_write(file, _PATIENCE)) as db:
            # Caches know a library's state by its id: what is brought back goes on from an earlier one.
            db.execute("UPDATE meta SET value = ? WHERE key = 'id'", (uuid.uuid4().hex,))
        return {name: _count(place / name) for name in manifest.files}
    except sqlite3.Error as error:
        raise _no_backup(archive, str(error)) from error


def _no_backup(archive: Path, reason: str) -> LibraryUnusable:
    return LibraryUnusable(
        gettext("{file} is no backup, or a damaged one: {reason}.").format(file=archive, reason=plain(reason)),
        gettext("Nothing was changed. Try an earlier one."),
    )


def _kept_beside(folder: Path, version: str) -> Path:
    """Keep what is in a folder beside it: as a backup, or, where that could not be brought back, as it lies there.

    Return where.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
    target = folder / f"before-restore-{now}.zip"
    file = folder / library.FILE
    if file.is_file() and not library_findings(file) and not conversation_findings(folder):
        backup(folder, target, version)
        return target
    aside = folder / f"before-restore-{now}"
    private_folder(aside)
    for name in _FILES:
        for path in folder.glob(f"{name}*"):
            path.replace(aside / path.name)
    return aside


def _put(source: Path, target: Path) -> None:
    """Put one SQLite file's content in the place of another's, in one transaction that all who have it open see."""
    private_file(target)
    until = time.monotonic() + _PATIENCE

    def waiting(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - SQLite's own signature
        if status != sqlite3.SQLITE_DONE and time.monotonic() > until:
            raise LibraryUnusable(
                gettext("{file} is in use.").format(file=target),
                gettext("Wait until no other program writes in it, and try again."),
            )

    with closing(open_to_write(target, _PATIENCE)) as db:
        content, _ = open_to_read(source, _PATIENCE)
        with closing(content):
            content.backup(db, progress=waiting)
        db.execute("PRAGMA journal_mode = WAL")


# --- where it is done ----------------------------------------------------------------------------


@contextmanager
def _workplace(folder: Path, what: str, remedy: str = "") -> Iterator[Path]:
    """A folder on the same disk, for its owner only, that is gone afterwards."""
    with _told(what, remedy):
        place = Path(tempfile.mkdtemp(dir=folder, prefix=".beleg-"))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _told(what: str, remedy: str = "") -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        told = trouble(error, what)
        raise LibraryUnusable(told.reason, remedy or told.remedy) from error
