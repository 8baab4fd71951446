"""What a server sends as embeddings: checked, and put in the order of the texts.

A server is not trusted: it may send any number of vectors, in any order, of any length, and of what is no number.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import numpy as np

from rag.localization import gettext
from rag.models.openai_reply import Fault, own_words
from rag.models.vectors import Vectors

LONGEST = 16_384  # numbers of a vector: the largest models there are give half as many
_NUMBER_BYTES = 32  # of a number as it is written, with what parts it from the next
_SPARE_BYTES = 1 << 16
_MOST_BYTES = 32 << 20
_TOKENS = 8  # of a text, beside one for each of its characters at most


def most_bytes(texts: Sequence[str], dimension: int) -> int:
    """Return how many bytes the vectors of texts may take, of each token at most; `dimension` is 0 if not known yet."""
    tokens = sum(len(text) + _TOKENS for text in texts)
    return min(_MOST_BYTES, _SPARE_BYTES + tokens * (dimension or LONGEST) * _NUMBER_BYTES)


def read_vectors(told: object, count: int, dimension: int) -> Vectors:
    """Return the unit vectors of `count` texts, in their order: float32, shape (count, dimension).

    `dimension` is 0 where nobody knows it yet. Where a model gives a vector for each token, theirs is the mean.
    Raises Fault.
    """
    if isinstance(told, dict) and told.get("error"):
        raise Fault(gettext("it says: {words}").format(words=own_words(told)))
    entries = told.get("data") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Fault(gettext("it sends JSON that holds no embeddings"))
    if len(entries) != count:
        raise Fault(gettext("it sends {n} vectors where {wanted} were asked for").format(n=len(entries), wanted=count))
    places = [entry.get("index") for entry in entries]
    if any(type(place) is not int for place in places) or sorted(places) != list(range(count)):
        raise Fault(gettext("it does not tell which vector is of which text"))
    ordered = [vector for _, vector in sorted(zip(places, map(_vector, entries), strict=True), key=lambda row: row[0])]
    width = dimension or len(ordered[0])
    for vector in ordered:
        if len(vector) != width:
            raise Fault(
                gettext("it sends a vector of {n} numbers where others have {wanted}").format(
                    n=len(vector), wanted=width
                )
            )
    return np.stack(ordered)


def _vector(entry: dict[str, object]) -> Vectors:
    """Return the unit vector that an entry holds. Raises Fault."""
    found = _numbers(entry.get("embedding"))
    if found.ndim == 2 and len(found):
        found = found.mean(axis=0)
    if found.ndim != 1 or not 0 < len(found) <= LONGEST:
        raise Fault(gettext("it sends a vector without numbers, or with too many"))
    length = float(np.linalg.norm(found))
    if not np.isfinite(found).all() or not 0 < length < np.inf:
        raise Fault(gettext("it sends a vector that is all zeros, or holds what is no number"))
    return (found / length).astype(np.float32)


def _numbers(held: object) -> Vectors:
    """Return numbers, or a row of them for each token, as they were sent. Raises Fault."""
    try:
        if isinstance(held, str):  # 32-bit numbers, the form that OpenAI's own client asks for
            return np.frombuffer(base64.b64decode(held, validate=True), dtype="<f4").astype(np.float64)
        rows = held if isinstance(held, list) and held and isinstance(held[0], list) else [held]
        if all(isinstance(row, list) and all(type(value) in (int, float) for value in row) for row in rows):
            return np.array(held, dtype=np.float64)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise Fault(gettext("it sends a vector that cannot be read")) from error
    raise Fault(gettext("it sends a vector that cannot be read"))
