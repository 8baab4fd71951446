"""Query terms: what a text is searched by, and read as, in English, whatever it is written in.

A German passage is indexed under the English stems of its words, a German question asked
in them, and sentences are weighed by the meanings that they share. English text needs no
gloss. Languages without a lexicon have none, and meet others in sound-alike pieces only.
"""

from __future__ import annotations

from rag.lexicon import Reading, open_lexicon
from rag.text.language import asked_stems, stem, words

Terms = list[dict[str, float]]


def glossed(text: str, language: str) -> list[str]:
    """Return the English stems to index a text in another language under, repeats kept; [] for English."""
    lexicon = open_lexicon(language)
    return [token for options in lexicon.terms(text) for token in options] if lexicon else []


def terms(text: str, language: str) -> Terms:
    """Return for each content word of a text the English stems it may be found by, with the share of each.

    [] where the language has no lexicon.
    """
    if language == "en":
        return [{token: 1.0} for token in asked_stems(text, "en", "en")]
    lexicon = open_lexicon(language)
    return lexicon.terms(text) if lexicon else []


def read(text: str, language: str) -> Reading | None:
    """Return a text word by word in English; None for English and for languages without a lexicon."""
    lexicon = open_lexicon(language)
    return lexicon.read(text) if lexicon else None


def said(text: str, language: str, asked: Terms) -> frozenset[str]:
    """Return the words of `text`, in lower case, that mean what some word asked about means.

    A compound says more than one of its parts: "Erdgas" answers which gas.
    """
    wanted = {token for options in asked for token in options}
    if language == "en":
        spans = [text[start:end] for start, end in words(text)]
        return frozenset(word.lower() for word in spans if stem(word, "en") in wanted)
    lexicon = open_lexicon(language)
    if lexicon is None:
        return frozenset()
    return frozenset(
        word.lower() for word, options in lexicon.located_terms(text, parts=False) if wanted & options.keys()
    )
