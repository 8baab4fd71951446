"""Pairs for a model to score: how likely is a question after a passage?"""

from __future__ import annotations

CHOOSE_PREFIX = "Passage: The mill burned down in 1907.\nQuestion: When did the mill burn down?\n\n"


def choose_context(sentence: str) -> str:
    return f"Passage: {sentence}\nQuestion:"


def choose_continuation(question: str) -> str:
    return f" {question}"
