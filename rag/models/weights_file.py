"""A file of fitted weights (TOML, or arrays of numpy), checked when it is read: an error says in which file, and where.

Weights say what features or retrievers are worth, and hold for the models and texts that they were fitted with.
"""

from __future__ import annotations

import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsUnusable
from rag.localization import N_, gettext
from rag.system.validation import Strict, told

_Table = TypeVar("_Table", bound=Strict)
_REMEDY = N_("Correct it, or install Beleg anew.")


class Origin(Strict, frozen=True):
    """What weights were fitted with, in words."""

    embedder: str
    questions: str
    method: str


def read_checked(path: Path, table: type[_Table]) -> _Table:
    """Return what the file holds. Raises WeightsUnusable where there is none, or where it does not fit `table`."""
    data: object = None
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(data, table)
    except msgspec.ValidationError as error:
        raise WeightsUnusable(
            gettext("{path} is of no use: {reason}.").format(path=path, reason=told(error, data, table)),
            gettext(_REMEDY),
        ) from error
    except RecursionError as error:
        raise WeightsUnusable(
            gettext("{path} cannot be read: it is nested too deep.").format(path=path), gettext(_REMEDY)
        ) from error
    except (OSError, ValueError) as error:  # the latter: not UTF-8, not TOML, or a number of thousands of digits
        raise WeightsUnusable(
            gettext("{path} cannot be read: {error}.").format(path=path, error=error), gettext(_REMEDY)
        ) from error


def read_arrays(path: Path, names: Sequence[str]) -> list[NDArray[np.float32]]:
    """Return the arrays of a .npz by name, as float32. Raises WeightsUnusable where one is missing or no numbers."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = [file[name].astype(np.float32) for name in names]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise WeightsUnusable(
            gettext("{path} cannot be read: {error}.").format(path=path, error=error), gettext("Install Beleg anew.")
        ) from error
    if not all(np.isfinite(each).all() for each in found):
        raise WeightsUnusable(
            gettext("{path} is of no use: not all of it is numbers.").format(path=path), gettext("Install Beleg anew.")
        )
    return found


def check_names(path: Path, table: str, found: Iterable[str], wanted: Iterable[str]) -> None:
    """Raise WeightsUnusable unless a table of the file has these names and no others, in whatever order."""
    held, needed = dict.fromkeys(found), dict.fromkeys(wanted)
    if missing := [name for name in needed if name not in held]:
        raise WeightsUnusable(
            gettext("{path} is of no use: [{table}] lacks {missing}.").format(
                path=path, table=table, missing=", ".join(missing)
            ),
            gettext(_REMEDY),
        )
    if unknown := [name for name in held if name not in needed]:
        raise WeightsUnusable(
            gettext("{path} is of no use: [{table}] has the unknown {unknown}.").format(
                path=path, table=table, unknown=", ".join(unknown)
            ),
            gettext(_REMEDY),
        )
