"""An embedder that counts words, made in a moment."""

from __future__ import annotations

from pathlib import Path


def save_bag_of_words(folder: Path, vocabulary: tuple[str, ...] = ("mühle", "bach", "mill", "brook")) -> Path:
    """Save a small model from scratch that has no fast tokenizer."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import BoW

    SentenceTransformer(modules=[BoW(vocab=list(vocabulary))], device="cpu").save(str(folder))
    return folder
