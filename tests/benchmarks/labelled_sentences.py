"""Sentences of questions with known answers, each with its signs, what the reader says, and whether it is right.

What `fit_weights.py` fits on. Looking them up takes a part of a second a question; `save` and `load` keep them, with
what a reader is given of them, so that another reader needs no search.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answering.assistant import Assistant
from rag.answering.candidate_sentences import Option
from rag.answering.feature_weights import SIGNS
from rag.answering.query_rewriting import standalone
from rag.answering.sentence_selection import Weighed, to_read
from rag.batch.question_file import Question
from rag.evaluation.gold_answers import Gold
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.models.embedder_ability import nearest_pair
from rag.models.reader.reader import Reader, Text
from rag.settings import load as load_settings


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """All sentences of all questions. Arrays of length n are by sentence, of length q by question.

    `documents` is the document that holds a question's answer or, where none does, of the passage found first.
    """

    signs: NDArray[np.float64]  # (n, SIGNS)
    scores: NDArray[np.float64]  # (n,) the reader's logits
    right: NDArray[np.bool_]  # (n,) holds a character of the answering words
    pair: NDArray[np.str_]  # (n,) languages of question and passage, one of PAIRS
    question: NDArray[np.intp]  # (n,) places in the arrays below
    place: NDArray[np.intp]  # (n, 2) which of the question's texts, and which sentence of it
    ids: NDArray[np.str_]  # (q,)
    documents: NDArray[np.str_]  # (q,)
    answerable: NDArray[np.bool_]  # (q,)
    given: NDArray[np.str_]  # (q,) question and texts as the reader gets them, as JSON
    embedder: NDArray[np.str_]  # () name and fingerprint
    reader: NDArray[np.str_]  # ()
    names: NDArray[np.str_]  # of the signs, as they were called


def looked_up(
    corpus: Path, questions: Sequence[Question], right_in: Callable[[Library], Mapping[str, Gold]]
) -> Sentences:
    """Index the documents and search for each question; no reader has looked at the sentences yet.

    `right_in` tells the answers by the question's id. A follow-up question is completed from those before it and
    their right answers, and its sentences compared with the question as it was put, as they are where answers are made.
    """
    pools: list[Weighed] = []
    right, place, documents, answerable, given = [], [], [], [], []
    asked: list[str] = []
    whole: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"library": folder})
        with Library(settings.library, create=True) as library:
            index([str(corpus)], library, load_embedder(settings))
            golds = right_in(library)
            known = {entry.name: entry.id for entry in library.entries()}
            questions = [question for question in questions if question.id in golds]
            with Assistant(settings, library) as assistant:
                for question in questions:
                    gold = golds[question.id]
                    complete = standalone(question.text, [whole[one] for one in question.follows])
                    whole[question.id] = complete, (gold.answers or ("",))[0]
                    among = tuple(known[name] for name in question.documents)
                    found = assistant.retrieve(complete, among, put=question.text)
                    if not found.weighed:
                        continue  # nothing is found: there are no sentences to learn from
                    weighed = found.weighed[0]
                    asked.append(question.id)
                    texts, places = to_read(weighed.pool)
                    pools.append(weighed)
                    right += [gold.overlaps(_place(row)) for row in weighed.pool]
                    place += places
                    documents.append(gold.document or found.passages[0].document.name)
                    answerable.append(gold.answerable)
                    given.append(json.dumps([weighed.query.text, [[each.title, *each.sentences] for each in texts]]))
                embedder = f"{assistant.embedder.name} ({assistant.embedder.fingerprint})"
    return Sentences(
        signs=np.concatenate([weighed.features for weighed in pools]),
        scores=np.zeros(len(right)),
        right=np.array(right, dtype=bool),
        pair=np.array(
            [nearest_pair(each.query.language, row.passage.chunk.language) for each in pools for row in each.pool]
        ),
        question=np.repeat(np.arange(len(pools)), [len(weighed.pool) for weighed in pools]),
        place=np.array(place, dtype=np.intp).reshape(-1, 2),
        ids=np.array(asked),
        documents=np.array(documents),
        answerable=np.array(answerable),
        given=np.array(given),
        embedder=np.array(embedder),
        reader=np.array(""),
        names=np.array(SIGNS),
    )


def _place(row: Option) -> dict[str, str | int]:
    return {"document": row.passage.document.name, "start": row.start, "end": row.end}


def read_by(sentences: Sentences, reader: Reader) -> Sentences:
    """Return the sentences with what this reader says of them; as they are where it has said it already."""
    name = f"{reader.name} ({reader.fingerprint})"
    if str(sentences.reader) == name:
        return sentences
    scores = np.zeros(len(sentences.right))
    for number, given in enumerate(sentences.given):
        question, texts = json.loads(str(given))
        readings = reader.read(question, [Text(title, tuple(rest)) for title, *rest in texts])
        for at in np.flatnonzero(sentences.question == number):
            text, place = sentences.place[at]
            scores[at] = readings[text].scores[place]
    return replace(sentences, scores=scores, reader=np.array(name))


def save(path: Path, sentences: Sentences) -> None:
    np.savez_compressed(path, **{name: getattr(sentences, name) for name in Sentences.__slots__})


def load(path: Path) -> Sentences:
    """Return what `save` wrote; ends the program where the signs are others by now."""
    with np.load(path, allow_pickle=False) as arrays:
        sentences = Sentences(**arrays) if set(arrays) == set(Sentences.__slots__) else None
    if sentences is None or tuple(sentences.names) != SIGNS:
        raise SystemExit(f"{path} has other features. Remove it, and look the sentences up anew.")
    return sentences
