"""Sentences of questions with known answers, each with its features, the LLM's likelihood, and whether it is right.

What `fit_weights.py` fits on. Looking them up takes the LLM some seconds a question; `save` and `load` keep them.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answering.assistant import Assistant
from rag.answering.feature_weights import PRESELECTION, nearest_pair
from rag.answering.query_rewriting import standalone
from rag.answering.sentence_selection import Weighed, likelihoods
from rag.batch.question_file import read
from rag.evaluation.gold_answers import Gold
from rag.evaluation.run import golds
from rag.index.library import Library
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import load as load_settings


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """All sentences of all questions. Arrays of length n are by sentence, of length q by question.

    `articles` is the document that holds a question's answer or, where none does, of the passage found first.
    """

    features: NDArray[np.float64]  # (n, PRESELECTION)
    scores: NDArray[np.float64]  # (n,) log-likelihoods of the question, nats a token
    right: NDArray[np.bool_]  # (n,) holds a character of the answering words
    pair: NDArray[np.str_]  # (n,) languages of question and passage, one of PAIRS
    question: NDArray[np.intp]  # (n,) places in the arrays below
    ids: NDArray[np.str_]  # (q,)
    articles: NDArray[np.str_]  # (q,)
    answerable: NDArray[np.bool_]  # (q,)
    models: NDArray[np.str_]  # (2,) names of embedder and LLM
    names: NDArray[np.str_]  # of the features, as they were called


def looked_up(questions: Path, corpus: Path) -> Sentences:
    """Index the documents, search for each question, and let the LLM read every sentence of its passages.

    A follow-up question is completed from those before it and their right answers, and its sentences compared with
    the question as it was put, as they are where answers are made.
    """
    file = read(questions, strict=True)
    parts: list[tuple[NDArray[np.float64], list[float], list[bool], list[str]]] = []
    ids, articles, answerable, whole = [], [], [], dict[str, tuple[str, str]]()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"library": folder})
        with Library(settings.library, create=True) as library:
            index([str(corpus)], library, load_embedder(settings))
            right, bad = golds(file.questions, library)
            if bad:
                raise SystemExit(f"{file.name}, line {bad[0].line}: {bad[0].reason}")
            with Assistant(settings, library) as assistant:
                for question in file.questions:
                    gold = right[question.id]
                    complete = standalone(question.text, [whole[one] for one in question.follows])
                    whole[question.id] = complete, (gold.answers or ("",))[0]
                    found = assistant.retrieve(complete, put=question.text)
                    weighed = found.weighed[0]
                    read_as = likelihoods(weighed.query, weighed.pool, assistant.generator) if weighed.pool else []
                    asked = weighed.query.language
                    pairs = [nearest_pair(asked, row.passage.chunk.language) for row in weighed.pool]
                    parts.append((weighed.features, read_as, _right(weighed, gold), pairs))
                    ids.append(question.id)
                    articles.append(gold.document or found.passages[0].document.name)
                    answerable.append(gold.answerable)
                models = [assistant.embedder.name, assistant.generator.name]
    return Sentences(
        features=np.concatenate([part[0] for part in parts]),
        scores=np.concatenate([part[1] for part in parts]),
        right=np.concatenate([part[2] for part in parts]).astype(bool),
        pair=np.concatenate([part[3] for part in parts]).astype(str),
        question=np.repeat(np.arange(len(parts)), [len(part[1]) for part in parts]),
        ids=np.array(ids),
        articles=np.array(articles),
        answerable=np.array(answerable),
        models=np.array(models),
        names=np.array(PRESELECTION),
    )


def _right(weighed: Weighed, gold: Gold) -> list[bool]:
    places = [{"document": row.passage.document.name, "start": row.start, "end": row.end} for row in weighed.pool]
    return [gold.overlaps(place) for place in places]


def save(path: Path, sentences: Sentences) -> None:
    np.savez_compressed(path, **{name: getattr(sentences, name) for name in Sentences.__slots__})


def load(path: Path) -> Sentences:
    """Return what `save` wrote; ends the program where the features are others by now."""
    with np.load(path, allow_pickle=False) as arrays:
        sentences = Sentences(**arrays)
    if tuple(sentences.names) != PRESELECTION:
        raise SystemExit(f"{path} has other features. Remove it, and look the sentences up anew.")
    return sentences
