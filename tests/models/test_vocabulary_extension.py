"""Held: the graft teaches an English model German words, and takes nothing from its English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.lexicon import Lexicon, Translator
from rag.models import vocabulary_extension
from rag.models.embedder import INTEGER_AGREEMENT, Embedder
from rag.text.wordlists import FUNCTION_WORDS

ENGLISH = sorted(FUNCTION_WORDS["en"])
GERMAN = sorted(FUNCTION_WORDS["de"])

# The same six things, in words that share next to nothing.
PAIRS = [
    ("Der Bäcker schließt seinen Laden am Mittag.", "The baker closes his shop at noon."),
    ("Die Wissenschaftlerin untersuchte den Boden des Sees.", "The researcher examined the bottom of the lake."),
    (
        "Die Kinder pflückten Kirschen im Garten der Nachbarn.",
        "The children picked cherries in the neighbours' garden.",
    ),
    ("Das Gericht verurteilte den Dieb zu einer Geldstrafe.", "The court sentenced the thief to a fine."),
    ("Wegen des Schneesturms fielen alle Züge aus.", "All trains were cancelled because of the blizzard."),
    ("Die Winterhilfe für Flüchtlinge wurde verdoppelt.", "Winter aid for refugees was doubled."),
]


def tokenizer(words: list[str], **normalizer: Any) -> dict[str, Any]:
    """The JSON of a WordPiece tokenizer, as far as it is looked at."""
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *words])}
    model = {"type": "WordPiece", "continuing_subword_prefix": "##", "vocab": vocabulary}
    return {"model": model, "normalizer": {"type": "BertNormalizer", "lowercase": True, **normalizer}}


def test_an_english_model_in_lower_case_is_grafted() -> None:
    assert vocabulary_extension.fits(tokenizer(ENGLISH), "de")


def test_a_model_that_knows_german_is_left_alone() -> None:
    assert not vocabulary_extension.fits(tokenizer(ENGLISH + GERMAN), "de")


def test_a_german_model_is_left_alone() -> None:
    assert not vocabulary_extension.fits(tokenizer(GERMAN), "de")


def test_a_model_that_tells_case_is_left_alone() -> None:
    assert not vocabulary_extension.fits(tokenizer(ENGLISH, lowercase=False), "de")


@pytest.mark.parametrize("model", [{}, {"type": "BPE", "vocab": dict.fromkeys(ENGLISH, 0)}, {"type": "Unigram"}])
def test_a_tokenizer_of_another_kind_is_left_alone(model: dict[str, Any]) -> None:
    assert not vocabulary_extension.fits({"model": model, "normalizer": None}, "de")


# --- what the new tokens start from --------------------------------------------------------

WORDS = ["aid", "help", "winter", "the", "der", "nice", "already"]
VOCABULARY = {word: number for number, word in enumerate(WORDS)}
EMBEDDINGS = np.eye(len(WORDS), dtype=np.float32)


def grafted(statistics: dict[str, list[str]], dictionary: dict[str, list[str]] | None = None) -> dict[str, list[float]]:
    """Return the new tokens' embeddings, where every English word is a direction of its own."""
    made = vocabulary_extension.make(
        Lexicon(Translator("de", statistics, dictionary or {})),
        VOCABULARY,
        lambda form: form.lower().replace("ö", "o"),
        lambda english: [VOCABULARY[word] for word in english.split()],
        EMBEDDINGS,
    )
    assert made.vectors.dtype == np.float32
    return dict(zip(made.tokens, made.vectors.round(2).tolist(), strict=True))


def test_a_word_starts_as_the_weighted_mean_of_its_translations() -> None:
    found = grafted({"Hilfe": ["100", "help:60", "aid:20"]})
    assert found["hilfe"] == [0.25, 0.75, 0, 0, 0, 0, 0]


def test_a_translation_of_two_words_is_the_mean_of_both() -> None:
    assert grafted({"Winterhilfe": ["100", "winter aid:90"]})["winterhilfe"] == [0.5, 0, 0.5, 0, 0, 0, 0]


def test_a_token_that_the_model_has_keeps_its_meaning() -> None:
    assert grafted({"der": ["500", "the:90"], "Hilfe": ["100", "help:60"]}).keys() == {"hilfe"}


def test_words_that_only_an_accent_tells_apart_share_a_token_by_how_often_each_is_seen() -> None:
    found = grafted({"schon": ["300", "already:80"], "schön": ["100", "nice:80"]})
    assert found["schon"] == [0, 0, 0, 0, 0, 0.25, 0.75]


def test_later_parts_of_compounds_become_word_ends_and_first_parts_words() -> None:
    found = grafted(
        {"Winter": ["50", "winter:90"], "Hilfe": ["100", "help:90"]},
        {"Winterhilfe": ["winter aid"], "Winterhilfen": ["winter aid"]},
    )
    assert found["##hilfe"] == [0, 1, 0, 0, 0, 0, 0]
    assert "##winter" not in found


# --- the embedded model ----------------------------------------------------------------------


def test_common_english_is_read_as_before(embedder: Embedder, model_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [english for _, english in PAIRS] + ["Who moved the café's naïve façade to Łódź in 1907?"]
    before = SentenceTransformer(str(model_folder), device="cpu").encode(texts, normalize_embeddings=True)
    assert min(np.einsum("ij,ij->i", before, embedder.encode(texts, "document"))) >= INTEGER_AGREEMENT


def test_a_german_sentence_is_nearest_to_its_translation(embedder: Embedder, model_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    german, english = (list(side) for side in zip(*PAIRS, strict=True))
    cosines = embedder.encode(german, "document") @ embedder.encode(english, "document").T
    assert cosines.argmax(axis=1).tolist() == cosines.argmax(axis=0).tolist() == list(range(len(PAIRS)))
    model = SentenceTransformer(str(model_folder), device="cpu")
    before = model.encode(german, normalize_embeddings=True) @ model.encode(english, normalize_embeddings=True).T
    assert np.diagonal(cosines).mean() > np.diagonal(before).mean() + 0.3
