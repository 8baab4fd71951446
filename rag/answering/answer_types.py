"""What kind of thing a question asks for, by its words: rules for eight languages.

Of a question in another language that is not known, which is not the same as that it asks for a thing: nothing
is then said for or against a sentence by what it holds. Language by language, since "wie" asks for a manner in
German and for a person in Dutch.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

AnswerType = Literal["number", "time", "person", "place", "thing", "unknown"]

_ALONE = r"(?![^?]*,)"  # with a comma later it begins a clause: "When the mill burned, what was lost?"
_FIRST = r"(?:^|(?<=[,;:] ))[¿\s\"'„“«]*"  # relative pronouns look like question words, but do not begin

_PATTERNS: dict[str, dict[str, str]] = {
    "de": {
        "time": r"\b(?:wann|um wie viel uhr"
        r"|(?:in )?welche[mnrs]? (?:jahr\w*|tag|datum|monat|jahrhundert|jahrzehnt|uhrzeit))\b",
        "number": r"\b(?:wie ?(?:viele?[mnrs]?|hoch|alt|lange?|weit|groß|schwer|oft|teuer|tief|breit|schnell|stark)"
        r"|was (?:kostet?|kostete|kosteten|kosten|wiegt|wiegen|wog|verdien\w+)"
        r"|welche[rn]? (?:anteil|anzahl|zahl|prozentsatz|betrag|summe)|prozent)\b",
        "person": r"\b(?:wer|wem|wen|wessen)\b",
        "place": r"\b(?:wo|wohin|woher|welche[mnrs]? (?:land|stadt|ort|region|staat))\b",
    },
    "en": {
        "time": r"\b(?:when (?:did|was|were|is|are|do|does|will|has|have|had|would|can|could|should)|since when"
        r"|what time|(?:what|which) (?:year|day|date|month|century|decade))\b",
        "number": r"\b(?:how (?:many|much|old|long|far|tall|high|large|big|often|deep|wide|heavy|fast|few)"
        r"|what (?:do|does|did|will|would) .{1,80}? (?:cost|weigh|earn|measure)"
        r"|what (?:percentage|percent|proportion|share|number|fraction|amount)|percent(?:age)?)\b",
        "person": r"\b(?:who|whom|whose)\b",
        "place": r"\b(?:where|(?:what|which) (?:country|city|state|town|region|place|land))\b",
    },
    "es": {
        "time": rf"\bcuándo\b|{_FIRST}(?:desde |hasta )?cuando\b{_ALONE}|\bqué hora\b"
        r"|\bqu[eé] (?:año|día|fecha|mes|siglo|década)\b",
        "number": r"\bcu[aá]nt[oa]s?\b|\bqu[eé] (?:cantidad|porcentaje|precio|altura|edad|tamaño|distancia|longitud"
        r"|velocidad|profundidad|proporción|número|superficie|frecuencia)\b|\bpor ?ciento\b"
        r"|\bcuál (?:es|era|fue) (?:el|la) (?:precio|coste|costo|número|porcentaje|cantidad|altura|edad|población)\b",
        "person": rf"\bquién(?:es)?\b|{_FIRST}(?:a |de |con |por |para )?quien(?:es)?\b",
        "place": rf"\b(?:adónde|dónde)\b|{_FIRST}(?:de |a |por )?a?donde\b"
        r"|\bqu[eé] (?:país|ciudad|lugar|estado|región|pueblo|sitio|provincia)\b",
    },
    "fr": {
        "time": rf"\bquand\b{_ALONE}|\bquelle heure\b|\bquel(?:le)?s? (?:année|date|jour|mois|siècle|décennie)s?\b",
        "number": r"\bcombien\b|\bquel(?:le)?s? (?:(?:est|sont|était|fut|sera) (?:le |la |les |l['’])?)?(?:prix|coût"
        r"|nombre|pourcentage|taille|hauteur|longueur|largeur|âge|distance|vitesse|superficie|profondeur|montant"
        r"|proportion|part|poids|population|durée|quantité|fréquence|loyer)\b|\bpour ?cent\b",
        "person": rf"{_FIRST}(?:à |de |par |avec |pour |chez |contre )?qui\b",
        "place": rf"{_FIRST}(?:d['’]|jusqu['’]|par |vers )?où\b|\boù\W*$"
        r"|\bquel(?:le)?s? (?:pays|ville|endroit|lieu|région|état|village|commune)\b",
    },
    "it": {
        "time": rf"\bquando\b{_ALONE}|\b(?:che|quale) (?:ora|anno|giorno|data|mese|secolo|decennio)\b",
        "number": r"\bquant(?:[oaie]\b|['’])|\bche (?:percentuale|età|altezza|prezzo|velocità|distanza|quantità)\b"
        r"|\bqual (?:è|era|fu) (?:il |la |l['’])(?:prezzo|costo|numero|percentuale|altezza|età|popolazione)\b"
        r"|\bper ?cento\b",
        "person": rf"{_FIRST}(?:a |di |da |con |per )?chi\b",
        "place": rf"{_FIRST}(?:da |di |verso )?dove\b|\bdov['’]|\bdove\W*$"
        r"|\b(?:che|quale) (?:paese|città|luogo|stato|regione|posto|provincia)\b",
    },
    "nl": {
        "time": rf"\bwanneer\b{_ALONE}|\bhoe laat\b|\bwelke? (?:jaar|dag|datum|maand|eeuw|tijd|uur|decennium)\b",
        "number": r"\bhoe ?veel\b|\bhoe (?:lang|oud|hoog|groot|ver|zwaar|vaak|diep|breed|snel|duur)\b"
        r"|\bwelke? (?:percentage|aantal|bedrag|prijs|deel)\b|\bwat kost(?:te|ten|en)?\b|\bprocent\b",
        "person": rf"{_FIRST}(?:aan |van |voor |door |met |bij )?wie\b|\bwiens\b",
        "place": r"\b(?:waar|waarheen|waarvandaan)\b|\bwelke? (?:land|stad|plaats|provincie|dorp|gemeente|streek)\b",
    },
    "pl": {
        "time": rf"\bkiedy\b{_ALONE}|\bktórej (?:godzinie|godziny)\b|{_FIRST}o której\b"
        r"|\b(?:którym|jakim|którego|jakiego) (?:roku|dniu|dnia|miesiącu|wieku)\b",
        "number": r"\b(?:ile|ilu|iloma)\b|\bjak (?:długo|często|daleko|szybko|wysok\w+|star\w+|dług\w+|duż\w+"
        r"|głębok\w+|ciężk\w+|szerok\w+)\b"
        r"|\bjak\w{1,3} (?:jest |był\w? )?(?:procent|odsetek|liczba|kwota|cena|koszt|wysokość|wiek|populacja)\b",
        "person": rf"\b(?:kto|kogo|komu)\b|{_FIRST}(?:z )?kim\b|\bczyj\w{{0,3}}\b",
        "place": r"\b(?:gdzie|dokąd|skąd)\b"
        r"|\b(?:którym|jakim|której|jakiej) (?:kraju|mieście|miejscu|państwie|regionie|wsi|miejscowości)\b",
    },
    "pt": {
        "time": rf"\bquando\b{_ALONE}|\bque horas\b|\bque (?:ano|dia|data|mês|século|década)\b",
        "number": r"\bquant[oa]s?\b|\bque (?:percentagem|porcentagem|idade|altura|quantidade|distância|velocidade)\b"
        r"|\bqual (?:é|era|foi) [oa] (?:preço|custo|número|percentagem|porcentagem|altura|idade|população)\b"
        r"|\bpor cento\b",
        "person": rf"{_FIRST}(?:a |de |com |por |para )?quem\b",
        "place": r"\b(?:onde|aonde|donde)\b|\bque (?:país|cidade|lugar|estado|região|aldeia|sítio)\b",
    },
}
_KINDS: tuple[AnswerType, ...] = ("time", "number", "person", "place")  # the first that fits


def answer_type(question: str, language: str) -> AnswerType:
    """Return what kind of thing a question in `language` asks for; "unknown" where that language has no rules.

    Of German and English, which few words tell apart, both are looked for in either.
    """
    both = ("de", "en")
    known = both if language in both else (language,) if language in _PATTERNS else ()
    if not known:
        return "unknown"
    return next((kind for kind in _KINDS if any(_pattern(name, kind).search(question) for name in known)), "thing")


@cache
def _pattern(language: str, kind: AnswerType) -> re.Pattern[str]:
    return re.compile(_PATTERNS[language][kind], re.IGNORECASE)
