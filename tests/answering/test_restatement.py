"""Held: what of a sentence stands in neither its question nor its quote is named, and what answers is looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.restatement import (
    adds_denial,
    assumed_words,
    drops_denial,
    drops_report,
    odd_figures,
    odd_words,
    says_something,
    telling,
    told,
    turns_a_word,
)

BLINKEN = "US-Außenminister Antony Blinken sprach von rund 8.000 nordkoreanischen Soldaten in Kursk."
TROOPS = "How many North Korean troops are in Kursk?"


@pytest.mark.parametrize(
    ("statement", "question", "quote", "own", "other"),
    [
        ("About 8,000 North Korean troops are in Kursk.", TROOPS, BLINKEN, "en", "de"),
        ("Antony Blinken spoke of about 8,000 North Korean soldiers in Kursk.", TROOPS, BLINKEN, "en", "de"),
        ("The fee is 3,500,000 euros.", "What is the fee?", "Die Gebühr beträgt 3,5 Millionen Euro.", "en", "de"),
        ("Die Fähre ist 46 Meter lang.", "Wie lang ist die Fähre?", "She is 46 metres long.", "de", "en"),
        ("Die Kasse prüft Herr Uhl.", "Wer prüft die Kasse?", "Geprüft wird die Kasse von Herrn Uhl.", "de", "de"),
        ("The US minister spoke.", "Who spoke?", "Der US-Minister sprach.", "en", "de"),
        ("It opens at half past seven.", "When does it open?", "Opening hours: 7:30–12", "en", "en"),
        ("Ada Pond holt die Kasse ab.", "Wer holt die Kasse ab?", "Mrs Ada Pond collects the till.", "de", "en"),
        ("What do we pay? We pay 4 euros.", "What do we pay?", "Mitglieder zahlen 4 Euro.", "en", "de"),
    ],
)  # fmt: skip
def test_what_only_restates_has_nothing_odd(statement: str, question: str, quote: str, own: str, other: str) -> None:
    assert odd_words(statement, question, quote, own, other) == []
    assert odd_figures(statement, question, quote, other) == []


@pytest.mark.parametrize(
    ("statement", "question", "quote", "own", "other", "odd"),
    [
        ("There are 8,000 tanks in Kursk.", "How many are in Kursk?", BLINKEN, "en", "de", ["tanks"]),
        ("Zelensky spoke of 8,000 troops.", TROOPS, BLINKEN, "en", "de", ["Zelensky"]),
        ("Der Hund schläft im Garten.", "Wo schläft der Hund?", "The dog sleeps in the shed.", "de", "en", ["Garten"]),
        # a quote's "we" is not who answers
        ("They lent a cow until ours calves.", "What did they lend?", "They lent a cow until ours calves.", "en", "en",
         ["ours"]),
        # copied, not translated
        ("Gegenseitiger Diebstahl is common.", "What is common?", "Gegenseitiger Diebstahl ist üblich.", "en", "de",
         ["Gegenseitiger", "Diebstahl"]),
        ("Es ging um ein customs shed.", "Worum ging es?", "It was over a customs shed.", "de", "en",
         ["customs", "shed"]),
        ("Die Buchstaben sind auf dem Lintel.", "Wo sind die Buchstaben?", "On the lintel are the letters.", "de", "en",
         ["Lintel"]),
    ],
)  # fmt: skip
def test_a_word_that_stands_in_neither_is_named(
    statement: str, question: str, quote: str, own: str, other: str, odd: list[str]
) -> None:
    assert odd_words(statement, question, quote, own, other) == odd


@pytest.mark.parametrize(
    ("statement", "quote", "assumed"),
    [
        ("There are 11,000 North Korean tanks in Kursk.", "In der Region Kursk sind 11.000 von ihnen.",
         ["North", "Korean", "tanks"]),
        ("There are 8,000 North Korean tanks in Kursk.", BLINKEN, ["tanks"]),
        ("He spoke of 8,000 soldiers.", BLINKEN, []),
    ],
)  # fmt: skip
def test_what_a_sentence_has_from_its_question_alone_is_named(statement: str, quote: str, assumed: list[str]) -> None:
    assert assumed_words(statement, "How many North Korean tanks are in Kursk?", quote, "en", "de") == assumed


@pytest.mark.parametrize(
    ("statement", "quote", "odd"),
    [
        ("12,000 troops are in Kursk.", BLINKEN, ["12000"]),
        ("They paid 40 euros.", "They paid 40 pounds.", ["40"]),
        ("They left on Tuesday.", "They left on Monday.", ["2"]),
        ("It lasted forty minutes.", "Sie dauerte 40 Minuten.", []),
        ("The ring is 54 inches long.", "Ringgröße: 54", ["54"]),
    ],
)
def test_a_figure_that_stands_in_neither_is_named(statement: str, quote: str, odd: list[str]) -> None:
    assert odd_figures(statement, "", quote, "de" if quote is BLINKEN else "en") == odd


@pytest.mark.parametrize(
    ("statement", "answering", "own", "other", "holds"),
    [
        ("The tax is paid by the bottler.", "vom Abfüller", "en", "de", [True]),
        ("The tax is paid by the tanker.", "vom Abfüller", "en", "de", [False]),
        ("Sie singt in der Kirche.", "in the church", "de", "en", [True]),
        ("It cost three million euros.", "drei Millionen Euro", "en", "de", [True]),
        ("It cost three euros.", "drei Millionen Euro", "en", "de", [False]),
        ("Uhl prüft sie.", "Herr Uhl", "de", "de", [False, True]),
        ("It sank.", "", "en", "de", []),
        ("About 8,000 troops are there.", "rund 8.000", "en", "de", [True, True]),
        ("At most six may come.", "höchstens sechs", "en", "de", [True, True]),
        ("At least six may come.", "höchstens sechs", "en", "de", [True, False]),
    ],
)
def test_each_word_that_answers_is_looked_for(
    statement: str, answering: str, own: str, other: str, holds: list[bool]
) -> None:
    assert told(statement, answering, own, other) == holds


@pytest.mark.parametrize(
    ("statement", "quote", "own", "other", "adds"),
    [
        ("Blinken did not speak of 8,000.", BLINKEN, "en", "de", True),
        ("Members don’t pay.", "Mitglieder zahlen keinen Beitrag.", "en", "de", False),
        ("They do not negotiate.", "Sie führen keinerlei Verhandlungen.", "en", "de", False),
        ("The ferry did not sink on 3 May.", "Die Fähre sank am 3. Mai.", "en", "de", True),  # "mai" is Italian
        ("Die Fähre sank am 3. Mai.", "The ferry sank on 3 May.", "de", "en", False),
        ("The house was not sold.", "House No 5 was sold.", "en", "en", True),
        ("House No. 5 was sold.", "Haus Nr. 5 wurde verkauft.", "en", "de", False),
        ("Non costa niente.", "It costs nothing.", "it", "en", False),
    ],
)
def test_a_not_that_neither_question_nor_quote_has_is_seen_in_its_language(
    statement: str, quote: str, own: str, other: str, adds: bool
) -> None:
    assert adds_denial(statement, "", quote, own, other) is adds


@pytest.mark.parametrize(
    ("statement", "quote", "answering", "question", "drops"),
    [
        ("Dogs are allowed.", "Hunde sind nicht erlaubt.", "nicht erlaubt", "Are dogs allowed?", True),
        ("Dogs are not allowed.", "Hunde sind nicht erlaubt.", "nicht erlaubt", "Are dogs allowed?", False),
        ("It was mended.", "Man hat sie nicht verkauft, sondern repariert.", "repariert", "What was done?", False),
        ("It was sold.", "Man hat sie nicht verkauft, sondern repariert.", "verkauft", "What was done?", True),
        ("It sank.", "Es sank.", "", "What happened?", False),
        ("It was June.", "Es war nicht Mai.", "", "When was it not May?", False),
    ],
)
def test_a_not_that_a_sentence_leaves_out_is_seen_in_the_clause_that_answers(
    statement: str, quote: str, answering: str, question: str, drops: bool
) -> None:
    assert drops_denial(statement, question, quote, answering, "en", "de") is drops


@pytest.mark.parametrize(
    ("statement", "quote", "own", "other", "turns"),
    [
        ("The bridge is unsafe.", "The bridge is safe.", "en", "en", True),
        ("Die Brücke ist sicher.", "Die Brücke ist unsicher.", "de", "de", True),
        ("He was able to pay.", "He was unable to pay.", "en", "en", True),
        ("The bridge is safe.", "Die Brücke ist sicher.", "en", "de", False),
        ("The inn is near.", "The inn is near.", "en", "en", False),
    ],
)
def test_a_word_that_is_turned_by_a_syllable_is_seen(
    statement: str, quote: str, own: str, other: str, turns: bool
) -> None:
    assert turns_a_word(statement, quote, own, other) is turns


@pytest.mark.parametrize(
    ("statement", "quote", "drops"),
    [
        ("The tank cost Tom Iles 310 pounds.", "According to the treasurer, Tom Iles, it cost 310 pounds.", True),
        ("Die Brücke hat Ada Pond 4 Mark gekostet.", "It cost 4 marks, according to Ada Pond.", True),
        ("The costs doubled for Ida Vogt.", "Laut der Leiterin Ida Vogt verdoppelten sie sich.", True),
        ("Ines Otte lost 300 boats.", "Ines Otte zufolge gingen 300 Boote verloren.", True),
        ("According to Tom Iles, it cost 310 pounds.", "Tom Iles zufolge kostete er 310 Pfund.", False),
        ("Laut Ada Pond kostete sie 4 Mark.", "It cost 4 marks, according to Ada Pond.", False),
        ("Tom Iles said that it cost 310 pounds.", "Laut Tom Iles kostete er 310 Pfund.", False),
        ("It cost 310 pounds.", "According to Tom Iles it cost 310 pounds.", False),
        ("Tom Iles paid 310 pounds.", "According to the minutes, Tom Iles paid 310 pounds.", False),
        ("Tom Iles paid 310 pounds.", "Tom Iles paid 310 pounds.", False),
    ],
)
def test_who_tells_something_is_not_made_a_part_of_it(statement: str, quote: str, drops: bool) -> None:
    assert drops_report(statement, "What was it?", quote) is drops
    assert not drops_report(statement, f"What of Tom Iles, Ada Pond, Ida Vogt, Ines Otte? {quote}", quote)


@pytest.mark.parametrize(
    ("statement", "question", "answering", "own", "other", "words"),
    [
        ("It sank in 1907.", "When did it sink?", "1907", "en", "en", ["1907"]),
        ("Some 11,000 soldiers stood there.", "How many?", "11.000 Soldaten", "en", "de", ["11,000 soldiers"]),
        ("Es waren elftausend.", "Wie viele?", "11,000", "de", "en", ["elftausend"]),
        ("Zelensky said so.", "Who said so?", "Wolodymyr Selenskyj", "en", "de", ["Zelensky"]),
        ("Das war im Mai 2024.", "Wann war das?", "in May 2024", "de", "en", ["Mai 2024"]),
        ("The League of Nations met.", "Who met?", "League of Nations", "en", "en", ["League of Nations"]),
        ("The river was frozen, so it stayed.", "Why?", "the river froze over", "en", "en", ["river"]),
        ("The ferry Luise and the ferry Rosa run.", "Which ferries run?", "ferry Luise", "en", "en", ["Luise"]),
        ("It cost 310 pounds in 1907.", "What did it cost in 1907?", "310 pounds, in 1907", "en", "en", ["310 pounds"]),
        ("It cost 310 pounds.", "What did it cost?", "310 kg", "en", "en", []),
        ("Nobody knows.", "Who?", "Peter", "en", "en", []),
        ("It was Peter.", "Who?", "", "en", "en", []),
    ],
)
def test_the_words_that_tell_what_answers_are_found_and_no_others(
    statement: str, question: str, answering: str, own: str, other: str, words: list[str]
) -> None:
    found = telling(statement, question, answering, own, other)
    assert [statement[start:end] for start, end in found] == words


@pytest.mark.parametrize(
    ("statement", "says"), [("It was.", False), ("It is there.", False), ("It sank.", True), ("7", True), ("", False)]
)
def test_grammar_alone_says_nothing(statement: str, says: bool) -> None:
    assert says_something(statement, "en") is says


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["de", "en", "fr", "xx"]))
def test_any_text_is_looked_at_and_a_quote_restates_itself_within_a_language(text: str, other: str, own: str) -> None:
    assert isinstance(odd_words(text, other, other, own, "en"), list)
    assert odd_words(text, text, text, own, own) == [] and odd_figures(text, "", text, own) == []
    assert all(told(text, text, own, own))
    ends = [end for span in telling(text, "", other, own, "en") for end in span]
    assert ends == sorted(set(ends)) and all(0 <= end <= len(text) for end in ends)
    assert isinstance(drops_report(text, "", other), bool) and not drops_report(text, text, other)
    assert not adds_denial(text, "", text, own, own) and not turns_a_word(text, text, own, own)
