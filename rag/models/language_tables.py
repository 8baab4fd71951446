"""Language tables: what py3langid tells languages by, unpacked once and mapped.

It comes packed (4 MB), and takes half a second and 80 MB of memory to be unpacked; a question needs a few rows of it.
So it is kept unpacked in the cache. What it says of a text is the same to the bit.
"""

from __future__ import annotations

import zipfile
import zlib
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.system.atomic_write import atomic_write
from rag.system.digests import known_sha256
from rag.system.logs import logger
from rag.system.mapped_arrays import mapped_array, write_array
from rag.system.private_files import private_folder
from rag.text.language import unpacked

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_STORE = "languages"  # the folder in the cache
_REST = "rest.npz"  # written last
_VERSION = "1"  # raised when the files are written in another way


def mapped_identifier(cache: Path) -> LanguageIdentifier:
    """Return what tells languages, from the cache; unpacked into it on first use, or into memory where it cannot be.

    Raises BelegError where it can be unpacked nowhere.
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    try:
        folder = cache / _STORE / f"{known_sha256(MODEL_DIR / MODEL_FILE, cache)[:24]}-{_VERSION}"
        if (found := _opened(folder)) is not None:
            return found
        made = unpacked()
        private_folder(folder)
        _write(folder, made)
    except OSError as error:
        logger("models").info("what tells languages is unpacked anew each time: %s", type(error).__name__)
        return unpacked()
    return _opened(folder) or made


def _write(folder: Path, made: LanguageIdentifier) -> None:
    write_array(folder / "weights.npy", made.nb_ptc)
    write_array(folder / "moves.npy", np.asarray(made.tk_nextmove, dtype=np.uint32))
    with atomic_write(folder / _REST, private=True) as unfinished, unfinished.open("wb") as stream:
        np.savez(
            stream,
            sizes=np.array([*made.nb_ptc.shape, len(made.tk_nextmove)]),
            names=np.array(made.nb_classes),
            prior=made.nb_pc,
            rows=np.asarray(made.tk_row, dtype=np.uint32),
            found=np.asarray(made.tk_output, dtype=np.int32),
        )


def _opened(folder: Path) -> LanguageIdentifier | None:
    """Return what is kept in a folder; None where it is not whole."""
    from py3langid.langid import LanguageIdentifier

    try:
        with np.load(folder / _REST, allow_pickle=False) as rest:
            sizes, names, prior, rows, found = (rest[each] for each in ("sizes", "names", "prior", "rows", "found"))
        features, languages, steps = (int(size) for size in sizes)
        weights = mapped_array(folder / "weights.npy", np.float16, (features, languages))
        moves = mapped_array(folder / "moves.npy", np.uint32, (steps,))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    if weights is None or moves is None:
        return None
    # An element of a view or of an array of Python's own is a plain number, which numpy is slow to make.
    states = array("i", found.astype(np.intc).tobytes())
    return LanguageIdentifier(
        weights,
        prior,
        names.tolist(),
        moves.data,
        states,
        norm_probs=True,
        tk_row=array("I", rows.astype(np.uintc).tobytes()),
    )
