"""Vocabulary extension: German words for an English embedder (a graft), by way of the lexicon.

An English WordPiece model cuts German into pieces that mean nothing to it. So the words of
the lexicon become tokens of their own, each with the mean of the input embeddings of its
English translations, weighted by how likely they are; parts of compounds become tokens as
well, the first as words and the later ones as word ends. No weight of the model changes,
and no token that it had: English words that were tokens are read as before, and of rarer
ones some are cut elsewhere, which costs nothing that could be measured. The idea is that of
WECHSEL (Minixhofer et al., 2022) and FOCUS (Dobler and de Melo, 2023), which start the
training of a model for another language so; here nothing is trained afterwards.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.lexicon import Lexicon, Translation
from rag.system import long_work
from rag.text.wordlists import FUNCTION_WORDS

WORDS, ENDS = 40_000, 10_000
_SHORTEST_END = 4  # letters
_NATIVE = 0.6  # the least share of a language's function words that a model which knows it has as tokens
_PREFIX = "##"
_OF_WORDS = 0.9  # of the time that a graft takes; the rest is that of compounds' parts


@dataclass(frozen=True, slots=True)
class Graft:
    """New tokens, in order, and their input embeddings: shape (tokens, width), float32."""

    tokens: tuple[str, ...]
    vectors: NDArray[np.float32]


def fits(tokenizer: dict[str, Any], language: str) -> bool:
    """Whether a tokenizer (its JSON) is WordPiece in lower case, knows English, and not `language`.

    What it knows is told by the share of function words that are tokens of their own.
    """
    model, normalizer = tokenizer.get("model") or {}, tokenizer.get("normalizer") or {}
    if model.get("type") != "WordPiece" or model.get("continuing_subword_prefix") != _PREFIX:
        return False
    if not normalizer.get("lowercase"):
        return False
    vocabulary = model["vocab"]
    english, foreign = FUNCTION_WORDS["en"], FUNCTION_WORDS.get(language, frozenset()) - FUNCTION_WORDS["en"]
    if not foreign:
        return False  # nobody can tell

    def known(words: Iterable[str]) -> float:
        row = [word in vocabulary for word in words]
        return sum(row) / max(1, len(row))

    return known(english) > _NATIVE and known(foreign) < _NATIVE


def make(
    lexicon: Lexicon,
    vocabulary: dict[str, int],
    normalize: Callable[[str], str],
    pieces: Callable[[str], Sequence[int]],
    embeddings: NDArray[np.float32],
) -> Graft:
    """Return the tokens to add to a model and what they start from.

    `vocabulary` is the model's own; `normalize` and `pieces` are its tokenizer's, `pieces`
    without special tokens; `embeddings` has shape (vocabulary, width).
    """

    def mean(translations: Sequence[Translation]) -> NDArray[np.float32]:
        weights = np.array([translation.share for translation in translations], dtype=np.float32)
        rows = np.stack([embeddings[list(pieces(t.english))].mean(axis=0) for t in translations])
        mixed: NDArray[np.float32] = (weights[:, None] * rows).sum(axis=0) / weights.sum()
        return mixed

    found: dict[str, NDArray[np.float32]] = {}
    inside: Counter[tuple[str, str]] = Counter()
    for token, forms in long_work.counted(_commonest(lexicon, normalize, vocabulary), upto=_OF_WORDS):
        rows, weights = [], []
        for form, frequency in forms:
            word = lexicon.words.word(form)
            if word.translations:
                rows.append(mean(word.translations))
                weights.append(frequency)
            for number, part in enumerate(word.parts):
                piece = normalize(form[part.start : part.end])
                inside[(_PREFIX if number else "") + piece, part.form] += 1
        if rows:
            found[token] = np.average(rows, axis=0, weights=weights).astype(np.float32)
    ends = 0
    for (token, form), times in sorted(inside.items(), key=lambda item: (-item[1], item[0])):
        is_end = token.startswith(_PREFIX)
        if token in vocabulary or token in found or (is_end and len(token) < _SHORTEST_END + len(_PREFIX)):
            continue
        translations = lexicon.words.word(form).translations
        if translations and (ends < ENDS if is_end else times > 1):
            found[token] = mean(translations)
            ends += is_end
    return Graft(tuple(found), np.array(list(found.values()), dtype=np.float32).reshape(-1, embeddings.shape[1]))


def _commonest(
    lexicon: Lexicon, normalize: Callable[[str], str], vocabulary: dict[str, int]
) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return the commonest words that are no tokens yet, each with the forms that are written so once normalized.

    A model that strips accents cannot tell "schon" from "schön", or "Sprachen" from "sprachen":
    such forms share a token, weighted by how often each is seen.
    """
    sharing: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for form, frequency in lexicon.words.forms():
        token = normalize(form)
        if token.isalpha() and token not in vocabulary:
            sharing[token].append((form, frequency))
    total = {token: sum(frequency for _, frequency in forms) for token, forms in sharing.items()}
    order = sorted(sharing, key=lambda token: (-total[token], token))[:WORDS]
    return [(token, sharing[token]) for token in order]


def apply(model: Any, lexicon: Lexicon) -> bool:
    """Graft the lexicon onto a loaded sentence-transformers model, in place; return whether it was.

    Models that know the language, or whose tokenizer is of another kind, are left as they are.
    """
    from tokenizers import Tokenizer

    from rag.models.onnx_export import add_tokens

    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    inner = getattr(model[0], "auto_model", None)
    if backend is None or inner is None:
        return False
    facts = json.loads(backend.to_str())
    if not fits(facts, lexicon.language):
        return False
    bare = Tokenizer.from_str(backend.to_str())
    bare.no_truncation()
    bare.no_padding()
    old = inner.get_input_embeddings()
    weights: NDArray[np.float32] = old.weight.detach().float().numpy()
    vocabulary: dict[str, int] = facts["model"]["vocab"]
    graft = make(
        lexicon,
        vocabulary,
        bare.normalizer.normalize_str,
        lambda text: bare.encode(text, add_special_tokens=False).ids,
        weights,
    )
    add_tokens(model, graft.tokens, graft.vectors)
    return bool(graft.tokens)
