"""Words by which a question shows that it takes several sentences, or that one will do, German and English.

Words of one class count as one, in either language: what was fitted on "longer than" holds for "billiger als" too.
"""

from __future__ import annotations

import re
from functools import cache

_CLASSES: dict[str, str] = {
    "which": "which|welche|welcher|welches|welchen|welchem",
    "what": "what|was|whats|worin|wodurch",
    "how": "how|wie",
    "who": "who|whom|whose|wer|wen|wem|wessen",
    "when": "when|wann",
    "where": "where|wo|woher|wohin",
    "why": "why|warum|weshalb|wieso",
    "many": "many|much|viele?|vielen|wieviele?",
    "two": "two|three|four|five|zwei|drei|vier|fünf|beiden|beider|zwo",
    "both": "both|beide",
    "than": "than|als",
    "or": "or|oder",
    "and": "and|und|sowie",
    "each": "each|jede[rsnm]?|jeweils|jeweilige[nrs]?|einzelne[nrs]?|individual|respectively|different|various"
    "|verschiedenen?|manche|several|mehrere[nr]?",
    "all": "all|every|alle|allen|aller|sämtlichen?|sämtlicher|entire",
    "everything": "everything|everyone|alles|überall",
    "together": "together|altogether|combined|zusammen|zusammengenommen",
    "total": "total|insgesamt|overall|ganzen|gesamtzahl|gesamtbetrag",
    "sum": "sum|summe",
    "differ": "differs?|differed|differences?|different(?:ly)?|disagree|distinguish(?:es)?|contrast(?:s|ed)?"
    "|unterscheide[nt]|unterschiede?n?|unterscheiden|widersprechen|widerspricht|contradict|abweichen|weichen|apart"
    "|versus|vs|gegenüber",
    "compare": "compare|compares|compared|comparison|vergleiche|vergleich|vergleichen|gegenüberstellen",
    "common": "common|similarity|similarities|gemeinsam|gemeinsamkeiten?|ähnlichkeiten|agree|alike|überein",
    "change": "chang(?:e|es|ed|ing)|develop(?:ed|s|ment)?|evolve[ds]?|evolution|grow|grew|verändert|veränderten?"
    "|veränderung(?:en)?|geändert|änderte[n]?|gewandelt|wandelte|entwickelt|entwickelten?|entwicklung|recover(?:ed)?"
    "|amendments?|änderung(?:en)?|changes",
    "since": "since|seit",
    "between": "between|zwischen",
    "around": "before|after|nach|vor|during|während",
    "time": "over|through|durch|century|centuries|jahrhunderte?[ns]?|time|zeit|vorher|now|heute|lauf",
    "as": "as|genauso|ebenso|so",
    "summary": "summari[sz]e|outline|recap|sketch|fass|fasse|fassen|zusammenfassen|zusammenzufassen|zusammenfassung"
    "|summary|skizziere|überblick|overview|zusammengefasst|briefly|kürze|kurz|trace",
    "describe": "describe|explain|schildere|schildern|beschreibe|beschreiben|erkläre|erklären|erläutere|account"
    "|narrate",
    "list": "list|enumerate|liste|auflisten|aufzählen|zähle?|nenne|nennen|name|names|gib|give|show|zeig|zeige|tell"
    "|add|rechne|nenn|sag|say",
    "both sides": "pros|cons|disadvantages|nachteile|strengths|weaknesses|stärken|schwächen|supporters|opponents"
    "|befürworter|gegner|sides|parties|parteien|views|ansichten|positions?|positionen",
    "against": "against|gegen|dagegen|wider|opposed",
    "for": "for|für|favour|favor|dafür",
    "say": "say|says|said|sagen|sagt|sagte|meinen|meint|demand|demands|fordern|fordert|think|report|berichten"
    "|berichtet|write|writes|schreibt|schreiben|see|sehen|claim|claims",
    "happen": "happen(?:s|ed)?|geschah|geschehen|passiert|passierte",
    "came": "led|lead|kam|came|come",
    "course": "verlief|verlaufen|ablauf|verlauf|ablief|abläuft|lief|läuft|course|sequence|order|reihenfolge|timeline"
    "|chronology|history|geschichte|hergang|development|leben|life",
    "procedure": "procedure|process|verfahren|work",
    "step": "steps?|schritte?n?|anleitung|instructions|vorgehen|vorzugehen",
    "known": "known|know|bekannt|weiß|wissen",
    "facets": "reasons|gründen?|advantages|vorteile|events|ereignisse|cities|expenses|auslagen|jobs|ämter|causes"
    "|ursachen|consequences|folgen|effects|conditions|bedingungen|circumstances|umständen|voraussetzungen"
    "|requirements|duties|pflichten|aufgaben|obligations|tasks|powers|befugnisse|rules|regeln|exceptions|ausnahmen"
    "|ingredients|zutaten|allergens?|allergene|symptoms|symptome|side effects|nebenwirkungen|risks|risiken"
    "|gegenanzeigen|contraindications|arguments|argumente|objections|einwände|complaints|beschwerden|measures"
    "|maßnahmen|proposals|vorschläge|decisions|beschlüsse|findings|ergebnisse|results|theories|theorien|documents"
    "|unterlagen|dokumente|formulare|forms|papers|tools|werkzeuge|parts|teile|items|posten|deadlines|fristen|defects"
    "|mängel|errors|fehler|damages|schäden|costs|kosten|fees|gebühren|prices|preise|surcharges|zuschläge|cases|fällen"
    "|members|mitglieder|countries|länder|ländern|staaten|towns|städte|städten|orte|orten|dörfer|villages|streets"
    "|straßen|places|companies|firmen|works|werke|species|arten|years|jahren|days|tagen|repairs|reparaturen|arbeiten"
    "|changes|änderungen|points|punkte|topics|themen|reactions|reaktionen|people|persons|personen|buildings|foods"
    "|speisen|birds|vögel|stages|rights|rechte|ways|signs|details|angaben|daten|data|features|merkmale|services"
    "|leistungen|products|produkte|dates|termine|dangers|gefahren|problems|probleme|methods|methoden|factors|faktoren"
    "|options|möglichkeiten|recommendations|empfehlungen|hinweise|precautions|goals|ziele|criteria|kriterien"
    "|instalments|raten|stations|stationen",
    "facet": "reason|grund|cause|ursache|consequence|folge|effect|condition|bedingung|duty|pflicht|aufgabe|rule|regel"
    "|ingredient|zutat|symptom|nebenwirkung|risk|risiko|argument|proposal|vorschlag|decision|beschluss|result"
    "|ergebnis|document|dokument|tool|item|deadline|frist|error|damage|schaden|cost|fee|gebühr|price|preis|case|fall"
    "|member|mitglied|country|land|staat|town|stadt|ort|dorf|village|street|straße|place|company|firma|werk|year|jahr"
    "|day|tag|repair|reparatur|point|punkt|topic|thema|person|building|stage|right|recht|purpose|zweck|deposit"
    "|kaution|clause|klausel|paragraf|chapter|kapitel|page|seite|colour|color|farbe|size|größe|number|nummer|age"
    "|alter|city|temperature|temperatur|percentage|share|anteil|kind|type|sort|language|sprache",
    "first": "first|last|most|least|(?:larg|long|high|bigg|young|deep|short|cheap|fast|strong)est|erste[nrs]?"
    "|letzte[nrs]?|zweite[nrs]?|dritte[nrs]?|second|third|main|final|average|maximum|oldest|längste[nrs]?"
    "|(?:größ|höch|ält|jüng|häufig|wichtig|tief|günstig|kürz)s?te[nrs]?",
    "is": "is|ist|was|war|'s",
    "are": "are|were|sind|waren",
    "have": "have|has|had|haben|hat|hatte|hatten",
    "do": "do|does|did|tun|machen|macht",
    "become": "be|been|becomes?|werden|wird|wurde|wurden|get|gets|got",
    "can": "can|could|may|must|should|shall|will|would|might|kann|könnte|darf|muss|müssen|soll|sollte|sollen|können"
    "|dürfen|need",
    "the": "the|der|die|das|den|dem|des",
    "a": "a|an|eine?|eine[nrms]|one",
    "of": "of|von|vom",
    "in": "in|im|ins|at|on|am|an|auf",
    "i": "i|ich|you|man|we|wir|du",
    "about": "about|über|zu|zum|zur|concerning",
    "it": "it|they|he|she|er|sie|es|sich|itself|themselves",
    "no": "not|no|nicht|kein|keine|keinen|without|ohne",
    "from": "from|aus",
    "to": "to|bis|until",
    "by": "by|bei|mit|with",
    "under": "under|unter",
}  # where a word is in several, the first counts

_STEMS = (  # of comparatives
    "old young long short big small large cheap high low heavy light fast slow cold warm hot early late wide deep dear"
    " strong weak dry wet clean loud quiet rich poor near great tall thick thin new soft hard safe good dark wealth"
).split()
_COMPARATIVES = (
    "more|less|fewer|better|worse|bigger|hotter|earlier|heavier|wetter|drier|sooner|wealthier|easier"
    rf"|(?:{'|'.join(_STEMS)})e?r|mehr|weniger|öfter|häufiger|früher|später|besser|schlechter|lieber|höher|teurer"
    "|länger|kürzer|älter|jünger|größer|kleiner|billiger|günstiger|schwerer|leichter|schneller|langsamer|kälter|wärmer"
    "|breiter|tiefer|stärker|schwächer|niedriger|geringer|näher|weiter|dicker|dünner|härter|weicher|sicherer|anders"
    "|ergiebiger|sparsamer|nasser|trockener|lauter|leiser|reicher|ärmer|dunkler|heller"
)
_ENDINGS = re.compile("(?:ung|keit|heit|en|er|e|ss|s|t|n|ing|ed)$")


def word_class(word: str, language: str) -> str:
    """Return the class of a word in lower case: one with a name, or what a word of content ends in, such as "~en"."""
    if word[0].isdigit():
        return "0"
    if word == "was":  # a question word in German, a verb in English
        return "what" if language == "de" else "is"
    if word == "die":
        return "the" if language == "de" else "~"
    for name, words in _patterns():
        if words.fullmatch(word):
            return name
    ending = _ENDINGS.search(word)
    return f"~{ending[0]}" if ending else "~"


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return what each class is written like, made for the first question: that the chat opens waits for imports."""
    return [(name, re.compile(words)) for name, words in {"more": _COMPARATIVES, **_CLASSES}.items()]
