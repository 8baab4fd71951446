"""Serialization: an answer to JSON and back, whole.

A saved answer outlives the files it came from. So nothing of it is looked up again: what
its documents say is kept apart, under the hash of the text, and everything else is written
down here, field by field. What comes back is checked as it is read, and is equal to what
went in but for `Passage.sentences`, whose vectors belong to the library and are left out.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from rag.answering.assistant import Answer, Citation, Status, Timings
from rag.answering.attribution import Statement
from rag.answering.sentence_selection import Quote
from rag.documents.chunking import Chunk
from rag.documents.document import Document
from rag.index.hybrid_search import Passage
from rag.index.versions import Version
from rag.settings import Care, Mode

_LONGEST_TEXT = 100_000_000  # bytes: more than any document has
LONGEST_ANSWER = 10_000_000  # characters of JSON, which take up to 25 times that in memory
DAMAGED = (ValueError, KeyError, TypeError, RecursionError, zlib.error)  # what reading a damaged one raises

T = TypeVar("T")


class TooLong(Exception):
    """A text is longer than there is room for."""


def key(text: str) -> str:
    """Return the name a document's text is kept under."""
    return hashlib.sha256(_bytes(text)).hexdigest()


def compressed(text: str) -> bytes:
    """Return a document's text as it is kept."""
    return zlib.compress(_bytes(text))


def decompressed(kept: bytes, name: str, room: int) -> tuple[str, int]:
    """Return a document's text, and its length in bytes, which is `room` at most.

    Raises TooLong, or one of DAMAGED if the text is no longer what `key` called `name`.
    """
    unpacking = zlib.decompressobj()
    raw = unpacking.decompress(kept, min(room, _LONGEST_TEXT) + 1)  # one more: what just fits comes to its end
    if len(raw) > room:
        raise TooLong
    if not unpacking.eof or len(raw) > _LONGEST_TEXT:
        raise ValueError("a document's text is cut off, or longer than any")
    if hashlib.sha256(raw).hexdigest() != name:
        raise ValueError("a document's text has changed")
    return raw.decode("utf-8", "surrogatepass"), len(raw)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # PDFs hold halves of characters


def packed(answer: Answer) -> tuple[str, dict[str, str]]:
    """Return an answer as JSON, and the texts of its documents by the keys that stand for them in it."""
    shown = [*(citation.quote.document for citation in answer.citations), *(row.document for row in answer.passages)]
    keys = {document: key(document.text) for document in dict.fromkeys(shown)}
    number = {document: index for index, document in enumerate(keys)}
    timings = answer.timings
    facts = {
        "question": answer.question,
        "standalone": answer.standalone,
        "language": answer.language,
        "status": answer.status,
        "text": answer.text,
        "documents": [_packed_document(document, name) for document, name in keys.items()],
        "statements": [[row.text, list(row.citations), row.supported] for row in answer.statements],
        "citations": [_packed_citation(row, number[row.quote.document]) for row in answer.citations],
        "passages": [_packed_passage(row, number[row.document]) for row in answer.passages],
        "figures": [list(figure) for figure in answer.figures],
        "model": answer.model,
        "embedder": answer.embedder,
        "mode": answer.mode,
        "care": answer.care,
        "timings": [float(timings.search_s), float(timings.first_token_s), float(timings.total_s)],
        "prompts": list(answer.prompts),
        "support": float(answer.support),
        "declined": _packed_sentence(answer.declined, number) if answer.declined else None,
        "considered": [_packed_sentence(row, number) for row in answer.considered],
        "limited": list(answer.limited) if answer.limited else None,
    }
    return json.dumps(facts), {name: document.text for document, name in keys.items()}


def _packed_document(document: Document, text: str) -> dict[str, Any]:
    names = ("id", "path", "name", "title", "date", "language", "body", "sha256")
    return {name: getattr(document, name) for name in names} | {"pages": list(document.pages), "text": text}


def _packed_citation(citation: Citation, document: int) -> dict[str, Any]:
    quote = citation.quote
    return {
        "n": citation.n,
        "page": citation.page,
        "document": document,
        "span": [quote.start, quote.end],
        "text": quote.text,
        "support": float(quote.support),
        "marks": [list(mark) for mark in quote.marks],
        "gloss": quote.gloss,
        "also_in": list(citation.also_in),
        "older_than": _packed_version(citation.older_than),
        "context": citation.context,
    }


def _packed_sentence(quote: Quote, number: Mapping[Document, int]) -> dict[str, Any]:
    return {"document": number[quote.document], "span": [quote.start, quote.end], "support": float(quote.support)}


def _packed_passage(passage: Passage, document: int) -> dict[str, Any]:
    chunk = passage.chunk
    return {
        "document": document,
        "span": [chunk.start, chunk.end],
        "context": chunk.context,
        "language": chunk.language,
        "score": float(passage.score),
        "rank": passage.rank,
        "by": list(passage.by),
        "also_in": list(passage.also_in),
        "older_than": _packed_version(passage.older_than),
    }


def unpacked(packed_answer: str, texts: Mapping[str, str]) -> Answer:
    """Return the answer that `packed` was given; raises one of DAMAGED where it cannot be that.

    `texts` are the texts of its documents by their keys.
    """
    if len(packed_answer) > LONGEST_ANSWER:
        raise ValueError("an answer is longer than any")
    row = exactly(dict, json.loads(packed_answer))
    documents = [_document(exactly(dict, each), texts) for each in exactly(list, row["documents"])]
    return Answer(
        question=exactly(str, row["question"]),
        standalone=exactly(str, row["standalone"]),
        language=exactly(str, row["language"]),
        text=exactly(str, row["text"]),
        model=exactly(str, row["model"]),
        embedder=exactly(str, row["embedder"]),
        status=_one_of(get_args(Status), row["status"]),
        mode=_one_of(get_args(Mode), row["mode"]),
        statements=tuple(
            Statement(exactly(str, text), _all(int, cited), exactly(bool, supported))
            for text, cited, supported in _all(list, row["statements"])
        ),
        citations=tuple(_citation(each, documents) for each in _all(dict, row["citations"])),
        passages=tuple(_passage(each, documents) for each in _all(dict, row["passages"])),
        figures=tuple((exactly(int, n), exactly(str, words)) for n, words in _all(list, row["figures"])),
        timings=Timings(*_all(float, row["timings"])),
        prompts=_all(str, row["prompts"]),
        # Earlier turns were saved without these.
        care=_one_of(get_args(Care), row.get("care", "balanced")),
        support=exactly(float, row.get("support", 0.0)),
        declined=None if row.get("declined") is None else _sentence(row["declined"], documents),
        considered=tuple(_sentence(each, documents) for each in exactly(list, row.get("considered", []))),
        limited=None if row.get("limited") is None else _pair(row["limited"]),
    )


def _document(row: Mapping[str, Any], texts: Mapping[str, str]) -> Document:
    text = texts[exactly(str, row["text"])]
    return Document(
        id=exactly(str, row["id"]),
        path=exactly(str, row["path"]),
        name=exactly(str, row["name"]),
        title=exactly(str, row["title"]),
        date=None if row["date"] is None else exactly(str, row["date"]),
        language=exactly(str, row["language"]),
        text=text,
        body=exactly(int, row["body"]),
        pages=_all(int, row["pages"]),
        sha256=exactly(str, row["sha256"]),
    )


def _citation(row: Mapping[str, Any], documents: Sequence[Document]) -> Citation:
    document = _which(documents, row["document"])
    start, end = _span(document, row["span"])
    if row["text"] != document.text[start:end]:
        raise ValueError("a quote is not what its document says")
    marks = tuple(_span(document, mark) for mark in exactly(list, row["marks"]))
    support, gloss = exactly(float, row["support"]), exactly(str, row["gloss"])
    quote = Quote(document, start, end, document.text[start:end], support, marks, gloss)
    context = exactly(str, row.get("context", ""))  # earlier turns were saved without
    return Citation(exactly(int, row["n"]), quote, exactly(int, row["page"]), _also_in(row), _older_than(row), context)


def _sentence(row: object, documents: Sequence[Document]) -> Quote:
    facts = exactly(dict, row)
    document = _which(documents, facts["document"])
    start, end = _span(document, facts["span"])
    return Quote(document, start, end, document.text[start:end], exactly(float, facts["support"]))


def _passage(row: Mapping[str, Any], documents: Sequence[Document]) -> Passage:
    document = _which(documents, row["document"])
    start, end = _span(document, row["span"])
    context, language = exactly(str, row["context"]), exactly(str, row["language"])
    chunk = Chunk(document.id, start, end, document.text[start:end], context, language)
    score, rank, by = exactly(float, row["score"]), exactly(int, row["rank"]), _all(str, row["by"])
    return Passage(chunk, document, score, rank, by, (), _also_in(row), _older_than(row))


def _also_in(row: Mapping[str, Any]) -> tuple[str, ...]:
    return _all(str, row.get("also_in", []))  # earlier turns were saved without


def _packed_version(newest: Version | None) -> list[str] | None:
    return [newest.id, newest.name, newest.date] if newest else None


def _older_than(row: Mapping[str, Any]) -> Version | None:
    newest = row.get("older_than")  # earlier turns were saved without
    if newest is None:
        return None
    identity, name, date = _all(str, newest)
    return Version(identity, name, date)


def exactly(kind: type[T], value: object) -> T:
    """Return `value` if it is just of this type: JSON knows no others, and True is no number."""
    if type(value) is not kind:
        raise ValueError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value


def _all(kind: type[T], value: object) -> tuple[T, ...]:
    return tuple(exactly(kind, each) for each in exactly(list, value))


def _pair(value: object) -> tuple[int, int]:
    one, other = _all(int, value)
    return one, other


def _one_of(words: Sequence[str], value: object) -> Any:
    if value not in words:
        raise ValueError(f"one of {', '.join(words)} expected")
    return value


def _which(documents: Sequence[Document], value: object) -> Document:
    if not 0 <= (index := exactly(int, value)) < len(documents):
        raise ValueError("a document is missing")
    return documents[index]


def _span(document: Document, value: object) -> tuple[int, int]:
    start, end = _all(int, value)
    if not 0 <= start <= end <= len(document.text):
        raise ValueError("a span is outside its document")
    return start, end
