"""Held: languages are told apart, and words and numbers are folded."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import BelegError
from rag.text import language as languages
from rag.text.digits import number
from rag.text.language import detect, stem, stems, words

LANGUAGES = st.sampled_from(["de", "en", "fr", "ja", "xx"])
# Any text, and text thick with what the rules look at.
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="aBz 19.,!?…\n\t\r\f\v#|->*)(\"'„“”»«\u00a0\u2028\u3000\x85\x1c\ufeff\u00ad。", max_size=300),
)


# --- detection -------------------------------------------------------------------------


def test_where_nothing_temporary_can_be_written_that_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(languages, "_opened", languages.unpacked)  # whatever tests before have it opened by
    languages._identifier.cache_clear()
    with pytest.raises(BelegError, match="TMPDIR"):
        detect("Wann brannte die Mühle ab?")
    monkeypatch.undo()
    languages._identifier.cache_clear()
    assert detect("Wann brannte die Mühle ab?", ("de", "en")) == "de"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wann brannte die Mühle ab?", "de"),
        ("Wer war Müller?", "de"),
        ("Wie alt ist Anna?", "de"),
        ("Warum?", "de"),
        ("Was sagt Park Jin über den Vertrag?", "de"),
        ("When did the mill burn down?", "en"),
        ("Who was mayor?", "en"),
        ("How old is Anna?", "en"),
        ("Why?", "en"),
        ("What does Müller say about the Bundestag?", "en"),
    ],
)
def test_a_short_question_is_told_to_be_german_or_english(question: str, language: str) -> None:
    assert detect(question, {"de", "en"}) == language
    assert detect(question.upper(), {"de", "en"}) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das Wasser des Bachs treibt seit vielen Jahren das große Rad der Mühle an.", "de"),
        ("The water of the brook has been driving the big wheel of the mill for many years.", "en"),
        ("L'eau du ruisseau fait tourner la grande roue du moulin depuis de longues années.", "fr"),
    ],
)
def test_a_text_is_told_among_all_languages(text: str, language: str) -> None:
    assert detect(text) == language


_SHORT = {
    "de": (
        "Preisliste 2023\nErwachsene 5,90 €\nKinder 3,10 €",
        "Rechnung Nr. 118\nZwischensumme 649,00\nMwSt. 19 % 123,31\nSumme 772,31",
        "Zutaten\n250 g Mehl\n2 Eier\n1 Prise Salz",
        "Sprechstunde nur nach Vereinbarung",
    ),
    "en": (
        "# Harbour Baths: price list 2022\nValid from 1 April 2022\n\n- Adult: £4.40\n- Child: £2.20\n- Locker: £1.00",
        "Parking charges\nUp to 1 hour £1.20\nUp to 3 hours £2.80\nAll day £6.00",
        "Name,Plot,Phone\nRuth Hale,12,01943 600\nTom Bell,3,01943 987",
        "Invoice 118\nSubtotal 649.00\nVAT 20% 129.80\nTotal 778.80",
    ),
    "fr": ("Tarifs 2023\nAdultes 5,90 €\nEnfants 3,10 €", "Ingrédients\n250 g de farine\n2 œufs\n1 pincée de sel"),
    "pl": ("Cennik 2023\nDorośli 25 zł\nDzieci 12 zł", "Faktura nr 118\nRazem 649,00 zł\nVAT 23%"),
}


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in _SHORT.items() for text in texts])
def test_a_short_text_is_not_taken_for_a_rare_language_whose_words_are_like_its_own(language: str, text: str) -> None:
    assert detect(text) == language


def test_a_text_of_a_rare_language_that_leaves_no_doubt_is_in_it() -> None:
    luxembourgish = "D'Gemeng huet decidéiert, datt d'Schwämm vum nächste Joer un nees op ass. D'Leit freeë sech drop."
    assert detect(luxembourgish) == "lb"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Artikel;Preis\nKäse;3,50\nButter;1,20\nSalz;0,80", "de"),
        ("Kundennummer 4711\nBetrag 12 Euro", "de"),
        ("name role since\nAnn Lee Editor, news 2011\nBob Ray Layout 2015", "en"),
        ("Office hours Mon-Fri 9-5", "en"),
        ("El molino se quemó en 1907.", "es"),
    ],
)
def test_a_few_words_are_told_among_the_languages_that_are_known_well(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "1907 – 11.000 %", " \n", "🙂"])
def test_a_text_without_letters_has_the_default_language(text: str) -> None:
    assert detect(text, {"de", "en"}, default="de") == "de"
    assert detect(text, default="fr") == "fr"


def test_only_one_of_the_given_languages_is_answered() -> None:
    assert detect("Quelle est la couleur de la maison ?", {"de", "en"}) in {"de", "en"}


# --- words and numbers -----------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["11000", "11.000", "11,000", "11 000", "11\u00a0000", "11\u202f000", "11\u2009000", "11'000", "11’000"]
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_ways_to_group_digits_are_one_number(written: str, language: str) -> None:
    assert words(written) == [(0, len(written))]
    assert number(written) == stem(written, language) == "11000"
    assert stems(f"Es kamen {written} Gäste.", language)[2] == "11000"


@pytest.mark.parametrize(("written", "folded"), [("1.234.567", "1234567"), ("1,234,567", "1234567"), ("2024", "2024")])
def test_large_numbers_are_folded_whole(written: str, folded: str) -> None:
    assert stems(written, "en") == [folded]


def test_decimals_keep_one_sign() -> None:
    assert stems("3,5", "de") == stems("3.5", "en") == ["3.5"]
    assert stems("12,75 und 0,5", "de") == ["12.75", "und", "0.5"]


def test_a_year_and_the_number_after_it_stay_two() -> None:
    assert stems("2023 100 Gäste", "de")[:2] == ["2023", "100"]
    assert stems("am 3. 100 Gäste", "de")[1:3] == ["3", "100"]
    assert stems("11 0000", "de") == ["11", "0000"]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Room 12 300 people", ["Room", "12", "300", "people"]),
        ("450 500 620", ["450", "500", "620"]),
        ("12 300 people", ["12 300", "people"]),
        ("1 234 567", ["1 234 567"]),
        ("1.000,50 und 1,234.56", ["1.000,50", "und", "1,234.56"]),
        ("0.125", ["0.125"]),
    ],
)
def test_digits_are_one_number_only_where_they_are_grouped(written: str, parts: list[str]) -> None:
    assert [written[start:end] for start, end in words(written)] == parts


@pytest.mark.parametrize(("written", "folded"), [("1.000,50", "1000.50"), ("1,234.56", "1234.56"), ("0.125", "0.125")])
def test_grouped_digits_may_have_decimals(written: str, folded: str) -> None:
    assert stems(written, "de") == [folded]


def test_words_keep_inner_apostrophes_and_leave_other_signs_out() -> None:
    text = "Don't say 'rock’n’roll' – it_is Nord-Süd!"
    assert [text[start:end] for start, end in words(text)] == ["Don't", "say", "rock’n’roll", "it", "is", "Nord", "Süd"]


@pytest.mark.parametrize(
    ("language", "alike"),
    [
        ("de", ("Häuser", "Haus", "HAUS", "Hauses")),
        ("de", ("Mühle", "Mühlen")),
        ("de", ("Straße", "Strasse", "STRASSE")),
        ("en", ("burn", "burned", "burning", "Burns")),
        ("en", ("house", "houses", "Houses")),
        ("en", ("don't", "don’t")),
        ("xx", ("Mill", "mill", "MILL")),
    ],
)
def test_forms_of_one_word_share_their_stem(language: str, alike: tuple[str, ...]) -> None:
    assert len({stem(word, language) for word in alike}) == 1


@pytest.mark.parametrize(("language", "one", "other"), [("de", "Mühle", "Müll"), ("en", "mill", "milk")])
def test_different_words_have_different_stems(language: str, one: str, other: str) -> None:
    assert stem(one, language) != stem(other, language)


@settings(max_examples=100, deadline=None)
@given(text=TEXTS, language=LANGUAGES)
def test_words_of_any_text_are_spans_in_order(text: str, language: str) -> None:
    at = 0
    for start, end in words(text):
        assert at <= start < end <= len(text)
        assert all(sign.isalnum() for sign in (text[start], text[end - 1]))
        at = end
    assert len(stems(text, language)) == len(words(text))
    assert all(stems(text, language))
