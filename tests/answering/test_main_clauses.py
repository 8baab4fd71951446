"""Main clauses inside longer sentences: what questions come of them, and where none is sure to be whole."""

from __future__ import annotations

import pytest

from rag.answering.english_questions import english_questions
from rag.answering.german_questions import german_questions
from rag.answering.main_clauses import main_clauses
from rag.answering.question_clauses import clause, spelling

GERMAN = {
    "Die Einnahmen, die vor allem aus Eintritten stammen, betrugen 14.300 Euro.": "Wie hoch waren die Einnahmen?",
    "Das Fest findet, wenn es nicht regnet, am 22. Juni statt.": "Wann findet das Fest statt?",
    "„Die neue Orgel kostete 90.000 Euro“, sagte Pfarrerin Anke Wolf.": "Wie viel kostete die neue Orgel?",
    "Nach Angaben des Amtes will Norwegen Island mit insgesamt 900 Helfern unterstützen.": (
        "Mit wie vielen Helfern will Norwegen Island unterstützen?"
    ),
    "Derweil besuchte Ministerin Anke Wolf die Werft, der Betriebsrat dankte.": "Wer besuchte die Werft?",
    "Am Morgen übergab Kapitän Ole Brix den Beamten die Papiere.": ("Wer übergab am Morgen den Beamten die Papiere?"),
    "Kanadas Premierministerin Jo Trent empfing in Ottawa erneut den Rat.": "Wer empfing in Ottawa den Rat?",
    "Die Insel (rund 40 Quadratkilometer) gehört seit 1985 zum Park, in dem keiner baut.": (
        "Seit wann gehört die Insel zum Park?"
    ),
    "Der Austausch dauert etwa 20 Minuten und ist kostenfrei; bezahlt wird später.": "Wie lange dauert der Austausch?",
    "Anna Kern und Ole Brix hatten bereits im Juni einen Vertrag über die Werft unterschrieben.": (
        "Wann hatten Anna Kern und Ole Brix einen Vertrag über die Werft unterschrieben?"
    ),
}
ENGLISH = {
    "The vessel, built in a Danish yard, can carry 310 passengers.": "How many passengers can the vessel carry?",
    "The concert, which was to be in the hall, will be held on 14 December.": "When will the concert be held?",
    '"The new engines cost £3.2 million," she told the harbour board.': "How much do the new engines cost?",
    "According to the harbour master, the repairs took 11 weeks because parts were missing.": (
        "How long did the repairs take?"
    ),
    "The ferry returned on Monday, two weeks later than planned, the operator said.": "When did the ferry return?",
    "Councillor Amit Desai, whose ward includes the hall, called for an inquiry.": "Who called for an inquiry?",
}
NONE = {
    "de": [
        "Ein Schiff, das keiner laden kann, ist ein Denkmal.",  # not of any ship
        "Die Schule, die Kirche, das Rathaus und der Markt wurden 1907 zerstört.",  # no relative clause
        "Die Insel wurde 2016 an 14 Tagen begangen, was viel ist.",  # not when it was done 14 times
    ],
    "en": [
        "The pump, which was new, failed twice in February.",
        "The apples, pears and plums were sold in May, June and July.",
        "If it rains, the match is on 3 May.",
    ],
}


def made(sentence: str, language: str) -> list[str]:
    makers = {"de": german_questions, "en": english_questions}
    clauses = (clause(text, language, spelling(f"so {sentence}")) for text in main_clauses(sentence, language))
    return [each.question for plain in clauses if plain for each in makers[language](plain)]


@pytest.mark.parametrize(("sentence", "question"), GERMAN.items())
def test_a_long_german_sentence_is_asked_of_its_main_clause(sentence: str, question: str) -> None:
    assert made(sentence, "de")[:1] == [question]


@pytest.mark.parametrize(("sentence", "question"), ENGLISH.items())
def test_a_long_english_sentence_is_asked_of_its_main_clause(sentence: str, question: str) -> None:
    assert made(sentence, "en")[:1] == [question]


@pytest.mark.parametrize(("language", "sentence"), [(lang, each) for lang, all_ in NONE.items() for each in all_])
def test_a_sentence_whose_main_clause_is_not_sure_makes_no_question(language: str, sentence: str) -> None:
    assert made(sentence, language) == []


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("sentence", ["“", "„“, .", ",,, , .", " . ", "(", "a, b; – c – d.", "Und, und, und. ", ""])
def test_what_is_no_sentence_makes_no_question_and_no_error(sentence: str, language: str) -> None:
    assert made(sentence, language) == []


@pytest.mark.parametrize(
    ("language", "sentence"), [("de", each) for each in GERMAN] + [("en", each) for each in ENGLISH]
)
def test_what_remains_of_a_sentence_stands_where_it_stood(language: str, sentence: str) -> None:
    for found in main_clauses(sentence, language):
        assert len(found) <= len(sentence)
        for mine, own in zip(found[:-1], sentence, strict=False):
            assert mine in (own, own.upper(), " ")
