"""Answering words: from where a model's tokens begin and end an answer to whole words of a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.models.reader.reader import Span

LONGEST = 30  # tokens of an answer
_OF_FIGURES = "%‰°§′″&"  # punctuation by the standard, and part of what is said
_INSIDE = ".,:'’"  # between two letters or two digits they part no word: 17:30, p.m, don't
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def best_span(
    sentence: str,
    offsets: Sequence[tuple[int, int]],
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
) -> Span | None:
    """Return the likeliest words between one of the tokens that starts an answer and one that ends it.

    `offsets` are the tokens' in `sentence`; `starts` and `ends`, of their shape, are logits,
    compared within the sentence. None where no token is of a word, or a logit is no number.
    """
    of_words = [any(not _is_punctuation(character) for character in sentence[a:b]) for a, b in offsets]
    if not any(of_words) or not (np.isfinite(starts).all() and np.isfinite(ends).all()):
        return None
    chances = np.outer(_softmax(starts) * of_words, _softmax(ends) * of_words)
    chances = np.triu(chances) - np.triu(chances, LONGEST)
    start, end = np.unravel_index(int(np.argmax(chances)), chances.shape)
    first, last = whole_words(sentence, offsets[int(start)][0], offsets[int(end)][1])
    return Span(first, last, float(chances[start, end])) if first < last else None


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the words of `text` that a stretch of it touches, without punctuation at either edge."""
    while start > 0 and start < len(text) and _joined(text, start):
        start -= 1
    while 0 < end < len(text) and _joined(text, end):
        end += 1
    while start < end and _is_edge(text[start]) and not _is_minus(text, start, end):
        start += 1
    while start < end and _is_edge(text[end - 1]) and not _belongs(text, start, end):
        end -= 1
    return start, end


def _joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of `at` are of one word."""
    left, right = text[at - 1], text[at]
    if _in_word(left) and _in_word(right):
        return True
    if right in _INSIDE:
        return _in_word(left) and at + 1 < len(text) and _alike(left, text[at + 1])
    return left in _INSIDE and at > 1 and _in_word(right) and _alike(text[at - 2], right)


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _alike(left: str, right: str) -> bool:
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _is_punctuation(character: str) -> bool:
    return character.isspace() or (unicodedata.category(character)[0] in "PC" and character not in _OF_FIGURES)


def _is_edge(character: str) -> bool:
    return _is_punctuation(character) or character == "|"  # which parts the columns of a table


def _is_minus(text: str, start: int, end: int) -> bool:
    """Whether a hyphen is the sign of a number: nothing but a number follows, and nothing precedes."""
    alone = start == 0 or text[start - 1].isspace() or text[start - 1] in "([|"
    return text[start] in "-–" and alone and start + 1 < end and text[start + 1].isdigit()


def _belongs(text: str, start: int, end: int) -> bool:
    """Whether what ends the stretch belongs to it: a bracket that it opened, the last point of "p.m."."""
    last = text[end - 1]
    if (opening := _BRACKETS.get(last)) is not None:
        return text.count(opening, start, end) >= text.count(last, start, end)
    if last != ".":
        return False
    word = text[start : end - 1].rsplit(None, 1)[-1:]
    return bool(word) and "." in word[0] and all(len(part) == 1 and part.isalpha() for part in word[0].split("."))


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max())
    shares: NDArray[np.float32] = raised / raised.sum()
    return shares
