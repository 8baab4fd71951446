"""The persons that a text names, and where: "Kassenwartin Silke Brodersen", "Mr Kerr", "Marek Zielinski".

Told without a list of names: a word is a name after a title, or after what a person is; or two are that begin with a
word that means nothing else, and do not end as a street or a club does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answering.person_names import is_kind, is_person
from rag.answering.question_wordlists import TITLES
from rag.lexicon import open_lexicon
from rag.lexicon.senses import listed
from rag.text.language import Word, read
from rag.text.wordlists import FUNCTION_WORDS

Sex = Literal["m", "f", ""]

_MOST = 5  # words of a name with what stands before it
_NO_NAME = (
    "location",
    "way",
    "road",
    "structure",
    "group",
    "event",
    "act",
    "writing",
    "body",
)  # of which the last word is one
_SEX: dict[str, Sex] = {"mr": "m", "herr": "m", "herrn": "m", "mrs": "f", "ms": "f", "miss": "f", "frau": "f"}
_TITLES = frozenset({*TITLES["de"], *TITLES["en"], *_SEX})
_SMALL = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a text names them: the name without titles, where it stands, and what a title says of their sex."""

    name: str
    start: int
    end: int
    sex: Sex = ""

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word.low for word in read(self.name))

    @property
    def surname(self) -> str:
        return read(self.name)[-1].low


def people(text: str, language: str) -> list[Person]:
    """Return the persons that a text names, in order."""
    found = []
    for before, run in _runs(read(text)):
        if (person := _named(before, run, language)) is not None:
            found.append(person)
    return found


def _runs(row: Sequence[Word]) -> Iterator[tuple[Word | None, list[Word]]]:
    """Yield the runs of words with a capital, and the word before each, if it is near."""
    run: list[Word] = []
    before: Word | None = None
    for at, word in enumerate(row):
        joined = bool(run) and word.gap in (" ", "-", ". ") and (word.gap != ". " or _is_short(run[-1]))
        if word.capital and word.text.isalpha() and word.low not in _SMALL:
            if not joined:
                if run:
                    yield before, run
                before, run = (row[at - 1] if at and word.gap in (" ", ", ") else None), []
            run.append(word)
        elif run:
            yield before, run
            run = []
    if run:
        yield before, run


def _is_short(word: Word) -> bool:
    return word.low in _TITLES or len(word.text) == 1  # "Dr. Krumm", "J. Pell"


def _named(before: Word | None, run: Sequence[Word], language: str) -> Person | None:
    """Return the person that a run of words with capitals names, if it is sure to."""
    if len(run) > _MOST:
        return None
    led = [at for at, word in enumerate(run[:-1]) if word.low in _TITLES or is_person(word.text, language)]
    first = led[-1] + 1 if led else 0
    told: list[Sex] = [_SEX[word.low] for word in run[:first] if word.low in _SEX]
    sex: Sex = told[0] if told else ""
    name = run[first:]
    if led and len(name) == 1 and run[led[-1]].low not in _TITLES:
        name = run[led[-1] :]  # "Peter" is what somebody is called, and what somebody is
    described = before is not None and before.text.islower() and is_person(before.text, language)
    if not led and not described and (len(name) < 2 or not _may_be_name(name, language)):
        return None
    if not _may_end(name[-1].text, language) and not sex:
        return None
    said = " ".join(word.text for word in name)
    return Person(said, name[0].start, name[-1].end, sex)


def _may_be_name(name: Sequence[Word], language: str) -> bool:
    """Whether no part but the last of some words means anything else."""
    return all(len(word.text) == 1 or not _means(word.text, language) for word in name[:-1])


def _may_end(word: str, language: str) -> bool:
    return not is_kind(word, _NO_NAME, language, 2)


def _means(word: str, language: str) -> bool:
    if language == "en":
        return listed(word) and not is_person(word, "en")
    lexicon = open_lexicon(language)
    found = lexicon.words.word(word).translations if lexicon is not None else ()
    return any(each.english.lower() != word.lower() for each in found[:1])
