"""Candidate sentences: what may become a quote, as it is read, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.answer_spans import holds
from rag.answering.asking_sentences import BELOW, asks, only_asks
from rag.answering.letter_lines import answers_nothing
from rag.answering.query import Query
from rag.documents.chunking import said
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.index.library import Sentence
from rag.lexicon.query_terms import said as said_of
from rag.models.embedder_ability import on_fitted_scale
from rag.text.headings import heading as heading_at
from rag.text.language import asked_stems, stem, stems
from rag.text.normalization import Normalized
from rag.text.wordlists import PRONOUNS

_FIELD = re.compile(r"[^\W\d_][^:.|]{0,40}:\s")  # "Opening hours: …" says nothing of whom by itself
_FIRST_WORD = re.compile(r"[„“\"»‚'(]*([^\W\d_]+)\b")
_ITEM = re.compile(r"(?:[-*+•–]|\d{1,3}[.)])\s+|\|")


@dataclass(frozen=True, slots=True)
class Option:
    """A sentence of a passage that may become a quote."""

    passage: Passage
    sentence: Sentence  # where it stands; `start` leaves out the sign of a list item
    after: tuple[Sentence, ...]  # its heading, and the sentence before or what its list hangs on
    start: int
    end: int
    reading: Normalized  # what it says, and where its characters stand in the document
    in_context: str  # with the words that a list item or table row hangs on
    cosine: float
    beside: float  # the better cosine of the sentences before and after
    place: int  # of the sentence in its passage, from 0
    answers: str = ""  # the question above it in its document, as it is read

    @property
    def text(self) -> str:
        return self.reading.text


def candidates(query: Query, passages: Sequence[Passage]) -> list[Option]:
    """Return the sentences of the passages that may answer, none twice; headings are none, nor what frames a letter."""
    pool: dict[tuple[str, int], Option] = {}
    alone = len({passage.document.id for passage in passages}) == 1
    for passage in passages:
        cosines = _cosines(query, passage)
        lead: Sentence | None = None
        heading: Sentence | None = None
        asked: Sentence | None = None  # a question that the document poses; a heading is read as what it is
        since = 0  # sentences
        for index, sentence in enumerate(passage.sentences):
            beside = max([*cosines[max(0, index - 1) : index], *cosines[index + 1 : index + 2]], default=0.0)
            text = passage.document.text[sentence.start : sentence.end]
            if _is_heading(passage.document, sentence):
                heading = sentence if text.lstrip("# ") != passage.document.title else None
                asked = None
                continue
            if answers_nothing(query, passage.document, sentence, alone=alone):
                continue
            if only_asks(query, passage.document, passage.sentences, index, passage.chunk.language):
                lead, asked, since = None, sentence, 0
                continue
            since += 1
            if asks(text) or since > BELOW:
                asked = None
            item = _ITEM.match(text)
            # "- " and "4. " are no part of what the item says; a table row keeps its bars.
            start = sentence.start + (item.end() if item and text[0] != "|" else 0)
            whole, language = passage.document.text, passage.chunk.language
            reading = said(whole, (start, sentence.end), language)
            hangs = item is not None or _FIELD.match(text) is not None or _goes_on(reading.text, query, language)
            if not hangs:
                lead = sentence
            on = lead or heading if hangs else None
            hung = said(whole, (on.start, on.end), language).text.lstrip("# ") if on else ""
            answers = said(whole, (asked.start, asked.end), language).text.lstrip("# ") if asked else ""
            in_context = " ".join(filter(None, (answers, hung, reading.text)))
            before = (lead if hangs else None) or (passage.sentences[index - 1] if index else None)
            after = tuple(s for s in (heading, asked, before) if s is not None and s is not sentence)
            row = Option(
                passage,
                sentence,
                after,
                start,
                sentence.end,
                reading,
                in_context,
                cosines[index],
                beside,
                index,
                answers,
            )
            pool.setdefault((passage.document.id, start), row)
    return list(pool.values())


def _cosines(query: Query, passage: Passage) -> list[float]:
    """Return the cosines of question and sentences, on the scale of the embedder that weights are fitted with."""
    found = np.array([float(query.vector @ sentence.vector) for sentence in passage.sentences])
    scaled = on_fitted_scale(query.search.abilities, query.language, passage.chunk.language, found)
    return [float(cosine) for cosine in scaled]


def _goes_on(text: str, query: Query, language: str) -> bool:
    """Return whether a sentence says the figure or time that is asked for, of what the sentence before names.

    It begins with a pronoun, and has a word of the question that is no name: otherwise the words of the
    sentence before make one seem to answer that does not.
    """
    first = _FIRST_WORD.match(text)
    if query.answer_type not in ("number", "time") or first is None or first[1] not in PRONOUNS:
        return False
    named = {word.lower() for name in query.focus for word in name.split()}
    asked = {*asked_stems(query.text, query.language, language)} - {stem(word, language) for word in named}
    if language == query.language:
        shares = bool(asked.intersection(stems(text, language)))
    else:
        shares = bool(said_of(text, language, query.terms) - named)
    return shares and holds(text, query, language)


def _is_heading(document: Document, sentence: Sentence) -> bool:
    """Headings, and the title wherever it is repeated, say what follows is about; they answer nothing."""
    text = " ".join(document.text[sentence.start : sentence.end].split())
    if document.title in (text, _FIELD.sub("", text, count=1)):  # "Subject: …", too
        return True
    return heading_at(document.text, sentence.start, sentence.end, document.body) is not None
