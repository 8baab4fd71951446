"""What is done for a client: a question answered, passages found, documents listed, a part of a text read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rag.answering.assistant import Answer, Answered, Event, Retrieved, Searching, Writing
from rag.errors import BelegError, NoSuchDocument, UsageError
from rag.index.library import Entry, Library
from rag.index.metadata_filter import ALL, Filter, chosen
from rag.localization import gettext
from rag.output.json_record import passage_record, record
from rag.serving.opened import Opened
from rag.system.cancellation import CancelToken
from rag.text.sanitize import one_line

T = TypeVar("T")
Work = Callable[[Opened, CancelToken], Iterator[T]]  # for the thread that has the models

MOST_EARLIER = 8  # questions of a conversation that a follow-up is completed from
MOST_CHARACTERS = 100_000  # of a text, read at once
_SHOWN = 100  # characters of what is no document's name


@dataclass(frozen=True, slots=True)
class Limited:
    """Which documents are asked: those with these ids or names, or all, as far as `wanted` lets them through."""

    documents: tuple[str, ...] = ()
    wanted: Filter = ALL

    def ids(self, library: Library) -> tuple[str, ...]:
        """Return their ids, () for all. Raises NoSuchDocument, and UsageError where the filter lets none through."""
        if not self.documents and not self.wanted:
            return ()
        entries = library.entries()
        if self.documents:
            named = {entry.id: entry for given in self.documents for entry in _meant(entries, given)}
            entries = list(named.values())
        return chosen(entries, self.wanted).ids


@dataclass(frozen=True, slots=True)
class Question:
    """A question, with those that were asked before it in its conversation, the oldest first."""

    text: str
    earlier: tuple[str, ...] = ()
    limited: Limited = Limited()


@dataclass(frozen=True, slots=True)
class Search:
    """A question or words to find the `top_k` best passages for, as many as the settings say where that is 0."""

    query: str
    top_k: int = 0
    limited: Limited = Limited()


def answering(question: Question) -> Work[Event]:
    """Return the work of answering a question: the events of the road."""

    def work(opened: Opened, cancel: CancelToken) -> Iterator[Event]:
        assistant = opened.assistant
        documents = question.limited.ids(assistant.library)
        place = (assistant.library.stamp, documents)
        earlier: tuple[Answer, ...] = ()
        asked: tuple[str, ...] = ()
        for before in question.earlier[-MOST_EARLIER:]:
            asked = (*asked, before)
            known = opened.answers.get((place, asked))
            if known is None:
                *_, last = assistant.ask(before, documents, earlier, cancel=cancel)
                assert isinstance(last, Answered)
                known = opened.answers[place, asked] = last.answer
            earlier = (*earlier, known)
        for event in assistant.ask(question.text, documents, earlier, cancel=cancel):
            if isinstance(event, Answered):
                opened.answers[place, (*asked, question.text)] = event.answer
            yield event

    return work


def finding(search: Search) -> Work[dict[str, Any]]:
    """Return the work of a search: a record for each passage, as `beleg search --json` prints it and more."""

    def work(opened: Opened, cancel: CancelToken) -> Iterator[dict[str, Any]]:
        assistant = opened.assistant
        cancel.check()
        documents = search.limited.ids(assistant.library)
        top_k = search.top_k or opened.settings.passages
        for passage in assistant.find(search.query, top_k, documents):
            yield {
                **passage_record(passage),
                "document_id": passage.document.id,
                "title": passage.document.title,
                "date": passage.document.date,
                "context": passage.chunk.context or None,
                "text": passage.chunk.text,
            }

    return work


def answer_record(identity: str, answer: Answer) -> dict[str, Any]:
    """Return the record of an answer, in which each citation and passage has its document's id beside its name."""
    made = record(identity, answer)
    for cited, citation in zip(made["citations"], answer.citations, strict=True):
        cited["document_id"] = citation.quote.document.id
    for found, passage in zip(made["passages"], answer.passages, strict=True):
        found["document_id"] = passage.document.id
    return made | {"standalone": answer.standalone, "language": answer.language}


def event_record(identity: str, event: Event) -> tuple[str, dict[str, Any]]:
    """Return an event's name and what it holds, as a record."""
    match event:
        case Searching(question):
            return "searching", {"question": question}
        case Retrieved(passages):
            return "retrieved", {
                "passages": [{**passage_record(each), "document_id": each.document.id} for each in passages]
            }
        case Writing(text, delta, _):
            return "writing", {"text": text, "delta": delta}
        case Answered(answer):
            return "answered", answer_record(identity, answer)


def entry_record(entry: Entry) -> dict[str, Any]:
    """Return what is known of a document, but for where its file lies on this machine."""
    known = asdict(entry)
    del known["path"]
    return known


def listed(limited: Limited) -> Callable[[Library], list[dict[str, Any]]]:
    """Return the reading of a list of documents, by name."""

    def read(library: Library) -> list[dict[str, Any]]:
        ids = set(limited.ids(library))
        return [entry_record(entry) for entry in library.entries() if not ids or entry.id in ids]

    return read


def text_range(identity: str, start: int = 0, end: int | None = None) -> Callable[[Library], dict[str, Any]]:
    """Return the reading of a part of a document's text, by its id, of MOST_CHARACTERS at most; `end` says how far."""

    def read(library: Library) -> dict[str, Any]:
        if not library.chunks_of([identity]) and identity not in {entry.id for entry in library.entries()}:
            raise no_such(identity)  # the list, which is long to read, is looked at only for what has no passage
        document = library.document(identity)
        length = len(document.text)
        if not 0 <= start <= length or (end is not None and end < start):
            raise UsageError(
                gettext("The text has the characters 0 to {length}; {start} to {end} are none of it.").format(
                    length=length, start=start, end=length if end is None else end
                ),
                gettext("Give a start and an end in it, the start first."),
            )
        last = min(length if end is None else end, length, start + MOST_CHARACTERS)
        return {
            "document_id": document.id,
            "document": document.name,
            "title": document.title,
            "date": document.date,
            "language": document.language,
            "page": document.page(start),
            "start": start,
            "end": last,
            "length": length,
            "text": document.text[start:last],
        }

    return read


def no_such(given: str) -> BelegError:
    """Return the error that a document is not in the library."""
    return NoSuchDocument(
        gettext("No document in the library is {name}.").format(name=one_line(given, _SHOWN)),
        gettext("The list of documents has their ids and names."),
    )


def _meant(entries: list[Entry], given: str) -> list[Entry]:
    """Return the documents of this id or name; never a path, which would tell what files there are."""
    meant = [entry for entry in entries if given in (entry.id, entry.name)]
    if not meant:
        raise no_such(given)
    return meant
