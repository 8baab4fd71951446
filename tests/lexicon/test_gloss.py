"""Held: every word of a reading knows the span it stands for, and nothing of the text but words is changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.lexicon import Lexicon, Translator, open_lexicon
from rag.text.language import words

SEEN = {
    "der": ["900", "the:90"],
    "die": ["900", "the:90"],
    "Die": ["90", "the:90"],
    "Mühle": ["20", "mill:90"],
    "brannte": ["20", "burned:70", "burnt:20"],
    "am": ["90", "on the:60"],
    "Bach": ["20", "brook:60", "stream:30", "creek:9"],
    "Außenminister": ["20", "foreign minister:90"],
    "Dachboden": ["20", "under the roof:90"],
    "Sprachen": ["30", "languages:95"],
    "sprachen": ["20", "spoke:60"],
    "gehen": ["300", "go:70"],
    "Gehen": ["9", "walking:80"],
    "Winter": ["60", "winter:95"],
    "Krieg": ["80", "war:95"],
}
LEXICON = Lexicon(Translator("de", SEEN, {}))
TEXT = "Die Mühle am Bach („Quandt“) brannte 1907 ab; 11.000 Kisten!"
# Words the lexicon knows and others, figures, punctuation, and any other character.
PIECES = [*SEEN, "sich", "Quandt", "11.000", "3,5", "7", ". ", "„", "\n", " ", "\u00a0", "–"]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join)


def test_a_gloss_has_every_word_with_its_translations_in_order() -> None:
    first, second, third, *_ = LEXICON.gloss("Mühle am Quandt")
    assert [(t.english, t.share > 0.5) for t in first.translations] == [("mill", True)]
    assert (second.start, second.end, second.known) == (6, 8, True)
    assert (third.known, [t.english for t in third.translations]) == (False, ["Quandt"])


def test_a_reading_keeps_punctuation_and_names() -> None:
    assert LEXICON.read(TEXT).text == "The mill on the brook („Quandt“) burned 1907 ab; 11,000 Kisten!"


@pytest.mark.parametrize(
    ("german", "english"),
    [("11.000 Mühle", "11,000 mill"), ("3,5 Mühle", "3.5 mill"), ("1907", "1907"), ("2.000.000", "2,000,000")],
)
def test_figures_are_written_the_english_way(german: str, english: str) -> None:
    assert LEXICON.read(german).text == english


def test_words_of_grammar_without_a_counterpart_are_left_out() -> None:
    reading = LEXICON.read("Die Mühle, sich brannte.")
    assert reading.text == "The mill, burned."
    assert reading.standing_for(11, 15) == ""


def test_sentences_begin_with_a_capital_and_undo_that_of_the_original() -> None:
    assert LEXICON.read("Gehen am Bach. Brannte die Mühle?").text == "Go on the brook. Burned the mill?"
    assert LEXICON.read("am Gehen").text == "on the walking"


def test_case_tells_nouns_from_verbs() -> None:
    assert LEXICON.read("Die Sprachen").text == "The languages"
    assert LEXICON.read("Die sprachen").text == "The spoke"


def test_a_span_of_the_original_is_shown_in_english() -> None:
    reading = LEXICON.read(TEXT)
    start = TEXT.index("am Bach")
    assert reading.standing_for(start, start + 7) == "on the brook"
    assert reading.standing_for(start + 1, start + 2) == "on the"
    assert reading.standing_for(TEXT.index(";"), TEXT.index(";") + 2) == ""


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_a_gloss_has_the_spans_of_the_words(text: str) -> None:
    assert [(gloss.start, gloss.end) for gloss in LEXICON.gloss(text)] == words(text)
    assert all(gloss.translations for gloss in LEXICON.gloss(text))


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_spans_of_a_reading_lie_inside_both_texts_and_stand_for_each_other(text: str) -> None:
    reading = LEXICON.read(text)
    ends = (0, 0)
    for left, right, start, end in reading.spans:
        assert ends[0] <= left < right <= len(reading.text) and ends[1] <= start < end <= len(text)
        assert reading.standing_for(start, end) == reading.text[left:right]
        ends = (right, end)
    assert {(start, end) for _, _, start, end in reading.spans} <= set(words(text))


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_what_stands_between_words_is_kept(text: str) -> None:
    def between(whole: str, spans: list[tuple[int, int]]) -> list[str]:
        edges = [0, *(edge for span in spans for edge in span), len(whole)]
        # A decimal comma becomes a point, that is all.
        return "".join(whole[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)).replace(",", ".").split()

    reading = LEXICON.read(text)
    kept = between(reading.text, [(left, right) for left, right, _, _ in reading.spans])
    assert "".join(kept) == "".join(between(text, words(text)))


def test_terms_leave_out_words_of_grammar() -> None:
    assert [set(options) for options in LEXICON.terms("Die Mühle am Bach und der Quandt")] == [
        {"mill"},
        {"brook", "stream"},
        {"quandt"},
    ]
    assert LEXICON.terms("und der die am") == LEXICON.terms("") == LEXICON.terms("– !") == []


def test_terms_are_stems_with_their_shares() -> None:
    (phrase,) = LEXICON.terms("Außenminister")
    assert set(phrase) == {"foreign", "minist"} and all(share == pytest.approx(1.0) for share in phrase.values())
    assert set(*LEXICON.terms("Dachboden")) == {"roof"}
    (brook,) = LEXICON.terms("Bach")
    assert 0 < brook["stream"] < brook["brook"] < 1


def test_figures_are_terms_however_they_are_written() -> None:
    assert LEXICON.terms("11.000 3,5 1907") == [{"11000": 1.0}, {"3.5": 1.0}, {"1907": 1.0}]


def test_a_compound_is_found_by_its_parts() -> None:
    assert {stem for options in LEXICON.terms("Kriegswinter") for stem in options} >= {"war", "winter"}


def test_what_may_be_a_name_is_found_as_it_is_written_too() -> None:
    for name in ("Velluno", "Quigley", "Pfannschmidt", "Ledgerman"):  # "vell un", "pan Schmidt", "leather German"
        assert name.lower() in {stem for options in LEXICON.terms(f"Das ist {name}.") for stem in options}
    known = Lexicon(Translator("de", {**SEEN, "Kriegswinter": ["20", "bitter time:90"]}, {})).terms("Kriegswinter")
    assert [set(options) for options in known] == [{"bitter", "time"}, {"war"}, {"winter"}]


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Wurde die Brücke gebaut? Wohin?", "Was the bridge built? Where?"),
        ("IN DEM HAUS", "IN THE HOUSE"),
        ("Die\nMühle", "The\nmill"),
        ("Fremd-Essen", "Foreign-food"),
        ("Er sprach von der US-Regierung.", "He spoke of the US-government."),
    ],
)
def test_case_is_undone_where_it_says_nothing_and_kept_where_it_does(german: str, english: str) -> None:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    assert lexicon.read(german).text == english


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("1.000,50 Euro", "1,000.50 euros"),
        ("12.345.678 Gäste", "12,345,678 guests"),
        ("3,5 Mio. Euro", "3.5 million. Euros"),
        ("im Jahr 2022", "in year 2022"),
    ],
)
def test_figures_keep_their_value_and_their_unit(german: str, english: str) -> None:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    assert lexicon.read(german).text == english


# --- what is shown is stricter than what is searched -----------------------------------


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    lexicon = open_lexicon("de")
    assert lexicon is not None
    return lexicon


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Entkalken Sie das Gerät.", "Decalcified you the device."),  # the verb, and no "Ente"
        ("Die Grundmiete steht hier.", "The Grundmiete standing here."),  # its parts mean several things
        ("ein Winterhut", "a Winterhut"),  # so short a part is a chance
        ("Er hat das irregeschaut.", "He has the irregeschaut."),  # a verb is no compound of nouns
        ("in Lübeck", "in Lübeck"),
        ("bei Frau Wagenknecht", "at Mrs Wagenknecht"),
        ("Das beträgt viel.", "The amount to much."),
        ("Energieinfrastruktur", "Energy infrastructure"),  # long parts that mean one thing
    ],
)
def test_a_word_that_is_not_known_well_enough_to_be_read_stands_for_itself(
    german: str, english: str, shipped: Lexicon
) -> None:
    assert shipped.read(german).text == english


@pytest.mark.parametrize(
    ("form", "infinitive"),
    [("beträgt", "betragen"), ("läuft", "laufen"), ("empfiehlt", "empfehlen"), ("gilt", "gelten"), ("trägt", "tragen")],
)
def test_a_verb_whose_vowel_changes_is_read_by_its_infinitive(form: str, infinitive: str) -> None:
    words = Translator("de", {infinitive: ["20", "verb:90"]}, {})
    assert words.word(form).translations == ()  # not searched so
    assert words.shown(form) == "verb"
    assert words.shown(form.capitalize(), initial=True) == "verb"
    assert words.shown(form.capitalize()) == ""  # a noun


def test_a_guess_that_is_not_shown_is_still_searched(shipped: Lexicon) -> None:
    assert {"reason", "rent"} <= {token for options in shipped.terms("Grundmiete") for token in options}


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Ansprechpartnerin ist Frau Reiter.", "Contact person is Mrs Reiter."),
        ("Frau Dr. Klein und Herrn Vogel", "Mrs Dr. Klein and Mr Vogel"),
        ("Anna Maria Stein schrieb das Lied.", "Anna Maria Stein wrote the song."),
        ("Peter Kaiser und Jonas Wendt", "Peter Kaiser and Jonas Wendt"),
        ("Die Frau kam. Vogel und Stein", "The woman came. Bird and stone"),
        ("Der Kaiser und der Koch", "The emperor and the chef"),
    ],
)
def test_names_after_a_title_or_a_first_name_stay_as_they_are(shipped: Lexicon, german: str, english: str) -> None:
    assert shipped.read(german).text == english
