"""Prepared forms of models in the cache: each in a folder that is named by its fingerprint.

One is made by one program at a time, and is there whole or not at all. A *stamp* leads from
a model's files as they lie on the disk, unread, to what was prepared from them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from rag.localization import gettext
from rag.system.atomic_write import write_private
from rag.system.cancellation import CancelToken
from rag.system.locks import preparing
from rag.system.logs import logger
from rag.system.private_files import private_folder

MANIFEST = "manifest.json"


def model_files(folder: Path) -> list[Path]:
    """Return the files that make a model what it is. Raises OSError."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".md", ".pyc"})


def model_name(folder: Path) -> str:
    """Return what a person calls the model in `folder`."""
    return folder.name if folder.name != "model" else folder.parent.name


def digest(facts: list[Any]) -> str:
    """Return what names these facts, in 24 characters."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def stamp(store: Path, version: str, files: Iterable[Path]) -> Path:
    """Return the stamp of files as they are now. Raises OSError."""
    seen = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return store / f"{digest([version, seen])}.stamp"


def stamped(stamp: Path) -> Path | None:
    """Return the prepared form that a stamp leads to; None where there is none."""
    try:
        name = stamp.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return known(stamp.parent, [name]) if re.fullmatch("[0-9a-f]{24}", name) else None


def remember(stamp: Path, prepared: Path) -> None:
    """Let a stamp lead to a prepared form; where that cannot be written, the files are read again next time."""
    with suppress(OSError):
        write_private(stamp, prepared.name.encode())


def known(store: Path, names: Sequence[str]) -> Path | None:
    """Return the first of these prepared forms that is there."""
    return next((store / name for name in names if (store / name / MANIFEST).is_file()), None)


def prepare_alone(
    store: Path,
    names: Sequence[str],
    kind: Literal["embedder", "reader"],
    name: str,
    cancel: CancelToken | None,
    prepare: Callable[[], Path],
) -> Path:
    """Prepare a model unless another program does, which is waited for; return the folder of the prepared form.

    It will have one of `names`, the last of which names the lock. Raises OSError, Stopped, and what `prepare` raises.
    """
    private_folder(store)
    what = gettext("the embedder {name}") if kind == "embedder" else gettext("the reader {name}")
    with preparing(store / f"{names[-1]}.lock", what.format(name=name), cancel):
        if (prepared := known(store, names)) is not None:
            return prepared
        began = time.perf_counter()
        prepared = prepare()
    logger(kind).info("%s %s prepared in %.1f s", kind, prepared.name, time.perf_counter() - began)
    return prepared


@contextmanager
def unfinished(store: Path, name: str) -> Iterator[Path]:
    """Yield a folder to prepare in, gone afterwards unless `settle` has moved it.

    Only one program at a time does this, so what is found half-made is of one that was ended.
    """
    _clear(store, name)
    try:
        yield Path(tempfile.mkdtemp(dir=store, prefix=f"{name}.part-"))
    finally:
        _clear(store, name)


def settle(folder: Path, prepared: Path) -> Path:
    """Give an unfinished folder the place of a prepared form; return that. Raises OSError."""
    if prepared.exists():  # without its manifest, which somebody has taken out
        prepared.replace(folder.with_suffix(".part-damaged"))
    return folder.replace(prepared)


def _clear(store: Path, name: str) -> None:
    for left in store.glob(f"{name}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
