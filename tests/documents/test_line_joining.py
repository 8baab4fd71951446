"""Hyphens at line ends: what a reader would join, and what he would not."""

import pytest

from rag.documents.readers.line_joining import LineJoiner, told_language

NOTHING = LineJoiner([])


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("der Garten-|zaun", "der Gartenzaun"),
        ("ein Er-|lass des Amtes", "ein Erlass des Amtes"),
        ("Obst- |und Gemüsebau", "Obst- und Gemüsebau"),
        ("Schul- |oder Vereinssport", "Schul- oder Vereinssport"),
        ("Haupt- |bzw. Nebenamt", "Haupt- bzw. Nebenamt"),
        ("ein Kür-|bis im Beet", "ein Kürbis im Beet"),  # no conjunction
        ("die Ost-|West-Straße", "die Ost-West-Straße"),
        ("Frau Lenz-|Öhler", "Frau Lenz-Öhler"),
        ("UN-|weites Verbot", "UN-weites Verbot"),
        ("eine 15-|minütige Pause", "eine 15-minütige Pause"),
        ("von 1890-|1895 gebaut", "von 1890-1895 gebaut"),
        ("ein E-|Bike", "ein E-Bike"),
        ("die x-|beliebige Wahl", "die x-beliebige Wahl"),
        ("STADT RATHAUS-|PLATZ", "STADT RATHAUSPLATZ"),
        ("Wasser\u00ad|leitung", "Wasserleitung"),
        ("Land- |wirtschaft", "Landwirtschaft"),
        ("Strecke Ulm –|Lindau", "Strecke Ulm – Lindau"),
        ("Typ 737–|9 und mehr", "Typ 737–9 und mehr"),
        ("siehe https://|beispiel.de", "siehe https://beispiel.de"),
        ("Post an amt@|beispiel.de", "Post an amt@beispiel.de"),
        ("ohne |Strich", "ohne Strich"),
    ],
)
def test_german_lines_are_joined_as_a_reader_would(lines: str, joined: str) -> None:
    assert NOTHING.join(lines.split("|"), "de") == joined


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("the gov-|ernment", "the government"),
        ("a com-|mittee of", "a committee of"),
        ("a cost-|sharing plan", "a cost-sharing plan"),
        ("a self-|service shop", "a self-service shop"),
        ("a two-|year plan", "a two-year plan"),
        ("a 30-|day notice", "a 30-day notice"),
        ("an up-to-|date list", "an up-to-date list"),
        ("to re-|consider it", "to reconsider it"),
        ("an under-|standing", "an understanding"),
        ("the short- |and the long-term", "the short- and the long-term"),
        ("a pho-|to of it", "a photo of it"),
        ("THE COM-|MITTEE SAT", "THE COMMITTEE SAT"),
    ],
)
def test_english_keeps_the_hyphen_between_two_words(lines: str, joined: str) -> None:
    assert NOTHING.join(lines.split("|"), "en") == joined


def test_what_the_document_writes_elsewhere_decides() -> None:
    lines = ["the co-", "op", "shop"]
    assert LineJoiner(["their coop is open"]).join(lines, "en") == "the coop shop"
    assert LineJoiner(["their co-op is open"]).join(lines, "en") == "the co-op shop"
    assert LineJoiner(["die blau-weißen Fahnen hingen"]).join(["eine blau-", "weißen"], "de") == "eine blau-weißen"


def test_a_word_at_a_line_s_end_is_no_evidence() -> None:
    assert LineJoiner(["the gov-", "ernment"]).join(["the gov-", "ernment"], "en") == "the government"


def test_joining_takes_no_longer_than_the_text_is_long() -> None:
    lines = ["a" * 50_000, "b" * 50_000 + "-", "c" * 50_000]
    assert len(NOTHING.join(lines, "en")) > 150_000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Brücke wurde im Mai von der Stadt gebaut.", "de"),
        ("The bridge was built by the town in May.", "en"),
        ("Brücke 1905", "xx"),
    ],
)
def test_the_language_is_told_by_grammatical_words(text: str, language: str) -> None:
    assert told_language(text, "xx") == language
