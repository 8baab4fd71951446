"""Query rewriting: a follow-up question made to stand alone: "When did it fall apart?" gains what "it" is.

What a question lacks (see `followup_detection`) is added in brackets: the things that the question
before names. So nothing that the person wrote is changed, and they see what was added. A
mere fragment ("And the year before?") is put into the earlier question instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.followup_detection import is_fragment, is_question, nouns, source
from rag.answering.followup_features import NO_GROUND, Ground, follows
from rag.answering.followup_fragments import swapped
from rag.answering.followup_wordlists import (
    AUXILIARIES,
    DETERMINERS,
    EMPTY,
    LEAD,
    PERSONS,
    PREPOSITIONS,
    SOMEBODY,
)
from rag.answering.referents import referent
from rag.text.language import Word, detect, read, stem
from rag.text.number_wordlists import MONTHS, YEAR
from rag.text.wordlists import ABBREVIATIONS, FUNCTION_WORDS

LONGEST = 2000  # characters; what is completed never gets longer
_LONG_ENOUGH = 300  # a question this long names its subject, and nothing is woven into one
_TURNS = 10  # so far back it may be that a question named something
_MOST_PHRASES = 3  # of the topic
_MOST_WORDS = 8  # of these
_MOST_CARRIED = 5  # words of these, at most so many from further back: the latest subject needs room
_LONGEST_WORD = 40

_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_TAIL = re.compile(r"\s–\s(?:and|und)\b.*$", re.I | re.S)
_WHO = re.compile(r"\b(who|whom|whose|wer|we[mn]|wessen)\b", re.I)
_DATIVE = re.compile(r"(?:(?:und|aber|oder)[\s,]+)?(?:was|wie)\b", re.I)  # "Was ist mit der Brücke?"
_PLAIN_YEAR = re.compile(YEAR)


def standalone(question: str, earlier: Sequence[tuple[str, str]], quoted: str = "", ground: Ground = NO_GROUND) -> str:
    """Return `question` so that it can be understood without the questions before it.

    `earlier` are the turns before, oldest first: each question as this function returned it, so
    that a topic is carried through a chain, and the words that answered it (what is marked in
    the first citation; "" where the documents said nothing), which are wanted for "she" after
    "Who …?". Nothing is taken from a question further back than the last one, as it was completed. `quoted` is what
    was quoted last, where what is spoken of is named, too, and `ground` tells where the question's words are spoken of.

    The question comes back unchanged, to the letter, where it stands alone, where it ends in brackets already, and
    where there is nothing to add. Otherwise it gains a few words, and is at most LONGEST characters long. German and
    English; what is added stays in its language, so tell the language from `question`, not from the result.
    """
    if len(question) > _LONG_ENOUGH or _BRACKETS.search(question):
        return question
    language = detect(question, ("de", "en"))
    before = _opened(earlier[-1][0][:LONGEST])[0] if earlier else ""
    if not follows(question, language, before, quoted[:LONGEST], ground):
        return question
    somebody = referent(question, language, earlier, quoted[:LONGEST])
    fragment = is_fragment(question, language) and not somebody
    for before, answer in reversed(earlier[: somebody.turn + 1] if somebody else earlier[-_TURNS:]):
        whole, carried = _opened(before[:LONGEST])
        asked = detect(whole, ("de", "en"))
        topic = _topic(whole, carried, asked)
        row = read(whole)
        if not somebody and not topic and not (row and is_question(row, asked)):
            continue  # a "thanks" between two questions
        if fragment and asked == language and (filled := _filled(question, whole, carried, language)):
            return filled
        if somebody:
            name = somebody.person.name
            if name in carried:  # what was asked about them since does not matter
                topic = [name, *(part for part in carried if part != name)]
            elif not any(name in part for part in topic):
                topic = [name, *topic]
        elif _WHO.search(whole) and (not topic or any(word.low in PERSONS for word in read(question))):
            topic = [*_full_name(answer[:LONGEST], whole), *topic]
        topic = _fresh(topic, question, language)
        return f"{question.strip()} ({', '.join(topic)})" if topic else question
    return question


# --- what the question before was about ----------------------------------------------------------


def _opened(question: str) -> tuple[str, list[str]]:
    """Split an earlier question into itself and the topic that it carries in brackets."""
    match = _BRACKETS.search(question)
    if not match:
        return question.strip(), []
    carried = (" ".join(re.findall(r"[\w.'’-]+", part)) for part in match.group(1).split(","))
    return question[: match.start()].strip(), [part for part in carried if part]


def _topic(whole: str, carried: Sequence[str], language: str) -> list[str]:
    """Return what an earlier question names, and what it carries, within _MOST_WORDS words."""
    further = _within(_MOST_CARRIED, carried)
    cited = source(whole)  # who said so is no part of what it is about
    own = _phrases(f"{whole[: cited[0]]}, {whole[cited[1] :]}" if cited else whole, language)
    own = [phrase for phrase in own if phrase not in further]
    further = further[-max(1, _MOST_PHRASES - len(own)) :]  # the first subject stands last
    room = _MOST_WORDS - len(" ".join(further).split())
    return _within(room, own[: _MOST_PHRASES - len(further)]) + further


def _within(room: int, phrases: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for phrase in phrases:
        short = all(len(word) <= _LONGEST_WORD for word in phrase.split())
        if short and len(" ".join([*kept, phrase]).split()) <= room:
            kept.append(phrase)
    return kept


def _phrases(text: str, language: str) -> list[str]:
    """Return the noun phrases of `text`, in order, with their adjectives and figures."""
    row = read(text)
    things = nouns(row, language)
    inside = things | {index for index, word in enumerate(row) if word.low[0].isdigit()}
    if language == "en":
        inside |= {at for at in range(1, len(row)) if at not in things and _belongs(row, at, things)}
    if language == "de":
        inside |= {at for at in range(1, len(row)) if at + 1 in things and _is_adjective(row[at], row[at - 1])}
    else:
        inside -= _called_for(row, things)
    runs: list[tuple[int, int]] = []
    for index in sorted(inside):
        word = row[index]
        if runs and runs[-1][1] == row[index - 1].end and _goes_on(row[index - 1], word):
            runs[-1] = (runs[-1][0], word.end)
        else:
            runs.append((word.start, word.end))
    found = [" ".join(text[start:end].split()) for start, end in runs]
    return [phrase for phrase in dict.fromkeys(found) if not re.fullmatch(r"\d{1,3}", phrase)]


def _belongs(row: Sequence[Word], at: int, things: set[int]) -> bool:
    """Whether a word that looks like a verb is part of a name: "flaked salt", "the salt works at Pell"."""
    word, before = row[at], row[at - 1]
    if word.gap.strip() or word.low in PREPOSITIONS | FUNCTION_WORDS["en"] | AUXILIARIES["en"] | SOMEBODY:
        return False
    if word.low.endswith("ed"):
        return at + 1 in things and before.low in DETERMINERS | PREPOSITIONS | AUXILIARIES["en"]
    closed = at + 1 < len(row) and row[at + 1].low in PREPOSITIONS
    headed = at > 1 and row[at - 2].low in ("the", "a", "an", "this")
    return word.low.endswith("s") and at - 1 in things and headed and closed


def _goes_on(before: Word, word: Word) -> bool:
    """Whether two words stand together: "4. November", "UN-Charta", "T3", but not "Trebbach 2024"."""
    if _PLAIN_YEAR.fullmatch(word.text) and before.low not in MONTHS:
        return False
    return word.gap in ("", " ", "-") or (word.gap == ". " and (before.text.isdigit() or before.low in ABBREVIATIONS))


def _is_adjective(word: Word, before: Word) -> bool:
    """Whether a lower-case word before a German noun belongs to it: "viele nordkoreanische Soldaten"."""
    attributive = re.fullmatch(r"\w{2,}e[nmrs]?", word.low) is not None and word.low not in EMPTY["de"]
    return attributive and not word.capital and (before.low in DETERMINERS or before.low in PREPOSITIONS)


def _called_for(row: Sequence[Word], things: set[int]) -> set[int]:
    """Return the verb that "do" calls for, if it was taken for a thing: "did Germany promise"."""
    do = next((index for index, word in enumerate(row) if word.low in ("do", "does", "did")), len(row))
    verbs = EMPTY["en"] - PREPOSITIONS - FUNCTION_WORDS["en"]
    run: list[int] = []
    for index in range(do + 1, len(row)):
        if index in things:
            run.append(index)
        elif run and row[index].low in verbs:  # it comes now
            return set()
        elif run:
            return _later(row, things, verbs, index) if row[index].low in PREPOSITIONS else _last_plain(row, run)
    return _last_plain(row, run)


def _later(row: Sequence[Word], things: set[int], verbs: frozenset[str], start: int) -> set[int]:
    """Return the verb that stands after what belongs to its subject: "did the flood in Henwick destroy"."""
    for index in range(start + 1, len(row)):
        if row[index].low in verbs:
            return set()
        if index in things and not row[index].capital and index - 1 in things and row[index - 1].capital:
            return {index}
    before = [index for index in things if index < start]
    run = [index for index in before if all(at in things for at in range(index, start))]
    return _last_plain(row, sorted(run))


def _last_plain(row: Sequence[Word], run: Sequence[int]) -> set[int]:
    return {run[-1]} if len(run) > 1 and not row[run[-1]].capital else set()


def _full_name(answer: str, asked: str) -> list[str]:
    """Return the first name in the words that answered "Who …?", unless the question held it."""
    for phrase in _phrases(f"von {answer}", "de"):  # where capitals count
        parts = phrase.split()
        name = parts[next((at for at, part in enumerate(parts) if part[0].isupper()), len(parts)) :]
        if name and not any(part in asked for part in name):
            return _within(_MOST_CARRIED, [" ".join(name)])
    return []


def _fresh(topic: Sequence[str], question: str, language: str) -> list[str]:
    """Leave out what the question says itself."""
    said = {stem(word.text, language) for word in read(question)}
    return [part for part in topic if not all(stem(word.text, language) in said for word in read(part))]


# --- fragments -----------------------------------------------------------------------------------


def _filled(question: str, whole: str, carried: Sequence[str], language: str) -> str:
    """Return the earlier question with the fragment in it; "" where that would not read well."""
    fragment = " ".join(LEAD.sub("", question.strip(), count=1).split()).rstrip(" ?!.")
    if fragment.split()[0].lower() in PREPOSITIONS:
        fragment = fragment[0].lower() + fragment[1:]
    body = _TAIL.sub("", " ".join(whole.split())).rstrip(" ?!.")
    if not body.isprintable() or not fragment.isprintable() or len(body) > _LONG_ENOUGH:
        return ""
    joint = "und" if language == "de" else "and"
    filled = swapped(fragment, body, language)
    if not filled and _DATIVE.match(question.strip()):
        return ""
    filled = filled or f"{body} – {joint} {fragment}"
    topic = _fresh(_within(_MOST_CARRIED, carried), filled, language)
    return f"{filled}? ({', '.join(topic)})" if topic else f"{filled}?"
