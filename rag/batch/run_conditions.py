"""What answers depend on besides questions: if any of it differs, two runs' answers are not one run's.

A run's journal holds it (see `journal`), so that a run is not taken up again by chance with
another model, other settings or a changed library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from rag import __version__
from rag.answering.assistant import Assistant
from rag.batch.question_file import Question
from rag.index.metadata_filter import ALL, Filter
from rag.models.generator import Generator
from rag.models.trial import way
from rag.models.trial_verdicts import build, processor
from rag.system.digests import known_sha256
from rag.text.sanitize import one_line

# How each is called, in the order in which it is told.
NAMES = {
    "model": "model",
    "model_sha256": "model's file",
    "runtime": "way of running the model",
    "llama_cpp": "build of llama.cpp",
    "processor": "processor",
    "reader": "reader",
    "reader_fingerprint": "reader's files",
    "care": "care",
    "embedder": "embedder",
    "embedder_fingerprint": "embedder's files",
    "mode": "mode",
    "store": "store",
    "passages": "number of passages",
    "context": "context",
    "documents": "choice of documents",
    "limits": "tags and dates of single questions",
    "library": "library",
    "version": "version of Beleg",
}
_OPAQUE = (
    "model_sha256",
    "llama_cpp",
    "embedder_fingerprint",
    "reader_fingerprint",
    "limits",
    "library",
)  # values that say nothing to a person
IN_RECORDS = ("model", "embedder", "mode")  # what every single record holds


def conditions(assistant: Assistant, questions: Sequence[Question] = (), limit: Filter = ALL) -> dict[str, str]:
    """Return what the assistant's answers depend on, limited by `limit` and by what the questions say.

    Raises ModelUnavailable, or OSError without the model's file.
    """
    settings = assistant.settings
    return {
        "model": assistant.model,
        **_written_by(assistant),
        "processor": processor(),
        "reader": assistant.reader.name,
        "reader_fingerprint": assistant.reader.fingerprint,
        "care": settings.care,
        "embedder": assistant.embedder.name,
        "embedder_fingerprint": assistant.embedder.fingerprint,
        "mode": settings.mode,
        "store": settings.store,
        "passages": str(settings.passages),
        "context": str(settings.context),
        "documents": str(limit).casefold() or "all",
        "limits": _limits(questions),
        "library": assistant.library.stamp,
        "version": __version__,
    }


def _written_by(assistant: Assistant) -> dict[str, str]:
    """Return what the LLM's sentences depend on; of a server only its address can be known."""
    writer, settings = assistant.generator, assistant.settings
    if writer is None:
        return {}
    if not isinstance(writer, Generator):
        return {"server": settings.llm or ""}
    sha256 = known_sha256(writer.path, settings.cache)
    return {"model_sha256": sha256, "runtime": way(writer.runtime), "llama_cpp": build()}


def _limits(questions: Sequence[Question]) -> str:
    """Return what names the tags and dates that questions are limited by, "" where none is; records do not say it."""
    said = {question.id: str(question.wanted).casefold() for question in questions if question.wanted}
    return hashlib.sha256(json.dumps(said).encode()).hexdigest() if said else ""


def differences(began: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in words what of `began` is otherwise now; what is known of one only is no difference."""
    told = []
    for key, name in NAMES.items():
        if key in began and key in now and began[key] != now[key]:
            was, is_ = one_line(began[key], 80), one_line(now[key], 80)
            changed = f"the {name} {'have' if name.endswith('s') else 'has'} changed"
            told.append(changed if key in _OPAQUE else f"the {name} was {was} and is {is_}")
    return told


def unknown(began: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what is not known of how a run began, by name."""
    return [name for key, name in NAMES.items() if key in now and key not in began]
