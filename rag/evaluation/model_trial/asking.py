"""How a model is asked in its trial: as it is when a person asks.

The documents of the trial are indexed as a person's are, each question is asked of its document, and of the sentences
that are found the drafts are made that an answer would be written from: with the words that answer as Beleg marks
them, what stands before, and the support that the sentence has without any LLM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answering.drafts import Draft, draft
from rag.answering.prompts import NO
from rag.answering.query import understood
from rag.answering.sentence_selection import Candidate, judge, quote_of, supported, weigh
from rag.errors import UsageError
from rag.evaluation.model_trial.material import FOLDER, Asked, Evidence
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.models.writer import Task
from rag.system.cancellation import CancelToken

_PASSAGES = 10  # more than any of the documents has: what a search would miss is not what is tried here


@dataclass(frozen=True, slots=True)
class Posed:
    """A question with a sentence that answers it or does not: what is asked, and the sentence's support."""

    asked: Asked
    evidence: Evidence
    draft: Draft

    @property
    def answers(self) -> bool:
        return self.evidence is self.asked.answer

    @property
    def support(self) -> float:
        return self.draft.quote.support

    @property
    def or_no(self) -> Draft:
        """What is asked of a model that judges."""
        return replace(self.draft, or_no=True)

    @property
    def to_judge(self) -> Task:
        """The task of judging alone: the same is read, and nothing is written."""
        return Task(self.or_no.messages, 0, watched=(NO,))


def posed(
    asked: Sequence[Asked], embedder: Embedder, reader: Reader, cancel: CancelToken | None = None
) -> tuple[Posed, ...]:
    """Return each question with each of its sentences, first all that answer. Raises as indexing does, or Stopped."""
    cancel = cancel or CancelToken()
    with TemporaryDirectory(prefix="beleg-trial-") as folder, Library(Path(folder), create=True) as library:
        index([str(FOLDER / "documents")], library, embedder, look=cancel.check)
        store, names = SqliteStore.of(library), {Path(entry.name).stem: entry.id for entry in library.entries()}
        found = []
        for each in asked:
            cancel.check()
            found += _posed(each, names[each.document], (library, store), (embedder, reader))
    return tuple(sorted(found, key=lambda each: not each.answers))


def _posed(
    asked: Asked, document: str, searched: tuple[Library, SqliteStore], models: tuple[Embedder, Reader]
) -> list[Posed]:
    (library, store), (embedder, reader) = searched, models
    search, passages = retrieve(asked.text, library, store, embedder, _PASSAGES, (document,))
    query = understood(search)
    weighed = weigh(query, passages, library)
    judged = judge(query, weighed.pool, reader)
    supports = supported(weighed, judged)
    known = {
        option.text: Candidate(option, float(support), span)
        for option, support, span in zip(weighed.pool, supports, judged.spans, strict=True)
    }
    rows = []
    for evidence in filter(None, (asked.answer, *asked.wrong)):
        if (candidate := known.get(evidence.text)) is None:
            raise UsageError(f"A sentence of the trial is not found in its document {asked.document}.", "Correct it.")
        made = draft(query, candidate, quote_of(query, candidate))
        rows.append(Posed(asked, evidence, replace(made, language=asked.language)))
    return rows
