"""A sentence of a document that may be turned into a question: one plain clause, its figures found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answering.question_wordlists import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    GERMAN_PASTS,
    GERMAN_PREFIXES,
    GOES_ON,
    LINKING,
    PREPOSITIONS,
    REFERRING,
    ROUGHLY,
    WHEN,
)
from rag.text.number_wordlists import MEASURES
from rag.text.numbers import Quantity, find, may_be_year
from rag.text.wordlists import ABBREVIATIONS, FUNCTION_WORDS

Shape = Literal["count", "time", "money", "measure", "who", "what", "posed", "field", "cell"]

_LONGEST, _FEWEST, _MOST = 300, 3, 20  # characters of a sentence; words of a clause
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[\w'’&€$£%.-]*")  # no bracket, colon, quotation mark
_INSIDE = re.compile(r"(?<=[a-zäöüß,] )[^\W\d_][\w-]+")  # a word that begins no sentence
_OFTEN = re.compile(r"once|twice|thrice|\w*mals?")
_SCANNED = 100_000  # characters of a document that are looked at for how its words are written


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a figure with all that belongs to it; where it stands in its sentence, and whether a comma follows."""

    text: str
    start: int
    end: int
    quantity: Quantity | None = None
    comma: bool = False

    @property
    def low(self) -> str:
        return self.text.lower().rstrip(".")

    @property
    def capital(self) -> bool:
        return self.quantity is None and self.text[:1].isupper()


Tokens = Sequence[Token]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a document writes words where none begins a sentence: those with a capital, and those without."""

    capitals: frozenset[str]
    lowers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence of one clause, in a language of `question_wordlists`."""

    tokens: tuple[Token, ...]
    language: str
    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Shaped:
    """A question, and where the words that answer it stand in the sentence that it was made of."""

    question: str
    shape: Shape
    start: int
    end: int


def spelling(text: str) -> Spelling:
    """Return how a document writes its words."""
    found = {match.group() for match in _INSIDE.finditer(text, 0, _SCANNED)}
    return Spelling(frozenset(w for w in found if w[0].isupper()), frozenset(w for w in found if w[0].islower()))


def clause(text: str, language: str, written: Spelling) -> Clause | None:
    """Return the main clause that a sentence begins with; None where it is not plain, or refers to other sentences."""
    text = text.rstrip()
    if language not in REFERRING or len(text) > _LONGEST or not text.endswith("."):
        return None
    first = text.lstrip()[0]
    if first.islower() or not (first.isalnum() or first in "€$£"):
        return None
    tokens = _main(_turned(_unlinked(tuple(_tokens(text[:-1])), language), language), language)
    if not _FEWEST <= len(tokens) <= _MOST or not all(_is_plain(token) for token in tokens):
        return None
    small = REFERRING[language] - ({"there"} if tokens[0].low == "there" else set())
    small -= {"es"} if any(token.low in ("gibt", "gab") for token in tokens) else set()
    return (
        Clause(tokens, language, written)
        if not any(token.low in small and token.text != "Morgen" for token in tokens)
        else None
    )


def _is_plain(token: Token) -> bool:
    if token.quantity is not None:
        return True
    return bool(_PLAIN.fullmatch(token.text)) and (not token.text.endswith(".") or token.low in ABBREVIATIONS)


def _tokens(text: str) -> Iterator[Token]:
    """Yield the words, those of a figure as one; a figure inside a word ("46-metre") is none of its own."""
    found = [_bare(each, text) for each in find(text)]
    at = 0
    while match := _WORD.search(text, at):
        start, end = match.span()
        quantity = next((each for each in found if each.start == start), None)
        if quantity is not None and re.match(r",?(?:\s|$)", text[quantity.end :]):
            end = quantity.end
            comma = text.startswith(",", end)
        else:
            quantity, comma = None, text[end - 1] == ","
            end -= comma
        yield Token(text[start:end], start, end, quantity, comma)
        at = end + comma


def _bare(quantity: Quantity, text: str) -> Quantity:
    """Return "300 people" as 300 of what the next word names, as with any other thing that is counted."""
    if quantity.unit != "people":
        return quantity
    end = quantity.start + len(text[quantity.start : quantity.end].rpartition(" ")[0])
    return replace(quantity, end=end, unit="")


def _unlinked(tokens: Tokens, language: str) -> Tokens:
    """Return a sentence without the words that link it to others; before a figure they may be a part of it."""
    kept = list[Token]()
    for at, token in enumerate(tokens):
        rough = token.low in ROUGHLY[language] and tokens[at + 1 : at + 2] and tokens[at + 1].quantity
        if token.low not in LINKING[language] or token.comma or rough:
            kept.append(token)
    return tuple(kept)


def _turned(tokens: Tokens, language: str) -> Tokens:
    """Return an English sentence that begins with a time with that at its end: "In 1907, the mill burned down"."""
    if language != "en" or len(tokens) < 2 or tokens[0].low not in ("in", "on") or not is_time(tokens[1]):
        return tokens
    rest = tokens[2:]
    if not rest or any(token.comma for token in rest) or any(is_time(token) for token in rest):
        return tokens
    return *rest, replace(tokens[0], text=tokens[0].low), replace(tokens[1], comma=False)


def _main(tokens: Tokens, language: str) -> tuple[Token, ...]:
    """Return the words up to the first comma, where another clause follows and this one is whole; else all or none."""
    cut = next((at for at, token in enumerate(tokens) if token.comma), None)
    if cut is None:
        return tuple(tokens)
    main, following = tokens[: cut + 1], tokens[cut + 1 :]
    if not following or following[0].low not in GOES_ON[language]:
        return ()
    opened = language == "de" and any(token.low in AUXILIARIES["de"] for token in main)
    if opened and not (main[-1].text.islower() and main[-1].low.endswith(("t", "n"))):
        return ()  # "wurde in Kursk, wo …, gefangen"
    return tuple(main)


def is_german_past(word: str) -> bool:
    """Whether a word in small letters is the past of a strong verb, with a prefix or none."""
    if word in GERMAN_PASTS:
        return True
    return any(word.startswith(prefix) and word[len(prefix) :] in GERMAN_PASTS for prefix in GERMAN_PREFIXES)


def words_of(tokens: Tokens) -> str:
    return " ".join(token.text for token in tokens)


def joined(*parts: str) -> str:
    """Return a question of its parts."""
    return " ".join(part for part in parts if part) + "?"


def lowered(front: Tokens, of: Clause) -> str | None:
    """Return the beginning of a sentence as it is written inside one; None where nothing says how."""
    first = front[0]
    small = FUNCTION_WORDS[of.language] | PREPOSITIONS[of.language] | ARTICLES[of.language] | ROUGHLY[of.language]
    if first.low in small:
        return words_of([Token(first.text.lower(), first.start, first.end), *front[1:]])
    if first.text in of.spelling.capitals:
        return words_of(front)
    if of.language == "en" and first.low in of.spelling.lowers:
        return words_of([Token(first.text.lower(), first.start, first.end), *front[1:]])
    return None


def counts(token: Token) -> bool:
    """Whether a figure counts things: at least two, in no unit, and no year."""
    quantity = token.quantity
    if quantity is None or quantity.kind != "number" or quantity.unit or may_be_year(quantity):
        return False
    return quantity.value.isdecimal() and int(quantity.value[:12]) > 1


def is_time(token: Token) -> bool:
    quantity = token.quantity
    if quantity is None:
        return False
    return quantity.kind in ("date", "weekday", "time", "quarter") or may_be_year(quantity)


def measures(token: Token, *of: str) -> bool:
    """Whether a figure is in a unit of one of these measures; of any where none is named."""
    quantity = token.quantity
    measure = MEASURES.get(quantity.unit, "") if quantity is not None and quantity.unit else ""
    return bool(measure) and (not of or measure in of)


def without_roughly(tokens: Tokens, at: int, language: str) -> int:
    """Return where the words before `tokens[at]` begin that make a figure a rough one."""
    while at > 0 and tokens[at - 1].low in ROUGHLY[language]:
        at -= 1
    return at


def free(tokens: Tokens, at: int, language: str) -> bool:
    """Whether what begins at `tokens[at]` hangs on no preposition, article or conjunction before it."""
    if at == 0:
        return True
    before = tokens[at - 1]
    bound = PREPOSITIONS[language] | ARTICLES[language] | CONJUNCTIONS[language]
    return before.low not in bound and before.quantity is None


def times(tokens: Tokens, language: str) -> tuple[int, int, str] | None:
    """Return the first and last index of the only time in `tokens`, prepositions included, and how it is asked for."""
    at = next((at for at, token in enumerate(tokens) if is_time(token)), None)
    if at is None:
        return None
    end = at + 1
    while end < len(tokens) and (
        is_time(tokens[end])
        or (end + 1 < len(tokens) and tokens[end].low in WHEN[language] and is_time(tokens[end + 1]))
    ):
        end += 1
    if any(is_time(token) for token in tokens[end:]):
        return None
    begin, leads = at, ""
    quantity = tokens[at].quantity
    if at and tokens[at - 1].low in PREPOSITIONS[language]:
        begin, leads = at - 1, tokens[at - 1].low
    elif at and tokens[at - 1].low in ARTICLES[language]:
        return None
    elif quantity is not None and (language == "en" or not quantity.value.isdecimal()):
        return None  # "names 19 July"; a year alone is a time in German
    if leads in ("zum", "zu") and begin and tokens[begin - 1].low == "bis":
        begin, leads = begin - 1, "bis"
    if begin and tokens[begin - 1].low in PREPOSITIONS[language] | CONJUNCTIONS[language]:
        return None
    asked = WHEN[language].get(leads)
    return (begin, end, asked) if asked else None


def _leads_to_time(tokens: Tokens, at: int, language: str) -> bool:
    return tokens[at].low in WHEN[language] and at + 1 < len(tokens) and is_time(tokens[at + 1])


def happens_once(tokens: Tokens, language: str) -> bool:
    """Whether what is left of a clause without its time says nothing of other times: "on three occasions"."""
    for at, token in enumerate(tokens):
        bound = at > 0 and tokens[at - 1].low in WHEN[language]
        if _OFTEN.fullmatch(token.low) or measures(token, "time") or (bound and (counts(token) or is_time(token))):
            return False
    return True


def one_predicate(tokens: Tokens, language: str) -> bool:
    """Whether nothing is joined to what the clause says: "burned down and was rebuilt"."""
    return not any(token.low in CONJUNCTIONS[language] - ROUGHLY[language] for token in tokens)
