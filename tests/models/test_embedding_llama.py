"""Held: llama-cpp-python's own server embeds for Beleg, with whatever model it has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from llama_server import llama_server

from rag.models.bundled import load_generator
from rag.models.embedding_server import open_embedding_server
from rag.settings import Settings

pytestmark = pytest.mark.slow


def test_texts_have_the_same_vectors_together_and_alone_and_long_ones_too(cache: Path, tmp_path: Path) -> None:
    llm = load_generator(Settings(cache=cache, threads=1))
    llm.close()
    texts = ["The mill burned down in 1907.", "Wann brannte die Mühle ab?", "Bananas are yellow.", ""]
    with llama_server(llm.path, 512, embedding=True) as url:
        embedder = open_embedding_server(f"openai:{url}", tmp_path)
        assert embedder.name.startswith("SmolLM2-135M-Instruct.Q4_1") and embedder.dimension == 576
        together = embedder.encode(texts, "document")
        assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
        alone = np.concatenate([embedder.encode([text], "document") for text in texts])
        assert np.all(np.sum(together * alone, axis=1) > 0.99)
        assert float(together[0] @ together[2]) < 0.99
        assert embedder.encode(["word " * 2000], "document").shape == (1, 576)  # more than it has room for
        embedder.close()
