"""Short word lists, German and English, of what tells that somebody has left an office, or holds one now.

A word ends in "*" where any ending may follow; one with " … " has other words in between. All lower case.
"""

from __future__ import annotations

import re

_LEFT = {
    "en": "former|formerly|previous|previously|outgoing|departing|ex|erstwhile|predecessor*|resign*|retire*|quit|"
    "step* … down|stood down|stand* down|hand* over|hand* … over to|give* up|gave up|relinquish*|vacat*|leav* office|"
    "left office|left the|leave* the|no longer|not … again|not stand|succeeded by|replaced by|used to be|bid farewell|"
    "took … leave|until|withdr*w*|deposed|ousted|dismissed",
    "de": "ehemal*|früher*|bisherig*|vorig*|vorherig*|scheidend*|ausscheid*|ausgeschieden*|scheide* … aus|"
    "schied* … aus|zurückgetreten*|rücktritt*|trat* … zurück|tritt … zurück|treten … zurück|vorgänger*|amtsvorgänger*|"
    "leg* … nieder|niedergelegt*|niederleg*|gab* … ab|gib* … ab|geb* … ab|abgegeben*|abgibt|verabschied*|nicht mehr|"
    "nicht wieder|nicht … erneut|ruhestand*|pensionier*|in rente|abgelöst|übergab*|übergib*|hör* … auf|aufgehört|bis|"
    "verlässt|verließ*|verlassen|abberufen*|entlassen",
}
_HOLDS = {
    "en": "new|newly|current|currently|now|incumbent|incoming|present-day|elected|re-elected|reelected|appointed|"
    "nominated|named|t*k* … over|taking over|successor*|succeeds|succeeded|replaces|remains|continues|since|chosen",
    "de": "neu*|aktuell*|derzeit*|gegenwärtig*|jetzt|jetzig*|nun|nunmehr|heutig*|amtierend*|gewählt*|wiedergewählt*|"
    "ernannt*|berufen|bestimmt|benannt|übernimm*|übernahm*|übernommen*|übernehm*|nachfolger*|nachfolg*|folgt|folgte|"
    "lös* … ab|bleib*|bestätigt*|seit|tritt … an|heute",
}
# A question that asks for who was: these, and a verb in the past.
BEFORE = re.compile(
    r"\b(?:former(?:ly)?|previous(?:ly)?|before|until|used to|outgoing|earlier|"
    r"früher\w*|ehemal\w+|bisherig\w+|vorig\w+|vorher\w*|zuvor|bis|davor|scheidende\w*)\b",
    re.IGNORECASE,
)
# "Who is", "Who runs", "Wer leitet": a verb of the present after the word that asks for a person.
_PRESENT = re.compile(
    r"\b(?:who(?:'s|’s|\s+(?:is|are|(?!was\b|does\b|\w*ss\b)\w{2,}s)\b)|"
    r"we[rmn]\s+(?:ist|sind|(?!hielt|trat|bat|galt|tat|riet|stritt|litt|ritt|schnitt|lädt)\w{2,}t)\b)",
    re.IGNORECASE,
)
_UNTIL = r"(?:until|till|up to|bis)(?=\s+(?:\w+\s+){0,2}(?:1\d{3}|20\d{2})\b)"


def _pattern(lists: dict[str, str]) -> re.Pattern[str]:
    words = "|".join(lists.values()).split("|")
    alone = {"until", "bis"}  # "from 8 until 10" is about no office: a year follows
    made = (
        re.escape(word).replace(r"\*", r"\w*").replace(r"\ …\ ", r"\s(?:[^\s.,;]+\s){0,6}?") for word in words
        if word not in alone
    )  # fmt: skip
    return re.compile(rf"\b(?:{'|'.join(made)}|{_UNTIL if alone & set(words) else '(?!)'})(?!\w)", re.IGNORECASE)


LEFT, HOLDS = _pattern(_LEFT), _pattern(_HOLDS)


def asks_for_now(question: str) -> bool:
    """Return whether a question asks who is or does something now."""
    return _PRESENT.search(question) is not None and BEFORE.search(question) is None
