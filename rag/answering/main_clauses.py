"""Main clauses inside longer sentences: what is quoted without who says it, and what remains without what is put in.

What is left out becomes blanks, so that all that remains stands where it stood. It is told by the small words and
the commas of the language; a clause that is not sure to be whole is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answering.question_clauses import is_german_past
from rag.answering.question_wordlists import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    ENGLISH_PASTS,
    GOES_ON,
    LEADS,
    PREPOSITIONS,
)
from rag.answering.reported_speech import reports
from rag.lexicon.senses import base_of_verb
from rag.text.numbers import find

Part = tuple[int, int]

_QUOTED = re.compile(r"[„“\"»«](?P<said>[^„“”\"»«]+)[“”\"»«](?P<frame>,?\s[^„“”\"»«]+)")
_OPENED = re.compile(r"[„“\"»«](?=[^„“”\"»«]+$)")
_ASIDE = re.compile(r"\s*\([^()]*\)|\s[–—]\s[^–—]+\s[–—](?=\s)")
_AFTER = re.compile(r"\s*(?:;|\s[–—])\s")
_BECAUSE = re.compile(r"\s(?:because|although|whereas|while|so that)\s")
_AND = re.compile(r"\s(?:und|and)\s(?P<next>\w+)")
_COMMA = re.compile(r",(?=\s)")
_LISTED = re.compile(r"\b(?:and|or|but|nor)\b")
_LONGEST = 600  # characters of a sentence that is taken apart
_JOINED = {
    language: words & frozenset("und aber doch sondern denn but and so".split()) for language, words in GOES_ON.items()
}
_VERB_ENDINGS = ("t", "te", "ten", "en", "rn", "ln")
_RELATIVES = frozenset("der die das den dem deren dessen denen welcher welche welches wo which whom whose".split())


def main_clauses(text: str, language: str) -> Iterator[str]:
    """Yield a sentence and the plainer ones inside it, each of which ends with a full stop."""
    text = text.rstrip()
    yield text
    if len(text) > _LONGEST:
        return
    seen = {text}
    for whole in _wholes(text, language):
        for found in (whole, *_without_inserts(whole, language)):
            if found not in seen:
                seen.add(found)
                yield found


def _wholes(text: str, language: str) -> Iterator[str]:
    """Yield what is said: without quotation marks, asides, and what follows a semicolon or a dash."""
    if quoted := _QUOTED.fullmatch(text.removesuffix(".")):
        text = f" {quoted['said'].rstrip(' ,.')}."
    elif _OPENED.match(text):
        text = f" {text[1:]}"
    for aside in _ASIDE.finditer(text):
        text = _blank(text, *aside.span())
    yield text
    for after in (_AFTER.search(text), _BECAUSE.search(text)):
        if after is not None:
            yield f"{text[: after.start()]}."
    for joint in _AND.finditer(text):
        if _is_verb(joint["next"], language) and not (language == "de" and _is_open(text[: joint.start()])):
            yield f"{text[: joint.start()]}."


def _is_open(clause: str) -> bool:
    """Whether a German clause has an auxiliary whose verb is still to come."""
    words = clause.split()
    return any(word.lower() in AUXILIARIES["de"] for word in words) and not words[-1].endswith(("t", "n"))


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _without_inserts(text: str, language: str) -> Iterator[str]:
    parts = _parts(text)
    if len(parts) > 1 and language == "en" and _leads(text, parts[0]):
        start = parts[1][0]
        begun = " " * start + text[start].upper() + text[start + 1 :]
        yield from (begun, *_without_inserts(begun, language))
        return
    for put_in in (0, 1, 2):
        last = parts[put_in + 1 :][:1] if put_in else parts[:1]
        if not last or (put_in and not _put_in(text, parts[0], parts[1 : put_in + 1], last[0], language)):
            continue
        following = parts[put_in + 2 if put_in else 1 :]
        if following and not _may_be_left_out(text, following, language):
            continue
        cut = f"{text[: last[0][1]]}."
        yield _blank(cut, parts[0][1], last[0][0]) if put_in else cut


def _parts(text: str) -> list[Part]:
    """Return what the commas part, without the full stop."""
    begins, ends = [0], list[int]()
    for comma in _COMMA.finditer(text):
        ends.append(comma.start())
        begins.append(comma.end() + 1)
    return list(zip(begins, [*ends, len(text.removesuffix("."))], strict=True))


def _words(text: str, part: Part) -> list[str]:
    return text[slice(*part)].split()


def _leads(text: str, part: Part) -> bool:
    """Whether an English sentence begins with what only leads to it, and holds no figure that it is about."""
    words = _words(text, part)
    return bool(words) and words[0].lower() in LEADS and not find(text[slice(*part)])


def _is_definite(words: Sequence[str]) -> bool:
    """Whether German words name one that is known, of which a relative clause only tells more: no "ein Schiff"."""
    article = next((word.lower() for word in reversed(words) if word.lower() in ARTICLES["de"]), "")
    return article.startswith("d") or (not article and len(words) > 1)


def _put_in(text: str, before: Part, between: Sequence[Part], after: Part, language: str) -> bool:
    """Whether words between commas are put into a clause: a relative clause, an apposition, a condition."""
    words, goes_on = _words(text, (between[0][0], between[-1][1])), _words(text, after)
    if not words or not goes_on:
        return False
    if _subordinate(words, language):
        return language == "en" or (_is_verb(words[-1], language) and _is_definite(_words(text, before)))
    named = words[0].lower() in ARTICLES[language] or words[0][0].isupper() or _is_past(words[0], language)
    small = any(word.lower() in CONJUNCTIONS[language] for word in words) and not _is_past(words[0], language)
    return len(between) == 1 and named and not small and _is_verb(goes_on[0], language)


def _subordinate(words: Sequence[str], language: str) -> bool:
    low = [word.lower() for word in words[:3]]
    if low[0] in PREPOSITIONS[language] and len(low) > 1:
        return low[1] in _RELATIVES and (language == "en" or _is_verb(words[-1], language))
    return low[0] in GOES_ON[language] - _JOINED[language] or (language == "en" and bool({"which", "whose"} & {*low}))


def _may_be_left_out(text: str, following: Sequence[Part], language: str) -> bool:
    """Whether the rest of a sentence is no part of its first clause: other clauses, or who says it."""
    words = _words(text, following[0])
    if not words or _subordinate(words, language) or words[0].lower() in _JOINED[language] | {"dieser", "diese"}:
        return bool(words)
    rest = text[following[0][0] : following[-1][1]]
    if reports(rest) and not find(rest):
        return True
    return language == "en" and words[0].islower() and not _LISTED.search(rest)


def _is_past(word: str, language: str) -> bool:
    return (
        language == "en"
        and word.islower()
        and (word in ENGLISH_PASTS or base_of_verb(word) not in ("", word))
        and (not word.endswith("s"))
    )


def _is_verb(word: str, language: str) -> bool:
    low = word.lower()
    if not word.islower() or low in PREPOSITIONS[language] | ARTICLES[language] | CONJUNCTIONS[language]:
        return False
    if low in AUXILIARIES[language]:
        return True
    return is_german_past(low) or low.endswith(_VERB_ENDINGS) if language == "de" else _is_past(word, "en")
