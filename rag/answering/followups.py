"""A question in its conversation: what it is completed with, how it is put to a reader, and which sentences may answer.

What a question leaves open is settled by the conversation alone. Any number would answer "What is her phone number?",
and any reason "Why?": so the first may be answered only by what is about her, and the second only by the document that
the answer before came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering.answer import Answer, answering_words, quoted_words
from rag.answering.bare_questions import is_bare, is_near, is_quote, woven
from rag.answering.candidate_sentences import Option
from rag.answering.features import holds_new
from rag.answering.followup_detection import nouns
from rag.answering.followup_features import NO_GROUND, Ground
from rag.answering.followup_grounds import ground
from rag.answering.query import Query
from rag.answering.query import understood as query_of
from rag.answering.query_rewriting import standalone
from rag.answering.referents import Referent, is_about, is_of_person, referent, resolved
from rag.answering.sentence_selection import Quote, Scope
from rag.index import hybrid_search
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.text.language import detect, read, stem
from rag.text.normalization import as_read


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as a reader is asked it, and which sentences may answer it so."""

    text: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question as it is searched for, `whole`: in the documents `among`, if there are any.

    A reader is asked it in one of the `wordings` after the other until a sentence answers; as it was put, and as it was
    completed, where there are none.
    """

    whole: str
    ground: Ground = NO_GROUND
    wordings: tuple[Wording, ...] = ()
    among: tuple[str, ...] = ()


def understood(question: str, earlier: Sequence[Answer], library: Library, documents: Sequence[str]) -> FollowUp:
    """Return what a question means after the answers before it; with `documents`, those alone are asked (by id)."""
    said_of = [answer for answer in earlier if answer.status != "about"]  # "Hello" names no subject
    turns = [(answer.standalone, answering_words(answer)) for answer in said_of]
    held, quoted = ground(question, said_of, library, documents), quoted_words(said_of)
    whole = standalone(question, turns, quoted, held)
    if whole == question:
        return FollowUp(question, held)
    language = detect(question, ("de", "en"))
    last = said_of[-1]
    quote = _quote(last, library, documents)
    if is_bare(question, language):
        return FollowUp(whole, held, *_of_last(question, whole, last, quote))
    if (person := referent(question, language, turns, quoted)) is not None:
        return FollowUp(whole, held, _of_person(question, language, whole, person, quote))
    if language == "en" and is_of_person(question, language):  # "she" is somebody, whoever that is
        scope = _of_things(_named(last.standalone), quote)
        return FollowUp(whole, held, (Wording(question, scope), Wording(whole, scope)))
    return FollowUp(whole, held)


def ways_to_ask(
    queries: Sequence[Query], put: str, asked: FollowUp | None, library: Library, embedder: Embedder
) -> list[tuple[Query, Scope | None]]:
    """Return the ways in which a reader is asked a question, all in the language that it was `put` in, in order."""
    if asked is None or not asked.wordings:
        return [(query, None) for query in queries]
    language = hybrid_search.language_of(put, library)
    found = {
        text: query_of(replace(hybrid_search.prepare(text, library, embedder), language=language))
        for text in dict.fromkeys(each.text for each in asked.wordings)
    }
    return [(found[each.text], each.scope) for each in asked.wordings]


def _quote(last: Answer, library: Library, documents: Sequence[str]) -> Quote | None:
    """Return what was quoted first, if its document is asked."""
    quote = next((citation.quote for citation in last.citations), None)
    asked = quote is not None and (not documents or quote.document.id in documents)
    return quote if quote is not None and asked and not library.missing([quote.document.id]) else None


def _of_last(
    question: str, whole: str, last: Answer, quote: Quote | None
) -> tuple[tuple[Wording, ...], tuple[str, ...]]:
    """Return how a bare question is asked of what was answered last, and in which document.

    What was quoted before answers anew if it holds a thing of the kind that is asked for now. Else a reader that knows
    what was quoted has to find it there, or beside it.
    """
    sentence = woven(question, last.standalone) or whole
    if quote is None:
        return (Wording(sentence, _any),), ()

    def new(row: Option, query: Query) -> bool:
        if row.passage.document.id != quote.document.id:
            return False
        return not is_quote(row, quote) or (query.answer_type not in ("thing", "unknown") and holds_new(query, row))

    def near(row: Option, _: Query) -> bool:
        return is_near(row, quote)

    told = f"{question} {as_read(quote.text)}"
    return (Wording(sentence, new), Wording(told, near)), (quote.document.id,)


def _of_person(question: str, language: str, whole: str, person: Referent, quote: Quote | None) -> tuple[Wording, ...]:
    """Return how a question about somebody is asked, and then of a thing, where German may mean one."""

    def about(row: Option, _: Query) -> bool:
        return is_about(row, person)

    found = (Wording(resolved(question, language, person.person), about), Wording(whole, about))
    things = _of_things(person.things, quote)
    return (*found, Wording(question, things), Wording(whole, things)) if person.things else found


def _of_things(things: frozenset[str], quote: Quote | None) -> Scope:
    """Return that a sentence is of the document quoted, or names one of some things, which are given as stems."""

    def of_things(row: Option, _: Query) -> bool:
        language = row.passage.chunk.language
        said = {stem(word.text, language) for word in read(row.in_context)}
        return bool(said & things) or (quote is not None and row.passage.document.id == quote.document.id)

    return of_things


def _named(before: str) -> frozenset[str]:
    """Return the names in an earlier question, as stems."""
    language, row = detect(before, ("de", "en")), read(before)
    return frozenset(stem(row[at].text, language) for at in nouns(row, language) if row[at].capital)


def _any(_: Option, __: Query) -> bool:
    return True
