"""Does a model read a language? Sentences by which it is asked: they mean the same in English and in the other.

What is compared is how much likelier one letter of them is.
"""

from __future__ import annotations

PROBES: dict[str, tuple[tuple[str, str], ...]] = {
    "de": (
        ("The library opens at nine in the morning and closes late in the evening.",
         "Die Bibliothek öffnet um neun Uhr morgens und schließt spät am Abend."),
        ("After the storm many houses in the village had no electricity for three days.",
         "Nach dem Sturm hatten viele Häuser im Dorf drei Tage lang keinen Strom."),
        ("He asked his neighbour whether she could look after the dog during the holidays.",
         "Er fragte seine Nachbarin, ob sie in den Ferien auf den Hund aufpassen könne."),
    ),
}  # fmt: skip
