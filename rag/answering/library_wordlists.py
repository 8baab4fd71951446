"""Words and forms of questions that a library answers by what it knows of its documents, in German and English."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["summary", "begins", "says", "cannot"]


def _form(form: Form, pattern: str) -> tuple[Form, re.Pattern[str]]:
    return form, re.compile(rf"(?:please |bitte |can you |could you |kannst du |können sie )?{pattern}", re.I)


# What may follow is the name of a document: only where the library holds one of that name is this more than a question.
FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    _form("summary", r"(?:summari[sz]e|sum up|give me an? (?:\w+ )?(?:summary|overview) of) (?P<thing>.+)"),
    _form("says", r"what (?:does|do|did) (?P<thing>.+?) (?:say|state|tell (?:me|us))"),
    _form("begins", r"what (?:does|do|did) (?P<thing>.+?) contain"),
    _form("begins", r"(?:tell|what can you tell) me (?:something |more |all )?about (?P<thing>.+)"),
    _form("begins", r"what(?:'s| is| are| stands)(?: written)? in (?P<thing>.+)"),
    _form("begins", r"what(?:'s| is) (?P<thing>.+) about"),
    _form("begins", r"(?:show(?: me)?|open|display) (?P<thing>.+)"),
    _form("cannot", r"(?:translate|compare|edit|delete|rename|print|convert) (?P<thing>.+?)(?: (?:in)?to \w+)?"),
    _form("cannot", r"what(?: has)? changed between (?P<thing>.+)"),
    _form("summary", r"fass(?:e|en sie)? (?P<thing>.+?) (?:kurz )?zusammen"),
    _form("summary", r"(?P<thing>.+) (?:kurz )?zusammenfassen"),
    _form("begins", r"worum geht(?: es|'s|s) (?:in|im|bei|beim) (?P<thing>.+)"),
    _form("begins", r"wovon handelt (?P<thing>.+)"),
    _form("begins", r"was (?:steht|ist)(?: alles| so)? (?:in|im) (?P<thing>.+)"),
    _form("begins", r"was enthält (?P<thing>.+)"),
    _form("begins", r"erzähle? mir (?:etwas|was|mehr) (?:über|von|vom) (?P<thing>.+)"),
    _form("begins", r"(?:zeige?|zeigen sie)(?: mir| uns)? (?P<thing>.+)"),
    _form("begins", r"öffn(?:e|en sie) (?P<thing>.+)"),
    _form(
        "cannot",
        r"(?:übersetz|vergleich|bearbeit|lösch|druck)(?:e|en sie)? (?P<thing>.+?)(?: (?:ins|auf|in) \w+)?(?: aus)?",
    ),
    _form("cannot", r"was hat sich zwischen (?P<thing>.+) (?:ge|ver)ändert"),
)

DOCUMENT = frozenset(
    "document documents file files text texts dokument dokumente dokumenten datei dateien texte".split()
)
DOCUMENT_ENDINGS = ("datei", "dokument")  # of a compound: "Mitgliederdatei"
MINE = frozenset(
    "my library here have i there are any all show list me bibliothek mein meine meiner meinen habe ich alle zeig zeige"
    " liste auf mir".split()
)
NEWEST = frozenset("newest latest recent neueste neuestes neuesten jüngste jüngstes jüngsten aktuellste".split())
OLDEST = frozenset("oldest earliest älteste ältestes ältesten".split())

# By code: what a language is called in English and in German.
LANGUAGES: dict[str, tuple[str, str]] = {
    "de": ("German", "Deutsch"),
    "en": ("English", "Englisch"),
    "fr": ("French", "Französisch"),
    "es": ("Spanish", "Spanisch"),
    "it": ("Italian", "Italienisch"),
    "pt": ("Portuguese", "Portugiesisch"),
    "nl": ("Dutch", "Niederländisch"),
    "da": ("Danish", "Dänisch"),
    "sv": ("Swedish", "Schwedisch"),
    "no": ("Norwegian", "Norwegisch"),
    "fi": ("Finnish", "Finnisch"),
    "pl": ("Polish", "Polnisch"),
    "cs": ("Czech", "Tschechisch"),
    "hu": ("Hungarian", "Ungarisch"),
    "ro": ("Romanian", "Rumänisch"),
    "ru": ("Russian", "Russisch"),
    "uk": ("Ukrainian", "Ukrainisch"),
    "tr": ("Turkish", "Türkisch"),
    "ar": ("Arabic", "Arabisch"),
}
