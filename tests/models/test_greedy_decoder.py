"""Held: of what a model writes, thoughts it begins with are no answer, and characters are whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.models.bundled import load_generator
from rag.models.greedy_decoder import GreedyDecoder
from rag.models.llama_model import Model
from rag.settings import Settings


@pytest.fixture(scope="module")
def model(cache: Path) -> Iterator[Model]:
    generator = load_generator(Settings(cache=cache, threads=1))
    yield generator._model
    generator.close()


def written(model: Model, decoder: GreedyDecoder, text: str) -> list[str]:
    """Let a text be written; return what of it there is after each token."""
    found = []
    for token in model.tokens(text):
        logits = np.zeros((1, model.vocabulary), dtype=np.float32)
        logits[0, token] = 1
        decoder.write(logits)
        found.append(decoder.text)
    return found


def test_thoughts_are_told_to_nobody(model: Model) -> None:
    told: list[str] = []
    decoder = GreedyDecoder(model, 99, lambda text: (told.append(text), False)[1])
    found = written(model, decoder, "<think>\nIs it the Rhine?\n</think>\n\nThe Rhine.")
    assert found[-1] == "The Rhine." and all("The Rhine.".startswith(text) for text in [*found, *told])
    assert found[0] == "" and told
    places = [place for place, _ in decoder.likelihoods]
    assert 0 < len(places) < len(found) and min(places) > 0 and places[-1] == len("The Rhine.")


def test_a_character_that_takes_several_tokens_is_there_once_it_is_whole(model: Model) -> None:
    text = "水🙂ß"
    tokens = model.tokens(text)
    assert len(tokens) > len(text)
    decoder = GreedyDecoder(model, len(tokens), lambda _: False)
    found = written(model, decoder, text)
    assert found[-1] == text and all(text.startswith(part) for part in found)
    cut = GreedyDecoder(model, len(tokens) - 1, lambda _: False)
    assert written(model, cut, text)[len(tokens) - 2].startswith(text[:2])
    assert cut.ended and cut.ending == "length"


def test_a_text_that_only_looks_like_thoughts_is_whole_at_its_end(model: Model) -> None:
    tokens = len(model.tokens("<thin"))
    decoder = GreedyDecoder(model, tokens, lambda _: False)
    *before, last = written(model, decoder, "<thin")
    assert last == "<thin" and not any(before) and decoder.ended
