"""Alignment for faithfulness: which words of a quote a statement's words stand for.

Words are compared by stem, translation, sound and parts of compounds (`terms_compared`), and where none of these
tells, by the cosine of their vectors. Each word of the statement is put beside the word of the source that is most
like it; of several alike, beside the one nearest to where the words around it stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.answering.faithfulness_words import KINDS, LIGHT
from rag.answering.terms_compared import Term, term
from rag.text.language import Word, read
from rag.text.number_wordlists import UNITS
from rag.text.numbers import find

MOST = 80  # words of a text that are looked at
SURE = 0.75  # likeness from which two words are taken for the same
_BREAKS = ",;:–—()|.!?"
_JOINING = frozenset("and but while und aber sondern während doch although obwohl however et mais pero ma e".split())
_PREFIXES = ("un", "in", "im", "non", "nicht", "dis")
_UNWEIGHED = LIGHT.union(UNITS, *KINDS.values())
Vectors = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Token:
    """A content word: where it stands among all words of its text, and in which clause."""

    word: Word
    term: Term
    at: int
    clause: int


@dataclass(frozen=True, slots=True)
class Side:
    """A text as it is compared: all its words, its content words, and each word's clause."""

    text: str
    language: str
    words: tuple[Word, ...]
    clauses: tuple[int, ...]
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A content word of a statement, the one it stands for in the source (None: there is none), and how alike."""

    token: Token
    other: Token | None
    likeness: float
    opposed: bool

    @property
    def held(self) -> bool:
        """Whether it is taken for the same word."""
        return self.other is not None and self.likeness >= SURE


def side(text: str, language: str) -> Side:
    """Return a text's words, cut after MOST."""
    row = read(text)[:MOST]
    clauses, clause = [], 0
    for at, word in enumerate(row):
        inside_number = at and word.text[0].isdigit() and row[at - 1].text[-1].isdigit()
        if at and not inside_number and (any(sign in word.gap for sign in _BREAKS) or word.low in _JOINING):
            clause += 1
        clauses.append(clause)
    begin, numbers, tokens = row[0].start if row else -1, find(text), []
    for at, word in enumerate(row):
        if word.low in _UNWEIGHED or any(number.start <= word.start < number.end for number in numbers):
            continue  # kinds of words and numbers are compared as such
        made = term(replace(word, text=word.text[:60], low=word.low[:60]), language, initial=word.start == begin)
        if made is not None:
            tokens.append(Token(word, made, at, clauses[at]))
    return Side(text, language, tuple(row), tuple(clauses), tuple(tokens))


def aligned(statement: Side, source: Side, vector: Vectors) -> list[Pair]:
    """Return the content words of a statement, each beside the one of the source that it stands for, in order."""
    if not statement.tokens or not source.tokens:
        return [Pair(token, None, 0.0, False) for token in statement.tokens]
    table = np.array([[_likeness(a, b, vector) for b in source.tokens] for a in statement.tokens])
    near = np.array([other.at for other in source.tokens], dtype=float)
    anchors = [source.tokens[int(row.argmax())].at for row in table if row.max() >= SURE]
    middle = float(np.median(anchors)) if anchors else 0.0
    found = []
    for token, row in zip(statement.tokens, table, strict=True):
        best = int((row - 1e-4 * np.abs(near - middle)).argmax())
        other, likeness = source.tokens[best], float(row[best])
        opposed = any(_opposed(token, each) for each in source.tokens) if likeness < 1 else False
        found.append(Pair(token, other, likeness, opposed))
    return found


def _likeness(one: Token, other: Token, vector: Vectors) -> float:
    """Return how alike two words are, from 0 to 1."""
    a, b = one.term, other.term
    if _negated(a.text.lower(), b.text.lower()):
        return 0.3
    if a.says(b):
        return 1.0
    if any(part.says(b) for part in a.parts) or any(part.says(a) for part in b.parts):
        return 0.9
    cosine = float(vector(a.text) @ vector(b.text))
    if a.means(b) and not a.excludes(b):
        return max(0.85, cosine)
    shared = any(x.says(y) for x in a.parts for y in b.parts)
    return float(np.clip(max(cosine, 0.6 if shared else 0.0), 0.0, 0.95))


def _negated(one: str, other: str) -> bool:
    """Whether one word is the other with a prefix that negates it."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(shorter) > 3 and any(longer == prefix + shorter for prefix in _PREFIXES)


def _opposed(one: Token, other: Token) -> bool:
    return one.term.opposes(other.term) or _negated(one.term.text.lower(), other.term.text.lower())
