"""Held: figures and dates stay whole, and the words that answer are marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from queries import query

from rag.answering.answer_spans import candidates, holds, likeliest


def shapes(sentence: str, question: str, language: str) -> dict[str, str]:
    found = candidates(sentence, query(question, language), language)
    return {sentence[candidate.start : candidate.end]: candidate.kind for candidate in found}


# --- candidates ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "whole", "kind"),
    [
        ("The bridge opened on 19 June 2024 with music.", "When did the bridge open?", "en", "on 19 June 2024", "time"),
        ("The bridge opened in 1907.", "When did the bridge open?", "en", "in 1907", "time"),
        ("Die Brücke wurde am 3. November eröffnet.", "Wann wurde sie eröffnet?", "de", "am 3. November", "time"),
        ("Der Umbau kostete 200 Millionen Euro.", "Was kostete der Umbau?", "de", "200 Millionen Euro", "number"),
        ("Zum Fest kamen rund 8.000 Gäste.", "Wie viele Gäste kamen?", "de", "rund 8.000", "number"),
        ("Some 11,000 guests came.", "How many guests came?", "en", "Some 11,000", "number"),
        ("Of the guests 12 % stayed.", "How many guests stayed?", "en", "12 %", "number"),
        ("The march lasted three weeks.", "How long was the march?", "en", "three weeks", "number"),
        ("Er kostete 2000 Euro.", "Was kostete er?", "de", "2000 Euro", "number"),
        ("Es sind einundzwanzig Boote.", "Wie viele Boote sind es?", "de", "einundzwanzig", "number"),
        ("It cost about $2.5 bn in all.", "How much did it cost?", "en", "about $2.5 bn", "number"),
        ("Sie fährt um halb acht ab.", "Wann fährt sie?", "de", "halb acht", "time"),
        ("It leaves at 7:30 a.m. daily.", "When does it leave?", "en", "at 7:30 a.m.", "time"),
        ("Geöffnet von 8 bis 16 Uhr.", "Wann ist geöffnet?", "de", "von 8 bis 16 Uhr", "time"),
        ("It grew in Q2 2024 again.", "When did it grow?", "en", "in Q2 2024", "time"),
    ],
)
def test_a_figure_keeps_what_belongs_to_it(sentence: str, question: str, language: str, whole: str, kind: str) -> None:
    assert shapes(sentence, question, language)[whole] == kind


def test_a_name_is_kept_whole() -> None:
    found = shapes("Later the yard belonged to Marta Quandt, a baker.", "Who owned the yard?", "en")
    assert found["Marta Quandt"] == "person"
    assert "Marta" not in found and "Quandt" not in found


def test_what_the_question_holds_already_is_no_candidate() -> None:
    found = shapes("In 1907 Marta Quandt sold boats.", "What did Marta Quandt do in 1907?", "en")
    assert "Marta Quandt" not in found and "In 1907" not in found
    assert any("boats" in text for text in found)


def test_candidates_are_in_order_and_none_stands_twice() -> None:
    found = candidates(
        "Am 3. November verkaufte Marta Quandt rund 40 Boote in Husum.", query("Was geschah?", "de"), "de"
    )
    spans = [(candidate.start, candidate.end) for candidate in found]
    assert spans == sorted(set(spans)) and len(spans) >= 4


# --- holds -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "answered"),
    [
        ("The march lasted three weeks.", "How many soldiers marched?", "en", False),
        ("Der Marsch dauerte drei Wochen.", "Wie viele Soldaten marschierten?", "de", False),
        ("The march lasted three weeks.", "How many weeks was the march?", "en", True),
        ("The march lasted three weeks.", "How long was the march?", "en", True),
        ("The march had 300 soldiers.", "How many soldiers marched?", "en", True),
        ("The march was cancelled.", "How many soldiers marched?", "en", False),
        ("The march began in June.", "When did the march begin?", "en", True),
        ("The march began early.", "When did the march begin?", "en", False),
        ("The veterans march, and they may sing.", "When did they sing?", "en", False),
        ("It was the third boat.", "How many boats came?", "en", False),
        ("It was led by Marta Quandt.", "Who led the march?", "en", True),
        ("It was led by nobody.", "Who led the march?", "en", False),
        ("It was led by nobody.", "Why did they march?", "en", True),
    ],
)
def test_a_sentence_holds_the_kind_asked_for_or_not(
    sentence: str, question: str, language: str, answered: bool
) -> None:
    assert holds(sentence, query(question, language), language) is answered


def test_a_figure_that_the_question_holds_is_no_answer() -> None:
    returned = query("How many of the 300 soldiers returned?")
    assert not holds("The march had 300 soldiers.", returned, "en")
    assert holds("Of the 300 soldiers 40 returned.", returned, "en")


# --- likeliest -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language", "answer"),
    [
        ("The bridge at Oberau opened on 19 June 2024.", "When did the bridge open?", "en", "on 19 June 2024"),
        ("Zum Fest kamen rund 8.000 Gäste nach Husum.", "Wie viele Gäste kamen zum Fest?", "de", "rund 8.000"),
        ("In 1907 the yard was sold to Marta Quandt.", "Who bought the yard?", "en", "Marta Quandt"),
        ("Die Mühle brannte am 3. November ab.", "Wann brannte die Mühle ab?", "de", "am 3. November"),
        ("Der Umbau der Halle kostete 200 Millionen Euro.", "Wie viel kostete er?", "de", "200 Millionen Euro"),
    ],
)
def test_words_of_the_kind_that_is_asked_for_answer(sentence: str, question: str, language: str, answer: str) -> None:
    span = likeliest(sentence, query(question, language), language)
    assert span is not None
    assert sentence[slice(*span)] == answer


@pytest.mark.parametrize(
    ("sentence", "question", "language"),
    [
        ("The mill burned.", "When did the mill burn?", "en"),
        ("Die Mühle.", "Wem gehört die Mühle?", "de"),
        ("It was so.", "Why?", "en"),
        ("…", "Why?", "en"),
        ("", "Why?", "en"),
    ],
)
def test_where_nothing_is_new_nothing_answers(sentence: str, question: str, language: str) -> None:
    assert likeliest(sentence, query(question, language), language) is None


TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from("am 3. November 2024 rund 8.000 Euro % Marta Quandt , ( ) – the boat in May two €".split()),
        max_size=25,
    ).map(" ".join),
)


@given(TEXTS, TEXTS, st.sampled_from(["de", "en"]))
def test_the_likeliest_words_are_a_candidate_of_their_sentence(sentence: str, question: str, language: str) -> None:
    span = likeliest(sentence, query(question, language), language)
    spans = [
        (candidate.start, candidate.end) for candidate in candidates(sentence, query(question, language), language)
    ]
    assert all(0 <= start < end <= len(sentence) for start, end in spans)
    assert (span is None) == (spans == [])
    assert span is None or span in spans


# --- what holds what is asked for, without a figure ---------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "language"),
    [
        ("Keine Jolle kenterte.", "Wie viele Jollen kenterten?", "de"),
        ("None of the skiffs capsized.", "How many skiffs capsized?", "en"),
        ("Nineteen skiffs capsized.", "How many skiffs capsized?", "en"),
        ("Gesunken sind fünfzig Kähne.", "Wie viele Kähne sanken?", "de"),
        ("Ein Dutzend Reusen fehlt.", "Wie viele Reusen fehlen?", "de"),
        ("The thaw took a fortnight.", "How long did the thaw take?", "en"),
        ("Boarding is at half past six.", "When is boarding?", "en"),
        ("Ablegen: 17:30 Uhr", "Wann legt der Kahn ab?", "de"),
        ("Mo–Fr 8–12 Uhr", "Wann ist der Schalter besetzt?", "de"),
        ("Die Schonzeit endet Ende März.", "Wann endet die Schonzeit?", "de"),
    ],
)
def test_number_words_clock_times_and_weekdays_are_what_is_asked_for(
    sentence: str, question: str, language: str
) -> None:
    assert holds(sentence, query(question, language), language)


@pytest.mark.parametrize(
    ("sentence", "question", "language"),
    [
        ("The skiffs capsized in the gale.", "How many skiffs capsized?", "en"),
        ("No skiffs came.", "Why did no skiffs come, and how many came?", "en"),
        ("The thaw took a fortnight.", "How many skiffs capsized in the thaw?", "en"),
        ("So legte der Kahn ab.", "Wann legt der Kahn ab?", "de"),
    ],
)
def test_what_the_question_says_itself_or_counts_otherwise_is_not(sentence: str, question: str, language: str) -> None:
    assert not holds(sentence, query(question, language), language)


def test_in_a_language_whose_amounts_are_not_known_any_sentence_may_hold_one() -> None:
    assert holds("Sexton båtar sjönk.", query("How many boats sank?"), "sv")
    assert holds("Se hundieron dieciséis barcas.", query("How many boats sank?"), "es")
    assert not holds("Las barcas se hundieron.", query("How many boats sank?"), "es")
