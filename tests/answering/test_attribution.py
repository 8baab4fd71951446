"""Held: what is written is split into claims, and a claim stands only where its quotes hold its numbers and names."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from number_values import numbers

from rag.answering.attribution import MARKER, Claim, claims, missing, names, unnamed

# --- numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["11000", "11.000", "11,000", "11 000", "11\u00a0000", "11\u202f000", "11'000"])
def test_a_number_is_the_same_however_its_digits_are_grouped(written: str) -> None:
    assert numbers(f"Der Hafen zählte {written} Kisten.") == {"11000"}
    assert missing(f"The harbour counted {written} crates.", ["the harbour counted 11.000 crates."]) == []


def test_a_decimal_is_the_same_with_a_comma_and_a_point() -> None:
    assert numbers("3,5 Meter") == numbers("3.5 metres") == {"3.5"}
    assert numbers("3,5 Meter") != numbers("35 Meter")


@pytest.mark.parametrize(("word", "other"), [("zwei", "two"), ("Zwei", "2"), ("zwölf", "Twelve"), ("fünf", "5")])
def test_a_number_word_is_worth_its_figure_in_both_languages(word: str, other: str) -> None:
    assert numbers(f"{word} boats") == numbers(f"{other} boats") != set()


def test_a_thousand_times_more_is_another_number() -> None:
    assert numbers("11.000") != numbers("11")
    assert missing("the harbour counted 11 crates.", ["the harbour counted 11.000 crates."]) == ["11"]
    assert missing("the harbour counted 11.000 crates.", ["the harbour counted 11 crates."]) == ["11000"]


def test_all_numbers_of_a_text_are_found() -> None:
    assert numbers("Am 3. November 1907 kamen drei Boote mit 2,5 Tonnen Hering.") == {"3", "1907", "2.5"}
    assert numbers("Nobody came.") == set()


# --- names -----------------------------------------------------------------------------


def test_capitalised_words_are_names_but_those_that_start_sentences_are_not() -> None:
    assert names("The ferry left Husum. When Marta Quandt waved, it turned.") == ["Husum", "Marta", "Quandt"]
    assert names("After that, I slept.") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Zelensky", "am Abend sprach Selenskyj in Kiew."),
        ("Yermak", "sein Berater Jermak schwieg."),
        ("Husum", "die Fähre nach Husum"),
    ],
)
def test_a_name_is_found_in_another_spelling(name: str, text: str) -> None:
    assert unnamed([name], text) == []


@pytest.mark.parametrize("name", ["Blinken", "Tamara", "Oldenburg"])
def test_a_name_that_no_word_sounds_like_is_absent(name: str) -> None:
    assert unnamed([name], "am Abend sprach Selenskyj in Kiew.") == [name]


def test_only_the_absent_among_several_names_are_reported() -> None:
    assert unnamed(["Yermak", "Blinken", "Zelensky"], "Jermak traf Selenskyj.") == ["Blinken"]


# --- missing ---------------------------------------------------------------------------


def test_nothing_is_missing_from_a_sentence_that_its_quote_holds() -> None:
    assert missing("Quandt sold 40 boats.", ["In 1907 Marta Quandt sold 40 boats."]) == []


def test_an_absent_number_is_reported() -> None:
    assert missing("Quandt sold 41 boats.", ["In 1907 Marta Quandt sold 40 boats."]) == ["41"]


def test_a_wrong_name_is_reported() -> None:
    assert missing("Lohse sold 40 boats.", ["In 1907 Marta Quandt sold 40 boats."]) == ["Lohse"]


def test_a_wrong_number_and_a_wrong_name_are_both_reported() -> None:
    assert missing("Lohse sold 41 boats.", ["In 1907 Marta Quandt sold 40 boats."]) == ["41", "Lohse"]


def test_quotes_back_a_statement_together() -> None:
    quotes = ["Marta Quandt ran the yard.", "It sold 40 boats."]
    assert missing("Quandt sold 40 boats.", quotes) == []
    assert missing("Quandt sold 40 boats.", quotes[:1]) == ["40"]
    assert missing("Quandt sold 40 boats.", quotes[1:]) == ["Quandt"]


def test_without_quotes_all_numbers_and_names_are_missing() -> None:
    assert missing("Quandt sold 40 boats.", []) == ["40", "Quandt"]


# --- claims ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "cites"),
    [
        ("The yard sold 40 boats [1].", (1,)),
        ("The yard sold 40 boats. [1]", (1,)),
        ("The yard sold 40 boats.[1]", (1,)),
        ("The yard sold 40 boats [1, 2].", (1, 2)),
        ("The yard sold 40 boats [1,2].", (1, 2)),
        ("The yard sold 40 boats [1][2].", (1, 2)),
        ("The yard sold 40 boats. [1] [2]", (1, 2)),
        ("The yard sold 40 boats. [2, 1]", (2, 1)),
        ("The yard [1] sold 40 boats [1].", (1,)),
        ("The yard sold 40 boats 【3】.", (3,)),
        ("The yard sold 40 boats.", ()),
    ],
)
def test_a_marker_is_read_wherever_it_stands_and_leaves_the_words(written: str, cites: tuple[int, ...]) -> None:
    assert claims(written, "en") == [Claim("The yard sold 40 boats.", cites)]


def test_a_marker_after_the_stop_belongs_to_the_sentence_before_it() -> None:
    assert claims("Die Werft verkaufte Boote. [2] Der Hafen schlief [1]. Es regnete.", "de") == [
        Claim("Die Werft verkaufte Boote.", (2,)),
        Claim("Der Hafen schlief.", (1,)),
        Claim("Es regnete.", ()),
    ]


@pytest.mark.parametrize(
    "written", ["Boats [[1]2].", "[[1]1] boats", "[1[2]] boats", "[[[1]1]1] boats", "【[1]3】boats"]
)
def test_no_marker_is_left_by_a_marker_inside_another(written: str) -> None:
    (claim,) = claims(written, "en")
    assert MARKER.search(claim.text) is None and "oats" in claim.text


def test_words_in_brackets_are_no_marker() -> None:
    assert claims("The yard [sic] sold boats [1].", "en") == [Claim("The yard [sic] sold boats.", (1,))]


@pytest.mark.parametrize("written", ["", "   \n", "[1]", "[1] [2].", "…", "[1]\n\n[2, 3]"])
def test_where_nothing_is_said_nothing_is_claimed(written: str) -> None:
    assert claims(written, "en") == []


@pytest.mark.parametrize(
    "bracket", ["[", "]", "[1", "[1]", "[1,", "[ ", ".[1] ", "【1】", "[1 ", ".[ ", "[[1]", "    "]
)
def test_thousands_of_brackets_finish(bracket: str) -> None:
    begun = time.monotonic()
    found = claims("Boats. " + bracket * 5000 + " and more.", "en")
    assert time.monotonic() - begun < 10
    assert "Boats" in found[0].text


@given(st.one_of(st.text(max_size=200), st.text(alphabet="aB1 ,.!?…\"'”[]【】\n\u00a0٣²", max_size=200)))
@example("Boats [٣].")
@example("[[1]1] boats")
@example("Boats. [1,")
@example("Boats. [1 2]")
def test_claims_never_fails_and_never_claims_nothing(text: str) -> None:
    for claim in claims(text, "en"):
        assert any(map(str.isalnum, claim.text))
        assert MARKER.search(claim.text) is None
        assert len(set(claim.cites)) == len(claim.cites)
        assert all(0 <= n <= 999 for n in claim.cites)


# --- missing: numbers by value, unit and kind ---------------------------------------------


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("it held 11 thousand crates.", "es waren 11.000 Kisten."),
        ("it cost 200 million euros.", "Es kostete 200 Mio. Euro."),
        ("Es kostete 200 Millionen Euro.", "it cost €200m."),
        ("it took twenty-one boats.", "es waren einundzwanzig Boote."),
        ("it left at 7:30.", "sie fuhr um halb acht."),
        ("it left at 5.40.", "Am 12. April um 5.40 Uhr fuhr sie."),
        ("it opened on 4 May 1907.", "eröffnet am 04.05.1907"),
        ("it opened in May 1907.", "Am 4. Mai 1907 wurde sie eröffnet."),
        ("it opened in 1907.", "Am 4. Mai 1907 wurde sie eröffnet."),
        ("it rose in the second quarter of 2024.", "im 2. Quartal 2024 stieg es"),
        ("it rose by 12 percent.", "es stieg um 12 %"),
        ("it came on Monday.", "sie kam am Montag"),
        ("it is 46 metres long.", "Länge in Metern: 46"),
        ("she is 39 years old.", "mit 39, ein hohes Alter"),
        ("between 5 and 7 boats came.", "5–7 Boote kamen."),
        ("one of the boats sank.", "eines der Boote sank."),
    ],
)
def test_a_number_is_held_however_the_quote_writes_it(statement: str, quote: str) -> None:
    assert missing(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote", "absent"),
    [
        ("it held 11 crates.", "es waren 11.000 Kisten.", ["11"]),
        ("it held 11 crates.", "it held 11 thousand crates.", ["11"]),
        ("it held 2 crates.", "es waren 2 Millionen Kisten.", ["2"]),
        ("it cost 200 million euros.", "it cost 200 million dollars.", ["200000000"]),
        ("it is 46 metres long.", "it is 46 years old.", ["46"]),
        ("it is 46 metres long.", "es sind 46 Boote.", ["46"]),
        ("it carried 12 people.", "it carried 12 % of them.", ["12"]),
        ("three boats came.", "the third boat came.", ["3"]),
        ("it left at 7:30.", "sie fuhr um 7 Uhr.", ["07:30"]),
        ("it opened on 3 June 1908.", "built 3 May 1907, sold 4 June 1908", ["1908-06-03"]),
        ("it opened in June 1907.", "Am 4. Mai 1907 wurde sie eröffnet.", ["1907-06"]),
        ("it came on Monday.", "sie kam am Dienstag", ["1"]),
        ("it rose in Q2 2024.", "im 3. Quartal 2024 stieg es", ["2024-Q2"]),
        ("a third of them came.", "ein Viertel kam", ["1/3"]),
        ("the third boat came.", "das zweite Boot kam", ["3"]),
        ("room 12 300 people", "room 12300 people", ["12", "300"]),
        ("it was −5 °C.", "it was 5 °C.", ["-5"]),
    ],
)
def test_a_number_of_another_size_unit_or_kind_is_missing(statement: str, quote: str, absent: list[str]) -> None:
    assert missing(statement, [quote]) == absent


def test_dates_that_quotes_hold_in_parts_are_put_together_unless_they_contradict() -> None:
    assert missing("it opened on 4 May 1907.", ["it was 1907.", "Am 4. Mai kam sie."]) == []
    assert missing("it opened on 4 May 1907.", ["it was 1908.", "Am 4. Mai kam sie."]) == ["1907-05-04"]


WRITTEN = ["{:d}", "{:,}", "{:d} thousand", "{:d} Mio.", "{:d} Prozent", "${:,}"]
WORTH = [1, 1, 1000, 1_000_000, 1, 1]


@given(st.integers(2, 99_999), st.integers(2, 99_999), st.sampled_from(range(6)), st.sampled_from(range(6)))
@example(11, 11_000, 0, 1)
@example(11, 11, 0, 2)
def test_no_number_backs_another(one: int, other: int, form: int, its_form: int) -> None:
    assume(one * WORTH[form] != other * WORTH[its_form])
    quote = f"es waren {WRITTEN[its_form].format(other)} davon."
    assert missing(f"it was {WRITTEN[form].format(one)} of them.", [quote]) == [str(one * WORTH[form])]
