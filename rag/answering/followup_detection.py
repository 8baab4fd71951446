"""Follow-up detection: whether a question hangs on what was said before, and which of its words name a thing.

"When did it fall apart?" hangs: "it" stands for nothing in it. So do "Was anybody hurt?",
which names nothing, and "And according to the company?", which is no sentence. Rules and
short lists for German and English tell, since the embedded LLM is too small to. In doubt a
question stands alone: one completed wrongly is worse than one left short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.answering.followup_wordlists import (
    ADDRESSED,
    ASKING,
    AUXILIARIES,
    BE,
    CONTRACTED,
    COUNT,
    DEMONSTRATIVE,
    DETERMINERS,
    EMPTY,
    EXPLETIVE,
    IDLE,
    JOINTS,
    LEAD,
    NO_VERB,
    OPINION,
    PERSONAL,
    POSSESSIVE,
    PREPOSITIONS,
    SHELLS,
    SOMEBODY,
    SOURCE,
    SPEAKING,
)
from rag.text.language import Word, read
from rag.text.wordlists import ABOUT, FUNCTION_WORDS

_PHRASE = 3  # words: a preposition, one that asks, and a thing
_FORMAL = re.compile(r"Sie|Ihnen|Ihre?[mnrs]?")

# --- does it hang on what was before? ------------------------------------------------------------


def refers_back(question: str, language: str) -> bool:
    """Whether a word of a question, in German or English, stands for something that the question does not name."""
    _, text = led(_spelled_out(question))
    row = read(text)
    return bool(row) and _refers_back(text, row, language)


def names_too_little(question: str, language: str) -> bool:
    """Whether a whole question, in German or English, does not say what it is about: "Was anybody hurt?"."""
    begun, text = led(_spelled_out(question))
    row = read(text)
    if not row or not is_question(row, language) or speaks_to_someone(row):
        return False
    things = nouns(row, language)
    idle = EXPLETIVE[language].search(text) is not None  # "What time is it?"
    if (
        not things
        and not idle
        and not any(_says_something(word, before, language) for before, word in pairwise([row[0], *row]))
    ):
        return True
    if _counts_nothing(text, row, language):
        return True
    # After "and" one thing is too little: "And what does the company say?", but not "And how heavy is the Eye?".
    runs = sum(index - 1 not in things for index in things)
    unnamed = len(things) == 1 and not (language == "en" and row[min(things)].capital)
    return begun and (unnamed or (runs <= 1 and SPEAKING.search(text) is not None))


def _spelled_out(question: str) -> str:
    for pattern, full in CONTRACTED:
        question = pattern.sub(full, question)
    return question


def content(question: str, language: str) -> list[str]:
    """Return the words that say what a question is about: its things, or what else is left of it where it has none."""
    row = read(led(question)[1])
    things = nouns(row, language) if row else set()
    if things:
        return [row[index].text for index in sorted(things)]
    small = FUNCTION_WORDS[language] | AUXILIARIES[language] | PREPOSITIONS | SHELLS[language] | SOMEBODY | IDLE
    said = [word for word in row if word.low not in small and not word.low[0].isdigit() and len(word.low) > 2]
    return [word.text for word in said if not ASKING[language].fullmatch(word.low)]


def is_asking_phrase(question: str, language: str) -> bool:
    """Whether a question is a phrase without a verb: "At what temperature?", "Auf welchem Gleis?"."""
    row = read(led(question)[1])
    return (
        len(row) == _PHRASE
        and row[0].low in PREPOSITIONS
        and ASKING[language].fullmatch(row[1].low) is not None
        and row[2].low not in AUXILIARIES[language]
    )


def is_fragment(question: str, language: str) -> bool:
    """Whether a question is no sentence, but what another ended in: "And in winter?", "According to whom?"."""
    begun, text = led(question)
    row = read(text)
    if not row or len(row) > 10 or is_question(row, language):
        return False
    if speaks_to_someone(row) or any(word.low in AUXILIARIES[language] for word in row):
        return False
    first = row[0]
    if not begun:
        return first.low in PREPOSITIONS and "?" in text
    nominal = first.capital or first.low in PREPOSITIONS | DETERMINERS | ABOUT or first.low[0].isdigit()
    return nominal or len(row) <= 3 or language == "en"  # but "Und kostete das Schiff mehr?"


def led(question: str) -> tuple[bool, str]:
    """Return whether a question begins with "and", "what about" or the like, and what follows."""
    text = question.strip()
    lead = LEAD.match(text)
    return (True, text[lead.end() :]) if lead else (False, text)


def is_question(row: Sequence[Word], language: str) -> bool:
    """Whether there is a word that asks, or one that a yes-or-no question begins with."""
    return row[0].low in AUXILIARIES[language] or any(ASKING[language].fullmatch(word.low) for word in row)


def speaks_to_someone(row: Sequence[Word]) -> bool:
    """Whether it is about the program or the person, in German also as "Sie"."""
    return any(word.low in ADDRESSED or (index and _FORMAL.fullmatch(word.text)) for index, word in enumerate(row))


def _says_something(word: Word, before: Word, language: str) -> bool:
    """Whether a word that is no noun narrows a question down: a figure, and in German a verb of some meaning."""
    if word.low[0].isdigit():
        return True
    bare = EMPTY["de"] | SHELLS["de"]
    asking = ASKING["de"].fullmatch(word.low) or before.low in ("wie", "so", "zu")
    return language == "de" and not asking and word.low not in bare and not _is_participle(word.low)


def nouns(row: Sequence[Word], language: str, shells: bool = False) -> set[int]:
    """Return which words name a thing: in German the capitalised ones, in English those left over."""
    empty = EMPTY[language]
    small_type = language == "de" and not any(word.capital for word in row[1:])
    found = set()
    for index, word in enumerate(row):
        before = row[index - 1].low if index else ""
        first = language == "de" and index == 0 and len(row) > 2
        if (
            word.low[0].isdigit()
            or (word.low in SHELLS[language] and not shells and not (language == "en" and word.capital and index))
            or ASKING[language].fullmatch(word.low)
        ):
            continue
        if len(word.low) < 2 and (index + 1 == len(row) or row[index + 1].gap not in ("", "-")):
            continue  # "I", but not the T of "T3"
        if word.capital and index > 0:
            formal = language == "de" and word.low in FUNCTION_WORDS["de"]
            if not formal:
                found.add(index)
        elif language == "de":
            if not first and (word.capital or small_type) and word.low not in empty and not _is_participle(word.low):
                found.add(index)
        elif before not in ("how", "who") and before not in SOMEBODY:  # "was anybody hurt"
            named = before in DETERMINERS and word.low not in FUNCTION_WORDS["en"] and word.low not in PREPOSITIONS
            if (word.low not in empty and not _is_past(word.low)) or (
                named and word.low not in AUXILIARIES["en"] and _closes(row, index, empty)
            ):
                found.add(index)
    return found


def _closes(row: Sequence[Word], index: int, empty: frozenset[str]) -> bool:
    """Whether nothing of a noun phrase follows: "the work" but not "the first ferry"."""
    return index + 1 == len(row) or row[index + 1].low in empty or bool(row[index + 1].gap.strip())


def _is_past(low: str) -> bool:
    return low.endswith("ed") and len(low) > 4 and low not in NO_VERB


def _is_participle(low: str) -> bool:
    return re.fullmatch(r"(ge|ver|be|er|ent|zer)\w+(t|en)|\w+iert", low) is not None


def _counts_nothing(text: str, row: Sequence[Word], language: str) -> bool:
    """Whether it asks how many, but not of what: "How many are in Trebbach?", "Wie viele griechische?"."""
    match = COUNT.search(text)
    if not match:
        return False
    after = match.group(1).lower()
    if not after or after in AUXILIARIES[language]:
        return True
    rest = [word for word in row if word.start >= match.start(1)]
    return language == "de" and text.lstrip()[0].isupper() and not any(word.capital for word in rest)


def _refers_back(text: str, row: Sequence[Word], language: str) -> bool:
    """Whether a pronoun or demonstrative stands for something that the question does not name."""
    named = nouns(row, language, shells=True)
    match = DEMONSTRATIVE[language].search(text)
    if match and not _clause_before(row, match.start(), named) and not _which_of_it(row, match, named):
        return True
    if language == "en" and any(_is_place(row, index) for index, word in enumerate(row) if word.low == "there"):
        return True
    empty = EXPLETIVE[language].search(text) is not None
    opinion = OPINION.search(text)
    for index, word in enumerate(row):
        if index and (word.capital or not word.gap):
            continue  # "Sie" and "Ihr" are the person spoken to; "1970er" is no "er"
        if _owns(row, index, language):
            viewed = opinion is not None and opinion.start() == word.start
            if not _owner(row, index, named, language, viewed):
                return True
        elif word.low in PERSONAL[language] and not (empty and word.low in ("it", "es")):
            announces = index + 1 < len(row) and "," in row[index + 1].gap and word.low.startswith("da")
            if not announces and not _named_before_joint(row, index, named):
                return True
    return False


def _clause_before(row: Sequence[Word], position: int, named: set[int]) -> bool:
    """Whether a clause before `position`, closed with a comma, names something."""
    commas = [at for at, word in enumerate(row) if "," in word.gap and word.start <= position]
    return any(at < max(commas, default=0) for at in named)


def _which_of_it(row: Sequence[Word], match: re.Match[str], named: set[int]) -> bool:
    """Whether "which one" asks about what the question has just named: "Where is the key, and which one is it?"."""
    return match.group().lower().startswith("which one") and any(row[at].start < match.start() for at in named)


def _is_place(row: Sequence[Word], index: int) -> bool:
    """Whether "there" is a place: "had she been there", but not "are there" or "there is"."""
    before = row[index - 1].low if index else ""
    after = row[index + 1].low if index + 1 < len(row) else ""
    return before not in BE | {"has", "have", "had", "will", "would", "could", "can"} and after not in BE | {"been"}


def _owns(row: Sequence[Word], index: int, language: str) -> bool:
    word = row[index]
    if not POSSESSIVE[language].fullmatch(word.low):
        return False
    following = row[index + 1] if index + 1 < len(row) else None
    if language == "de" and word.low in ("sein", "ihr"):  # "to be" and "to her", unless a thing follows
        return following is not None and following.capital and following.low not in FUNCTION_WORDS["de"]
    return following is not None and (language == "de" or following.low not in FUNCTION_WORDS["en"])


def _owner(row: Sequence[Word], index: int, named: set[int], language: str, viewed: bool) -> bool:
    """Whether something earlier in the question may own what follows: "Which firm sold its ship?"."""
    before = [at for at in named if at < index]
    if language == "en" and (viewed or row[index].low in ("his", "her")):
        before = [at for at in before if row[at].capital or (not viewed and row[at - 1].low in ("the", "a", "an"))]
    direct = index > 0 and row[index - 1].low in AUXILIARIES[language]
    subject = any(re.fullmatch(r"welch\w*|which", word.low) for word in row[:2])
    if viewed or (direct and not subject):  # "Which state could, in his view …", "How many rooms does its …"
        joined = [at for at in range(index) if row[at].low in AUXILIARIES[language]]
        before = [at for at in before if at > min(joined, default=-1)]
    return bool(before)


def _named_before_joint(row: Sequence[Word], index: int, named: set[int]) -> bool:
    """Whether a clause before names something: only there may a pronoun's thing be (Chomsky's Principle B, 1981)."""
    joint = max(
        (at for at in range(index + 1) if row[at].low in JOINTS or row[at].gap.strip() in (",", ";", ":")), default=-1
    )
    if 0 < index < len(row) - 1 and row[index + 1].low in AUXILIARIES["en"] - {"do", "does", "did"}:
        stops = (AUXILIARIES["en"] | PREPOSITIONS | FUNCTION_WORDS["en"]) - {"say", "says", "said"}
        if row[index - 1].low not in stops:
            joint = index  # "Did the firm say it would move?"
    source = SOURCE.match(row[0].low + " " + row[1].low) if len(row) > 1 else None
    return source is None and any(at < joint for at in named)


def source(text: str) -> tuple[int, int] | None:
    """Return the span of "according to …" or "laut …" with the one it names."""
    match = SOURCE.search(text)
    if not match:
        return None
    end, named = match.end(), False
    for word in read(text):
        if word.start < match.end():
            continue
        part = word.capital or word.low in DETERMINERS or (not named and word.low in FUNCTION_WORDS["de"])
        plain = not any(word.low in small for small in EMPTY.values())
        if word.gap.strip() or not (part or (plain and (not named or text[match.start()].lower() in "ai"))):
            break
        named = named or word.capital
        end = word.end
    return match.start(), end
