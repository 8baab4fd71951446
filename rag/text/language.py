"""What depends on the language of a text: detection, word stems, sentence ends.

py3langid detects, Snowball stems. Sentence ends are found here, because the
splitters on offer either lose exact offsets or break German ordinals and
abbreviations ("am 3. November", "z. B.", "Dr. Krause"), and a citation is only
as good as the sentence it quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.errors import BelegError
from rag.text import digits
from rag.text.number_wordlists import MONTHS
from rag.text.paragraphs import paragraphs
from rag.text.wordlists import ABBREVIATIONS, FUNCTION_WORDS, STARTERS

if TYPE_CHECKING:
    import Stemmer
    from py3langid.langid import LanguageIdentifier

_SNOWBALL = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# A number keeps its separators ("11.000", "3,5"); a word keeps inner apostrophes only.
_WORD = re.compile(digits.PATTERN + r"|[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in lower case too, where it lies, and what stands between it and the word before."""

    text: str
    low: str
    start: int
    end: int
    gap: str

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it is unpacked to a temporary file
        raise BelegError(
            f"Temporary files cannot be written: {error.strerror or error}.",
            "Make room there, or name another folder for them with TMPDIR.",
        ) from error


def detect(text: str, among: Collection[str] = (), default: str = "en") -> str:
    """Return the ISO 639-1 code of the language `text` is most likely written in.

    Only the first 4,000 characters are looked at. With `among` the answer is one of
    these codes: a question of six words is told apart from the few languages that
    matter far more reliably than from a hundred. Text without letters gives `default`.
    """
    sample = text[:4000]
    if not any(character.isalpha() for character in sample):
        return default
    if not among:
        return str(_identifier().classify(sample)[0])
    votes = {code: _stopword_share(sample, code) for code in among}
    for code, probability in _identifier().rank(sample):
        if code in votes:
            votes[code] += float(probability)
    return max(votes, key=lambda code: (votes[code], code == default))


def _stopword_share(text: str, language: str) -> float:
    words = [word.casefold() for word in _WORD.findall(text)]
    known = FUNCTION_WORDS.get(language, frozenset())
    return sum(word in known for word in words) / max(len(words), 1)


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    import Stemmer

    name = _SNOWBALL.get(language)
    return Stemmer.Stemmer(name) if name else None


def words(text: str) -> list[tuple[int, int]]:
    """Return the spans (code points) of the words and numbers of `text`, in order."""
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if " " not in match.group() or digits.is_one(text, start, end):
            found.append((start, end))
            continue
        for group in match.group().split(" "):  # a row of figures
            found.append((start, start + len(group)))
            start += len(group) + 1
    return found


def read(text: str) -> list[Word]:
    """Return the words and numbers of `text`, in order, with what stands between them."""
    found, at = [], 0
    for start, end in words(text):
        found.append(Word(text[start:end], text[start:end].lower(), start, end, text[at:start]))
        at = end
    return found


def stem(word: str, language: str) -> str:
    """Return the case-folded Snowball stem of one word; numbers as `digits.number` folds them."""
    if word[0].isdigit():
        return digits.number(word)
    stemmer = _stemmer(language)
    folded = word.replace("’", "'").lower()
    return str(stemmer.stemWord(folded)).casefold() if stemmer else folded.casefold()


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of `text`, in order, repeats kept."""
    return [stem(text[start:end], language) for start, end in words(text)]


def asked_stems(question: str, asked: str, language: str) -> list[str]:
    """Return the stems, as `language` makes them, of the words of a question in `asked` that carry content.

    A question of nothing but function words keeps them all.
    """
    small = FUNCTION_WORDS.get(asked, frozenset())
    spans = words(question)
    content = [span for span in spans if question[slice(*span)].lower() not in small]
    return [stem(question[start:end], language) for start, end in content or spans]


# --- sentences -----------------------------------------------------------------

# Lines that stand for themselves in Markdown and plain text: headings, list items, table rows.
_OWN_LINE = re.compile(r"\s*(?:#{1,6}\s|[-*+•–]\s|\d{1,3}[.)]\s|\||>\s)|.*\t")
# Looked for at the beginning of a run of signs only, and never given back: a million dots are one look.
_END = re.compile(r"(?<![.!?…])[.!?…]++[)\]\"'”“’»«]*+(?=\s)|[。！？]+[」』”]*")
_LAST_TOKEN = re.compile(r"(\S+)$")
_WRAPPED = 60
_NUMBERED = 200  # characters: how far the number of a list item may stand from where the sentence begins


def sentences(text: str, language: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences in `text[start:end]`, without surrounding space.

    Headings, list items and table rows are sentences of their own. Lines that were
    only wrapped are joined; rules and other runs without a letter or digit are left out.
    Offsets are code points of `text`.
    """
    return list(each_sentence(text, language, start, end))


def each_sentence(text: str, language: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield what `sentences` returns, for those who may not want all of them."""
    for span in _rough(text, language, start, len(text) if end is None else end):
        left, right = _strip(text, *span)
        if any(map(str.isalnum, text[left:right])):
            yield left, right


def _rough(text: str, language: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for block_start, block_end in _blocks(text, start, end):
        at = block_start
        for match in _END.finditer(text, block_start, block_end):
            if _ends_sentence(text, at, match, block_end, language):
                yield at, match.end()
                at = match.end()
        yield at, block_end


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip().lstrip("\ufeff").lstrip())
    return start + left, start + max(left, len(piece.rstrip()))


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield runs of text that a sentence never crosses."""
    for left, right in paragraphs(text, start, end):
        yield from _lines(text, left, right)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split one paragraph at line breaks that mean something; join wrapped lines."""
    at = line = start
    while line < end:
        newline = text.find("\n", line, end)
        if newline < 0:
            break
        following = newline + 1
        before = text[line:newline].strip()
        wrapped = len(before) >= _WRAPPED or (before[-1:].islower() and text[following : following + 1].islower())
        if not wrapped or _OWN_LINE.match(text, following, end) or before.startswith(("#", "|")):
            yield at, newline
            at = following
        line = following
    if at < end:
        yield at, end


def _ends_sentence(text: str, start: int, match: re.Match[str], end: int, language: str) -> bool:
    following = text[match.end() : match.end() + 40].lstrip()
    if not following or match.end() >= end:
        return True
    if following[0].islower():
        return False
    if match.group() != ".":  # "!", "?", "..", or a full stop inside closing quotes
        return True
    token_match = _LAST_TOKEN.search(text[max(start, match.start() - 40) : match.start()])
    token = token_match.group(1).lstrip("(\"'„“”»«‚‘[") if token_match else ""
    first = re.match(r"[\"'„“”»«‚‘(\[]*([^\W_]+)", following)
    next_word = first.group(1) if first else ""
    if token.isdigit():
        if match.start() - start <= _NUMBERED and not text[start : match.start()].strip().removesuffix(token):
            return False  # "1. Signed in …": the number of a list item
        if next_word.casefold() in MONTHS:
            return False
        # "Am 3. Tag" but "Er ist 25. Die Frau": only German writes ordinals with a full stop.
        return language != "de" or len(token) > 3 or next_word in STARTERS
    if len(token) == 1 and token.isalpha():
        return token.islower() and next_word in STARTERS
    if ABBREVIATIONS.get(token.casefold()) == "figure":
        return not following[0].isdigit()
    if token.casefold() in ABBREVIATIONS or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", token):
        return ABBREVIATIONS.get(token.casefold()) == "may end" and next_word in STARTERS
    return True
