"""Reported speech: who says what a sentence says: "laut Kyjiw", "according to the ministry", "…, sagte Haldane".

Sources that disagree may stand in one document: then it matters that they are two. A speaker is found as
the subject of a verb of saying or counting, or after a preposition that names a source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.text.language import Word, read
from rag.text.wordlists import FUNCTION_WORDS

_SMALL = frozenset().union(*FUNCTION_WORDS.values())
_VERB = re.compile(
    r"(say|put|believe|think|reckon|announce|confirm|declare|insist|maintain|argue|calculate|assume|suggest|speak)s?|"
    r"(report|state|claim|estimate|count|fear|cite|record|warn|mention|note|find)s|"
    r"(report|stat|claim|estimat|count|believ|reckon|announc|confirm|declar|fear|insist|maintain|argu|cit|record|"
    r"calculat|assum|suggest|warn|mention|not)ed|said|thought|told|wrote|writes?|spoke|found|gave|gives|"
    r"(sag|meld|schätz|nenn|zähl|rechn|glaub|bericht|bestätig|erklär|behaupt|mein|betont?|warn|fürcht|ermittel|"
    r"beziffer|veranschlag|versicher|vermut|verzeichn|errechn|mitteil|ausgeh|angeb)(e?t|e?te|en|e?ten|n)|"
    r"schreib(t|en)|schrieb(en)?|sprich|spricht|sprechen|sprach(en)?|nannten?|gaben?|gibt|geben|gehen|geht|ging(en)?|"
    r"kam(en)?|kommt|kommen",
    re.IGNORECASE,
)
# Verbs of saying only with a particle or preposition later in the sentence: "gibt … an", "geht von … aus".
_WITH = {"gab": "an", "gaben": "an", "gibt": "an", "geben": "an", "gehen": "aus", "geht": "aus", "ging": "aus"} | {
    "gingen": "aus", "kam": "auf", "kamen": "auf", "kommt": "auf", "kommen": "auf", "gave": "as", "gives": "as",
}  # fmt: skip
_HAVING = frozenset("hat haben hatte hatten has have had".split())
_SAID = re.compile(
    r"angegeben|beziffert|geschätzt|gemeldet|genannt|gesprochen|gesagt|berichtet|erklärt|gezählt|ermittelt|mitgeteilt|"
    r"said|reported|estimated|counted|put|stated|claimed|spoken|told|announced",
    re.IGNORECASE,
)
# Who says what is said: "laut", "according to".
SOURCE = re.compile(
    r"\b(?:laut|according to|in the view of|in the words of|nach (?:de[nrm] |eigenen |jüngsten )?(?:Angaben?|Worten|"
    r"Ansicht|Einschätzung(?:en)?|Schätzung(?:en)?|Erkenntniss?e?n?|Zählung(?:en)?|Berechnung(?:en)?|Auskunft|Meinung|"
    r"Darstellung|Informationen|Bericht(?:en)?|Aussagen?|Zahlen)(?: (?:von|aus))?)\s",
    re.IGNORECASE,
)
_PASSIVE = frozenset("is are was were be been being wird werden wurde wurden to zu".split())
_BREAK = re.compile(r"[,;:.!?–—()|·\"„“”»«]")
_JOINING = frozenset("and or but und oder aber that dass while während".split())
_MOST = 6  # words of a speaker
_LINKS = frozenset("of the for in".split())
_TITLE = 4  # words before a speaker's name: "the society's treasurer, Tom Iles"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something: the words that name them, and all words that only report, by their place in the sentence."""

    words: tuple[Word, ...] = ()
    reporting: frozenset[int] = frozenset()


def speaker(
    row: Sequence[Word], text: str, figure: tuple[int, int], known: Callable[[Word], bool], language: str
) -> Speaker:
    """Return who says the figure that stands in `text[slice(*figure)]`; nobody where the text itself does.

    `row` are the words of `text`; words that are `known` from the question name no speaker.
    """
    names, reporting = list[Word](), set[int]()
    for at, source in _sources(row, text):
        named = _after(row, at, figure, language)
        names += named
        within = [word for word in row if source[0] <= word.start < source[1]]
        reporting |= {word.start for word in (*named, *within)}
    for at, word in enumerate(row):
        if not _reports(row, at) or known(word):
            continue
        named = _before(row, at, figure, language) or _after(row, at + 1, figure, language)
        named = [name for name in named if not known(name)]
        if not named and at and _BREAK.search(word.gap) and row[0].start < word.start < figure[0]:
            named = [name for name in _after(row, 0, figure, language) if not known(name)]
            reporting |= {each.start for each in row[:at]} if named else set()  # "The firm, which …, puts it at"
        if named:
            names += named
            reporting |= {word.start, *(name.start for name in named)}
    return Speaker(tuple(name for name in names if not known(name)), frozenset(reporting))


def sources(text: str) -> list[str]:
    """Return the names that stand after "laut", "according to" and the like, also set apart: "the chair, Tom Iles,"."""
    row, found = read(text), list[str]()
    for at, _ in _sources(row, text):
        begin = next((n for n in range(at, min(at + _TITLE, len(row))) if row[n].capital), len(row))
        end = begin + 1
        while end < len(row) and (row[end].capital or row[end].low in _LINKS) and not _breaks(row[end]):
            end += 1
        apart = any(map(_breaks, row[at + 1 : begin + 1]))
        if not apart or end >= len(row) or _breaks(row[end]):  # else "According to the minutes, Tom Iles paid"
            found += [word.text for word in row[begin:end] if word.capital]
    return found


def _breaks(word: Word) -> bool:
    return bool(_BREAK.search(word.gap))


def reports(text: str) -> bool:
    """Whether a text says that somebody says something."""
    row = read(text)
    return bool(_sources(row, text)) or any(_reports(row, at) for at in range(len(row)))


def _sources(row: Sequence[Word], text: str) -> list[tuple[int, tuple[int, int]]]:
    """Return where the names after "laut" and its like begin, and where these words stand."""
    found = []
    for match in SOURCE.finditer(text):
        at = next((at for at, word in enumerate(row) if word.start >= match.end()), len(row))
        found.append((at, match.span()))
    for at, word in enumerate(row):
        if word.low == "zufolge":
            back = at
            while back and not _BREAK.search(row[back].gap) and at - back < _MOST:
                back -= 1
            found.append((back, (word.start, word.end)))
    return found


def _reports(row: Sequence[Word], at: int) -> bool:
    word = row[at]
    if word.low in _HAVING:
        return any(_SAID.fullmatch(later.text) for later in row[at + 1 :])
    if not _VERB.fullmatch(word.text) or (at and row[at - 1].low in _PASSIVE):
        return False
    particle = _WITH.get(word.low)
    return particle is None or any(later.low == particle for later in row[at + 1 :])


def _before(row: Sequence[Word], at: int, figure: tuple[int, int], language: str) -> list[Word]:
    """Return the words of the subject that stands before a verb."""
    found: list[Word] = []
    while at > 0 and len(found) < _MOST and not _BREAK.search(row[at].gap):
        at -= 1
        word = row[at]
        if figure[0] <= word.start < figure[1] or word.text[0].isdigit() or word.low in _JOINING:
            break
        if _names(word, language):
            found.append(word)
    return found[::-1]


def _after(row: Sequence[Word], at: int, figure: tuple[int, int], language: str) -> list[Word]:
    """Return the words of the name that begins at `row[at]`."""
    found: list[Word] = []
    for index in range(at, min(at + _MOST, len(row))):
        word = row[index]
        inside = figure[0] <= word.start < figure[1] or word.text[0].isdigit()
        if inside or (index > at and _BREAK.search(word.gap)) or (found and not _goes_on(word, language)):
            break
        if _names(word, language):
            found.append(word)
    return found


def _names(word: Word, language: str) -> bool:
    """Whether a word may name a speaker: in German it has a capital."""
    return word.low not in _SMALL and (word.capital or language != "de")


def _goes_on(word: Word, language: str) -> bool:
    """Whether a name may go on with this word: "der Polizei von Bonn", "the mayor of Bath"."""
    if language == "de":
        return word.capital or word.low in ("der", "des", "von", "für", "und", "dem", "den")
    return word.low not in _SMALL or word.low in _LINKS
