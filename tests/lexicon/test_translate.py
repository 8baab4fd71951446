"""Held: a frequent word means what it was seen to mean, a rare one what a dictionary or its relatives say."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LexiconUnusable
from rag.lexicon import Translator, open_lexicon

SEEN = {
    "in": ["900", "in:90"],
    "Zaun": ["40", "fence:90", "border:8"],
    "Soldat": ["40", "soldier:95"],
    "ausweiten": ["20", "expand:90"],
    "Sprachen": ["30", "languages:95"],
    "sprachen": ["20", "spoke:60", "talked:30"],
    "gehen": ["300", "go:70"],
    "Gehen": ["9", "walking:80"],
    "Haus": ["50", "house:90"],
    "UNO": ["20", "UN:90"],
    "Ufer": ["2", "bank:50"],
    "Winter": ["60", "winter:95"],
    "Krieg": ["80", "war:95"],
}
LISTED = {
    "in": ["trendy"],
    "Zaun": ["hedge"],
    "Ferge": ["ferryman", "boatman"],
    "Ufer": ["shore", "bank"],
    "auspacken": ["unpack"],
}
WORDS = Translator("de", SEEN, LISTED)


def english(form: str, *, initial: bool = False, words: Translator = WORDS) -> list[str]:
    return [translation.english for translation in words.word(form, initial=initial).translations]


@pytest.fixture
def shipped() -> Translator:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    return lexicon.words


def test_a_frequent_word_follows_the_statistics() -> None:
    assert english("Zaun") == ["fence", "border"]
    assert english("in") == ["in"]


def test_a_word_of_grammar_never_asks_the_dictionary() -> None:
    assert english("in", words=Translator("de", {"in": ["1", "in:90"]}, LISTED)) == ["in"]


def test_the_dictionary_is_asked_for_rare_words() -> None:
    assert english("Ferge") == ["ferryman", "boatman"]
    assert set(english("Ufer")) == {"bank", "shore"}


def test_what_was_seen_and_is_listed_is_confirmed() -> None:
    assert english("Ufer")[0] == "bank"
    assert english("Ufer", words=Translator("de", {}, LISTED))[0] == "shore"


@pytest.mark.parametrize(
    ("form", "best"),
    [
        ("Soldaten", "soldier"),
        ("Soldats", "soldier"),
        ("ausgeweitet", "expand"),
        ("auszuweiten", "expand"),
        ("Fergen", "ferryman"),
        ("ausgepackt", "unpack"),
        ("auszupacken", "unpack"),
        ("Zäune", "fence"),
    ],
)
def test_an_inflected_form_means_what_its_relatives_mean(form: str, best: str) -> None:
    assert english(form)[0] == best


def test_a_relative_does_not_outweigh_what_was_seen_of_the_form_itself() -> None:
    words = Translator("de", {"Haus": ["900", "house:95"], "Hauses": ["7", "building:90"]}, {})
    assert english("Hauses", words=words)[0] == "building"


def test_case_tells_nouns_from_verbs() -> None:
    assert english("Sprachen") == ["languages"]
    assert english("sprachen") == ["spoke", "talked"]


def test_a_capital_at_the_start_of_a_sentence_is_undone() -> None:
    assert english("Gehen", initial=True) == ["go"]
    assert english("Gehen") == ["walking"]
    assert english("Haus", initial=True) == ["house"]


def test_capitals_throughout_are_undone_but_for_what_is_written_so() -> None:
    assert english("HAUS") == ["house"]
    assert english("UNO") == ["UN"]
    assert english("KRIEGSWINTER") == ["war winter"]


def test_what_nobody_knows_has_no_translation() -> None:
    for form in ("Quandt", "Zyrolan", "x", "ß", "Ωmega"):
        known = WORDS.word(form)
        assert (known.translations, known.seen, known.parts) == ((), 0.0, ())


def test_an_unknown_compound_means_its_parts() -> None:
    known = WORDS.word("Kriegswinter")
    assert [translation.english for translation in known.translations] == ["war winter"]
    assert [part.form for part in known.parts] == ["Krieg", "Winter"]


def test_a_known_compound_keeps_its_parts_for_search() -> None:
    words = Translator("de", {**SEEN, "Kriegswinter": ["5", "bitter time:90"]}, {})
    assert english("Kriegswinter", words=words) == ["bitter time"]
    assert [part.form for part in words.word("Kriegswinter").parts] == ["Krieg", "Winter"]


def test_all_forms_are_listed_with_how_often_they_were_seen() -> None:
    forms = dict(WORDS.forms())
    assert set(forms) == {*SEEN, *LISTED}
    assert (forms["Zaun"], forms["Ferge"]) == (40.0, 0.5)
    assert len(list(WORDS.forms())) == len(forms)


@settings(max_examples=300, deadline=None)
@given(
    form=st.one_of(st.text(st.characters(categories=["L"]), min_size=1, max_size=14), st.sampled_from([*SEEN, *LISTED]))
)
def test_shares_fall_and_never_sum_to_more_than_one(form: str) -> None:
    for initial in (False, True):
        shares = [translation.share for translation in WORDS.word(form, initial=initial).translations]
        assert shares == sorted(shares, reverse=True)
        assert all(share > 0 for share in shares) and sum(shares) <= 1.0001


@pytest.mark.parametrize("form", ["in", "In", "IN"])
def test_in_is_never_trendy(form: str, shipped: Translator) -> None:
    for initial in (False, True):
        assert english(form, initial=initial, words=shipped)[0] == "in"
        assert "trendy" not in english(form, initial=initial, words=shipped)


@pytest.mark.parametrize(
    ("form", "best"),
    [
        ("und", "and"),
        ("Haus", "house"),
        ("Brücke", "bridge"),
        ("Winter", "winter"),
        ("Sprachen", "languages"),
        ("sprachen", "spoke"),
        ("Soldaten", "soldiers"),
        ("Mühle", "mill"),
        ("Geheimdienst", "secret service"),
        ("Winterhilfe", "winter help"),
        ("Energieinfrastruktur", "energy infrastructure"),
        ("Kriegswinter", "war winter"),
        ("Ernteverlust", "crop loss"),
    ],
)
def test_the_shipped_lexicon_knows_common_words(form: str, best: str, shipped: Translator) -> None:
    assert english(form, words=shipped)[0] == best


@pytest.mark.parametrize("form", ["Quandt", "Husum", "Zyrolan"])
def test_the_shipped_lexicon_makes_nothing_of_unknown_names(form: str, shipped: Translator) -> None:
    assert english(form, words=shipped) in ([], [form])


# --- case ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["In", "IN"])
def test_a_grammatical_word_is_known_whatever_its_capitals(form: str) -> None:
    words = Translator("de", {"in": ["900", "in:90"]}, {})
    assert [t.english for t in words.word(form, initial=True).translations] == ["in"]


def test_only_a_capital_at_the_start_of_a_sentence_is_doubted() -> None:
    words = Translator("de", {"Sprachen": ["30", "languages:95"], "sprachen": ["20", "spoke:60"]}, {})
    assert words.word("sprachen", initial=True).translations[0].english == "spoke"
    assert words.word("Sprachen", initial=True).translations[0].english == "languages"


def test_a_name_that_was_seen_as_itself_is_not_looked_up_in_the_dictionary() -> None:
    words = Translator("de", {"Blinken": ["1", "Blinken:90"]}, {"Blinken": ["flashing"]})
    assert [t.english for t in words.word("Blinken").translations] == ["Blinken"]


def test_nothing_is_known_of_no_word() -> None:
    assert Translator("de", {}, {}).word("").translations == ()


# --- what is hostile or damaged ------------------------------------------------------------


def test_a_word_of_a_hundred_thousand_letters_is_no_word(shipped: Translator) -> None:
    started = time.perf_counter()
    assert shipped.word("Haus" * 25_000).translations == ()
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "row", [["x", "mill:90"], [""], ["5", "mill"], ["0", "mill:90"], ["5", ":90"], ["5", "mill:0"]]
)
def test_a_row_that_makes_no_sense_is_named(row: list[str]) -> None:
    with pytest.raises(LexiconUnusable, match="Mühle"):
        Translator("de", {"Mühle": row}, {}).word("Mühle")


def test_only_german_compounds_are_taken_apart() -> None:
    rows = {"porte": ["50", "door:90"], "feuille": ["50", "leaf:90"]}
    assert Translator("fr", rows, {}).word("portefeuille").translations == ()


def test_it_has_the_forms_that_there_are_rows_for_and_no_others() -> None:
    assert WORDS.has("Haus") and WORDS.has("haus")
    assert not WORDS.has("Verkehrsund")  # though it is made of words


def test_it_knows_the_english_words_that_were_seen() -> None:
    english = WORDS.english()
    assert english["house"] > 10 and english["ernment"] == 0
