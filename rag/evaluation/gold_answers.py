"""Gold answers: what a question file says is right, where it stands, and how near to it an answer comes.

People write such files by hand, about their own documents, and seldom count characters:
a place may be given as offsets, but also as the words themselves, which are then looked
up in the document. A file and its documents drift apart unnoticed, and every figure
computed after that is wrong; so whatever does not fit is refused with a reason, never
guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from rag.errors import UsageError
from rag.text.paragraphs import surrounding
from rag.text.sanitize import one_line

Span = tuple[int, int]

_KEYS = ("answer", "document", "words", "sentence", "start", "end")  # what only an answerable question has
_LONGEST = 2000  # characters of a paragraph on either side; some texts have no blank lines at all
_SHOWN = 60  # characters of a row's words in a reason

_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset("a an the der die das den dem des ein eine einen einem einer eines".split())


@dataclass(frozen=True, slots=True)
class Gold:
    """The right answer to one question.

    `answers` are wordings of which any is right, none where only a place is given.
    `document` is the document's name, or the end of its path. `spans` are the places of
    the answering words in that document's text, in code points and in order; none where
    no place is given. `paragraphs` holds for each span the paragraph around it: what
    stands between blank lines, cut to 2,000 characters on either side of the span.
    `others` are names of other documents that end like `document` and are not meant.
    """

    answerable: bool
    answers: tuple[str, ...] = ()
    document: str | None = None
    spans: tuple[Span, ...] = ()
    paragraphs: tuple[Span, ...] = ()
    others: tuple[str, ...] = ()

    def stands_in(self, document: str) -> bool:
        """Whether the document of this name is the one that holds the answer."""
        return self.document is not None and document not in self.others and ends_in(document, self.document)

    def is_inside(self, place: Mapping[str, Any]) -> bool:
        """Whether the answering words stand wholly inside a passage or citation of a record."""
        inside = any(place["start"] <= start and end <= place["end"] for start, end in self.spans)
        return inside and self.stands_in(place["document"])

    def overlaps(self, place: Mapping[str, Any]) -> bool:
        """Whether a passage or citation of a record has a character of the answering words."""
        return _overlap(place, self.spans) and self.stands_in(place["document"])

    def is_beside(self, place: Mapping[str, Any]) -> bool:
        """Whether a passage or citation of a record has a character of a paragraph with the answering words."""
        return _overlap(place, self.paragraphs) and self.stands_in(place["document"])


def _overlap(place: Mapping[str, Any], spans: Sequence[Span]) -> bool:
    return any(place["start"] < end and start < place["end"] for start, end in spans)


def ends_in(path: str, end: str) -> bool:
    """Whether `path` is `end` or ends in it, by whole components: "a/b.txt" in "b.txt", "xb.txt" not.

    However their letters are composed: "ü" is one character or two. Nothing ends in an empty path.
    """
    whole, part = (PurePosixPath(unicodedata.normalize("NFC", each)).parts for each in (path, end))
    return bool(part) and whole[-len(part) :] == part


def from_row(row: Mapping[str, Any], texts: Callable[[str], Sequence[tuple[str, str]]]) -> Gold:
    """Return what a row (an object) of a question file says the right answer is.

    `answerable` is true unless the row says false; a question without an answer has none
    of the other keys. `answer` is a wording or a list of them. `document` names the
    document that holds it, as the library does or by the end of its path. The place in it
    is `start` and `end` (code points); otherwise wherever `words` stand, each of which must;
    otherwise wherever any `answer` stands; otherwise `sentence`. Words are found whatever
    the white space between them, rather whole than as parts of longer words or numbers,
    rather in their own case than in another; all places count. null is the same as nothing.

    `texts` returns name and text of every document whose name or path ends in what it is
    given (see `ends_in`). Raises UsageError with a reason for a row that makes no sense or
    does not fit its document, and whatever `texts` raises.
    """
    if not _flag(row, "answerable"):
        for key in _KEYS:
            if row.get(key) is not None:
                raise UsageError(f"`{key}` is given for a question that is not `answerable`.", "Remove one of them.")
        return Gold(answerable=False)
    answers, words, sentence = (_texts(row, key) for key in ("answer", "words", "sentence"))
    offsets = _offsets(row)
    document = _document(row)
    place = next((key for key in ("start", "words", "sentence") if row.get(key) is not None), "")
    if document is None and place:
        raise UsageError(f"`{place}` is given, but no `document` that it is a place in.", "Name the document.")
    if document is None and answers:
        return Gold(answerable=True, answers=answers)
    if document is None or not (answers or place):
        raise UsageError(
            "The row says neither what the right answer is nor where it stands.",
            "Give `answer`, or `document` with `words` or with `start` and `end`, or `answerable`: false.",
        )
    name, text, others = _resolved(document, texts)
    if offsets:
        spans: Sequence[Span] = (_checked(offsets, (*answers, *words), name, text),)
    else:
        spans = _places(answers, words, sentence, name, text)
    return Gold(True, answers, name, tuple(spans), tuple(paragraph(text, span) for span in spans), others)


def paragraph(text: str, span: Span) -> Span:
    """Return the span of the paragraph around `span`: between blank lines, at most 2,000 characters beyond it."""
    return surrounding(text, *span, _LONGEST)


def find(words: str, text: str) -> list[Span]:
    """Return all places (code points) of `words` in `text`, in order, without overlaps.

    Any white space equals any other, and composed letters equal decomposed ones. Whole
    words are looked for first ("3" is no part of "1933", "11" none of "11.000"), in this
    case and then in any, before parts of words are.
    """
    core = r"\s+".join(map(_spelt, words.split()))
    if not core:
        return []
    first, last = words.split()[0][0], words.split()[-1][-1]
    before = r"(?<![^\W_])" if first.isalnum() else ""
    if first.isdigit():
        before += r"(?:(?<!\d[.,])|(?=\d{4}(?!\d)))"  # the year of "3.11.2024" is whole
    after = r"(?![^\W_])" if last.isalnum() else ""
    if last.isdigit():
        after += r"(?![.,]\d)"
    for pattern in (before + core + after, core):
        for flags in (0, re.IGNORECASE):
            if found := [match.span() for match in re.finditer(pattern, text, flags)]:
                return found
    return []


def _spelt(word: str) -> str:
    """Return a pattern for a word, its letters composed in any way."""
    forms = dict.fromkeys([word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)])
    return f"(?:{'|'.join(map(re.escape, forms))})"


def word_f1(text: str, right: str) -> float:
    """Return the harmonic mean of word precision and recall of `text` against `right`, from 0 to 1.

    As in SQuAD (Rajpurkar et al. 2016), but a word is any run of letters or digits of any
    script, in any case, and German articles are left out as English ones are. An answer in
    another language than `right` has few words in common with it, however good it is.
    """
    ours, theirs = Counter(_words(text)), Counter(_words(right))
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold()) if word not in _ARTICLES]


def letters(text: str) -> str:
    """Return the letters and digits of a text, in one case: what has to agree before one answer contains another."""
    return "".join(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))


def _flag(row: Mapping[str, Any], key: str) -> bool:
    value = row.get(key)
    if value is not None and not isinstance(value, bool):
        raise UsageError(f"`{key}` is neither true nor false.")
    return value is None or value


def _texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the text, or texts, under a key; () where there is none."""
    value = row.get(key)
    if value is None:
        return ()
    values = value if isinstance(value, list | tuple) and key != "sentence" else [value]
    if not all(isinstance(each, str) for each in values):
        raise UsageError(f"`{key}` is not text{'' if key == 'sentence' else ' or a list of texts'}.")
    if not values or not all(each.strip() for each in values):
        raise UsageError(f"`{key}` is empty.", "Write something, or leave it out.")
    return tuple(values)


def _document(row: Mapping[str, Any]) -> str | None:
    value = row.get("document")
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError("`document` is not the name of a document.")
    if not PurePosixPath(value.strip()).parts:
        raise UsageError("`document` is empty.", "Write its name, or leave it out.")
    return value.encode("utf-8", "replace").decode("utf-8")  # halves of characters are in no name


def _offsets(row: Mapping[str, Any]) -> Span | None:
    start, end = row.get("start"), row.get("end")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise UsageError("Of `start` and `end` one is missing.", "Give both, or `words` instead.")
    if type(start) is not int or type(end) is not int:  # true is an int to isinstance
        raise UsageError("`start` and `end` are not whole numbers.")
    return start, end


def _resolved(document: str, texts: Callable[[str], Sequence[tuple[str, str]]]) -> tuple[str, str, tuple[str, ...]]:
    """Return a document's name in the library, its text, and the names that end alike but are others'."""
    shown = one_line(document, _SHOWN)
    found = texts(document)
    if not found:
        raise UsageError(f"There is no document {shown} in the library.", "`beleg documents` lists them.")
    exact = [each for each in found if ends_in(document, each[0]) and ends_in(each[0], document)]
    if len(found) > 1 and not exact:
        raise UsageError(f"{shown} stands for {len(found)} documents in the library.", "Write more of its path.")
    name, text = (exact or found)[0]
    alike = [each[0] for each in (found if name == document else texts(name))]
    if alike.count(name) > 1:
        raise UsageError(
            f"{alike.count(name)} documents in the library are called {one_line(name, _SHOWN)}: "
            "an answer could not tell them apart.",
            "Index a folder above both.",
        )
    return name, text, tuple(sorted({each for each in alike if each != name}))


def _checked(offsets: Span, given: Sequence[str], name: str, text: str) -> Span:
    """Return offsets that lie in the text and hold one of the texts given for them, if any are."""
    start, end = offsets
    shown = one_line(name, _SHOWN)
    if not 0 <= start < end <= len(text):
        raise UsageError(
            f"`start` and `end` are no place in {shown}: its text has {len(text)} characters.",
            "Count from 0; `end` comes after the last character.",
        )
    if given and _folded(text[start:end]) not in map(_folded, given):
        raise UsageError(
            f"At `start` and `end` stands {_quoted(text[start:end])} in {shown}, not {_quoted(given[0])}.",
            "The file or the document has changed: correct them, or give `words` without `start` and `end`.",
        )
    return offsets


def _places(
    answers: Sequence[str], words: Sequence[str], sentence: Sequence[str], name: str, text: str
) -> Sequence[Span]:
    """Return where the words stand, each of them; else any of the answers; else the sentence."""
    for given, each_must in ((words, True), (answers, False), (sentence, True)):
        found = [find(each, text) for each in given]
        if (missing := [each for each, spans in zip(given, found, strict=True) if not spans]) and each_must:
            raise _absent(missing[0], name)
        if any(found):
            return sorted({span for spans in found for span in spans})
    raise _absent(answers[0], name)


def _absent(words: str, name: str) -> UsageError:
    return UsageError(
        f"The words {_quoted(words)} are not in {one_line(name, _SHOWN)}.",
        "Give the words that answer, as they stand there, as `words`; or leave `document` out.",
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _quoted(text: str) -> str:
    return f'"{one_line(text[: 2 * _SHOWN], _SHOWN)}"'.encode("utf-8", "replace").decode("utf-8")
