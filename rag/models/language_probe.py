"""Does a model read a language? Sentences by which it is asked: they mean the same in English and in the other.

What is compared is how much likelier one letter of them is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Score = Callable[[str, Sequence[tuple[str, str]]], list[float]]  # `Generator.score`
_HARDER = 1.5  # times as unlikely as English, a language is not read well

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


def is_read(language: str, score: Score, count_tokens: Callable[[str], int]) -> bool:
    """Whether a model that scores texts so reads one of the languages of PROBES about as easily as English."""
    english, other = (_unease([pair[side] for pair in PROBES[language]], score, count_tokens) for side in (0, 1))
    return other <= _HARDER * english


def _unease(texts: Sequence[str], score: Score, count_tokens: Callable[[str], int]) -> float:
    """Return how unlikely the texts are, in nats a letter."""
    likely = score("\n", [("", text) for text in texts])
    nats = sum(-value * count_tokens(text) for value, text in zip(likely, texts, strict=True))
    return nats / sum(map(len, texts))
