"""Parallel text and a dictionary to the two tables that ship.

The statistics hold, for every word form of the parallel text that was aligned with some
belief, how often it was seen and which English it stood for. The dictionary's table holds
what the statistics and the rest of the dictionary do not give anyway: inflected forms of
known words, compounds whose parts say it all, and rare technical words are left out. That
keeps the tables small and the licences apart: what stands in one comes from the pairs alone,
what stands in the other from the dictionary alone, though the pairs tell what to leave out.
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rag.errors import UsageError
from rag.lexicon.building.alignment import Links, links
from rag.lexicon.translate import Translator, Word
from rag.text.digits import number
from rag.text.language import stems, words

Pair = tuple[tuple[str, ...], tuple[str, ...]]

_LONGEST = 60  # words of a sentence: longer ones are rarely one sentence, and cost most
_BELIEF = 0.2  # the least agreed belief in a link that a translation is counted from
_MOST_WORDS = 3  # of a translation
_TITLES = 0.15  # a word in lower case this often is no name: "minister", for all the Ministers
_MOST = 5  # translations of a form
_LEAST_SHARE = 0.04
_MIDDLING, _TECHNICAL, _LONG = 9, 12, 13  # letters: the longer a word, the fewer of its meanings are kept


def read_pairs(paths: Sequence[Path], language: str) -> Iterator[tuple[str, str]]:
    """Yield the sentence pairs of tab-separated files, packed or not: the last two fields of a line.

    Raises UsageError that names the file, and the line where one is no pair.
    """
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        try:
            with opener(path, "rt", encoding="utf-8") as file:
                for count, line in enumerate(file, 1):
                    if not line.strip():
                        continue
                    fields = line.rstrip("\n").split("\t")
                    if len(fields) < 2:
                        raise UsageError(
                            f"{path}, line {count}: not a sentence pair.",
                            f"A line holds a sentence in {language}, a tab, and the same sentence in English.",
                        )
                    yield fields[-2], fields[-1]
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}.", "Name a UTF-8 file, plain or .gz.") from error


def tokens(text: str) -> list[str]:
    """Return the words of a sentence as the aligner sees them, in their own case."""
    found = []
    for start, end in words(text):
        word = text[start:end]
        found.append(number(word) if word[0].isdigit() else word.replace("’", "'").removesuffix("'s"))
    return found


def usable(pairs: Iterable[tuple[str, str]]) -> list[Pair]:
    """Return the tokens of the pairs that look like translations of each other, none twice."""
    kept: dict[Pair, None] = {}
    for source, target in pairs:
        left, right = tuple(tokens(source)), tuple(tokens(target))
        longer, shorter = max(len(left), len(right)), min(len(left), len(right))
        if shorter and longer <= _LONGEST and longer <= 2 * shorter + 3:
            kept[left, right] = None
    return list(kept)


def statistics(pairs: Sequence[Pair], progress: Callable[[str], None]) -> dict[str, list[str]]:
    """Return the rows of the statistics: form → [count, "english:share in %", …], best first."""
    lowered = [([w.lower() for w in left], [w.lower() for w in right]) for left, right in pairs]
    found = links(lowered, progress)
    source = _as_written([left for left, _ in pairs])
    counted: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for token, phrase, belief in _phrases(pairs, found):
        counted[source[token]][phrase] += belief
    rows: dict[str, list[str]] = {}
    for form, times in Counter(source).items():
        if form[0].isdigit() or form not in counted:
            continue
        ranked = sorted(counted[form].items(), key=lambda item: (-item[1], item[0]))[:_MOST]
        floor = max(_LEAST_SHARE * times, 0.45)
        kept = [f"{english}:{min(100, round(100 * seen / times))}" for english, seen in ranked if seen >= floor]
        if kept:
            rows[form] = [str(times), *kept]
    return rows


def _phrases(pairs: Sequence[Pair], found: Links) -> Iterator[tuple[int, str, float]]:
    """Yield (source token, English words, belief) for every source token with an agreed link.

    Neighbours of the agreed word that chose the same source word join it: "foreign minister".
    """
    cased = _usual([right for _, right in pairs], _TITLES)
    target = [cased.get(word.lower(), word.lower()) for _, right in pairs for word in right]
    sentence = [number for number, (_, right) in enumerate(pairs) for _ in right]
    linked: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    for a, b, agreed, grown in zip(
        found.source.tolist(), found.target.tolist(), found.agreed.tolist(), found.grown.tolist(), strict=True
    ):
        linked[a][b] = (agreed, grown)
    for token, row in linked.items():
        anchor = max(row, key=lambda b: (row[b][0], -b))
        if row[anchor][0] < _BELIEF:
            continue
        first = last = anchor
        while first - 1 in row and row[first - 1][1] > 0.5 and sentence[first - 1] == sentence[anchor]:
            first -= 1
        while last + 1 in row and row[last + 1][1] > 0.5 and sentence[last + 1] == sentence[anchor]:
            last += 1
        if last - first >= _MOST_WORDS or len(set(target[first : last + 1])) <= last - first:
            first = last = anchor
        yield token, " ".join(target[first : last + 1]), row[anchor][0]


def _usual(sentences: Sequence[Sequence[str]], lower_share: float = 0.5) -> dict[str, str]:
    """Return how words are usually written inside sentences, by their lower case.

    That is in lower case if `lower_share` of them are.
    """
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for row in sentences:
        for word in row[1:]:
            seen[word.lower()][word] += 1
    return {
        low: low if forms[low] >= lower_share * forms.total() else max(sorted(forms), key=lambda form: forms[form])
        for low, forms in seen.items()
    }


def _as_written(sentences: Sequence[Sequence[str]]) -> list[str]:
    """Return all words as they are written, but at the start of a sentence, or all in capitals, as they usually are.

    In German the case tells nouns from verbs: "Sprachen", languages, from "sprachen", spoke.
    """
    usual = _usual(sentences)
    found = []
    for row in sentences:
        for at, word in enumerate(row):
            unsure = at == 0 or (word.isupper() and len(word) > 1)
            found.append(usual.get(word.lower(), word) if unsure else word)
    return found


def english(pairs: Sequence[Pair]) -> Counter[str]:
    """Return how often each English word, in lower case, stands in the pairs."""
    return Counter(word.lower() for _, right in pairs for word in right)


def shortened(
    language: str,
    statistics_rows: Mapping[str, list[str]],
    entries: Mapping[str, list[str]],
    frequency: Mapping[str, int],
) -> dict[str, list[str]]:
    """Return the dictionary's entries without those that the rest of the lexicon gives anyway.

    Nor those of long words that stand for nothing but English words never seen in the
    pairs: names of species, of chemicals and of parts of machines. Looked at from the
    shortest word to the longest, so that what remains is enough to give back what was
    left out.
    """
    kept: dict[str, list[str]] = {}
    seen = dict(statistics_rows)
    for _, forms in groupby(sorted(entries, key=lambda form: (len(form), form)), key=len):
        translator = Translator(language, seen, kept)  # it remembers, so it must not outlive what it was asked about
        for form in list(forms):
            known = translator.word(form)
            listed = entries[form][: 1 if len(form) >= _LONG else 2 if len(form) >= _MIDDLING else 3]
            if listed and not _follows(form, known, listed) and not _technical(form, listed, frequency):
                kept[form] = listed
    return kept


def _follows(form: str, known: Word, listed: Sequence[str]) -> bool:
    """Whether the translations `listed` for a form need not be kept, since they follow from what is known."""
    wanted = [frozenset(stems(english, "en")) for english in listed[:2]]
    if frozenset(stems(form, "en")) in wanted:
        return True  # it stands for itself
    if not known.translations:
        return False
    # A long compound is understood from its parts.
    return frozenset(stems(known.translations[0].english, "en")) in wanted or (
        len(known.parts) > 1 and len(form) >= _LONG
    )


def _technical(form: str, listed: Sequence[str], frequency: Mapping[str, int]) -> bool:
    words_of = (english.lower().replace("-", " ").split() for english in listed)
    return len(form) >= _TECHNICAL and all(any(word not in frequency for word in words) for words in words_of)
