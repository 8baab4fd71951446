"""Word translations that carry an English embedder and the lexical search over to German.

A lexicon is two tables a language: what was seen in parallel text, and what a dictionary
lists (under a licence of its own). `README.md` beside this file says how they are made and
how to add a language.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from rag.errors import LexiconUnusable
from rag.lexicon.gloss import Gloss, Lexicon, Reading
from rag.lexicon.table import Table
from rag.lexicon.translate import Translation, Translator, Word
from rag.localization import gettext

__all__ = [
    "Gloss",
    "Lexicon",
    "Reading",
    "Translation",
    "Translator",
    "Word",
    "files",
    "fingerprint",
    "languages",
    "open_lexicon",
]

_FOLDER = Path(__file__).parent
_STATISTICS, _DICTIONARY = "-en.statistics.tsv", "-en.dictionary.tsv"


def languages(folder: Path = _FOLDER) -> list[str]:
    """Return the languages there is a lexicon for."""
    return sorted(path.name.removesuffix(_STATISTICS) for path in folder.glob(f"*{_STATISTICS}"))


@cache
def open_lexicon(language: str, folder: Path = _FOLDER) -> Lexicon | None:
    """Return the lexicon from `language` into English, or None if there is none.

    The dictionary's table may be missing: then the statistics stand alone.
    Raises LexiconUnusable for files that are no tables; a damaged row raises it when it is looked up.
    """
    statistics, dictionary = folder / f"{language}{_STATISTICS}", folder / f"{language}{_DICTIONARY}"
    if not statistics.is_file():
        return None
    listed = Table(dictionary) if dictionary.is_file() else dict[str, list[str]]()
    return Lexicon(Translator(language, Table(statistics), listed))


def files(folder: Path = _FOLDER) -> list[Path]:
    """Return the tables of all languages."""
    return sorted(folder.glob("*.tsv"))


@cache
def fingerprint(folder: Path = _FOLDER) -> str:
    """Return the sha256 of all tables: what is made with the help of the lexicon depends on it."""
    digest = hashlib.sha256()
    for path in files(folder):
        try:
            digest.update(path.name.encode() + path.read_bytes())
        except OSError as error:
            raise LexiconUnusable(
                gettext("{path} cannot be read: {error}.").format(path=path, error=error.strerror),
                gettext("Install Beleg anew."),
            ) from error
    return digest.hexdigest()
