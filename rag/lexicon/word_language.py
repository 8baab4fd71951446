"""The language of single words: German or English, by which of the two has them.

A detector reads the runs of letters of a text, and a word or two hold few: "Miete" could be of many languages. Which
language has a word of this form is known better.
"""

from __future__ import annotations

from rag.lexicon import open_lexicon
from rag.lexicon.gloss import Lexicon
from rag.lexicon.senses import known
from rag.text.language import read, stem
from rag.text.wordlists import FUNCTION_WORDS

_WELL_KNOWN = 30  # sightings
_ABBREVIATION = 2  # letters: "ok" is in every language


def language_by_words(text: str) -> str:
    """Return "de" or "en", whichever alone has more of the words of `text`; "" where that tells nothing."""
    lexicon = open_lexicon("de")
    if lexicon is None:
        return ""
    telling = [_only_in(word.text, lexicon) for word in read(text) if len(word.text) > _ABBREVIATION]
    german, english = telling.count("de"), telling.count("en")
    if german == english:
        return ""
    return "de" if german > english else "en"


def _only_in(word: str, lexicon: Lexicon) -> str:
    """Return the one language that has a word; "" where both do, or neither.

    The German statistics hold names and English words, too: what stands for itself there is of no language, and what
    English has is German only where the dictionary lists it, or it was seen often ("Version").
    """
    german = word.lower() in FUNCTION_WORDS["de"]
    if word.lower() in FUNCTION_WORDS["en"] or known(word):
        return "" if german or lexicon.words.lists(word, _WELL_KNOWN) else "en"
    found = lexicon.words.word(word)
    has = bool(found.parts) or lexicon.words.has(word)
    itself = any(stem(each.english, "en") == stem(word, "en") for each in found.translations[:1])
    return "de" if german or (has and not itself) else ""
