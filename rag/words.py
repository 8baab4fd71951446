"""Short word lists for German and English that code elsewhere reads.

Kept apart so that `languages.py` stays about rules. All lower case but `STARTERS`,
which are words that, capitalised after an abbreviation, begin a new sentence.
"""

from __future__ import annotations

MONTHS = frozenset(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "january february march may june july october december "
    "jan feb mär mar apr jun jul aug sep sept okt oct nov dez dec".split()
)

# Abbreviations that a full stop follows; "may end" ones do also close a sentence.
ABBREVIATIONS: dict[str, str] = dict.fromkeys(
    "abb abs abt allg anm art aufl bd best betr bspw bzgl bzw ca dipl dr ebd evtl fa fam fr geb gegr gest "
    "ggf hr hrn hrsg ing inkl insb jh jhd jr kap kath lt mag max med min mind mr mrd mrs ms mt nr obb "
    "phil prof proz rd resp rev s sog sr st std str tel tsd u ungef urspr usf vgl vgl vs vol wg z zt zzgl "
    "apt approx assn ave blvd capt cf cmdr col comdr dept dist ed eds est fig figs gen gov hon lt maj mgr no nos "
    "pp p para pres rep rt sen sgt vols op ch ser eq etwa exkl dgl bes frz engl dt österr schweiz "
    "jan feb mär mar apr jun jul aug sep sept okt oct nov dez dec mo di mi do fr sa so mon tue wed thu fri sat sun".split(),
    "never ends",
) | dict.fromkeys(
    "etc usw inc ltd co corp al a.m p.m u.s u.k u.s.a e.v n.chr v.chr mio bn o.ä u.ä d.c m².".split(), "may end"
)

STARTERS = frozenset(
    "The A An In On At It He She They We You I This That These Those There But And Or As When While After Before If "
    "Its His Her Their Our For From With By To Not No So Yet Since Until Although However Most Many Some Each "
    "Der Die Das Ein Eine Einen Einem Einer Es Er Sie Wir Ihr Ich Im Am Um Beim Zum Zur Auf Aus Bei Mit Nach Von Vor Für "
    "Dies Diese Dieser Dieses Diesen Doch Aber Und Oder Als Wenn Während Wie Nun Dann Damit Dabei Dort Seit Bis Auch "
    "Sein Seine Ihre Ihr Man Alle Viele Einige Jeder Jede Noch Nur Zwar Dennoch Trotz Obwohl Weil Da Derweil Später".split()
)

# Words that carry grammar rather than content: they tell languages apart and say little else.
FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "de": frozenset(
        "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ist sind war waren "
        "wird werden wurde wurden hat haben hatte hatten sein im in am an auf aus bei mit nach von vor zu zum zur für "
        "über unter durch um bis seit als wie wer was wann wo warum wieso weshalb welche welcher welches welchen welchem "
        "wem wen wessen wie viele viel wieviel wohin woher es er sie wir ihr ich sich dass daß auch noch nur schon so da "
        "dann doch man mehr laut sagt sagte kann können konnte soll sollen gibt gab vom beim ins ihre seine sein ihren "
        "dieser diese dieses diesem diesen worüber wofür womit wozu woran worauf davon dazu dort hier".split()
    ),
    "en": frozenset(
        "the a an and or but not no is are was were be been being has have had do does did will would can could should "
        "may might must of in on at by for from to with into onto over under through about after before since until as "
        "than that this these those there here it its he she they we you i his her their our your who whom whose what "
        "when where why how which much many if so such also only then any some all more most say says said according".split()
    ),
}
