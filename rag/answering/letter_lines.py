"""Lines of a letter that answer nothing, or nothing but a question about the letter.

"Dear Mr Lowe," names somebody and "12 May 2023" a day: to a reader of single lines they answer any question for a
person or a day. A salutation, and what signs off, is no answer at all. A date line, and the addresses above a
salutation, say of the document who wrote it where and when: so the question has to name it, by a word of its title, of
its file's name or of the line, unless no other document is asked.
"""

from __future__ import annotations

from pathlib import PurePath

from rag.answering.query import Query
from rag.documents.document import Document
from rag.documents.document_head import FIRST_LINES, only_day
from rag.index.library import Sentence
from rag.lexicon.query_terms import said as said_of
from rag.text.language import asked_stems, stems
from rag.text.letters import letter

_PART = 5  # letters: so long is a word that stands for compounds it is part of


def answers_nothing(query: Query, document: Document, sentence: Sentence, *, alone: bool) -> bool:
    """Return whether a sentence only frames a letter, for this question; `alone` if no other document is asked."""
    found = letter(document.text, document.body)
    if found is not None and found.greets(sentence.start, sentence.end):
        return True
    line = document.text[sentence.start : sentence.end]
    near_the_top = sentence.start < document.body + FIRST_LINES
    frames = (found is not None and found.heads(sentence.start, sentence.end)) or (near_the_top and only_day(line))
    return frames and not alone and not _named(query, document, line)


def _named(query: Query, document: Document, line: str) -> bool:
    known = f"{document.title} {PurePath(document.name).stem} {line}"
    asked = asked_stems(query.text, query.language, document.language)
    own = stems(known, document.language)
    if any(each in own or (len(each) >= _PART and any(each in word for word in own)) for each in asked):
        return True
    return query.language != document.language and bool(said_of(known, document.language, query.terms))
