"""Word lists and patterns that tell a follow-up question, for German and English.

Kept apart so that `followup_detection.py` stays about rules, and apart from
`rag/text/wordlists.py`, since these serve questions only. All lower case; patterns look at lower and upper case alike.
"""

from __future__ import annotations

import re

from rag.text.wordlists import FUNCTION_WORDS

ASKING = {
    "de": re.compile(
        r"(?:wer|we[mn]|wessen|was|wann|wie|wieviel|weshalb|welch\w*|wo|wieso|warum"
        r"|wo(?:r(?:an|auf|aus|in|über|um|unter)|bei|durch|für|gegen|hin|her|mit|nach|von|vor|zu))"
    ),
    "en": re.compile(r"(who|whom|whose|what|when|where|why|how|which)"),
}
AUXILIARIES = {
    "de": frozenset(
        "ist sind war waren hat haben hatte hatten wird werden wurde wurden kann können konnte konnten soll sollen "
        "sollte sollten muss müssen musste mussten darf dürfen durfte will wollen wollte gibt gab bleibt".split()
    ),
    "en": frozenset(
        "is are was were do does did has have had will would can could should may might must isn't aren't".split()
    ),
}
PREPOSITIONS = frozenset(
    "in im am an ab auf aus bei beim mit nach von vom vor zu zum zur für über unter durch um bis seit ohne gegen "
    "während laut on at by from to with into under about after before since until for without during according "
    "only nur erst not nicht per wegen trotz across between zwischen".split()
)
DETERMINERS = frozenset(
    "the a an its his her their this these those each every der die das den dem des ein eine einen einem einer "
    "eines viele vielen wenige alle allen beide beiden zwei drei two three many much viel".split()
)
ARTICLES = frozenset("the der die das den dem des".split())
INDEFINITE = frozenset("a an any some ein eine einen einem einer eines".split())
SOMEBODY = frozenset("anybody anyone anything somebody someone something nobody everybody everyone".split())
# What a document may be: "this report" is the one at hand.
WRITINGS = frozenset(
    "report letter study contract article list minutes text document paper book note notice memo agreement lease will "
    "statement survey manual brochure leaflet guide invoice bill form review essay thesis story chapter page "
    "newsletter protocol plan policy ruling judgment verdict deed certificate bericht brief studie vertrag artikel "
    "liste protokoll text dokument buch notiz schreiben mitteilung vereinbarung testament gutachten umfrage anleitung "
    "broschüre rechnung formular aufsatz arbeit geschichte kapitel seite plan satzung ordnung urteil urkunde bescheid "
    "zeugnis schrift angebot antrag meldung".split()
)
# Words that are said of anything, so that it tells nothing which documents hold them.
IDLE = frozenset(
    "happen happens happened change changed mean means meant cost costs long old big large much many little less more "
    "exactly decide decided still yet now today begin began start end ended close open opened use used need want "
    "passiert passierte geschah geschehen kostet kostete kosten dauert dauerte macht machte gemacht heißt hieß liegt "
    "lag steht stand kommt kam genau hoch groß lang lange viel viele wenig alt neu noch jetzt heute damals beginnt "
    "begann braucht wirklich eigentlich denn spät late".split()
)
# Words that name no subject: verbs, adverbs and pronouns beyond the function words.
EMPTY: dict[str, frozenset[str]] = {
    "de": frozenset(
        "danke hallo bitte kostet kostete kosten dauert dauerte liegt lag heißt hieß kommt kam kamen macht machte "
        "gemacht passiert passierte geschah geschehen steht stand standen geht ging gehen bekommt bekam sagen gesagt "
        "meint meinte findet fand leitet leitete hilft bleibt blieb zahlt zahlte bezahlt gehört gehörte spricht "
        "sprach jemand niemand etwas nichts jetzt heute damals später früher vorher nachher danach davor "
        "zuvor inzwischen bisher bereits eigentlich denn sonst genau noch mal beide beiden alle alles also wirklich "
        "ungefähr etwa dazu davon viel wenig weniger spät groß teuer wichtig neu alt lang lange ja nein".split()
    )
    | FUNCTION_WORDS["de"]
    | AUXILIARIES["de"]
    | PREPOSITIONS,
    "en": frozenset(
        "spend spent thanks thank hello hi ok okay dug drawn sunk struck torn thrown grown shown laid cut hit shot "
        "fought tell told know knew think thought believe mean means meant get got give gave given take took taken "
        "make made go went gone come came happen happened start begin began stop end ended close open opened keep "
        "kept bring put brought leave left send sent sell sold buy bought pay paid sign win won lose lost meet met "
        "build built find found carry show see saw seen hear heard kill die died run ran become became write "
        "wrote read speak spoke spoken talk ask answer call cost use used need want let live lived stay last lasted "
        "differ change changed work worked pays costs differs happens comes goes gives takes makes lie lay stand "
        "stood hold held act promise promised decide decided help pick set cause caused agree choose "
        "chose born supposed expected able likely according anybody anyone anything somebody someone something nobody "
        "nothing everybody everyone everything one ones other others another both else now today later earlier "
        "afterwards again already yet ever never really actually still just even instead ago far long old big large "
        "much little less least first same due because during without across per within between whether every each "
        "own few them him me us my your up out off down back near two three four five six several going becomes "
        "becoming buys away around together ahead please too very quite rather".split()
    )
    | FUNCTION_WORDS["en"]
    | AUXILIARIES["en"]
    | PREPOSITIONS,
}
NO_VERB = frozenset("speed seed need breed weed feed creed shed bed hundred".split())
# Nouns that say nothing without what they are about: "the money", "die Zahl", "what kind of", "that year".
SHELLS: dict[str, frozenset[str]] = {
    "de": frozenset(
        "geld zahl zahlen anzahl betrag summe idee grund gründe folge folgen ergebnis ergebnisse art tag tage jahr "
        "jahre monat woche zeit zeitpunkt mal ansicht meinung angabe angaben worte worten ende name namen menschen "
        "leute personen ort stelle fall vorschlag entscheidung unterschied zweck ziel teil hälfte vorjahr person "
        "datum wirklichkeit".split()
    ),
    "en": frozenset(
        "money figure figures number numbers amount sum total idea reason reasons result results consequence purpose "
        "kind sort type time times day days date year years month months week weeks view opinion name names people "
        "person persons place case proposal decision difference point aim part half percentage share thing things "
        "fact rest way hour hours".split()
    ),
}
SPEAKING = re.compile(
    r"\b(say|says|said|speak of|think|thinks|claim|claims|reply|sagt|sagte|sagen|meint|meinen|behauptet|denkt)\b", re.I
)
ADDRESSED = frozenset("i me my you your we us our ich mich mir mein du dich dir dein wir uns euch".split())

LEAD = re.compile(
    r"(?:(?:and|but|or|und|aber|oder)\b[\s,]*)?"
    r"(?:(?:what|how) about|was ist mit|wie (?:steht|sieht) es (?:mit|bei))\s+|(?:and|but|or|und|aber|oder)\b[\s,]+",
    re.I,
)
CONTRACTED = [
    (re.compile(r"\b(it)['’]s\b", re.I), r"\1s"),  # mostly meant for "its"
    (re.compile(r"\b(he|she|that|there|what|who|where|when|how|why)['’]s\b", re.I), r"\1 is"),
    (re.compile(r"\b(they|we|you)['’]re\b", re.I), r"\1 are"),
    (re.compile(r"\bcan['’]t\b", re.I), "can not"),
    (re.compile(r"\bwon['’]t\b", re.I), "will not"),
    (re.compile(r"n['’]t\b", re.I), " not"),
    (re.compile(r"\b(gibt|gab|geht|ging|ist|war|hat|wie|wer)['’]s\b", re.I), r"\1 es"),
]

# --- what stands for something said before ------------------------------------------------------

PERSONAL = {
    "de": frozenset(
        "er sie ihn ihm ihnen es dort dorthin daran darauf daraus dabei dadurch dafür dagegen dahinter danach daneben "
        "darin darüber darunter davon davor dazu dazwischen ihr".split()
    ),
    "en": frozenset("it he she they him her them theirs hers".split()),
}
POSSESSIVE = {
    "de": re.compile(r"seine[nmrs]?|ihre[nmrs]?|sein|ihr"),
    "en": re.compile(r"his|her|its|their"),
}
PERSONS = frozenset("he she him his her er ihm ihn sie ihr".split())
DEMONSTRATIVE = {
    "de": re.compile(
        r"\bdies(?:e[rnms]?|es)?\b(?!\s+(?:jahr|monat|woche|sommer|winter|herbst|frühjahr|saison|tage|dokument|datei|bibliothek))"
        r"|(?<!,)\s(?:das|der|die|den|dem)(?:\s+(?:so|genau|eigentlich|damals|alles|jetzt|denn))*"
        r"(?:\s+(?-i:ge\w{2,20}(?:t|en)|\w{2,20}iert|(?:be|ver|er)\w{2,20}t|möglich|so))?\s*\?*\s*$"
        r"|\b(?:erstere|letztere)[rsmn]?\b",
        re.I,
    ),
    "en": re.compile(
        r"\b(?:this|these|those)\b(?!\s+(?:who|that|which|of|in|from|days?|year|month|week|morning|afternoon|evening"
        r"|summer|winter|spring|autumn|season|at|on|with|for|by|documents?|files?|library|articles?|texts?)\b)"
        r"|\bthat\s*[?.!]*\s*$|\bthe (?:former|latter)(?=\s*[?.,]|\s+(?:is|are|was|were|do|does|did)\b)"
        r"|\bwhich ones?\b(?! of\b)"
        r"|^(?:\w{1,20}\s){0,3}(?:is|was|does|did|has|had|will|would|can|could) that\b"
        r"|\b(?:in|of|for|before|after|about|by|with|from|on|at|since|than|like|under|over|during)"
        r" that(?:\s\w+)?\s*[?.!]*\s*$",
        re.I,
    ),
}
# "it", "es" and "there" that stand for nothing.
EXPLETIVE = {
    "de": re.compile(
        r"\b(?:gibt|gab|gäbe|geht|ging|handelt|handelte|kommt|kam|steht|stand|heißt|fehlt|braucht|regnet"
        r"|schneit|stürmt) es\b"
        r"|\bes\b[^?]{0,80}\b(?:gibt|gab|gäbe|geben|gegeben|regnet|schneit)\b"
        r"|\b(?:spät|kalt|warm|heiß|dunkel|windig|uhr) (?:ist|war|wird|wurde) es\b"
        r"|\bes\b[^,?]{0,60},\s*(?:dass|ob|wenn|bis|um|\w)"
        r"|\b(?:ist|war|wäre) es (?:möglich|wahr|erlaubt|verboten|üblich|richtig)\b",
        re.I,
    ),
    "en": re.compile(
        r"\bit (?:rains?|rained|snows?|snowed|freezes|turns out|is said)\b|\b(?:is|was) it (?:raining|snowing)\b"
        r"|\bwhat (?:time|day|date|year) (?:is|was) it\b"
        r"|\bhow (?:cold|warm|hot|dark|late|windy) (?:is|was|does|did|will) it\b"
        r"|\b(?:is|was|be) it (?:\w{1,10} )?(?:true|possible|impossible|necessary|likely|known|legal|allowed"
        r"|right|correct|clear|decided|planned|important|common|usual|forbidden)\b[^?]{0,80}\b(?:that|to|for)\b"
        r"|\bit (?:called|mean) (?:when|if|for|to|that)\b|\bit (?:takes?|took|costs?)\b[^?]{0,80}\bto\b",
        re.I,
    ),
}
BE = frozenset("is are was were be being".split())
JOINTS = frozenset(
    "that when because if while before after and or but which who since until although whether dass wenn als weil "
    "ob und oder aber bevor nachdem während seit damit obwohl".split()
)
OPINION = re.compile(
    r"\b(?:his|her|their|seiner|ihrer|seinen|ihren)\s+(?:own\s+)?"
    r"(?:view|opinion|words|account|estimate|ansicht|meinung|auffassung|einschätzung|angaben|worten)\b",
    re.I,
)
COUNT = re.compile(r"\b(?:how many|wie ?viele)\b\s*(\w*)", re.I)
SOURCE = re.compile(
    r"\b(?:according to|in the (?:view|opinion) of|laut|nach (?:angaben|ansicht|meinung|auffassung|einschätzung))\b",
    re.I,
)
