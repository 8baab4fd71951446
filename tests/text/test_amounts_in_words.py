"""Held: amounts and times that no figure says are seen, and words that only look like one are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.amounts_in_words import amounts_in_words


def seen(text: str, language: str) -> list[tuple[str, str]]:
    return [(text[start:end], what) for start, end, what in amounts_in_words(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Keiner der Kähne hatte Ladung.", "de", "Keiner"),
        ("There was no wind.", "en", "no"),
        ("Nobody came ashore.", "en", "Nobody"),
        ("Beide Lotsen waren krank.", "de", "Beide"),
        ("Tausende Zugvögel rasten hier.", "de", "Tausende"),
        ("Dozens of herons nest here.", "en", "Dozens"),
        ("The ice held for a fortnight.", "en", "fortnight"),
        ("It took half an hour.", "en", "half an hour"),
        ("Only one of the locks works.", "en", "Only one"),
        ("Nur eine der Schleusen geht.", "de", "Nur eine"),
        ("Das Parken ist kostenlos.", "de", "kostenlos"),
        ("Parking is free.", "en", "is free"),
        ("La torre tiene dieciséis ventanas.", "es", "dieciséis"),
        ("Aucun bateau n'a coulé.", "fr", "Aucun"),
        ("Il fiume ha ventidue ponti, duecento barche.", "it", "duecento"),
        ("Er liggen dertig schepen.", "nl", "dertig"),
        ("Przyszło pięćdziesiąt osób.", "pl", "pięćdziesiąt"),
        ("A ilha tem doze casas.", "pt", "doze"),
    ],
)
def test_an_amount_in_words_is_seen(text: str, language: str, words: str) -> None:
    assert (words, "number") in seen(text, language)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Mi–So: Kahnfahrten", "de", "Mi–So"),
        ("Mo. und Do. nur vormittags", "de", "Mo. und Do."),
        ("Sa 9 Uhr", "de", "Sa"),
        ("Sun: closed", "en", "Sun"),
        ("Fri to Sun by request", "en", "Fri to Sun"),
        ("The kiln is lit on Thursdays.", "en", "Thursdays"),
        ("Sonntags läuten die Glocken.", "de", "Sonntags"),
        ("Das Wehr wurde vergangenen Sommer gebaut.", "de", "vergangenen Sommer"),
        ("The weir was built last spring.", "en", "last spring"),
        ("Geschlossen wird bei Sonnenuntergang.", "de", "Sonnenuntergang"),
        ("ab 6 h geöffnet", "de", "ab 6 h"),
        ("Abierto a las 9.", "es", "a las 9"),
        ("Le guichet ouvre à 17h30.", "fr", "17h30"),
        ("Ouvert jusqu'à 18 heures.", "fr", "18 heures"),
        ("Si chiude alle 19.", "it", "alle 19"),
        ("De sluis gaat om 7 uur open.", "nl", "7 uur"),
        ("Zamknięte w grudniu.", "pl", "grudniu"),
        ("Fechado em agosto.", "pt", "agosto"),
    ],
)
def test_a_time_without_a_date_is_seen(text: str, language: str, words: str) -> None:
    assert (words, "time") in seen(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("So wurde das Heu verkauft.", "de"),
        ("Do not lean out.", "en"),
        ("Die Bürger sind frei von Zöllen.", "de"),
        ("The tenants are free to leave.", "en"),
        ("Ein Schuh stand dort.", "de"),
        ("He sat in the sun.", "en"),
        ("once upon a midnight", "en"),
        ("", "de"),
    ],
)
def test_a_word_that_only_looks_like_one_is_not(text: str, language: str) -> None:
    assert seen(text, language) == []


def test_a_word_that_means_something_else_in_another_language_counts_in_its_own_alone() -> None:
    assert seen("Once upon a time there was a mill.", "en") == []
    assert ("Once", "number") in seen("Once barcos volvieron.", "es")


@given(st.text(max_size=120), st.sampled_from(["de", "en", "fr", "pl", "sw", ""]))
def test_whatever_the_text_spans_lie_in_it_in_order(text: str, language: str) -> None:
    found = amounts_in_words(text, language)
    assert found == sorted(found)
    assert all(0 <= start < end <= len(text) for start, end, _ in found)
