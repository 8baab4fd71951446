"""German questions made of German sentences: the verb stays second, what is asked for comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.answering.person_names import is_person, names_person
from rag.answering.question_clauses import (
    Clause,
    Shaped,
    Token,
    Tokens,
    counts,
    free,
    happens_once,
    is_german_past,
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
    GERMAN_COUNTED_BY,
    PREPOSITIONS,
    WHEN,
)
from rag.answering.reported_speech import SOURCE

_DE = "de"
_SMALL = PREPOSITIONS[_DE] | CONJUNCTIONS[_DE] | ARTICLES[_DE]
_VERB_ENDINGS = ("t", "te", "ten", "en", "rn", "ln")
_IS = frozenset("ist sind war waren".split())
_AMOUNTS = {"beträgt": "ist", "betrug": "war", "betragen": "sind", "betrugen": "waren"}
_LONGEST_NAME = 6  # words, with what stands before a name
_INDEFINITE = frozenset({"ein", "eine"})


def german_questions(clause: Clause) -> Iterator[Shaped]:
    """Yield the questions that a German clause answers."""
    tokens = clause.tokens
    at = _verb(tokens)
    if at is None or not one_predicate(tokens[at + 1 :], _DE):
        return
    front, verb, rest = tokens[:at], tokens[at], tokens[at + 1 :]
    if not one_predicate(front, _DE) and not verb.low.endswith("n"):
        return
    if rest and rest[0].low in ("es", "sich"):  # next to the verb wherever the subject stands
        verb, rest = replace(verb, text=f"{verb.text} {rest[0].text}"), rest[1:]
    yield from _of_front(front, verb, rest)
    yield from _who_and_what(front, verb, rest)
    fronted = _fronted(front, clause)
    if fronted is None:
        return
    yield from _who_after(verb, fronted, rest)
    if any(token.quantity for token in front):
        return
    said = verb.text
    yield from _counted(said, fronted, rest)
    yield from _timed(said, fronted, rest)
    yield from _measured(verb, fronted, rest)


def _fronted(front: Tokens, clause: Clause) -> str | None:
    """Return what stood before the verb as it is written after it; None where nothing says how."""
    if not front or [token.low for token in front] == ["es"]:
        return words_of(front).lower()
    return lowered(front, clause)


def _middle(fronted: str, left: Tokens) -> str:
    """Return what stood before the verb, and what stood after it: a subject before "für den Zaun".

    Who says it ("nach Angaben des Geheimdienstes") is left out.
    """
    if left and _tells_who_says_it(words_of(left)):
        return fronted
    if left and _tells_who_says_it(fronted):
        return words_of(left)
    parts = [fronted, words_of(left)]
    later = left and fronted.partition(" ")[0] in PREPOSITIONS[_DE] and left[0].low not in PREPOSITIONS[_DE]
    return " ".join(filter(None, reversed(parts) if later else parts))


def _tells_who_says_it(words: str) -> bool:
    return SOURCE.match(f"{words} ") is not None


def _verb(tokens: Tokens) -> int | None:
    """Return where the finite verb stands: the first word in small letters after a noun that is no small word."""
    if len(tokens) > 1 and tokens[0].low in ARTICLES[_DE] and tokens[1].low in PREPOSITIONS[_DE]:
        return None  # "Der vom Verein finanzierte Turm"
    if tokens[0].text.islower() and tokens[0].low not in _SMALL:
        return 0  # what stood before it only linked the sentence to others
    for at, token in enumerate(tokens[1:], 1):
        if token.quantity is not None or not token.text.islower():
            continue
        if token.low in AUXILIARIES[_DE]:
            return at
        before = tokens[at - 1]
        noun = (before.capital and before.low not in _SMALL) or is_time(before) or before.low == "es"
        if token.low in _SMALL or not noun:
            continue
        verb = token.low.endswith(_VERB_ENDINGS) or is_german_past(token.low)
        return at if verb and token.text.isalpha() else None
    return None


def _noun_end(tokens: Tokens, at: int, ending: str = "e") -> int | None:
    """Return the index after what `tokens[at]` counts: adjectives with an ending, a noun, its genitive; else None."""
    at += 1
    while at < len(tokens) and tokens[at].text.islower():
        if not tokens[at].low.endswith(ending) or tokens[at].low in _SMALL:
            return None
        at += 1
    if at == len(tokens) or not tokens[at].capital or len(tokens[at].text) < 3:
        return None
    end = at + 1
    if end < len(tokens) and tokens[end].capital:
        return None  # "12 Liter Wasser"
    if end < len(tokens) and tokens[end].low in ("des", "der"):
        end = next((n for n, token in enumerate(tokens[end:], end) if token.capital), len(tokens) - 1) + 1
        while end < len(tokens) and tokens[end].capital:  # "des Malers Otto Reimann"
            end += 1
    return end


def _of_front(front: Tokens, verb: Token, rest: Tokens) -> Iterator[Shaped]:
    """What the sentence begins with is a count, or a time."""
    number = next((at for at, token in enumerate(front) if token.quantity), None)
    if number is None:
        return
    figure = front[number]
    if counts(figure) and without_roughly(front, number, _DE) == 0 and _noun_end(front, number) == len(front):
        asked = ("Wie viele", words_of(front[number + 1 :]), verb.text, words_of(rest))
        yield Shaped(joined(*asked), "count", figure.start, figure.end)
    when = times(front, _DE)
    if when and when[:2] == (0, len(front)) and not any(is_time(token) for token in rest):
        subject = rest[0].capital or rest[0].low in ARTICLES[_DE] if rest else False
        if subject and happens_once(rest, _DE):
            yield Shaped(joined(when[2], verb.text, words_of(rest)), "time", figure.start, front[-1].end)


def _counted(said: str, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    for at, token in enumerate(rest):
        begin, how = without_roughly(rest, at, _DE), "Wie viele"
        if said in _AMOUNTS:
            return  # "die Grenze beträgt 2 Keime"
        if counts(token) and begin == 1 and rest[0].low in GERMAN_COUNTED_BY:
            begin, how = 0, f"{rest[0].text.capitalize()} {GERMAN_COUNTED_BY[rest[0].low]}"
        elif counts(token) and begin > 1 and rest[begin - 1].low == "mit" and not _of_thing(rest[: begin - 1]):
            begin, how = begin - 1, "Mit wie vielen"
        if not counts(token) or not free(rest, begin, _DE):
            continue
        end = _noun_end(rest, at, "en" if how.endswith("n") else "e")
        if end is None or (end < len(rest) and (rest[end].quantity or rest[end].low in CONJUNCTIONS[_DE])):
            continue
        asked = (how, words_of(rest[at + 1 : end]), said, _middle(fronted, rest[:begin]), words_of(rest[end:]))
        yield Shaped(joined(*asked), "count", token.start, token.end)
        return


def _of_thing(tokens: Tokens) -> bool:
    """Whether "mit …" may belong to the thing named before it: "ein Haus mit zwölf Zimmern"."""
    article = next((token.low for token in reversed(tokens) if token.low in ARTICLES[_DE]), "")
    return article.startswith(("ein", "kein"))


def _timed(said: str, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    if when := times(rest, _DE):
        begin, end, asked = when
        left, right = rest[:begin], rest[end:]
        first = next(at for at in range(begin, end) if is_time(rest[at]))
        cut = left and (left[-1].low in WHEN[_DE] or left[-1].quantity)  # "von 22 bis 6 Uhr"
        joint = right and (right[0].capital or right[0].low in CONJUNCTIONS[_DE])
        if not cut and not joint and happens_once([*left, *right], _DE):
            question = joined(asked, said, _middle(fronted, left), words_of(right))
            yield Shaped(question, "time", rest[first].start, rest[end - 1].end)


def _measured(verb: Token, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    at = next((at for at, token in enumerate(rest) if measures(token)), None)
    if at is None:
        return
    figure, begin = rest[at], without_roughly(rest, at, _DE)
    left, right = rest[:begin], rest[at + 1 :]
    if not free(rest, begin, _DE) or any(token.quantity for token in right) or (right and right[0].capital):
        return
    if right and right[0].low in CONJUNCTIONS[_DE]:
        return
    others = _middle(fronted, left), words_of(right)
    bound = not left or left[0].low in PREPOSITIONS[_DE]
    if verb.low in _IS and right and right[0].low in DIMENSIONS[_DE]:
        question = joined("Wie", right[0].text, verb.text, others[0], words_of(right[1:]))
        yield Shaped(question, "measure", figure.start, figure.end)
    elif verb.low not in _IS | _AMOUNTS.keys() and measures(figure, "time"):
        yield Shaped(joined("Wie lange", verb.text, *others), "measure", figure.start, figure.end)
    elif verb.low in _AMOUNTS and bound:
        high = "Wie hoch" if measures(figure, "money", "share") else "Wie groß"
        how = "Wie lang" if measures(figure, "time") else high
        question = joined(how, _AMOUNTS[verb.low], *others)
        yield Shaped(question, "money" if measures(figure, "money") else "measure", figure.start, figure.end)
    elif measures(figure, "money") and verb.low not in _IS:
        yield Shaped(joined("Wie viel", verb.text, *others), "money", figure.start, figure.end)


def _who_and_what(front: Tokens, verb: Token, rest: Tokens) -> Iterator[Shaped]:
    if not rest:
        return
    role = next((token for token in rest[1:] if token.capital), None)
    answer = rest[0].start, rest[-1].end
    if names_person(front, _DE):
        if verb.low in ("ist", "war") and rest[0].low in ARTICLES[_DE]:
            if role is not None and is_person(role.text, _DE):
                yield Shaped(joined("Wer", verb.text, words_of(front)), "who", *answer)
        elif not verb.low.endswith("en"):
            yield Shaped(joined("Wer", verb.text, words_of(rest)), "who", front[0].start, front[-1].end)
    elif len(front) == 2 and front[0].low in _INDEFINITE and verb.low == "ist" and rest[0].low in ARTICLES[_DE]:
        yield Shaped(joined("Was ist", front[0].low, front[1].text), "what", *answer)


def _who_after(verb: Token, fronted: str, rest: Tokens) -> Iterator[Shaped]:
    """The one who does it stands after the verb: "Am Morgen übergab Kapitän Ole Brix die Papiere"."""
    if fronted and fronted.partition(" ")[0] not in PREPOSITIONS[_DE]:
        return
    end = next((at for at in range(_LONGEST_NAME, 1, -1) if at < len(rest) and names_person(rest[:at], _DE)), None)
    if end is None or rest[end].capital or verb.text.partition(" ")[0].endswith("en"):
        return
    adverbial = "" if _tells_who_says_it(fronted) else fronted
    yield Shaped(joined("Wer", verb.text, adverbial, words_of(rest[end:])), "who", rest[0].start, rest[end - 1].end)
