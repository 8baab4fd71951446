"""What an LLM is let do: write sentences of an answer, judge whether a sentence answers, both or neither.

Measured by a trial on texts that it cannot have seen (`rag.evaluation.model_trial`), and kept in the folder of states,
a file a model: a trial takes minutes. A model is known by what its file holds, so that it is the same under any name.
Files there can be written by others: what is read back is checked, and what does not fit is no admission. Of models
that were tried before, the outcome comes with Beleg (`admissions.json`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import msgspec

from rag.system.atomic_write import write_private
from rag.system.private_files import private_folder
from rag.system.validation import FiniteFloat, Strict

TRIAL = 3  # of what is asked and how: raised when it changes, and every model is to be tried again
SHIPPED = Path(__file__).with_name("admissions.json")
_FOLDER = "admissions"
_LARGEST = 100_000  # bytes of a file that is read


@dataclass(frozen=True, slots=True)
class Admission:
    """What a trial let a model do, and by what.

    `languages` are those in which it may write: questions in others are answered with quotes. `figures` are what was
    measured, by name; a figure that is not known is left out. `made` is when, in ISO 8601, UTC.
    """

    writes: bool
    judges: bool
    languages: tuple[str, ...]
    figures: Mapping[str, float]
    made: str

    def writes_in(self, language: str) -> bool:
        """Whether the model may write in a language; of the others that a trial does not ask for nobody knows."""
        return self.writes and (not self.languages or language in self.languages or language not in TRIED)


TRIED = ("de", "en")  # the languages of a trial
UNTRIED = Admission(True, False, (), {}, "")  # what a model is let do before its trial: all that it writes is checked


class _Kept(Strict, frozen=True):
    """A file of it."""

    trial: int
    model: str
    writes: bool
    judges: bool
    languages: list[str]
    figures: dict[str, FiniteFloat]
    made: str


class _Shipped(Strict, frozen=True):
    """The file of those that come with Beleg."""

    tried: list[_Kept]


def keep(state: Path, model: str, admission: Admission) -> None:
    """Keep what a model is let do, in place of what was known of it. Raises OSError.

    `model` is the sha256 of its file, or the name of a server and the model there.
    """
    row = asdict(admission) | {
        "trial": TRIAL,
        "model": model,
        "figures": {name: value for name, value in admission.figures.items() if math.isfinite(value)},
    }
    private_folder(state / _FOLDER)
    write_private(_file(state, model), json.dumps(row, ensure_ascii=False, indent=1).encode())


def admission_of(state: Path, model: str) -> Admission | None:
    """Return what a model is let do: by its trial here, else by the one before it came with Beleg, else None."""
    with suppress(OSError, ValueError, RecursionError):
        with _file(state, model).open("rb") as stream:
            kept = msgspec.json.decode(stream.read(_LARGEST), type=_Kept)
        if (kept.trial, kept.model) == (TRIAL, model):
            return _admission(kept)
    return shipped().get(model)


@cache
def shipped() -> Mapping[str, Admission]:
    """Return what models are let do that were tried before, by the sha256 of their files. Raises OSError."""
    rows = msgspec.json.decode(SHIPPED.read_bytes(), type=_Shipped).tried
    return {row.model: _admission(row) for row in rows if row.trial == TRIAL}


def _admission(kept: _Kept) -> Admission:
    return Admission(kept.writes, kept.judges, tuple(kept.languages), kept.figures, kept.made)


def forget(state: Path, model: str) -> None:
    """Forget what is known of a model. Raises OSError where that cannot be done."""
    _file(state, model).unlink(missing_ok=True)


def _file(state: Path, model: str) -> Path:
    return state / _FOLDER / f"{hashlib.sha256(model.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.json"
