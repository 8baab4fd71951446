"""Small words of German and English by which a sentence is turned into a question. All lower case.

They are the closed classes of grammar (prepositions, articles, pronouns, auxiliaries): no word of a subject.
"""

from __future__ import annotations

PREPOSITIONS = {
    "de": frozenset(
        "in im ins an am ans auf aufs aus bei beim mit nach von vom vor zu zum zur für über unter durch um bis seit ab "
        "gegen ohne zwischen neben hinter wegen während trotz laut je pro per statt außer entlang gegenüber".split()
    ),
    "en": frozenset(
        "in on at by for from to with into onto over under through about after before since until during against "
        "between among around across along near of off per within without towards toward via inside outside "
        "upon".split()
    ),
}
CONJUNCTIONS = {
    "de": frozenset("und oder aber sowie als wie dass weil wenn ob denn sondern doch bzw beziehungsweise".split()),
    "en": frozenset(
        "and or but nor than as that because if when while where which who whom whose although though so".split()
    ),
}
# After a comma, what begins another clause, so that the one before it may be whole.
GOES_ON = {
    "de": frozenset(
        "der die das den dem deren dessen was wo wobei weil da dass wenn als während nachdem bevor obwohl damit sodass "
        "um und aber doch sondern denn".split()
    ),
    "en": frozenset("which who where when while after before because although though as but and so with".split()),
}
# What an English sentence begins with that only leads to what it says.
LEADS = frozenset(
    "while although though because as since following according despite after before in at during under with for to "
    "like unlike among given on by from".split()
)
# How a sentence hangs together with those before it: without them it says the same.
LINKING = {
    "de": frozenset(
        "bereits schon inzwischen mittlerweile erneut derweil unterdessen indes indessen zugleich außerdem zudem "
        "schließlich endlich ferner zunächst allerdings jedoch überdies offenbar angeblich etwa "
        "jeweils insbesondere ursprünglich".split()
    ),
    "en": frozenset(
        "however meanwhile moreover furthermore therefore finally already currently later earlier eventually "
        "additionally instead thus hence".split()
    ),
}
ARTICLES = {
    "de": frozenset(
        "der die das den dem des ein eine einen einem einer eines kein keine alle jede jeder jedes".split()
    ),
    "en": frozenset("the a an all each every no any both".split()),
}
AUXILIARIES = {
    "de": frozenset(
        "ist sind war waren hat haben hatte hatten wird werden wurde wurden kann können konnte konnten soll sollen "
        "sollte sollten muss müssen musste mussten darf dürfen durfte durften will wollen wollte wollten gibt "
        "gab".split()
    ),
    "en": frozenset("is are was were has have had will would can could shall should must may might".split()),
}
# What stands for something said before, or for when and by whom it is said: a question has none of that.
REFERRING = {
    "de": frozenset(
        "er sie es ihn ihm ihnen ihr ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner seines dies dieser "
        "diese dieses diesem diesen jener jene jenes jenem jenen dort hier davon dazu dabei dafür damit daran darauf "
        "daraus dahin dagegen danach davor damals ich wir du mir dir uns euch mich dich mein meine meinen meinem "
        "meiner unser unsere unseren unserem unserer dein deine deinen euer eure man heute gestern morgen jetzt "
        "bald derzeit solche solcher solches letzter nicht nie niemals auch ebenfalls beide beiden".split()
    ),
    "en": frozenset(
        "he she it they them him his her hers its their theirs this that these those here there then i we you me us "
        "my our your ours yours mine one ones today yesterday tomorrow now ago last next soon former latter such not "
        "never also too both either neither himself herself itself themselves who which".split()
    ),
}
# Before a figure, what makes it a rough one: it is no part of the question.
ROUGHLY = {
    "de": frozenset(
        "rund etwa circa ca fast knapp ungefähr gut über mehr als mindestens höchstens bis zu insgesamt nur "
        "genau weniger".split()
    ),
    "en": frozenset(
        "about around roughly nearly almost over more than at least up to approximately only some just exactly "
        "fewer less".split()
    ),
}
# The preposition before a time, and how the question asks for it.
WHEN = {
    "de": {"": "Wann", "am": "Wann", "im": "Wann", "in": "Wann", "um": "Wann", "seit": "Seit wann", "ab": "Ab wann"}
    | {"bis": "Bis wann"},
    "en": {"": "When", "in": "When", "on": "When", "at": "When", "since": "Since when", "until": "Until when"},
}
DIMENSIONS = {
    "de": frozenset("lang breit hoch tief alt groß dick schwer weit".split()),
    "en": frozenset("long wide high deep tall old thick heavy".split()),
}
TITLES = {
    "de": frozenset("herr frau dr prof".split()),
    "en": frozenset("mr mrs ms dr prof sir".split()),
}
MODALS = frozenset("will would can could shall should must may might".split())
# Pasts of German strong verbs, which no ending shows.
GERMAN_PASTS = frozenset(
    "kam ging fuhr begann lag stand fiel schrieb starb erhielt bekam nahm fand trat schlug hielt zog lief sprach trug "
    "verlor gewann sank stieg brach schloss floss betrug entstand verließ ließ half traf warf aß trank wuchs blieb bot "
    "lief rief schuf übernahm unterschrieb empfing führte sah las saß wies riet hieß hing band sang sprang schwamm "
    "schnitt goss schoss bog wog flog floh stritt schwieg griff litt gab".split()
)
GERMAN_PREFIXES = tuple("be ver er ent über unter zer ge miss wider um hinter an ab auf aus ein vor".split())
ENGLISH_PASTS = {
    "began": "begin", "became": "become", "brought": "bring", "caught": "catch", "chose": "choose", "drew": "draw",
    "drove": "drive", "found": "find", "gave": "give", "got": "get", "knew": "know", "led": "lead", "met": "meet",
    "ran": "run", "said": "say", "sank": "sink", "spoke": "speak", "stood": "stand", "taught": "teach",
    "thought": "think", "told": "tell", "wrote": "write", "flew": "fly", "kept": "keep", "lent": "lend",
}  # fmt: skip
# Prepositions whose case is always the same, and how they ask for a count.
GERMAN_COUNTED_BY = dict.fromkeys(("mit", "von", "aus"), "wie vielen") | dict.fromkeys(("für", "gegen"), "wie viele")
