"""Mentions: every document that names a thing, each with the sentences that do, and no other.

This is search in which nothing is ranked: the whole library is looked through by the stems of the words, in the
language of each passage, and by what the words mean in it where there is a lexicon. A document mentions a thing if
one sentence holds all words of it; words that its title holds need not be said again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.documents.document import Document
from rag.index.copies import copies
from rag.index.library import Library
from rag.index.rows import Sentence
from rag.lexicon import open_lexicon
from rag.system.cancellation import CancelToken
from rag.text.headings import heading
from rag.text.language import stem, words
from rag.text.wordlists import FUNCTION_WORDS

MOST_SHOWN = 20  # documents, or sentences
_LEAST_SHARE = 0.5  # of a word's likeliest translation: what is rarer is another word
_BEGINNING = 5  # letters: so long is a stem that stands for compounds that begin with it
_FIRST_LINES = 600  # characters: those of a letter's head, to its first sentence
_MOST_SENTENCES = 3  # of a document, that are looked for


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence's span in its document's text, and those of the words that mention the thing."""

    start: int
    end: int
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Mentioning:
    """A document, copies of it by name, and its first sentences that mention the thing.

    Those that hold all words stand before others, running text before headings.
    """

    document: Document
    also_in: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """The ids of all documents that mention a thing, and of those that are `titled` by it; the first are `shown`."""

    ids: tuple[str, ...] = ()
    titled: frozenset[str] = frozenset()
    shown: tuple[Mentioning, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word that is looked for: itself, and what it may be in English, each way as the stems of all of its words."""

    form: str
    english: tuple[frozenset[str], ...]


def mentioning(
    thing: str,
    asked: str,
    library: Library,
    documents: Collection[str] = (),
    cancel: CancelToken | None = None,
) -> Mentions:
    """Return the documents that mention a thing, named in the language `asked`, those first that do so most.

    With `documents`, only of those ids. Of copies one stands for all. Raises Stopped once `cancel` is cancelled.
    """
    wanted, cancel = _wanted(thing, asked), cancel or CancelToken()
    if not wanted:
        return Mentions()
    twins = copies(library, documents)
    entries = {entry.id: entry for entry in library.entries() if entry.id not in twins.left_out}
    holding = [_holding(word, asked, library) for word in wanted]  # titles are part of what a chunk is found by
    all_of_them = set.intersection(*(set(each.values()) for each in holding)) & entries.keys()
    found: dict[str, set[int]] = {each: set() for each in (all_of_them & set(documents) if documents else all_of_them)}
    for chunks in holding:
        for chunk, identity in chunks.items():
            if identity in found:
                found[identity].add(chunk)
    ids: list[str] = []
    titled: set[str] = set()
    shown: list[Mentioning] = []  # texts are large: of the others no more is kept than counts
    for identity in sorted(found, key=lambda each: (-len(found[each]), entries[each].name, each)):
        cancel.check()
        document = library.document(identity)
        mentions = _mentions(document, found[identity], wanted, asked, library)
        if not mentions:
            continue
        ids.append(identity)
        named = f"{document.title} {document.name}"
        if any(_spans(named, document.language, word, wanted, asked) for word in wanted):
            titled.add(identity)
        if len(shown) < MOST_SHOWN:
            shown.append(Mentioning(document, twins.names.get(identity, ()), mentions))
    return Mentions(tuple(ids), frozenset(titled), tuple(shown))


def entitled(thing: str, asked: str, library: Library, documents: Collection[str]) -> dict[str, int]:
    """Return which of some documents have words of a thing in their names or titles, and how many of its words."""
    wanted = _wanted(thing, asked)
    found: dict[str, int] = {}
    for entry in library.entries():
        named = f"{entry.title} {entry.name}"
        count = sum(bool(_spans(named, entry.language, word, wanted, asked)) for word in wanted)
        if count and entry.id in documents:
            found[entry.id] = count
    return found


def begun_with(thing: str, asked: str, library: Library, documents: Collection[str]) -> list[frozenset[str]]:
    """Return for each word of a thing which of some documents have it in their first lines; of copies, in each.

    A letter names there who writes, a form what it is for: what people call it by, whatever its file is called.
    """
    wanted = _wanted(thing, asked)
    first = {chunks[0]: identity for identity, chunks in library.openings(documents).items() if chunks}
    found: list[frozenset[str]] = []
    for word in wanted:
        holding = _holding(word, asked, library).keys() & first.keys()
        begun = (library.document(first[chunk]) for chunk in sorted(holding))
        found.append(frozenset(each.id for each in begun if _spans(_head(each), each.language, word, wanted, asked)))
    return found


def _head(document: Document) -> str:
    return document.text[document.body : document.body + _FIRST_LINES]


def documents_with(word: str, asked: str, library: Library) -> frozenset[str]:
    """Return the ids of the documents that hold a word of the language `asked`, or what it means in theirs."""
    return frozenset(_holding(_Wanted(word, _english(word, asked)), asked, library).values())


def _wanted(thing: str, asked: str) -> list[_Wanted]:
    small = FUNCTION_WORDS.get(asked, frozenset())
    forms = _forms(thing)
    content = [form for form in forms if form.lower() not in small] or forms
    return [_Wanted(form, _english(form, asked)) for form in content]


def _english(form: str, language: str) -> tuple[frozenset[str], ...]:
    """Return what a word most likely is in English: the stems of "wind power" for "Windkraft"."""
    if language == "en":
        return (frozenset({stem(form, "en")}),)
    lexicon = open_lexicon(language)
    found = lexicon.words.word(form).translations if lexicon else ()
    likely = [each.english for each in found if each.share >= _LEAST_SHARE * found[0].share]
    small = FUNCTION_WORDS["en"]
    ways = [{stem(one, "en") for one in _forms(each) if one.lower() not in small} for each in likely]
    return tuple(frozenset(way) for way in ways if way)


def _forms(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


def _holding(word: _Wanted, asked: str, library: Library) -> dict[int, str]:
    """Return the chunks, with their documents, that may hold a word in whatever language they are in."""
    found: dict[int, str] = {}
    for language in library.languages():
        own = stem(word.form, language)
        tokens = {own, own + "*"} if _compounds(language, own) else {own}
        found |= library.chunks_holding("stems", tokens, language)
        if language != asked and word.english:
            english = frozenset().union(*word.english)
            found |= library.chunks_holding("stems" if language == "en" else "glosses", english, language)
    return found


def _compounds(language: str, own: str) -> bool:
    return language == "de" and len(own) >= _BEGINNING and own.isalpha()


def _mentions(
    document: Document, chunks: Collection[int], wanted: Sequence[_Wanted], asked: str, library: Library
) -> tuple[Mention, ...]:
    """Return sentences that mention a thing: one of its words at least, the others at least in the title."""
    languages = {chunk: row[4] for chunk, row in library.chunks(chunks).items()}
    titled = {word for word in wanted if _spans(document.title, document.language, word, wanted, asked)}
    found: list[tuple[bool, bool, Mention]] = []
    for chunk, sentences in sorted(library.sentences(chunks).items(), key=lambda each: _begin(each[1])):
        for sentence in sentences:
            text = document.text[sentence.start : sentence.end]
            said = {word: _spans(text, languages[chunk], word, wanted, asked) for word in wanted}
            if not any(said.values()) or not all(said[word] or word in titled for word in wanted):
                continue
            spans = sorted({span for each in said.values() for span in each})
            marks = tuple((sentence.start + start, sentence.start + end) for start, end in spans)
            heads = heading(document.text, sentence.start, sentence.end, document.body) is not None
            found.append((not all(said.values()), heads, Mention(sentence.start, sentence.end, marks)))
        if sum(not part and not heads for part, heads, _ in found) >= _MOST_SENTENCES:
            break
    best = sorted(found, key=lambda each: each[:2])  # stable: in the order of the text
    return tuple(mention for _, _, mention in best[:_MOST_SENTENCES])


def _begin(sentences: Sequence[Sentence]) -> int:
    return sentences[0].start if sentences else 0


def _spans(text: str, language: str, word: _Wanted, wanted: Sequence[_Wanted], asked: str) -> list[tuple[int, int]]:
    """Return the spans of the words of `text` that are, or mean, a word, or a compound of it with others `wanted`."""
    own = stem(word.form, language)
    begun = own if _compounds(language, own) else "\0"
    all_stems = {stem(form, language) for form in _forms(text)} if language == "en" != asked else frozenset[str]()
    english = [way for way in word.english if language != asked]
    ways = [way for way in english if language != "en" or way <= all_stems]
    asked_for = frozenset().union(*(way for each in wanted for way in each.english))
    found = []
    for start, end in words(text):
        form = text[start:end]
        stemmed = stem(form, language)
        if stemmed == own or stemmed.startswith(begun) or _means(form, stemmed, language, ways, asked_for):
            found.append((start, end))
    return found


def _means(form: str, stemmed: str, language: str, ways: Sequence[frozenset[str]], asked_for: frozenset[str]) -> bool:
    """Whether a word of a passage means the one that is looked for; "ferry captain" is no ferry."""
    if not ways:
        return False
    if language == "en":
        return any(stemmed in way for way in ways)
    if form.lower() in FUNCTION_WORDS.get(language, frozenset()):
        return False
    return any(meaning <= asked_for and any(meaning & way for way in ways) for meaning in _english(form, language))
