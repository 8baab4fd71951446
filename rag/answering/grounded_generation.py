"""Grounded generation: an answer's statements, quotes as they are or sentences that were written from them and checked.

What a model writes is believed sentence by sentence. One stays if it is in the question's language, holds the figures
that answer, and its quote backs it (`faithfulness`); otherwise the quote itself takes its place: `compose` is never
worse founded than `quote`, and never shows less. Two that say the same become one that cites both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rag.answering.attribution import Claim, Statement, claims
from rag.answering.drafts import Draft, Drafted
from rag.answering.faithfulness import Check, Checker
from rag.answering.restatement import assumed_words
from rag.answering.sentence_selection import Quote
from rag.system.cancellation import CancelToken
from rag.text.language import detect
from rag.text.numbers import find

# A sentence that takes the words of its question for true is wrong where its quote does not answer; a quote never is.
SURE_TO_ANSWER = 0.8  # support; above it a sentence may say of what is asked what its quote does not name
_TOLD_APART = 4  # words that it takes to tell in which of two languages they are


@dataclass(frozen=True, slots=True)
class Composed:
    """The statements of an answer; the n of their citations count `quotes` from 1.

    `support` is the best quote's, where a model that judges has changed it.
    """

    statements: list[Statement]
    quotes: list[Quote]
    support: float | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is shown of a quote: what was written from it and stands, or else the quote itself."""

    text: str
    written: bool


def quoted(quotes: Sequence[Quote]) -> Composed:
    """Make an answer of the quotes themselves, one statement each."""
    statements = [Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1)]
    return Composed(statements, list(quotes))


def growing(quotes: Sequence[Quote]) -> Iterator[Composed]:
    """Yield an answer of quotes as it grows, by one at a time."""
    made = quoted(quotes)
    for count in range(1, len(quotes) + 1):
        yield Composed(made.statements[:count], made.quotes)
    if not quotes:
        yield made


def stands(drafts: Sequence[Draft], drafted: Sequence[Drafted], checker: Checker, cancel: CancelToken) -> list[bool]:
    """Return of each draft whether what was written for it may be shown. Raises Stopped."""
    likely = [at for at, (each, made) in enumerate(zip(drafts, drafted, strict=True)) if may_stand(each, made)]
    found = checker.backed([_check(drafts[at], drafted[at].text, drafted[at].surety) for at in likely], cancel)
    standing = {at for at, stands in zip(likely, found, strict=True) if stands}
    return [at in standing for at in range(len(drafts))]


def may_stand(each: Draft, drafted: Drafted) -> bool:
    """Whether what was written is in the language asked for, holds the figures that answer, and does not assume more.

    Where it is not sure enough that the quote answers, what only the question names is not said of it.
    """
    text = drafted.text
    if not text or not in_language(text, each.language, each.given.language) or not keeps_figures(text, each):
        return False
    return not each.quotes or each.quote.support >= SURE_TO_ANSWER or not _assumed(each, text)


def _assumed(each: Draft, text: str) -> list[str]:
    whole = f"{each.given.before} {each.given.text}"
    return assumed_words(text, each.question, whole, each.language, each.given.language)


def _check(each: Draft, text: str, surety: float | None = None) -> Check:
    told = each.given
    return Check(text, told.text, told.before, each.question, each.language, told.language, told.answering, surety)


def in_language(text: str, wanted: str, other: str) -> bool:
    """Whether a sentence is in the `wanted` language and not in the `other`, which it was written from."""
    return wanted == other or len(text.split()) < _TOLD_APART or detect(text, (wanted, other)) == wanted


def keeps_figures(text: str, each: Draft) -> bool:
    """Whether a sentence holds all figures of the words that answer: those are what was asked for."""
    return figures(each.given.answering) <= figures(text)


def figures(text: str) -> frozenset[str]:
    """Return the numbers, dates and times of a text, by value."""
    return frozenset(end for quantity in find(text) for end in quantity.ends)


def shown(each: Draft, drafted: Drafted, stands: bool) -> Sentence:
    """Return what is shown of a draft."""
    return Sentence(drafted.text, True) if stands else Sentence(each.quote.reading.text, False)


def of_several(each: Draft, drafted: Drafted, checker: Checker, cancel: CancelToken) -> Composed | None:
    """Return the answer that was written from several quotes; None where not all of it stands.

    Every sentence has to be backed by the quotes that it cites, and together they hold all figures that answer.
    Raises Stopped.
    """
    told = claims(drafted.text, each.language)
    if not told or any(not claim.cites or max(claim.cites) > len(each.quotes) for claim in told):
        return None
    checks = [_check_of_several(each, claim) for claim in told]
    if not all(_in_some(each, claim) for claim in told) or not all(checker.backed(checks, cancel)):
        return None
    if any(_assumes(each, claim, check) for claim, check in zip(told, checks, strict=True)):
        return None
    held = figures(drafted.text)
    if not all(figures(quote.answering) <= held for quote in each.told):
        return None
    used = sorted({n for claim in told for n in claim.cites})
    number = {n: at for at, n in enumerate(used, 1)}
    statements = [Statement(claim.text, tuple(number[n] for n in claim.cites), True) for claim in told]
    return Composed(statements, [each.quotes[n - 1] for n in used])


def _check_of_several(each: Draft, claim: Claim) -> Check:
    cited = [each.told[n - 1] for n in claim.cites]
    text, before = " ".join(quote.text for quote in cited), " ".join(filter(None, (quote.before for quote in cited)))
    answering = " ".join(quote.answering for quote in cited)
    return Check(claim.text, text, before, each.question, each.language, cited[0].language, answering)


def _assumes(each: Draft, claim: Claim, check: Check) -> bool:
    """Whether a claim says what only the question names of a quote that it is not sure answers.

    What it draws from two quotes, it says in the question's words: "So the first is longer".
    """
    unsure = len(claim.cites) == 1 and each.quotes[claim.cites[0] - 1].support < SURE_TO_ANSWER
    whole = f"{check.before} {check.quote}"
    own, other = check.statement_language, check.quote_language
    return unsure and bool(assumed_words(check.statement, check.question, whole, own, other))


def _in_some(each: Draft, claim: Claim) -> bool:
    return all(in_language(claim.text, each.language, each.told[n - 1].language) for n in claim.cites)


def joined(
    quotes: Sequence[Quote],
    sentences: Sequence[Sentence],
    same: Collection[tuple[int, int]] = (),
    support: float | None = None,
) -> Composed:
    """Make an answer of a sentence for each quote, in their order; `same` are places of two that say the same.

    The one that came first stays, and cites both quotes.
    """
    statements: list[Statement] = []
    first: dict[int, int] = {}  # by a sentence's place, that of its statement
    for at, sentence in enumerate(sentences):
        before = next((other for other in range(at) if other in first and (other, at) in same), None)
        if before is None:
            first[at] = len(statements)
            statements.append(Statement(sentence.text, (at + 1,), True))
        else:
            known = statements[first[before]]
            statements[first[before]] = Statement(known.text, (*known.citations, at + 1), True)
    return Composed(statements, list(quotes), support)


def repeats(
    drafts: Sequence[Draft], sentences: Sequence[Sentence], checker: Checker, cancel: CancelToken
) -> set[tuple[int, int]]:
    """Return the pairs of places (first, later) of sentences that say the same: each quote backs both of them.

    A quote that stands as it is repeats nothing: it is somebody's very words. Raises Stopped.
    """
    places = [at for at, sentence in enumerate(sentences) if sentence.written]
    pairs = [(a, b) for a in places for b in places if a < b and _alike(sentences[a].text, sentences[b].text)]
    checks = [_check(drafts[a], sentences[b].text) for a, b in pairs]
    checks += [_check(drafts[b], sentences[a].text) for a, b in pairs]
    found = checker.backed(checks, cancel)
    count = len(pairs)
    return {pair for at, pair in enumerate(pairs) if found[at] and found[at + count]}


def _alike(one: str, other: str) -> bool:
    """Whether two sentences name the same figures: if not, they are two, whoever says them."""
    return figures(one) == figures(other)
