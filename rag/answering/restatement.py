"""Restatement: what of a sentence is its question's or its quote's, and what is its writer's own.

That a quote answers is the reader's to say. What a small model adds of its own is what goes wrong: a word that stands
nowhere, a figure in another unit, a "not" too many. So every word of a sentence is held against the question and the
quote, across languages by what the lexicon gives for it; and every word that answers is looked for in the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rag.answering.attribution import missing_numbers, names_nobody, unnamed
from rag.answering.reported_speech import reports, sources
from rag.lexicon import open_lexicon
from rag.lexicon.query_terms import glossed
from rag.lexicon.senses import part_of_speech
from rag.text.foreign_numbers import in_english
from rag.text.language import stem, stems, words
from rag.text.number_wordlists import HEDGES_BEFORE
from rag.text.numbers import Quantity, find
from rag.text.wordlists import FUNCTION_WORDS

_NEGATION = {
    "en": frozenset("not no never nobody none nothing neither nor cannot without hardly barely non".split()),
    "de": frozenset("nicht nie niemals niemand niemandem niemanden nichts weder ohne kaum".split()),  # and "kein…"
    "fr": frozenset("pas jamais aucun aucune rien sans ni non".split()),
    "es": frozenset("no jamás nadie nada ninguno ninguna ningún sin tampoco nunca".split()),
    "it": frozenset("non mai nessuno nessuna nessun niente nulla senza né".split()),
    "nl": frozenset("niet geen nooit niemand niets zonder".split()),
}
_ANY_NEGATION = frozenset().union(*_NEGATION.values())
_NUMBER_OF = re.compile(r"\b[Nn]o\.?\s(?=\d)")  # "House No 5"
_REVERSING = ("un", "in", "im", "ir", "il", "dis", "non")
# Prepositions, pronouns, conjunctions and auxiliaries beside `FUNCTION_WORDS`, which are the ones that tell languages.
_SMALL = {
    "en": frozenset(
        "according up down out off between during without within against among per each every both other another them "
        "him himself herself itself themselves cannot one ones while because although though however therefore already "
        "still even just again own same too very where whether either neither nor per via upon toward towards despite "
        "except around near above below beyond along across behind beside besides got get gets shall".split()
    ),
    "de": frozenset(
        "zufolge gemäß während ohne gegen zwischen weil obwohl jedoch bereits etwa ihm ihn ihnen ihres ihrem "
        "ihrer seinen seinem seiner seines einander selbst jeweils sowie sowohl weder entweder ob damit dadurch "
        "daher deshalb denn sonst jeder jede jedes jeden jedem beide beiden andere anderen anderer anderes keinen "
        "keinem keiner man hätte hätten wäre wären würde würden müssen muss musste mussten darf dürfen durfte "
        "durften wollen will wollte wollten sollte sollten könnte könnten habe haben seien sei gewesen worden "
        "dessen deren denen innerhalb außerhalb neben hinter entlang gegenüber trotz wegen statt außer je pro".split()
    ),
}
_BETWEEN = re.compile(r"[,;:–—]\s|\b(?:and|but|or|und|aber|oder|sondern|et|mais|y|pero|e|ma|en|maar)\b")  # clauses
_STOPS = frozenset(["", *".!?:;·|([{"])  # what stands before a word whose capital names nobody
# Whoever says "we" in a quote is not who answers with it.
_SPEAKER = frozenset(
    "i we my our us me mine ours ich wir mein meine meinen meinem unser unsere unseren uns mir mich".split()
)


def odd_figures(statement: str, question: str, quote: str, other: str) -> list[str]:
    """Return the figures of a statement, by value, that neither its question nor its quote holds in such a unit.

    `other` is the quote's language.
    """
    return missing_numbers(statement, [question, in_english(quote, other)])


def odd_words(statement: str, question: str, quote: str, own: str, other: str) -> list[str]:
    """Return the words of a statement that are neither its question's nor its quote's, in order.

    `own` is the language of statement and question, `other` the quote's. Grammatical words are nobody's.
    """
    asked, known = set(stems(question, own)), _known(quote, own, other)
    said = {question[start:end].lower() for start, end in words(question)}
    spelt = _spelt(quote, other) if own != other else set()
    small = _small(own)

    def is_odd(word: str) -> bool:
        if word.lower() in _SPEAKER and word.lower() not in said and not (word.isupper() and len(word) > 1):
            return True
        if word.lower() in small or stem(word, own) in asked:
            return False
        if word in spelt and _is_foreign(word, own, other):
            return True
        return not known(word) and (not word[0].isupper() or bool(unnamed([word], quote)))

    return list(filter(is_odd, _uncounted(statement)))


def _spelt(quote: str, other: str) -> set[str]:
    """Return the words of a quote as they may be copied from it, also as German nouns; not an English one's names."""
    found = [(quote[start:end], quote[:start].rstrip()[-1:]) for start, end in words(quote)]
    spelt = {word for word, before in found if other != "en" or word.islower() or before in _STOPS}
    return spelt | {each.capitalize() for each in spelt if each.islower()}


def _uncounted(statement: str) -> list[str]:
    """Return the words of a statement that are of no figure."""
    counted = find(statement)
    outside = [(start, end) for start, end in words(statement) if not any(q.start <= start < q.end for q in counted)]
    return [statement[start:end] for start, end in outside]


def assumed_words(statement: str, question: str, quote: str, own: str, other: str) -> list[str]:
    """Return the words of a statement that its question brought in and its quote does not have, in order.

    "How many tanks are in Kursk?", answered from "11,000 of them", makes tanks of whatever they are.
    """
    asked, known, small = set(stems(question, own)), _known(quote, own, other), _small(own)

    def is_assumed(word: str) -> bool:
        if word.lower() in small or stem(word, own) not in asked or known(word):
            return False
        return not word[0].isupper() or bool(unnamed([word], quote))

    return list(filter(is_assumed, _uncounted(statement)))


def _small(language: str) -> frozenset[str]:
    """Return the words of a language that are merely grammatical."""
    return FUNCTION_WORDS.get(language, frozenset()) | _SMALL.get(language, frozenset())


def _is_foreign(word: str, own: str, other: str) -> bool:
    """Whether a word that was copied from a quote is one of the quote's language, no name, and none of the other."""
    if own == "en":
        return not part_of_speech(word) and names_nobody(word, other, begins=False)
    lexicon = open_lexicon(own)
    return lexicon is not None and other == "en" and part_of_speech(word) != "" and not lexicon.words.has(word)


def told(statement: str, answering: str, own: str, other: str) -> list[bool]:
    """Return of each word and figure that answers whether a statement tells it: by value, sound, stem or lexicon."""
    counted, held = find(answering), find(statement)
    found = [any(_same(each, one) for one in held) for each in counted]
    said = set(stems(statement, own))
    meant = set(glossed(statement, own)) if own != "en" and own != other else set()
    for start, end in words(answering):
        word = answering[start:end]
        if any(each.start <= start < each.end for each in counted) or word.lower() in FUNCTION_WORDS.get(other, ()):
            continue
        if own == other:
            there = stem(word, own) in said
        else:
            there = not said.isdisjoint(glossed(word, other)) or stem(word, other) in meant
        found.append(there or not unnamed([word], statement) or _hedged(word, statement))
    return found


def telling(statement: str, question: str, answering: str, own: str, other: str) -> list[tuple[int, int]]:
    """Return the spans of a statement that tell what the words that answer tell, as `told` finds it, in order.

    Words that stand together are one, grammatical ones between them included. The question's answer nothing: none of
    them is at an end.
    """
    counted, held = find(answering), find(statement)
    figures = [one for one in held if any(_same(each, one) for each in counted)]
    found = [(one.start, one.end) for one in figures]
    content = _content(statement, held, own)
    tell = _teller(_content(answering, counted, other), answering, own, other)
    found += [(start, end) for start, end in content if tell(statement[start:end])]
    asked, values = set(stems(question, own)), {value for each in find(question) for value in each.ends}
    new = {(one.start, one.end) for one in figures if not values.issuperset(one.ends)}
    new |= {span for span in found if span in content and stem(statement[slice(*span)], own) not in asked}
    runs = [[span for span in run if span in new] for run in _runs(statement, sorted(found), own)]
    return [(run[0][0], run[-1][1]) for run in runs if run]


def _content(text: str, counted: Iterable[Quantity], language: str) -> list[tuple[int, int]]:
    """Return the spans of the words of a text that are of no figure and not merely grammatical."""
    figures, small = list(counted), _small(language)
    outside = [(start, end) for start, end in words(text) if not any(q.start <= start < q.end for q in figures)]
    return [(start, end) for start, end in outside if text[start:end].lower() not in small]


def _teller(spans: Iterable[tuple[int, int]], answering: str, own: str, other: str) -> Callable[[str], bool]:
    """Return what tells whether a word says what one of the words that answer does: by stem, sound or lexicon."""
    said = [answering[start:end] for start, end in spans]
    named = [word for word in said if word[0].isupper()]
    known = _known(" ".join(said), own, other)
    return lambda word: known(word) or (word[0].isupper() and any(not unnamed([name], word) for name in named))


def _runs(text: str, spans: Iterable[tuple[int, int]], language: str) -> list[list[tuple[int, int]]]:
    """Return spans as runs of those with nothing but white space and grammatical words between them."""
    runs: list[list[tuple[int, int]]] = []
    for span in spans:
        between = text[runs[-1][-1][1] : span[0]] if runs else ""
        if runs and all(each.lower() in _small(language) for each in between.replace("-", " ").split()):
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def _hedged(word: str, statement: str) -> bool:
    """Whether a statement hedges as a word does: "about" for "rund", "at most" for "höchstens"."""
    kind, low = HEDGES_BEFORE.get(word.lower()), statement.lower()
    same = [phrase for phrase, each in HEDGES_BEFORE.items() if each == kind]
    return kind is not None and any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", low) for phrase in same)


def _same(wanted: Quantity, other: Quantity) -> bool:
    """Whether a figure is the other one, in its unit as far as both name one."""
    values = set(wanted.ends) <= set(other.ends)
    return values and (wanted.unit == other.unit or not wanted.unit or not other.unit)


def _known(quote: str, own: str, other: str) -> Callable[[str], bool]:
    """Return what tells whether a word is one of the quote's, by stem, or across languages by the lexicon."""
    held = set(stems(quote, other))
    if own == other:
        spelt = {quote[start:end].lower() for start, end in words(quote)}
        return lambda word: stem(word, own) in held or word.lower() in spelt
    if own == "en":
        meant = set(glossed(quote, other))
        return lambda word: stem(word, own) in meant or (word[0].isupper() and _belongs(word.lower(), meant))
    if other == "en":
        return lambda word: not held.isdisjoint(glossed(word, own))
    return lambda _: False


def _belongs(word: str, names: Iterable[str]) -> bool:
    """Whether a word is of a name: "Korean" of "Korea", "Ukrainian" of "Ukraine"."""
    begin = word[: max(4, len(word) - 3)]
    return len(word) > 4 and any(len(name) <= len(word) and name.startswith(begin) for name in names)


def turns_a_word(statement: str, quote: str, own: str, other: str) -> bool:
    """Whether a statement has a word of its quote with a syllable more or less that turns it: "unsafe" for "safe"."""
    known = _known(quote, own, other)
    for start, end in words(statement):
        word = statement[start:end].lower()
        if known(word):
            continue
        if any(known(prefix + word) for prefix in _REVERSING):
            return True
        if any(
            word.startswith(prefix) and len(word) > len(prefix) + 2 and known(word[len(prefix) :])
            for prefix in _REVERSING
        ):
            return True
    return False


def drops_report(statement: str, question: str, quote: str) -> bool:
    """Whether a statement names whom its quote has something from, but does not say that they say it.

    From "According to Tom Iles, the tank cost 310 pounds" a small model makes "The tank cost Tom Iles 310 pounds".
    """
    told = [name for name in sources(quote) if not unnamed([name], statement)]
    return any(unnamed([name], question) for name in told) and not reports(statement)


def says_something(statement: str, own: str) -> bool:
    """Whether a statement has a figure or a word that is not merely grammatical."""
    small = _small(own)
    return bool(find(statement)) or any(statement[start:end].lower() not in small for start, end in words(statement))


def adds_denial(statement: str, question: str, quote: str, own: str, other: str) -> bool:
    """Whether a statement denies something where neither its question nor its quote does."""
    return bool(_denials(statement, own)) and not _denials(question, own) and not _denials(quote, other)


def drops_denial(statement: str, question: str, quote: str, answering: str, own: str, other: str) -> bool:
    """Whether a statement denies nothing, but the clause of its quote does that holds the words that answer.

    A question's own "not" may be meant by either.
    """
    if _denials(question, own) or _denials(statement, own):
        return False
    return _denials(_clause(quote, answering), other) > 0


def _clause(quote: str, answering: str) -> str:
    """Return the clause of a quote that holds words of it; the whole quote where it does not hold them as they are."""
    start = quote.find(answering) if answering else -1
    if start < 0:
        return quote
    ends = [match.end() for match in _BETWEEN.finditer(quote)]
    begin = max((end for end in ends if end <= start), default=0)
    return quote[begin : min((end for end in ends if end >= start + len(answering)), default=len(quote))]


def _denials(text: str, language: str) -> int:
    """Return how many words of a text deny something in its language; in one without a list, in any."""
    held = _NEGATION.get(language, _ANY_NEGATION)
    text = _NUMBER_OF.sub("", text) if language == "en" else text
    found = [text[start:end].lower() for start, end in words(text)]
    return sum(
        word in held
        or (language == "de" and word.startswith("kein"))
        or (language == "en" and word.replace("’", "'").endswith("n't"))
        for word in found
    )
