"""Preparation of a reader from elsewhere: exported and calibrated once, and kept in the cache."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.prepared_store import (
    MANIFEST,
    digest,
    known,
    model_files,
    model_name,
    prepare_alone,
    remember,
    settle,
    stamp,
    stamped,
    unfinished,
)
from rag.models.reader import calibration
from rag.models.reader.foreign_reader import ForeignReader, Kind, read_manifest
from rag.models.reader.reader import Text
from rag.system.cancellation import CancelToken
from rag.system.digests import sha256
from rag.system.logs import logger, notice

_PREPARED = "1"  # raised when the way of preparing changes, so that old exports are made anew
_STORE = "readers"  # the folder in the cache


def open_foreign_reader(folder: Path, cache: Path, threads: int, cancel: CancelToken | None = None) -> ForeignReader:
    """Open the cross-encoder or extractive reader in `folder`, preparing it on first use.

    Raises ModelUnavailable when the folder holds none, or one that cannot be run, and
    Stopped once `cancel` is cancelled while it is prepared, by this program or another.
    """
    from rag.models.reader.foreign_export import kind_of

    try:
        kind = kind_of(folder)
        prepared = _prepared_folder(folder, kind, cache, threads, cancel)
    except OSError as error:
        raise ModelUnavailable(
            gettext("The reader in {folder} cannot be read: {error}.").format(
                folder=folder, error=error.strerror or error
            ),
            gettext("See that you have the right to read the folder and all files in it."),
        ) from error
    manifest = read_manifest(prepared)
    if manifest.auc < calibration.UNFIT:
        logger("reader").warning(
            "the reader in use cannot tell sentences that answer from others (AUC %.2f on the questions it was "
            "calibrated with, .5 is guessing): its scores say next to nothing",
            manifest.auc,
        )
    return ForeignReader(prepared, manifest, threads)


def prepared_reader(folder: Path, cache: Path) -> Path | None:
    """Return where the cache has the reader's prepared form, named by its fingerprint; None where it has none."""
    return stamped(_stamp(folder, cache / _STORE))


def _stamp(folder: Path, store: Path) -> Path:
    return stamp(store, _PREPARED, [*model_files(folder), calibration.FILE])


def _prepared_folder(folder: Path, kind: Kind, cache: Path, threads: int, cancel: CancelToken | None) -> Path:
    if (prepared := prepared_reader(folder, cache)) is not None:
        return prepared
    store = cache / _STORE
    digests = [(path.relative_to(folder).as_posix(), sha256(path)) for path in model_files(folder)]
    name = digest([_PREPARED, digests, sha256(calibration.FILE)])
    try:
        prepared = known(store, [name]) or prepare_alone(
            store,
            [name],
            "reader",
            model_name(folder),
            cancel,
            lambda: _prepare(folder, kind, store, name, threads, cancel),
        )
    except OSError as error:
        raise ModelUnavailable(
            gettext("The reader {name} cannot be prepared in {store}: {error}.").format(
                name=model_name(folder), store=store, error=error.strerror or error
            ),
            gettext("Make room there, or set another cache (BELEG_CACHE)."),
        ) from error
    remember(_stamp(folder, store), prepared)
    return prepared


def _prepare(folder: Path, kind: Kind, store: Path, name: str, threads: int, cancel: CancelToken | None) -> Path:
    """Write the export and its manifest, with the calibration, to a folder in `store`, all or nothing; return it."""
    from rag.models.reader.foreign_export import export

    notice(gettext("preparing the reader {name}, once").format(name=model_name(folder)))
    with unfinished(store, name) as temporary:
        manifest = export(folder, kind, temporary, name)
        reader = ForeignReader(temporary, manifest, threads)

        def score(question: str, text: Text) -> NDArray[np.float64]:
            if cancel is not None:  # a large model takes minutes
                cancel.check()
            return reader.judged(question, text)[0]

        found = calibration.calibrate(score)
        manifest = replace(manifest, scale=found.scale, shift=found.shift, auc=found.auc)
        (temporary / MANIFEST).write_bytes(msgspec.json.encode(manifest))
        return settle(temporary, store / name)
