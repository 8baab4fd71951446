"""Library facts: what a library knows of its documents beside their words, and which document a question names.

Which documents are in a language, and which is the newest, is looked up. "What does the tenancy letter say?" sounds
like "What does the mayor say?": only the names and titles of the documents tell which of the two it is. Where one
document has all words of what is named, its beginning is shown; what Beleg cannot do with it, it says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath

from rag.answering.attribution import Statement
from rag.answering.beginnings import beginning, shortened
from rag.answering.library_wordlists import (
    DOCUMENT,
    DOCUMENT_ENDINGS,
    FORMS,
    LANGUAGES,
    MINE,
    NEWEST,
    OLDEST,
    Form,
)
from rag.answering.overview import Overview, title_of
from rag.answering.overview_words import says
from rag.answering.sentence_selection import Quote
from rag.index.copies import copies
from rag.index.hybrid_search import require
from rag.index.library import Library
from rag.index.mentions import MOST_SHOWN, entitled, mentioning
from rag.index.rows import Entry
from rag.index.versions import alike
from rag.lexicon.senses import is_a
from rag.text.language import words
from rag.text.wordlists import FUNCTION_WORDS

_BEGINNING = 3  # sentences that a document begins with
_LEAST_SHARE = 1 / 3  # of the words of a name or title: "city" does not name "The budget of the city of Linden"
_SHORT = 2  # letters: "No. 5, 4b" names nothing
_ALIKE = 4  # letters that two forms of a word begin with
_MOST_TYPED = 4  # words: more are a question
_LONGEST = 150  # characters of such a question
_SMALL = FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"] | MINE


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    language: str
    library: Library
    entries: list[Entry]  # of the documents that are asked, copies once

    def says(self, name: str, **values: object) -> Statement:
        return Statement(says(name, self.language, **values), (), True)


def library_facts(question: str, language: str, library: Library, documents: Collection[str] = ()) -> Overview | None:
    """Return the answer to a question that the library knows it to, or that names a document; None for any other.

    Raises LibraryUnusable if one of `documents` is not there.
    """
    if len(question) > _LONGEST or language not in ("de", "en"):
        return None
    require(library, documents)
    left_out = copies(library, documents).left_out
    entries = [entry for entry in library.entries() if entry.id not in left_out]
    asked = _Asked(language, library, [entry for entry in entries if not documents or entry.id in documents])
    text = question.strip().rstrip("?.! ")
    content = [word.lower() for word in _words(text) if word.lower() not in _SMALL]
    return _in_a_language(asked, content) or _newest(asked, content) or _of_a_document(asked, text)


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


def standing_verbatim(text: str, language: str, library: Library, documents: Collection[str] = ()) -> Overview | None:
    """Return the sentences that hold a name or a few words that are all that was typed, None where none does.

    For what no sentence answers: whoever types a name alone wants to know where it stands.
    """
    typed = _words(text)
    if not 0 < len(typed) <= _MOST_TYPED or text.rstrip().endswith(tuple("?!")) or not any(map(str.isalpha, text)):
        return None
    if any(word.lower() in FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"] for word in typed):
        return None
    found = mentioning(text, language, library, documents)
    wanted = " ".join(text.split()).casefold()
    quotes = [
        shortened(Quote(row.document, each.start, each.end, said, 1.0, each.marks))
        for row in found.shown
        for each in row.mentions
        if wanted in " ".join((said := row.document.text[each.start : each.end]).split()).casefold()
    ][:MOST_SHOWN]
    if not quotes:
        return None
    left_out = copies(library, documents).left_out
    of = [each for each in library.entries() if each.id not in left_out and (not documents or each.id in documents)]
    named = {quote.document.id for quote in quotes}
    head = Statement(says("list", language, thing=text.strip(), count=len(named), of=len(of)), (), True)
    lines = [Statement(quote.reading.text, (n,), True) for n, quote in enumerate(quotes, 1)]
    return Overview("about", (head, *lines), tuple(quotes), copies(library, documents).names)


# --- what is known of the documents -------------------------------------------------------------------------


def _in_a_language(asked: _Asked, content: list[str]) -> Overview | None:
    """Answer which documents are in a language, to a question that says no more than that."""
    rest = [word for word in content if word not in DOCUMENT]
    if len(rest) != 1 or len(rest) == len(content):
        return None
    code = next((code for code, names in LANGUAGES.items() if _is_called(rest[0], names)), None)
    if code is None:
        return None
    found = [entry for entry in asked.entries if entry.language == code]
    name = "language" if len(found) > 1 else ("language one" if found else "language none")
    called = LANGUAGES[code][asked.language == "de"]
    head = asked.says(name, count=len(found), of=len(asked.entries), called=called)
    return _begin(asked, head, found, 1)


def _is_called(word: str, names: tuple[str, str]) -> bool:
    english, german = (name.lower() for name in names)
    return word == english or word in (german, *(german + ending for ending in ("e", "en", "er", "sprachige")))


def _newest(asked: _Asked, content: list[str]) -> Overview | None:
    """Answer which document is the newest or the oldest, by its own date, to a question that says no more."""
    rest = [word for word in content if word not in DOCUMENT]
    if len(rest) != 1 or len(rest) == len(content) or rest[0] not in NEWEST | OLDEST:
        return None
    dated = [entry for entry in asked.entries if entry.date]
    if not dated:
        return Overview("about", (asked.says("no dates"),))
    pick, name = (min, "oldest") if rest[0] in OLDEST else (max, "newest")
    found = pick(dated, key=lambda entry: (entry.date or "", entry.name))
    document = asked.library.document(found.id)
    return _begin(asked, asked.says(name, title=title_of(document), date=found.date), [found], _BEGINNING)


def _begin(asked: _Asked, head: Statement, found: list[Entry], most: int) -> Overview:
    """Return an answer of documents' beginnings: of one what it says, of several their titles."""
    quotes = [quote for entry in found[:MOST_SHOWN] for quote in beginning(asked.library, entry.id, most)]
    said = [
        Statement(title_of(quote.document) if most == 1 else quote.reading.text, (n,), True)
        for n, quote in enumerate(quotes, 1)
    ]
    more = [asked.says("more", count=len(found) - MOST_SHOWN)] if len(found) > MOST_SHOWN else []
    twins = copies(asked.library).names
    return Overview(
        "about", (head, *said, *more), tuple(quotes), {entry.id: twins.get(entry.id, ()) for entry in found}
    )


# --- a document that is named -------------------------------------------------------------------------------


def _of_a_document(asked: _Asked, text: str) -> Overview | None:
    """Answer what a document says, with its beginning, where the question names one; or that Beleg cannot do that."""
    for form, pattern in FORMS:
        if match := pattern.fullmatch(text):
            answer = _about(asked, form, match["thing"].strip())
            if answer is not None:
                return answer
    return None


def _about(asked: _Asked, form: Form, thing: str) -> Overview | None:
    if form == "cannot":
        return Overview("not_found", (asked.says("cannot"),)) if _names_some(asked, thing) else None
    named = _named(asked, thing)
    if named is None or (form == "says" and _speaks(thing)):
        return None
    title = title_of(asked.library.document(named.id))
    return _begin(asked, asked.says("begins" if form == "summary" else "begins so", title=title), [named], _BEGINNING)


def _content(thing: str) -> list[str]:
    """Return the words of what is named that may stand in a name, without those for a document."""
    found = []
    for word in _words(thing):
        low = word.lower()
        ending = next((end for end in DOCUMENT_ENDINGS if low.endswith(end) and len(low) > len(end) + 2), "")
        if low not in _SMALL and low not in DOCUMENT:
            found.append(word[: len(word) - len(ending)])
    return found


def _names_some(asked: _Asked, thing: str) -> bool:
    """Whether every word of what is named stands in a document's name or title; "this document" names one, too."""
    content, ids = _content(thing), [entry.id for entry in asked.entries]
    if not content:
        return any(word.lower() in DOCUMENT for word in _words(thing))
    return all(entitled(word, asked.language, asked.library, ids) for word in content)


def _named(asked: _Asked, thing: str) -> Entry | None:
    """Return the one document whose name or title has all words of what is named; of versions the newest."""
    low = thing.lower()
    exact = [entry for entry in asked.entries if low in (entry.name.lower(), entry.title.lower())]
    content = _content(thing)
    if exact or not content:
        return exact[0] if len(exact) == 1 else None
    counts = entitled(" ".join(content), asked.language, asked.library, [entry.id for entry in asked.entries])
    found = [entry for entry in asked.entries if counts.get(entry.id, 0) == len(content) and _covered(entry, content)]
    if len(found) > 1 and all(entry.date and alike(entry.title, found[0].title) for entry in found):
        return max(found, key=lambda entry: entry.date or "")
    return found[0] if len(found) == 1 else None


def _covered(entry: Entry, content: list[str]) -> bool:
    """Whether what is named is enough of the name or title that has its words; of both where it is a translation."""
    named = [_telling(PurePath(entry.name).stem), _telling(entry.title)]
    having = [each for each in named if any(word.lower()[:_ALIKE] in one for word in content for one in each)]
    return len(content) >= _LEAST_SHARE * min(map(len, having or [max(named, key=len)]))


def _telling(name: str) -> list[str]:
    return [word.lower() for word in _content(name) if word[0].isalpha() and len(word) > _SHORT]


def _speaks(thing: str) -> bool:
    """Whether what is said to say something is a person or a group, which a document may be named after."""
    content = _content(thing)
    return bool(content) and any(is_a(content[-1].lower(), kind) for kind in ("person", "group"))
