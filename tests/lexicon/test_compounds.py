"""Held: compounds fall into the words they are made of; names and known words stay whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.lexicon import open_lexicon
from rag.lexicon.compounds import split

KNOWN = {
    "Winter": 60, "Hilfe": 90, "geheim": 20, "Dienst": 50, "Energie": 40, "Infrastruktur": 20, "Krieg": 80,
    "Schule": 70, "Bus": 30, "Liebe": 40, "Brief": 30, "Kind": 60, "Garten": 40, "Buch": 50, "Straße": 60,
    "Name": 40, "Herz": 30, "Wunsch": 30, "Sonne": 30, "Blume": 20, "rot": 40, "Blut": 40, "gut": 300, "Dampf": 20,
    "Schiff": 50, "Fahrt": 50, "Gesellschaft": 60, "Zeitung": 50,
}  # fmt: skip


def known(word: str) -> float:
    return float(KNOWN.get(word, 0))


def forms(word: str, frequency: Callable[[str], float] = known) -> list[str]:
    return [part.form for part in split(word, frequency)]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Winterhilfe", ["Winter", "Hilfe"]),
        ("Geheimdienst", ["geheim", "Dienst"]),
        ("Energieinfrastruktur", ["Energie", "Infrastruktur"]),
        ("Kriegswinter", ["Krieg", "Winter"]),
        ("Schulbus", ["Schule", "Bus"]),
        ("Liebesbrief", ["Liebe", "Brief"]),
        ("Kindergarten", ["Kind", "Garten"]),
        ("Straßenname", ["Straße", "Name"]),
        ("Herzenswunsch", ["Herz", "Wunsch"]),
        ("Sonnenblume", ["Sonne", "Blume"]),
        ("blutrot", ["Blut", "rot"]),
        ("Dampfschifffahrt", ["Dampf", "Schiff", "Fahrt"]),
    ],
)
def test_a_compound_falls_into_its_words(word: str, parts: list[str]) -> None:
    assert forms(word) == parts


def test_parts_say_where_they_stand_with_their_link() -> None:
    assert [(part.start, part.end) for part in split("Kriegswinter", known)] == [(0, 6), (6, 12)]
    assert [(part.start, part.end) for part in split("Schulbus", known)] == [(0, 5), (5, 8)]


def test_a_noun_ends_in_a_noun() -> None:
    assert forms("Blutrot") == []
    assert forms("Guterres", lambda word: {"gut": 300.0, "erres": 5.0}.get(word, 0.0)) == []


def test_a_word_known_as_well_as_its_parts_stays_whole() -> None:
    assert forms("Kindergarten", lambda word: 900.0 if word == "Kindergarten" else known(word)) == []
    assert forms("Kindergarten", lambda word: 2.0 if word == "Kindergarten" else known(word)) == ["Kind", "Garten"]


@pytest.mark.parametrize("word", ["Zyrolanquandt", "Winterquandt", "Quandtwinter", "Bücherbrief", "Winter", "Bus", ""])
def test_what_is_not_made_of_known_words_has_no_parts(word: str) -> None:
    assert forms(word) == []


def test_an_ending_is_no_part() -> None:
    endings = {"Winter": 60.0, "Lich": 50.0, "Ung": 50.0, "Heit": 50.0, "heit": 50.0, "lich": 50.0}
    assert [forms(word, lambda w: endings.get(w, 0.0)) for word in ("Winterung", "Winterheit", "winterlich")] == [
        []
    ] * 3


@pytest.mark.parametrize(
    ("word", "last"),
    [
        ("Winterhilfe", "Hilfe"),
        ("Geheimdienst", "Dienst"),
        ("Energieinfrastruktur", "Infrastruktur"),
        ("Kriegswinter", "Winter"),
        ("Schulbus", "Bus"),
        ("Wetterbericht", "Bericht"),
        ("Apfelkuchen", "Kuchen"),
    ],
)
def test_the_shipped_lexicon_knows_the_parts_of_common_compounds(word: str, last: str) -> None:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    parts = lexicon.words.word(word).parts
    assert len(parts) == 2 and parts[-1].form == last


@pytest.mark.parametrize("word", ["Guterres", "Ankunft", "Gesundheit", "Temperaturen", "Universität", "Freundin"])
def test_the_shipped_lexicon_takes_no_whole_word_apart(word: str) -> None:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    assert lexicon.words.word(word).parts == ()


@settings(max_examples=300, deadline=None)
@given(
    front=st.sampled_from(sorted(KNOWN)),
    link=st.sampled_from(["", "s", "es", "n", "en", "er", "e"]),
    last=st.sampled_from(sorted(w for w in KNOWN if w[0].isupper() and len(w) > 4)),
)
def test_what_two_words_make_is_taken_apart_again(front: str, link: str, last: str) -> None:
    word = (front + link).capitalize() + last.lower()
    parts = split(word, known)
    assume(len(word) >= 7)
    assert parts and parts[-1].form in KNOWN
    assert parts[0].start == 0 and parts[-1].end == len(word)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from([*KNOWN, "s", "en", "quandt", "ß", "é", "İ"]), max_size=5))
def test_parts_tile_a_word_exactly(pieces: list[str]) -> None:
    word = "".join(pieces)
    parts = split(word, known)
    assert len(parts) != 1
    assert all(known(part.form) > 0 for part in parts)
    if parts:
        assert [0, *(part.end for part in parts)] == [*(part.start for part in parts), len(word)]
        assert all(part.start < part.end for part in parts)
