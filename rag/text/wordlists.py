"""Short word lists for German and English that code elsewhere reads.

Kept apart so that `language` stays about rules; those of numbers are in `number_wordlists`.
All lower case but `STARTERS`, which are words that, capitalised after an abbreviation, begin a
new sentence.
"""

from __future__ import annotations

# Abbreviations that a full stop follows. Some also close a sentence ("may end"); some are
# ordinary words unless a figure follows ("No. 5", "Art. 3").
ABBREVIATIONS: dict[str, str] = (
    dict.fromkeys(
        "anm aufl bd best betr bspw bzgl bzw ca dipl dr ebd evtl fa fam geb gegr gest ggf hr hrn hrsg ing inkl insb "
        "jh jhd jr kath lt med mr mrd mrs ms mt obb phil prof proz rd resp rev sog sr st std str tel tsd ungef urspr "
        "usf vgl vs zt zzgl approx assn ave blvd capt cf cmdr col comdr dept est gen gov hon maj mgr pres rep sen sgt "
        "exkl dgl frz engl österr schweiz jan feb mär apr jun jul aug sep sept okt oct nov dez dec".split(),
        "never ends",
    )
    | dict.fromkeys(
        "etc usw inc ltd co corp al a.m p.m u.s u.k u.s.a e.v n.chr v.chr mio bn o.ä u.ä d.c".split(), "may end"
    )
    | dict.fromkeys(
        "no nr nos art fig figs vol vols p pp s abs abt abb kap ch ed eds op bl z u ser mag max min sec sect chap para "
        "ziff abschn rn tz pos eq tab az ref ext".split(),
        "figure",
    )
)

# Written with a capital, and with a full stop: "Mo.-Fr. 8-12 Uhr", "Sat. and Sun."
WEEKDAY_ABBREVIATIONS = frozenset("Mo Di Mi Do Fr Sa So Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun".split())

STARTERS = frozenset(
    "The A An In On At It He She They We You I This That These Those There But And Or As When While After Before If "
    "Its His Her Their Our For From With By To Not No So Yet Since Until Although However Most Many Some Each "
    "Der Die Das Ein Eine Einen Einem Einer Es Er Sie Wir Ihr Ich Im Am Um Beim Zum Zur Auf Aus Bei Mit Nach Von Vor "
    "Dies Diese Dieser Dieses Diesen Doch Aber Und Oder Als Wenn Während Wie Nun Dann Damit Dabei Dort Seit Bis Auch "
    "Sein Seine Ihre Man Alle Viele Einige Jeder Jede Noch Nur Zwar Dennoch Trotz Obwohl Weil Da Derweil Für".split()
)

# Words that, at the beginning of a sentence, stand for what the one before is about.
PRONOUNS = frozenset(
    "Er Sie Es Ihr Ihre Sein Seine Dieser Diese Dieses He She It They His Her Its Their This These".split()
)

# Words that carry grammar rather than content: they tell languages apart and say little else.
FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "de": frozenset(
        "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ist sind war waren "
        "wird werden wurde wurden hat haben hatte hatten sein im in am an auf aus bei mit nach von vor zu zum zur für "
        "über unter durch um bis seit als wie wer was wann wo warum wieso weshalb welche welcher welches welchen "
        "welchem wem wen wessen wie viele viel wieviel wohin woher es er sie wir ihr ich sich dass auch noch nur schon "
        "so da dann doch man mehr laut sagt sagte kann können konnte soll sollen gibt gab vom beim ins ihre seine "
        "ihren dieser diese dieses diesem diesen worüber wofür womit wozu woran worauf davon dazu dort hier".split()
    ),
    "en": frozenset(
        "the a an and or but not no is are was were be been being has have had do does did will would can could should "
        "may might must of in on at by for from to with into onto over under through about after before since until as "
        "than that this these those there here it its he she they we you i his her their our your who whom whose what "
        "when where why how which much many if so such also only then any some all more most say says said".split()
    ),
}

# Words beside figures that parallel text teaches badly, since there they stand beside every currency.
FIXED_ENGLISH: dict[str, dict[str, str]] = {
    "de": {"Mio": "million", "Mrd": "billion", "Tsd": "thousand", "Uhr": "o'clock", "Jh": "century"},
}

# Words before a name that address somebody, in English.
ADDRESSES: dict[str, dict[str, str]] = {
    "de": {"Frau": "Mrs", "Herr": "Mr", "Herrn": "Mr", "Dr": "Dr", "Prof": "Prof"},
}

# Words before a figure that belong to it: "rund 8.000", "more than half".
ABOUT = frozenset(
    "rund etwa circa ca fast knapp ungefähr gut über mehr als mindestens höchstens bis zu insgesamt nur about "
    "around roughly nearly almost over more than at least up to approximately approx some only total am on in".split()
)
# Words before a time that belong to it: "Ende März", "early 2024".
PART_OF_TIME = frozenset("anfang mitte ende früh spät early mid late".split())
