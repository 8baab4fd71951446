"""What the tools give back: their fields are the schemas that clients are shown.

Text is what the library holds; halves of characters, which PDFs may hold and no JSON can, are "?", one for one.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from rag.answering.answer import Answer, Citation
from rag.index.hybrid_search import Passage
from rag.index.versions import Version

_NEAREST = 3  # passages shown where the documents do not say


def _whole(text: Any) -> Any:
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_whole)]
DocumentId = Annotated[str, Field(description="The document's id, as `read` and beleg://document/ID take it.")]
Start = Annotated[int, Field(description="Where it begins in the document's text, in Unicode characters.")]
End = Annotated[int, Field(description="Where it ends there.")]


class Newer(BaseModel):
    """The newest version of a document that is older."""

    document: Text
    date: Text


class FoundPassage(BaseModel):
    """A passage of a document: `text` is its text[start:end], to the letter."""

    document_id: DocumentId
    document: Text
    title: Text
    date: Text | None
    start: Start
    end: End
    text: Text
    context: Annotated[Text | None, Field(description="The headings that it stands under.")]
    score: float
    also_in: Annotated[list[Text], Field(description="Copies of the document.")]
    older_than: Newer | None


class FoundPassages(BaseModel):
    """What was found, the best first."""

    passages: list[FoundPassage]


class CitedQuote(BaseModel):
    """What a sentence of the answer rests on: `quote` is the document's text[start:end], to the letter."""

    n: Annotated[int, Field(description="The number of its [n] in the answer.")]
    document_id: DocumentId
    document: Text
    title: Text
    date: Text | None
    page: int
    start: Start
    end: End
    quote: Text
    gloss: Annotated[Text | None, Field(description="The quote word by word in English: a hint, no evidence.")]
    support: Annotated[float, Field(description="The chance that it answers, from 0 to 1.")]
    also_in: list[Text]
    older_than: Newer | None


class DifferentFigure(BaseModel):
    """A figure that another source contradicts, and the number of the citation that it stands in."""

    n: int
    figure: Text


class AnswerGiven(BaseModel):
    """An answer with its evidence, or a refusal."""

    status: Annotated[
        Literal["answered", "not_found", "about"],
        Field(description="not_found: the documents do not say, and nothing is to be made up; about: on the library."),
    ]
    answer: Text
    citations: list[CitedQuote]
    disagreement: Annotated[list[DifferentFigure], Field(description="Where sources give different figures.")]
    nearest: Annotated[list[FoundPassage], Field(description="Of not_found: what is nearest, and NO evidence.")]
    standalone: Annotated[Text, Field(description="The question, completed from those before it.")]
    language: str
    mode: str
    model: Text


class ListedDocument(BaseModel):
    """A document of the library."""

    id: DocumentId
    name: Text
    title: Text
    date: Text | None
    language: str
    tags: list[Text]
    characters: int


class ListedDocuments(BaseModel):
    """A part of the list of documents, by name; `total` are all that were asked for."""

    total: int
    documents: list[ListedDocument]


class TextRange(BaseModel):
    """A part of a document's text, to the letter; what is asked for may end before `length`: read on from `end`."""

    document_id: DocumentId
    document: Text
    title: Text
    date: Text | None
    language: str
    page: int
    start: Start
    end: End
    length: Annotated[int, Field(description="The characters of the whole text.")]
    text: Text


class Indexed(BaseModel):
    """What an indexing did, by names of documents."""

    new: list[Text]
    changed: list[Text]
    unchanged: int
    unreadable: list[Text]
    outside: Annotated[int, Field(description="Files left out because links lead out of the allowed folders.")]
    documents: Annotated[int, Field(description="How many the library has now.")]


def passage_found(passage: Passage) -> FoundPassage:
    """Return a passage as a record."""
    return FoundPassage(
        document_id=passage.document.id,
        document=passage.document.name,
        title=passage.document.title,
        date=passage.document.date,
        start=passage.chunk.start,
        end=passage.chunk.end,
        text=passage.chunk.text,
        context=passage.chunk.context or None,
        score=round(passage.score, 4),
        also_in=list(passage.also_in),
        older_than=_newer(passage.older_than),
    )


def answer_given(answer: Answer) -> AnswerGiven:
    """Return an answer as a record."""
    refused = answer.status == "not_found"
    return AnswerGiven(
        status=answer.status,
        answer=answer.text,
        citations=[_cited(citation) for citation in answer.citations],
        disagreement=[DifferentFigure(n=n, figure=figure) for n, figure in answer.figures],
        nearest=[passage_found(passage) for passage in answer.passages[:_NEAREST]] if refused else [],
        standalone=answer.standalone,
        language=answer.language,
        mode=answer.mode,
        model=answer.model,
    )


def _cited(citation: Citation) -> CitedQuote:
    quote = citation.quote
    return CitedQuote(
        n=citation.n,
        document_id=quote.document.id,
        document=quote.document.name,
        title=quote.document.title,
        date=quote.document.date,
        page=citation.page,
        start=quote.start,
        end=quote.end,
        quote=quote.text,
        gloss=quote.gloss or None,
        support=round(quote.support, 4),
        also_in=list(citation.also_in),
        older_than=_newer(citation.older_than),
    )


def _newer(version: Version | None) -> Newer | None:
    return Newer(document=version.name, date=version.date) if version else None
