"""English questions made of English sentences: with their auxiliary, or with "do" and the verb's base form."""

from __future__ import annotations

from collections.abc import Iterator

from rag.answering.person_names import is_person, names_person
from rag.answering.question_clauses import (
    Clause,
    Shaped,
    Token,
    Tokens,
    counts,
    happens_once,
    is_time,
    joined,
    lowered,
    measures,
    one_predicate,
    times,
    without_roughly,
    words_of,
)
from rag.answering.question_wordlists import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    DIMENSIONS,
    ENGLISH_PASTS,
    MODALS,
    PREPOSITIONS,
)
from rag.lexicon.senses import base_of_verb, part_of_speech

_EN = "en"
_IS = frozenset("is are was were".split())
_HAS = {"has": "does", "have": "do", "had": "did"}
_LASTS, _COSTS = ("take", "last"), "cost"
_MOST_COUNTED = 3  # words of what is counted
_SMALL = PREPOSITIONS[_EN] | CONJUNCTIONS[_EN] | ARTICLES[_EN] | AUXILIARIES[_EN]


def english_questions(clause: Clause) -> Iterator[Shaped]:
    """Yield the questions that an English clause answers."""
    tokens = clause.tokens
    if not one_predicate(tokens, _EN):
        return
    if tokens[0].low == "there":
        yield from _there_are(tokens)
        return
    yield from _of_front(tokens)
    yield from _who_of_names(tokens)
    at = next((at for at, token in enumerate(tokens[1:], 1) if token.low in AUXILIARIES[_EN]), None)
    end = at if at is not None else _verb(tokens)
    if end is None:
        return
    subject, verb, rest = tokens[:end], tokens[end], tokens[end + 1 :]
    if any(token.quantity for token in subject) or subject[0].low in PREPOSITIONS[_EN]:
        return
    fronted = lowered(subject, clause)
    if fronted is None or not rest:
        return
    if at is not None:
        yield from _with_auxiliary(verb, fronted, rest)
        yield from _what(subject, verb, rest)
    else:
        yield from _with_do(verb, fronted, rest)


def _base(word: str) -> str:
    return ENGLISH_PASTS.get(word) or base_of_verb(word)


def _counted_end(tokens: Tokens, at: int) -> int | None:
    """Return the index after what `tokens[at]` counts: words up to a preposition or the end; None where unclear."""
    end = at + 1
    while end < len(tokens) and tokens[end].low not in PREPOSITIONS[_EN]:
        if tokens[end].quantity or tokens[end].low in _SMALL or tokens[end].low.endswith("ly"):
            return None
        end += 1
    counted = tokens[at + 1 : end]
    if not 0 < len(counted) <= _MOST_COUNTED or not counted[-1].low.endswith(("s", "people", "men", "children")):
        return None
    return end


def _there_are(tokens: Tokens) -> Iterator[Shaped]:
    number = next((at for at, token in enumerate(tokens) if token.quantity), None)
    if number is None or tokens[1].low not in ("are", "were") or not counts(tokens[number]):
        return
    end = _counted_end(tokens, number)
    if without_roughly(tokens, number, _EN) == 2 and end is not None:
        asked = ("How many", words_of(tokens[number + 1 : end]), tokens[1].text, "there", words_of(tokens[end:]))
        yield Shaped(joined(*asked), "count", tokens[number].start, tokens[number].end)


def _of_front(tokens: Tokens) -> Iterator[Shaped]:
    """What the sentence begins with is a count, or an amount of money: the rest stays as it is."""
    number = next((at for at, token in enumerate(tokens) if token.quantity), len(tokens))
    if without_roughly(tokens, min(number, len(tokens) - 1), _EN) or number + 2 >= len(tokens):
        return
    figure, rest = tokens[number], tokens[number + 1 :]
    if any(token.quantity and not is_time(token) for token in rest):
        return
    if counts(figure) and rest[0].low not in _SMALL and rest[0].text.islower() and _predicate(rest):
        yield Shaped(joined("How many", words_of(rest)), "count", figure.start, figure.end)
    elif measures(figure, "money") and rest[0].low in AUXILIARIES[_EN]:
        yield Shaped(joined("How much", words_of(rest)), "money", figure.start, figure.end)


def _predicate(tokens: Tokens) -> bool:
    """Whether a verb is among the words: else they are a heading, or an item of a list."""
    return any(token.low in AUXILIARIES[_EN] or _is_past(token) for token in tokens[1:])


def _is_past(token: Token) -> bool:
    low = token.low
    return token.text.islower() and not low.endswith("s") and low not in _SMALL and _base(low) not in ("", low)


def _with_auxiliary(verb: Token, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    yield from _when(f"{verb.text} {fronted}", "", rest)
    number = next((at for at, token in enumerate(rest) if token.quantity), None)
    if number is None:
        return
    figure, begin, right = rest[number], without_roughly(rest, number, _EN), rest[number + 1 :]
    span = figure.start, figure.end
    if verb.low in _IS and begin == 0 and measures(figure):
        if right and right[0].low in DIMENSIONS[_EN]:
            yield Shaped(joined("How", right[0].text, verb.text, fronted, words_of(right[1:])), "measure", *span)
        elif measures(figure, "money") and (not right or right[0].low in PREPOSITIONS[_EN]):
            yield Shaped(joined("How much", verb.text, fronted, words_of(right)), "money", *span)
    end = _counted_end(rest, number) if counts(figure) else None
    if end is None:
        return
    counted, after = words_of(rest[number + 1 : end]), words_of(rest[end:])
    if verb.low in _HAS and begin == 0:
        yield Shaped(joined("How many", counted, _HAS[verb.low], fronted, "have", after), "count", *span)
    elif verb.low in MODALS and begin == 1:
        yield Shaped(joined("How many", counted, verb.text, fronted, rest[0].text, after), "count", *span)


def _when(said: str, base: str, rest: Tokens) -> Iterator[Shaped]:
    """Ask for the only time of a clause; without a `base`, the verb stands before it."""
    found = times(rest, _EN)
    if found is None:
        return
    begin, end, asked = found
    first = next(at for at in range(begin, end) if is_time(rest[at]))
    if not happens_once([*rest[:begin], *rest[end:]], _EN):
        return
    if (base or begin) and (end == len(rest) or rest[end].low in PREPOSITIONS[_EN]):
        question = joined(asked, said, base, words_of(rest[:begin]), words_of(rest[end:]))
        yield Shaped(question, "time", rest[first].start, rest[end - 1].end)


def _verb(tokens: Tokens) -> int | None:
    """Return where the only verb stands that is none of the auxiliaries; None where that is unclear."""
    number = next((at for at, token in enumerate(tokens) if token.quantity), len(tokens))
    beside = without_roughly(tokens, number, _EN) if number < len(tokens) else number
    if beside > 1 and tokens[beside - 1].low in PREPOSITIONS[_EN]:
        beside -= 1
    if beside > 1 and tokens[beside - 1].low.endswith("s") and _base(tokens[beside - 1].low):
        return beside - 1  # "starts at 19:30", "costs 12 euros"
    if beside > 1 and tokens[beside - 1].low in (_COSTS, *_LASTS) and tokens[beside - 2].low.endswith("s"):
        return beside - 1  # "tickets cost 12 euros"
    past = [at for at, token in enumerate(tokens[:beside]) if at and _is_past(token)]
    if len(past) != 1 or tokens[past[0] - 1].low in _SMALL or tokens[past[0] - 1].low.endswith("ly"):
        return None
    return past[0]


def _with_do(verb: Token, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    base, does = _base(verb.low), "does" if verb.low.endswith("s") else "did"
    if verb.low in (_COSTS, *_LASTS):
        base, does = verb.low, "do"
    if not base:
        return
    yield from _when(f"{does} {fronted}", base, rest)
    number = next((at for at, token in enumerate(rest) if token.quantity), None)
    if number is None or without_roughly(rest, number, _EN):
        return
    figure, right = rest[number], rest[number + 1 :]
    span = figure.start, figure.end
    if counts(figure) and (end := _counted_end(rest, number)) is not None:
        counted = words_of(rest[number + 1 : end])
        yield Shaped(joined("How many", counted, does, fronted, base, words_of(rest[end:])), "count", *span)
    elif right and right[0].low not in PREPOSITIONS[_EN]:
        return
    elif base in _LASTS and measures(figure, "time"):
        yield Shaped(joined("How long", does, fronted, base, words_of(right)), "measure", *span)
    elif measures(figure, "money"):
        yield Shaped(joined("How much", does, fronted, base, words_of(right)), "money", *span)


def _who_of_names(tokens: Tokens) -> Iterator[Shaped]:
    end = next((at for at, token in enumerate(tokens) if not token.capital), len(tokens))
    front, rest = tokens[:end], tokens[end:]
    if len(rest) < 2 or not names_person(front, _EN):
        return
    if rest[0].low in ("is", "was") and rest[1].low in ARTICLES[_EN]:
        before = next((at for at, token in enumerate(rest) if token.low in PREPOSITIONS[_EN]), len(rest))
        if is_person(rest[before - 1].text, _EN):
            yield Shaped(joined("Who", rest[0].text, words_of(front)), "who", rest[1].start, rest[-1].end)
    elif _is_past(rest[0]):
        yield Shaped(joined("Who", words_of(rest)), "who", front[0].start, front[-1].end)


def _what(subject: Tokens, verb: Token, rest: Tokens) -> Iterator[Shaped]:
    """A definition: "A groyne is a wall …"."""
    indefinite = subject[0].low in ("a", "an") and len(subject) <= _MOST_COUNTED
    if indefinite and verb.low == "is" and rest[0].low in ("a", "an", "the") and len(rest) > 2:
        named = f"{subject[0].low} {words_of(subject[1:])}"
        if not part_of_speech(subject[-1].text) or part_of_speech(subject[-1].text) == "n":
            yield Shaped(joined("What is", named), "what", rest[0].start, rest[-1].end)
