"""The interface's words in the person's language, and those around an answer in its question's: gettext.

Messages are written in English, as they stand in the code: `gettext("{n} sources").format(n=n)`, never an f-string,
which could not be looked up. Translations are in `locales/`; `tools/localization/catalogue.py` brings them up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

LANGUAGES = ("en", "de")
DOMAIN = "beleg"
LOCALES = Path(__file__).parent / "locales"

_chosen = ["en"]  # the interface's language: one for the process, as its locale is


def use(language: str) -> None:
    """Show the interface in this language from now on, one of LANGUAGES."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is none of {', '.join(LANGUAGES)}")
    _chosen[0] = language


def interface_language() -> str:
    """Return the language that the interface is shown in."""
    return _chosen[0]


def gettext(message: str) -> str:
    """Return a message in the interface's language."""
    return words(_chosen[0]).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """Return a message in the interface's language, as it is said of `n` things."""
    return words(_chosen[0]).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """Return a message in the interface's language that means one thing here and another elsewhere."""
    return words(_chosen[0]).pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802 (gettext's own name, which the extraction knows)
    """Mark a message that is looked up where it is shown, as a constant's is: `gettext(_REMEDY)`."""
    return message


def NC_(_: str, message: str) -> str:  # noqa: N802 (the name that GLib gave it)
    """Mark a message that is looked up with its context where it is shown: `pgettext("doctor", topic)`."""
    return message


def number(value: float, decimals: int = 0) -> str:
    """Return a number as the interface's language writes it: 1,234.5, or 1.234,5."""
    written = f"{value:,.{decimals}f}"
    return written.translate(str.maketrans(",.", ".,")) if _chosen[0] == "de" else written


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    return translation(DOMAIN, LOCALES, [language])


def words(language: str) -> NullTranslations:
    """Return messages in a language, such as that of a question; in the interface's, where it is none of LANGUAGES."""
    return _translations(language_of_words(language))


def language_of_words(language: str) -> str:
    """Return which language `words` of a language are in: itself, if it is one of LANGUAGES."""
    return language if language in LANGUAGES else _chosen[0]


def from_environment(environ: Mapping[str, str]) -> str:
    """Return which of LANGUAGES the environment asks for, in gettext's order; English where it asks for another."""
    named = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or _of_the_system()
    if named.partition(".")[0] in ("C", "POSIX"):  # a locale that asks for no language, whatever LANGUAGE says
        return "en"
    wanted = [each for each in environ.get("LANGUAGE", "").split(":") if each] or [named]
    known = [short for each in wanted if (short := each[:2].lower()) in LANGUAGES]
    return known[0] if known else "en"


def _of_the_system() -> str:
    """Return the locale where the environment names none, as on Windows: "de_DE", or "C"."""
    import locale

    return locale.getlocale()[0] or "C"
