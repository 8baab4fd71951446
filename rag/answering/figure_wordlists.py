"""Short word lists, German and English, of what tells a figure from another beside what it counts."""

from __future__ import annotations

from rag.text.wordlists import FUNCTION_WORDS

SMALL = frozenset().union(*FUNCTION_WORDS.values())
# English words that name anybody: "307 people" may be the 214 victims of another source.
ANYBODY = frozenset("people person human life soul head individual".split())
NUMBERS = frozenset("number figure amount count quantity total".split())  # what every figure is
# What is not yet so.
PLANNED = {
    "en": frozenset("expected expect expects planned plans forecast target targeted aims scheduled predicted".split()),
    "de": frozenset("erwartet erwarten geplant planen plant sollen soll vorgesehen prognostiziert angestrebt".split()),
}
# What says that parts are added up.
TOTAL = {
    "en": frozenset("total altogether whole overall entire combined together all worldwide nationwide".split()),
    "de": frozenset(
        "insgesamt gesamt zusammen gesamte gesamten ganzen weltweit bundesweit landesweit alles alle allen".split()
    ),
}
# Words before a noun that turn it round: "before tax" and "after tax".
OPPOSED = frozenset(
    {
        frozenset({before, after})
        for pair in (
            "before/after with/without including/excluding above/below inside/outside vor/nach mit/ohne über/unter "
            "inklusive/exklusive inkl/exkl einschließlich/ohne from/to von/nach into/from including/without"
        ).split()
        for before, after in [pair.split("/")]
    }
)
# Who has so many of a thing has them all; "so many came" is said of some.
HAVING = frozenset(
    "has have had there own owns owned possesses employs numbers comprises consists contains includes totals "
    "hat haben hatte hatten gibt gab besitzt besitzen verfügt zählt zählte umfasst beschäftigt gehören gehört".split()
)
# Words for each extent of a thing: a bridge's length is not its width.
EXTENTS = {
    word: extent
    for extent, words in {
        "length": "long length lang lange länge",
        "height": "high tall height hoch hohe höhe",
        "width": "wide broad width breadth breit breite",
        "depth": "deep depth tief tiefe",
        "thickness": "thick thickness dick dicke",
        "distance": "far distance weit entfernt entfernung",
        "diameter": "diameter durchmesser",
        "girth": "circumference girth umfang",
    }.items()
    for word in words.split()
}
DETERMINERS = frozenset("a an the its their our der die das den dem des ein eine einen einem einer eines".split())
GENITIVE = frozenset("des der".split())
# What stands before a word of one kind of place in a sentence: "were [killed]" as "wurden [verletzt]".
SLOTS = {
    word: slot
    for slot, words in {
        "be": "is are was were be been wird werden wurde wurden ist sind war waren",
        "for": "for für",
        "in": "in im",
        "on": "on auf",
        "with": "with mit",
        "from": "from von",
        "at": "at bei",
    }.items()
    for word in words.split()
}
