"""Question kinds: whether a question asks for something in the documents, or for the library as a whole.

"How many articles mention the mayor?" wants the documents counted, "What is in here?" wants them named, "Thanks"
wants nothing: a sentence quoted for one of these would be a random one. A softmax regression tells the kinds apart,
by runs of a question's letters and words, hashed, and by its vector where the embedder is the one that it was fitted
with; a second one does without. What such a question is about is found word by word by a third. All three are in
`question_kinds.npz`, which `tests/benchmarks/fit_question_kinds.py` makes. They know German and English: in other
languages every question is an ordinary one. In doubt it is, too: one that is wrongly taken for another kind gets no
answer that it would have got.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsUnusable
from rag.localization import gettext
from rag.models.embedder import Embedder, Vectors
from rag.models.weights_file import read_arrays
from rag.text.language import Word, read
from rag.text.wordlists import FUNCTION_WORDS

Kind = Literal[
    "ordinary", "count", "which", "list", "summary", "contents", "greeting", "thanks", "farewell", "program", "beyond"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
LANGUAGES = frozenset({"de", "en"})
FILE = Path(__file__).with_suffix(".npz")
PROBE = "Which documents mention the harbour?"  # whose vector tells whether an embedder is the one fitted with
LETTERS, WORDS, TOKENS = 4096, 4096, 8192  # features of each sort, hashed
_LONGEST = 200  # characters: whoever asks about the whole is brief
_SAME = 0.999  # cosine

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Weights by feature and kind, and of a subject's words; `probe` is the fitted embedder's vector of PROBE.

    `least` and `least_blind` are the chance of not being ordinary from which a question is not, with vectors and
    without.
    """

    weights: Array  # shape (LETTERS + WORDS + dimension + 1, kinds)
    blind: Array  # shape (LETTERS + WORDS + 1, kinds)
    subject: Array  # shape (TOKENS + 1,)
    probe: Array  # shape (dimension,)
    least: float
    least_blind: float


@cache
def shipped() -> Fit:
    """Return the weights in use."""
    return load(FILE)


def load(path: Path) -> Fit:
    """Return the weights of a file. Raises WeightsUnusable, which names the file, where it holds no such weights."""
    *held, probe, scales, least = read_arrays(path, ("weights", "blind", "subject", "probe", "scales", "least"))
    shapes = [(LETTERS + WORDS + probe.size + 1, len(KINDS)), (LETTERS + WORDS + 1, len(KINDS)), (TOKENS + 1,)]
    if [each.shape for each in (*held, scales, least)] != [*shapes, (3,), (2,)]:
        raise WeightsUnusable(
            gettext("{path} is of no use: its weights have other shapes.").format(path=path),
            gettext("Install Beleg anew."),
        )
    weights, blind, subject = (each * scale for each, scale in zip(held, scales, strict=True))
    return Fit(weights, blind, subject, probe, *map(float, least))


def kind_of(question: str, language: str, vector: Vectors, embedder: Embedder) -> Kind:
    """Return what kind of question it is; `vector` is the embedder's."""
    if language not in LANGUAGES or len(question) > _LONGEST:
        return "ordinary"
    fit = shipped()
    if _is_fitted(embedder, fit):
        return decided(chances(np.concatenate([surface(question), vector]), fit.weights), fit.least)
    return decided(chances(surface(question), fit.blind), fit.least_blind)


def decided(chances: Array, least: float) -> Kind:
    """Return the likeliest kind, but "ordinary" unless another is likely enough."""
    if 1 - chances[0] < least or not chances.argmax():
        return KINDS[0]
    return KINDS[int(chances.argmax())]


def chances(features: Array, weights: Array) -> Array:
    """Return the chance of each kind."""
    scores = features @ weights[:-1] + weights[-1]
    powers = np.exp(scores - scores.max())
    share: Array = powers / powers.sum()
    return share


_fitted: dict[str, bool] = {}  # by an embedder's fingerprint


def _is_fitted(embedder: Embedder, fit: Fit) -> bool:
    """Whether vectors are those that the weights were fitted with, whatever the embedder is called."""
    if embedder.fingerprint not in _fitted:
        same = embedder.dimension == len(fit.probe)
        _fitted[embedder.fingerprint] = same and float(embedder.encode([PROBE], "query")[0] @ fit.probe) > _SAME
    return _fitted[embedder.fingerprint]


# --- features ----------------------------------------------------------------------------


def surface(question: str) -> Array:
    """Return the features of a question's letters and of its words, each a unit vector: shape (LETTERS + WORDS,)."""
    tokens = _tokens(question)
    letters = (
        f"<{token}>"[at : at + size] for token in tokens for size in (2, 3, 4) for at in range(len(token) + 3 - size)
    )
    row = ["^", *tokens, "$"]
    runs = (" ".join(row[at : at + size]) for size in (1, 2, 3) for at in range(len(row) + 1 - size))
    return np.concatenate([hashed(letters, LETTERS), hashed(runs, WORDS)])


def _tokens(question: str) -> list[str]:
    """Return the words in lower case, figures as "0", and signs, in order."""
    found: list[str] = []
    for word in read(question):
        found += [sign for sign in word.gap if not sign.isspace()]
        found.append("0" if word.low[0].isdigit() else word.low)
    end = question.rstrip()[-1:]
    return [*found, end] if end and not end.isalnum() else found


def hashed(terms: Iterable[str], size: int) -> Array:
    """Return how often each feature occurs, by a hash of its name, as a unit vector: shape (size,)."""
    row = np.zeros(size, dtype=np.float32)
    for term in terms:
        digest = zlib.crc32(term.encode("utf-8", "replace"))
        row[digest % size] += 1.0 if digest & 0x80000000 else -1.0
    length = float(np.linalg.norm(row))
    return row / length if length else row


# --- what it is about --------------------------------------------------------------------


def subject(question: str, kind: Kind) -> str:
    """Return what a question about the whole is about, as it stands there; "" where it names nothing."""
    row = read(question)
    if not row:
        return ""
    worth = [float(features @ shipped().subject[:-1] + shipped().subject[-1]) for features in tokens(row, kind)]
    start, end = best_run(worth)
    return question[row[start].start : row[end - 1].end] if end > start else ""


def tokens(row: Sequence[Word], kind: Kind) -> list[Array]:
    """Return the features of each word of a question: itself, its neighbours, and where it stands."""
    small = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
    shapes = [_shape(word, index, small) for index, word in enumerate(row)]
    lows = ["^^", "^", *(word.low for word in row), "$", "$$"]
    forms = ["^^", "^", *shapes, "$", "$$"]
    found = []
    for index in range(len(row)):
        around = {offset: (lows[index + 2 + offset], forms[index + 2 + offset]) for offset in (-2, -1, 0, 1, 2)}
        terms = [f"{offset}={low}" for offset, (low, _) in around.items()]
        terms += [f"{offset}~{form}" for offset, (_, form) in around.items()]
        terms += [f"-1,0={lows[index + 1]},{lows[index + 2]}", f"-2,-1={lows[index]},{lows[index + 1]}"]
        terms += [f"-1~0={lows[index + 1]},{forms[index + 2]}", f"0~1={forms[index + 2]},{lows[index + 3]}"]
        terms += [f"from {min(index, 4)}", f"to {min(len(row) - 1 - index, 3)}", f"{kind} {min(index, 4)}", kind]
        found.append(hashed(terms, TOKENS))
    return found


def _shape(word: Word, index: int, small: frozenset[str]) -> str:
    if word.low[0].isdigit():
        return "0"
    first = "first" if not index else ""
    quoted = "q" if word.gap[-1:] in tuple("\"'„“‚‘«»”") else ""
    return f"{first}{quoted}{'X' if word.capital else 'x'}{'.' if word.low in small else ''}"


def best_run(worth: Sequence[float]) -> tuple[int, int]:
    """Return the run of words worth most together (Kadane, 1977), as (start, end); (0, 0) where none is worth any."""
    best, where, total, start = 0.0, (0, 0), 0.0, 0
    for index, value in enumerate(worth):
        if total <= 0:
            total, start = 0.0, index
        total += value
        if total > best:
            best, where = total, (start, index + 1)
    return where
