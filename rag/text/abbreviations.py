"""Abbreviations in full: "Tel. 4711" says "Telefon 4711", "Mo.-Fr." says "Montag-Freitag".

Whoever asks for the telephone number or for Saturday writes the word. So what is embedded, searched and
compared with a question has it in full; what is shown and quoted stays as it is written. The lists
are of the language, not of any kind of document, and hold only what has one meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.text.normalization import Normalized

_DAYS_DE = dict(
    zip(
        "Mo Di Mi Do Fr Sa So".split(),
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
        strict=True,
    )
)
_DAYS_EN = {
    short: full
    for full, shorts in {
        "Monday": "Mon",
        "Tuesday": "Tue Tues",
        "Wednesday": "Wed",
        "Thursday": "Thu Thur Thurs",
        "Friday": "Fri",
        "Saturday": "Sat",
        "Sunday": "Sun",
    }.items()
    for short in shorts.split()
}


def _pairs(words: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in words.split())


# By language: what stands before a full stop, and the word it stands for.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "de": _pairs(
        "Tel=Telefon Fa=Firma Hr=Herr Hl=Heiliger Prof=Professor Str=Straße Pl=Platz Nr=Nummer Art=Artikel Abs=Absatz "
        "Kap=Kapitel Abb=Abbildung Tab=Tabelle Pos=Position MwSt=Mehrwertsteuer Mwst=Mehrwertsteuer USt=Umsatzsteuer "
        "Std=Stunden Min=Minuten Sek=Sekunden Mon=Monate Jh=Jahrhundert Jhd=Jahrhundert Mio=Millionen Mrd=Milliarden "
        "Tsd=Tausend Stk=Stück Stck=Stück Pers=Personen Pkt=Punkte Inh=Inhaber Bhf=Bahnhof Hbf=Hauptbahnhof "
        "Zi=Zimmer Anz=Anzahl Verf=Verfasser Vors=Vorsitz Mitgl=Mitglieder Whg=Wohnung "
        "geb=geboren gest=gestorben gegr=gegründet ca=circa inkl=inklusive exkl=exklusive zzgl=zuzüglich tägl=täglich "
        "max=maximal mind=mindestens jährl=jährlich monatl=monatlich wöchentl=wöchentlich vorl=vorläufig "
        "Jan=Januar Feb=Februar Apr=April Aug=August Sept=September Okt=Oktober Nov=November Dez=Dezember"
    ),
    "en": _pairs(
        "Tel=Telephone tel=telephone Rd=Road Ave=Avenue Blvd=Boulevard Dept=Department Sec=Section Chap=Chapter "
        "Fig=Figure approx=approximately incl=including excl=excluding max=maximum hrs=hours mins=minutes yrs=years "
        "Jan=January Feb=February Apr=April Aug=August Sept=September Oct=October Nov=November Dec=December "
        "Govt=Government Univ=University Prof=Professor est=established"
    ),
}
_ENDINGS = {"de": _pairs("str=straße nr=nummer")}  # of a word: "Hauptstr.", "Hausnr."
_HOURS = r"\s?:?\s*\d{1,2}(?:[:.]\d\d(?!\d)|\s?(?:[-–]|Uhr|bis\b|h\b))"
_NEIGHBOURS = {
    language: (
        re.compile(rf"(?:{'|'.join(days)})\b\.?\s?(?:[-–/,+&]|bis|und|u\.|to|and)\s?$"),
        re.compile(rf"\.?\s?(?:[-–/,+&]|bis|und|u\.|to|and)\s?(?:{'|'.join(days)})\b|\.?{_HOURS}"),
    )
    for language, days in (("de", _DAYS_DE), ("en", _DAYS_EN))
}
_DAYS = {"de": _DAYS_DE, "en": _DAYS_EN}
_WORD = re.compile(r"[^\W\d_]+")


def in_full(reading: Normalized, language: str) -> Normalized:
    """Return what is read with its abbreviations in full; each stands where the abbreviation does."""
    text = reading.text
    changes = list(_changes(text, language)) if language in _WORDS and ("." in text or _may_hold_days(text)) else []
    if not changes:
        return reading
    parts: list[str] = []
    offsets: list[int] = []
    added: list[tuple[int, int]] = []
    at = moved = 0
    for start, end, full in changes:
        parts += [text[at:start], full]
        offsets.extend(reading.offsets[at:start])
        # The word begins with the abbreviation's letters; the rest of it stands at their end.
        offsets.extend(reading.offsets[min(start + number, end)] for number in range(len(full)))
        added += [(left + moved, right + moved) for left, right in reading.added if at <= left < start]
        at, moved = end, moved + len(full) - (end - start)
    added += [(left + moved, right + moved) for left, right in reading.added if left >= at]
    parts.append(text[at:])
    offsets.extend(reading.offsets[at : len(text) + 1])
    return Normalized("".join(parts), offsets, tuple(added))


def _may_hold_days(text: str) -> bool:
    return any(map(str.isdigit, text)) or "-" in text or "–" in text


def _changes(text: str, language: str) -> list[tuple[int, int, str]]:
    """Return what is to be written in full: spans with the words that stand for them."""
    found = []
    for match in _WORD.finditer(text):
        word, start, end = match.group(), match.start(), match.end()
        stopped = text.startswith(".", end)
        last = not text[end + 1 :].strip(" )]\"'”“’»«")  # of the sentence: its full stop stays
        full = _WORDS[language].get(word) if stopped else None
        if full is None and word in _DAYS[language]:
            before, after = _NEIGHBOURS[language]
            beside = before.search(text, max(0, start - 12), start) or after.match(text, end)
            full = _DAYS[language][word] if beside or (stopped and word not in ("Fr", "So", "Do", "Sun")) else None
        if full is None and stopped:
            full = next((word.removesuffix(e) + w for e, w in _ENDINGS.get(language, {}).items() if _is(word, e)), None)
        if full is None and word == "Fr" and stopped and language == "de":
            full = "Frau"
        if full is not None:
            found.append((start, end + (stopped and not last), full))
    return found


def _is(word: str, ending: str) -> bool:
    return word.endswith(ending) and len(word) > len(ending) + 2
