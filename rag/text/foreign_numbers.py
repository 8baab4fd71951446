"""Numbers, months and weekdays of French, Spanish, Italian and Dutch text, in words that `numbers` knows.

Quotes may be in these languages; what a statement says of them is compared with the quote by value. Whole words are
put into English, so that the text is read as a person would read it out; what else it says stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SMALL = "two three four five six seven eight nine ten eleven twelve".split()
_WORDS = {
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "deux trois quatre cinq six sept huit neuf dix onze douze",
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
        "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "due tre quattro cinque sei sette otto nove dieci undici dodici",
    ),
    "nl": (
        "januari februari maart april mei juni juli augustus september oktober november december",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "twee drie vier vijf zes zeven acht negen tien elf twaalf",
    ),
}
_OTHERS = {
    "fr": "million=million millions=million milliard=billion milliards=billion mille=thousand ans=years an=year "
    "jours=days heures=hours semaines=weeks mois=months heure=hour jour=day",
    "es": "millón=million millones=million mil=thousand años=years año=year días=days día=day horas=hours hora=hour "
    "semanas=weeks meses=months sábados=Saturday domingos=Sunday",
    "it": "milione=million milioni=million miliardo=billion miliardi=billion mila=thousand anni=years anno=year "
    "giorni=days giorno=day ore=hours ora=hour settimane=weeks mesi=months",
    "nl": "miljoen=million miljard=billion duizend=thousand jaar=years dagen=days dag=day uur=hours weken=weeks "
    "maanden=months",
}
_PERCENT = re.compile(r"\b(?:pour cent|por ciento|per cento|procent)\b", re.IGNORECASE)
_OF = re.compile(rf"\b(\d{{1,2}}) (?:de|di) (?={'|'.join(_MONTHS)})")
_IN = re.compile(rf"\b(?:en|au|à|a|ad|nel|op) (?=(?:{'|'.join(_MONTHS)})\b)", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2}) ?h(?: ?(\d\d))?\b")


@cache
def _table(language: str) -> dict[str, str]:
    months, days, small = (words.split() for words in _WORDS[language])
    table = {**dict(zip(months, _MONTHS, strict=True)), **dict(zip(days, _DAYS, strict=True))}
    table.update(zip(small, _SMALL, strict=True))
    for pair in _OTHERS[language].split():
        word, _, english = pair.partition("=")
        table[word] = english
    return table


def in_english(text: str, language: str) -> str:
    """Return a text with its words for numbers, months, weekdays and units of time in English; others as they are."""
    if language not in _WORDS:
        return text
    table = _table(language)
    text = re.sub(r"[^\W\d_]+", lambda match: table.get(match[0].lower(), match[0]), text)
    text = _PERCENT.sub("percent", text)
    text = _OF.sub(r"\1 ", text)
    text = _IN.sub("in ", text)
    return _CLOCK.sub(lambda match: f"{match[1]}:{match[2] or '00'}", text)
