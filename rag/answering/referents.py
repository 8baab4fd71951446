"""Whom "she" stands for in a follow-up question, and which sentences are about them.

"What is her phone number?" after "Who is the treasurer?" asks for one person's number. Put to a reader as it stands,
any number would answer: so only sentences that are about this person may. That is told as a reader of the page would
(recency, Sidner 1979; centering, Grosz et al. 1995): a sentence names them, or goes on about them with a pronoun or in
the same few lines, and nobody else was named since.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.candidate_sentences import Option
from rag.answering.followup_detection import nouns, refers_back
from rag.answering.followup_wordlists import PERSONS, POSSESSIVE
from rag.answering.people import Person, Sex, people
from rag.answering.person_names import is_person
from rag.lexicon.genders import gender
from rag.text.language import Word, read, stem
from rag.text.wordlists import FUNCTION_WORDS

_WHO = re.compile(r"\b(who|whom|whose|wer|we[mn]|wessen)\b", re.I)
_TURNS = 10  # so far back somebody may have been named
_BEFORE = 600  # characters before a sentence in which somebody may be named
_LONGEST_LINE = 100  # characters of a line of an address or a form
_BRACKET = re.compile(r"\(([^()]*)\)\s*$")
_BLANK = re.compile(r"\n[ \t]*\n")
_MASCULINE = re.compile(r"he|him|his|er|ihm|ihn|seine?[mnrs]?|sein")
_GENDERS = {"m": "mn", "f": "f", "": "mfn"}  # of a noun that a pronoun may stand for, too


@dataclass(frozen=True, slots=True)
class Referent:
    """Whom a pronoun stands for; `turn` is that in which they were named, `roles` what they are, as stems.

    `things` are what the pronoun may stand for as well, as stems: German has "sie" for a treasurer and for a mill.
    """

    person: Person
    turn: int
    roles: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()


def referent(question: str, language: str, earlier: Sequence[tuple[str, str]], quoted: str) -> Referent | None:
    """Return whom a pronoun of a question stands for, after turns as `standalone` takes them; None for nobody."""
    pronoun = personal(question, language)
    if pronoun is None or not earlier or not is_of_person(question, language):
        return None
    sex: Sex = "m" if _MASCULINE.fullmatch(pronoun.low) else "f"
    things = _things(earlier[-1][0], language, sex) if language == "de" else frozenset()
    for turn in range(len(earlier) - 1, max(-1, len(earlier) - 1 - _TURNS), -1):
        before, answer = earlier[turn]
        last = turn == len(earlier) - 1
        named = _named(before, answer, quoted if last else "", sex)
        if named is not None:
            return Referent(named, turn, _roles(before), things)
        if things:
            return None
    return None


def personal(question: str, language: str) -> Word | None:
    """Return the first pronoun of a question that may stand for a person."""
    for at, word in enumerate(read(question)):
        polite = at and word.capital
        owning = language == "de" and POSSESSIVE["de"].fullmatch(word.low)
        if not polite and (word.low in PERSONS or owning):
            return word
    return None


def is_of_person(question: str, language: str) -> bool:
    """Whether a pronoun of a question may stand for somebody whom it is about: not in "What did her brother say?"."""
    pronoun = personal(question, language)
    if pronoun is None or not refers_back(question, language):
        return False
    row = read(question)
    at = row.index(pronoun)
    owned = row[at + 1 : at + 2] if POSSESSIVE[language].fullmatch(pronoun.low) else []
    return not any(is_person(word.text, language) for word in owned)


def _named(before: str, answer: str, quoted: str, sex: Sex) -> Person | None:
    """Return the person that a turn speaks of: who answers "Who …?", else who its question names."""
    language = "de" if _is_german(before) else "en"
    asked = people(before, language) or _carried(before, language)
    known = {word for person in asked for word in person.words}
    found = asked
    if _WHO.search(before):
        told = [*_people(answer), *_people(quoted)]
        found = [person for person in told if not person.words <= known] or asked
    elif not asked:
        found = []
    return next((person for person in found if person.sex in ("", sex)), None)


def _carried(before: str, language: str) -> list[Person]:
    """Return whom an earlier question was completed with, where it was about somebody."""
    bracket = _BRACKET.search(before)
    if bracket is None or not is_of_person(before[: bracket.start()], language):
        return []
    parts = [part.strip() for part in bracket[1].split(",")]
    names = [part for part in parts if len(part.split()) > 1 and all(word[:1].isupper() for word in part.split())]
    return [Person(name, before.index(name), before.index(name) + len(name)) for name in names[:1]]


def _is_german(text: str) -> bool:
    return bool({word.low for word in read(text)} & (FUNCTION_WORDS["de"] - FUNCTION_WORDS["en"]))


def _people(text: str) -> list[Person]:
    return people(text, "de" if _is_german(text) else "en")


def _roles(before: str) -> frozenset[str]:
    """Return what a question calls somebody by what they are: "treasurer"."""
    language = "de" if _is_german(before) else "en"
    row = read(before)
    named = {word for person in people(before, language) for word in person.words}
    return frozenset(
        stem(row[at].text, language)
        for at in nouns(row, language)
        if row[at].low not in named and is_person(row[at].text, language)
    )


def _things(before: str, language: str, sex: Sex) -> frozenset[str]:
    """Return the things of a question before that a German pronoun agrees with, as stems."""
    row = read(before)
    if not _is_german(before):
        return frozenset()
    return frozenset(
        stem(row[at].text, language)
        for at in nouns(row, language)
        if gender(row[at].text) in _GENDERS[sex] and not is_person(row[at].text, language)
    )


def resolved(question: str, language: str, person: Person) -> str:
    """Put the name in the pronoun's place: "What is Ines Kowal's phone number?"."""
    row = read(question)
    pronoun = personal(question, language)
    if pronoun is None:
        return question
    at = row.index(pronoun)
    following = row[at + 1] if at + 1 < len(row) else None
    owning = POSSESSIVE[language].fullmatch(pronoun.low) is not None
    if language == "en":
        owning = owning and following is not None and following.low not in FUNCTION_WORDS["en"]
    elif pronoun.low in ("ihr", "sein"):
        owning = following is not None and following.capital
    name = person.name
    if owning and language == "en":
        name += "'s"
    elif owning:
        name += "'" if name[-1:] in "sßxz" else "s"
    return question[: pronoun.start] + name + question[pronoun.end :]


# --- which sentences are about somebody ------------------------------------------------------------


def is_about(row: Option, referent: Referent) -> bool:
    """Whether a sentence is about somebody: it names them, or goes on about them."""
    document, language = row.passage.document, row.passage.chunk.language
    text = document.text[row.start : row.end]
    if _names(row.in_context, referent.person):
        return not _is_of_namesake(row, referent.person, language)
    if people(row.reading.text, language) or text.startswith("|"):
        return False
    words = read(text)
    if referent.roles & {stem(word.text, language) for word in words}:
        return True
    return _goes_on(row, referent.person, words, language)


def _names(text: str, person: Person) -> bool:
    """Whether a text has the surname, or the first name, of somebody."""
    forms = {word.text for word in read(person.name) if word.capital and len(word.text) > 1}
    said = {word.text for word in read(text)}
    return any(form in said or f"{form}s" in said for form in forms)


def _is_of_namesake(row: Option, person: Person, language: str) -> bool:
    """Whether the surname is another's who has it, too: "Klara Haas", or "Haas" after her."""
    first = read(person.name)[0].low
    if len(person.words) < 2:
        return False
    said = [each for each in people(row.in_context, language) if each.surname == person.surname]
    if any(each.words & {first} for each in said) or first in {word.low for word in read(row.in_context)}:
        return False
    known = [each for each in said if len(each.words) > 1]
    before = known or [each for each in _before(row, language) if each.surname == person.surname]
    return bool(before) and len(before[-1].words) > 1 and first not in before[-1].words


def _before(row: Option, language: str) -> list[Person]:
    document = row.passage.document
    start = max(document.body, row.start - _BEFORE)
    return people(document.text[start : row.start], language)


def _goes_on(row: Option, person: Person, words: Sequence[Word], language: str) -> bool:
    """Whether a sentence that names nobody goes on about somebody, by a pronoun or in the same few lines."""
    document = row.passage.document
    pronoun = any(
        (word.low in PERSONS or (language == "de" and POSSESSIVE["de"].fullmatch(word.low)))
        and not (word.capital and at)
        for at, word in enumerate(words)
    )
    if pronoun and _names(document.title, person):
        return True
    start = max(document.body, row.start - _BEFORE)
    before = document.text[start : row.start]
    if not pronoun:
        before = _BLANK.split(before)[-1]
        if any(len(line) > _LONGEST_LINE for line in [*before.splitlines(), row.reading.text]):
            return False
    return _last_named(before, person, language)


def _last_named(text: str, person: Person, language: str) -> bool:
    """Whether nobody was named in a text after somebody."""
    own = [word.start for word in read(text) if word.text in person.name.split() and word.capital]
    others = [each.start for each in people(text, language) if not each.words & person.words]
    return bool(own) and own[-1] > max(others, default=-1)
