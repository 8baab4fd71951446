"""A file of fitted weights (TOML, or arrays of numpy), checked when it is read: an error says in which file, and where.

Weights say what features or retrievers are worth, and hold for the models and texts that they were fitted with.
"""

from __future__ import annotations

import math
import re
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsUnusable
from rag.localization import N_, gettext

_REMEDY = N_("Correct it, or install Beleg anew.")

# What data is like: a type, a table of shapes by name ("name?" may be missing), one of any names {str: shape}, or a
# list [shape]. (pydantic could check that, but importing it takes a tenth of the time until models are ready.)
Shape = type | Mapping[Any, Any] | list[Any]
ORIGIN: Mapping[str, Shape] = {"embedder": str, "questions": str, "method": str}

_SURROGATE = re.compile("[\ud800-\udfff]")  # which JSON can hold, and which cannot be written


@dataclass(frozen=True, slots=True)
class Origin:
    """What weights were fitted with, in words."""

    embedder: str
    questions: str
    method: str


class Misshapen(ValueError):
    """Data of another shape than it should have: where, and what is wrong there."""

    def __init__(self, place: Sequence[str], reason: str) -> None:
        super().__init__(f"{'.'.join(place)}: {reason}")
        self.place, self.reason = ".".join(place), reason


def shaped(found: object, shape: Shape, place: tuple[str, ...] = ()) -> Any:
    """Return data that has a shape: no key but its own, no value of another type; where a float belongs, a float.

    Raises Misshapen.
    """
    if isinstance(shape, list):
        if not isinstance(found, list):
            raise Misshapen(place, gettext("it is no list"))
        return [shaped(each, shape[0], (*place, str(at))) for at, each in enumerate(found)]
    if isinstance(shape, Mapping):
        return _table(found, shape, place)
    if shape is float:
        return _finite(found, place)
    if type(found) is not shape or (isinstance(found, str) and _SURROGATE.search(found)):
        raise Misshapen(place, gettext("it is of another type"))
    return found


def _finite(found: object, place: tuple[str, ...]) -> float:
    if isinstance(found, int | float) and not isinstance(found, bool):
        with suppress(OverflowError):  # of a whole number of hundreds of digits
            if math.isfinite(number := float(found)):
                return number
    raise Misshapen(place, gettext("it is no finite number"))


def _table(found: object, shape: Mapping[Any, Any], place: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Misshapen(place, gettext("it is no table"))
    if str in shape:
        return {name: shaped(each, shape[str], (*place, name)) for name, each in found.items()}
    known = {name.removesuffix("?"): each for name, each in shape.items()}
    if missing := [name for name in shape if not name.endswith("?") and name not in found]:
        raise Misshapen((*place, missing[0]), gettext("it is missing"))
    if unknown := [name for name in found if name not in known]:
        raise Misshapen((*place, unknown[0]), gettext("nothing of this name belongs here"))
    return {name: shaped(each, known[name], (*place, name)) for name, each in found.items()}


def read_checked(path: Path, shape: Shape) -> Any:
    """Return what the file holds. Raises WeightsUnusable where there is none, or where it has not this shape."""
    try:
        return shaped(tomllib.loads(path.read_text(encoding="utf-8")), shape)
    except Misshapen as error:
        raise WeightsUnusable(
            gettext("{path} is of no use: {place}: {reason}.").format(
                path=path, place=error.place, reason=error.reason
            ),
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
