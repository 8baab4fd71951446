"""What an embedder can do in each pair of languages, measured once on questions and sentences that come with Beleg.

Weights are fitted with one embedder on two languages; another one is better or worse at them, knows more, and its
cosines lie on another scale (some keep all of them between .7 and .9). So each is measured: 40 questions in seven
languages, each with a sentence that answers it in other words. How high the right one of 40 sentences stands says
how much meaning is worth beside words; the cosines of what belongs together and of what does not are its scale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.models.vectors import Kind, Vectors
from rag.system import long_work
from rag.system.atomic_write import write_private

QUESTIONS = Path(__file__).with_name("parallel_questions.tsv")
FITTED = Path(__file__).with_name("fitted_ability.json")


class Encoder(Protocol):
    """What is measured."""

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Ability:
    """What an embedder does with questions in one language and sentences in another, or in the same.

    `rank` is the mean reciprocal rank of the right sentence among 40, from .1 (chance) to 1. `related` and
    `unrelated` are the mean cosines of a question with its sentence, and with the others; `spread` is the standard
    deviation of the latter.
    """

    rank: float
    related: float
    unrelated: float
    spread: float

    def like(self, other: Ability) -> bool:
        """Whether the cosines of two embedders lie on one scale: on another processor one's own differ a little."""
        return max(abs(self.related - other.related), abs(self.unrelated - other.unrelated)) <= _SAME

    def on_scale(self, cosines: NDArray[np.float64], other: Ability) -> NDArray[np.float64]:
        """Return cosines of this embedder on the scale of another: what is unrelated lies where it lies there.

        What is related does too, unless that made more of chance than the other does: of two embedders that spread
        what is unrelated alike, the one that sees less in what is related keeps saying less.
        """
        if self.like(other):
            return cosines
        factor = other.spread / max(self.spread, _LEAST)
        if (width := self.related - self.unrelated) > 0:
            factor = min(factor, (other.related - other.unrelated) / max(width, _LEAST))
        scaled: NDArray[np.float64] = other.unrelated + (cosines - self.unrelated) * factor
        return scaled


_LEAST = 1e-3
_SAME = 0.003

Abilities = Mapping[str, Ability]  # by pair of languages, that of the question first: "de-en"


def ability(abilities: Abilities, asked: str, written: str) -> Ability:
    """Return what is known of a pair of languages; of one that was not measured, as little as of any of its kind.

    The kinds are one language, and two.
    """
    if (known := abilities.get(f"{asked}-{written}")) is not None:
        return known
    same = [each for pair, each in abilities.items() if (pair[:2] == pair[3:]) == (asked == written)]
    return min(same, key=lambda each: each.rank)


def nearest_pair(asked: str, written: str) -> str:
    """Return the pair that all was fitted on which two languages are weighed as: what is not English is like German."""
    if asked == written:
        return "en-en" if written == "en" else "de-de"
    return "en-de" if asked == "en" else "de-en"


def on_fitted_scale(
    abilities: Abilities, asked: str, written: str, cosines: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return cosines of a question in one language and sentences in another on the scale that all was fitted on."""
    return ability(abilities, asked, written).on_scale(cosines, fitted()[nearest_pair(asked, written)])


@cache
def fitted() -> Abilities:
    """Return what the embedded embedder can do, on whose scale all weights are used."""
    return load(FITTED.read_text(encoding="utf-8"))


def measured(encoder: Encoder, file: Path) -> Abilities:
    """Return what an embedder can do, from the file that keeps it, or measured now and kept there if that can be."""
    with suppress(OSError, ValueError):  # missing, damaged, or of other languages
        return load(file.read_text(encoding="utf-8"))
    abilities = measure(encoder)
    with suppress(OSError):  # a cache that cannot be written to is measured for each time
        write_private(file, dump(abilities).encode())
    return abilities


def kept_as() -> str:
    """Return the name of the file that keeps abilities: what was measured with other questions is another's."""
    digest = hashlib.sha256(QUESTIONS.read_bytes()).hexdigest()
    return f"abilities-{digest[:8]}.json"


def measure(encoder: Encoder) -> Abilities:
    """Return what an embedder can do; it takes seconds, and minutes with a large one."""
    texts = _questions()
    asked, written = {}, {}
    for at, (language, rows) in enumerate(texts.items()):
        asked[language] = encoder.encode([row[0] for row in rows], "query")
        long_work.within((at + 0.5) / len(texts))
        written[language] = encoder.encode([row[1] for row in rows], "document")
        long_work.within((at + 1) / len(texts))
    return {f"{one}-{other}": _ability(asked[one] @ written[other].T) for one, other in product(texts, texts)}


def _ability(cosines: Vectors) -> Ability:
    cosines = np.nan_to_num(cosines, nan=-1.0)
    own = np.diag(cosines)
    ranks = (cosines >= own[:, None]).sum(axis=1)  # of those that are equal the right one stands last
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    facts = ((1 / ranks).mean(), own.mean(), others.mean(), others.std())
    return Ability(*(round(float(value), 4) for value in facts))


def _questions() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        language, question, sentence = line.split("\t")
        found.setdefault(language, []).append((question, sentence))
    return found


def dump(abilities: Abilities) -> str:
    """Return abilities as JSON."""
    rows = (f'"{pair}": {json.dumps([*astuple(each)])}' for pair, each in abilities.items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


def load(text: str) -> Abilities:
    """Return what `dump` was given. Raises ValueError where it cannot be that."""
    try:
        read = {str(pair): Ability(*(float(value) for value in row)) for pair, row in json.loads(text).items()}
        whole = all(np.isfinite(astuple(each)).all() for each in read.values())
    except (AttributeError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    wanted = {f"{one}-{other}" for one, other in product(languages(), languages())}
    if not whole or set(read) != wanted:
        raise ValueError("other pairs of languages than are measured, or no finite numbers")
    return read


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that are measured."""
    return tuple(_questions())
