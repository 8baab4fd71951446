"""Questions made of sentences: how they read, which make none, and that a library answers those it suggests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering.answer import Answered
from rag.answering.assistant import Assistant
from rag.answering.english_questions import english_questions
from rag.answering.german_questions import german_questions
from rag.answering.question_clauses import clause, spelling
from rag.answering.suggested_questions import Candidate, answered, candidates, suggested_questions
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.system.cancellation import CancelToken, Stopped

GERMAN = {
    "Der Verein hat 128 Mitglieder.": "Wie viele Mitglieder hat der Verein?",
    "An der Abstimmung nahmen 45 Mitglieder teil.": "Wie viele Mitglieder nahmen an der Abstimmung teil?",
    "Rund 300 alte Bäume wurden im Park gefällt.": "Wie viele alte Bäume wurden im Park gefällt?",
    "Im Hafen liegen nach Angaben der Behörde etwa 40 große Schiffe.": "Wie viele große Schiffe liegen im Hafen?",
    "Im Amt hängen elf Bilder des Malers Otto Reimann.": "Wie viele Bilder des Malers Otto Reimann hängen im Amt?",
    "Der Vorstand besteht aus fünf Mitgliedern.": "Aus wie vielen Mitgliedern besteht der Vorstand?",
    "Im Haus gibt es 12 Zimmer.": "Wie viele Zimmer gibt es im Haus?",
    "Im Jahr 1907 brannte die Mühle ab.": "Wann brannte die Mühle ab?",
    "Die Mühle brannte 1907 ab.": "Wann brannte die Mühle ab?",
    "Die Sitzung beginnt am 3. Mai um 19:30 Uhr.": "Wann beginnt die Sitzung?",
    "Der Betrag ist bis zum 28. März 2024 zu zahlen.": "Bis wann ist der Betrag zu zahlen?",
    "Seit 1952 ist die Mühle ein Museum.": "Seit wann ist die Mühle ein Museum?",
    "Die Brücke wurde am 2. Juni 1911 eröffnet, weil die Fähre zu klein war.": "Wann wurde die Brücke eröffnet?",
    "Die Miete beträgt 650 Euro im Monat.": "Wie hoch ist die Miete im Monat?",
    "Für den Zaun gab der Verein 3.200 Euro aus.": "Wie viel gab der Verein für den Zaun aus?",
    "Die Kündigungsfrist beträgt drei Monate.": "Wie lang ist die Kündigungsfrist?",
    "Die Überfahrt dauert 25 Minuten.": "Wie lange dauert die Überfahrt?",
    "Der Turm ist 46 Meter hoch.": "Wie hoch ist der Turm?",
    "Kassenwart Uwe Brandt legte den Bericht vor.": "Wer legte den Bericht vor?",
    "Frau Adler leitet die Gruppe.": "Wer leitet die Gruppe?",
    "Eine Buhne ist ein Damm in der See.": "Was ist eine Buhne?",
}
ENGLISH = {
    "The club has 128 members.": "How many members does the club have?",
    "Sixteen members attended the meeting.": "How many members attended the meeting?",
    "In 2023, about 6,300 people visited the museum.": "How many people visited the museum in 2023?",
    "There are 12 rooms in the house.": "How many rooms are there in the house?",
    "The hall can seat 300 people.": "How many people can the hall seat?",
    "The society sold 212 tickets for the concert.": "How many tickets did the society sell for the concert?",
    "The mill burned down in 1907.": "When did the mill burn down?",
    "The meeting starts at 19:30.": "When does the meeting start?",
    "The bridge was opened on 2 June 1911, when the ferry had sunk.": "When was the bridge opened?",
    "The deposit is 1,250 pounds.": "How much is the deposit?",
    "A day ticket costs 5 pounds.": "How much does a day ticket cost?",
    "The journey takes 35 minutes.": "How long does the journey take?",
    "The bridge is 146 metres long.": "How long is the bridge?",
    "Treasurer Judith Okoye presented the accounts.": "Who presented the accounts?",
    "A groyne is a wall that is built out into the sea.": None,  # "that" may refer to what was said before
    "A groyne is a wall in the sea.": "What is a groyne?",
}
NONE = {
    "de": [
        "Er hatte 128 Mitglieder.",  # who?
        "Die Mühle brannte 1907 ab und wurde 1910 neu gebaut.",  # two things at once
        "Der vom Verein finanzierte Turm kostete 300 Euro.",  # no verb, though it ends like one
        "Die Sitzung vom 3. Mai wurde vertagt.",  # of which day, not when
        "Die Mühle brannte 1907 ab und wurde verkauft.",
        "Die Feier ist für die 30 Kinder bestimmt.",  # "für die wie viele Kinder"
        "12 Zimmer im Haus.",
        "Die Ruhezeiten gelten von 22 bis 6 Uhr.",
        "Die Nachweisgrenze beträgt 2 Keime.",
        "Der Betrag wurde in Kursk, wo 40 Schiffe liegen, gezahlt.",
        "Heute kamen 45 Gäste in das Haus.",
        "Das Fest wurde nicht am 3. Mai gefeiert.",
        "„Wir haben 30 Schiffe“, sagte Frau Adler.",
    ],
    "en": [
        "It has 128 members.",
        "The mill burned down in 1907 and was rebuilt in 1910.",
        "The Fondation names 19 July.",  # a date, but not when it names
        "450 g flour.",
        "Forty ships from the north.",
        "Last week 40 people came to the hall.",
        "The club does not have 40 members.",
        "Our hall can seat 300 people.",
    ],
}


def made(sentence: str, language: str, around: str = "") -> list[str]:
    plain = clause(sentence, language, spelling(f"{around} so {sentence}"))
    makers = {"de": german_questions, "en": english_questions}
    return [each.question for each in makers[language](plain)] if plain else []


@pytest.mark.parametrize(("sentence", "question"), GERMAN.items())
def test_a_german_sentence_becomes_the_question_that_a_person_would_ask(sentence: str, question: str) -> None:
    assert made(sentence, "de")[:1] == [question]


@pytest.mark.parametrize(("sentence", "question"), ENGLISH.items())
def test_an_english_sentence_becomes_the_question_that_a_person_would_ask(sentence: str, question: str | None) -> None:
    assert made(sentence, "en")[:1] == ([question] if question else [])


@pytest.mark.parametrize(("language", "sentence"), [(lang, each) for lang, all_ in NONE.items() for each in all_])
def test_a_sentence_that_cannot_be_turned_well_makes_no_question(language: str, sentence: str) -> None:
    assert made(sentence, language) == []


def test_a_first_word_keeps_its_capital_only_where_the_document_writes_it_so_inside_a_sentence() -> None:
    sentence = "Mitglieder zahlen 24 Euro im Jahr."
    assert made(sentence, "de", "Alle Mitglieder kommen.") == ["Wie viel zahlen Mitglieder im Jahr?"]
    plain = clause(sentence, "de", spelling("Nichts davon."))
    assert plain is not None and list(german_questions(plain)) == []


TEXTS = {
    "mill.txt": "The mill stood by the river. The mill burned down in 1907. Nobody was hurt.",
    "choir.txt": "The choir sings on Mondays. The choir has 64 members. They like it.",
    "ferry.txt": "Die Fähre fährt täglich. Die Überfahrt nach Seewiek dauert 25 Minuten. Kinder fahren frei.",
    "note.txt": "Bring bread. And milk.",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Iterator[Assistant]:
    """An assistant over four small documents of several kinds."""
    folder = tmp_path_factory.mktemp("suggested")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(library=folder / "library", cache=cache, threads=2)
    with Library(settings.library, create=True) as library:
        index([str(folder / name) for name in TEXTS], library, embedder)
        with Assistant(settings, library) as assistant:
            yield assistant


def test_what_is_suggested_is_answered_by_the_sentence_and_the_words_it_was_made_of(own: Assistant) -> None:
    suggested = suggested_questions(own)
    assert set(suggested) == {
        "When did the mill burn down?",
        "How many members does the choir have?",
        "Wie lange dauert die Überfahrt nach Seewiek?",
    }
    marked = set()
    for question in suggested:
        *_, last = own.ask(question)
        assert isinstance(last, Answered) and last.answer.status == "answered"
        best = last.answer.citations[0].quote
        marked.add(" ".join(best.document.text[left:right] for left, right in best.marks))
    assert marked == {"1907", "64", "25 Minuten"} or marked == {"in 1907", "64", "25 Minuten"}


def test_the_same_library_suggests_the_same_questions_in_the_same_order(own: Assistant) -> None:
    assert suggested_questions(own) == suggested_questions(own)


def test_a_question_that_another_sentence_answers_is_not_suggested(own: Assistant) -> None:
    (mill,) = [each for each in candidates(own.library, CancelToken()) if "mill" in each.question]
    assert answered(own, mill)
    elsewhere = Candidate(mill.question, mill.shape, mill.document, (0, 10), mill.answer)
    assert not answered(own, elsewhere)
    other_words = Candidate(mill.question, mill.shape, mill.document, mill.sentence, (mill.sentence[0],) * 2)
    assert not answered(own, other_words)


class Counting:
    """What is held for each question that is tried, and let go of in between."""

    def __init__(self) -> None:
        self.held, self.times = False, 0

    def __enter__(self) -> None:
        assert not self.held
        self.held, self.times = True, self.times + 1

    def __exit__(self, *_: object) -> None:
        self.held = False


def test_others_have_the_models_between_two_questions_that_are_tried(own: Assistant) -> None:
    alone = Counting()
    assert len(suggested_questions(own, alone)) == alone.times == 3


def test_trying_stops_when_it_is_cancelled(own: Assistant) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Stopped):
        suggested_questions(own, cancel=cancel)


def test_of_a_large_library_no_more_than_a_few_questions_are_tried(tmp_path: Path, embedder: Embedder) -> None:
    for n in range(40):
        name = f"{'ABCDE'[n // 8]}{'aeiouyäö'[n % 8]}ll"
        text = f"date: 2024-01-{n % 28 + 1:02}\n\nThe tower of {name} is {n + 20} metres high."
        (tmp_path / f"{n}.txt").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path)], library, embedder)
        found = candidates(library, CancelToken())
    assert len(found) == 24 and len({each.document for each in found}) == 24


def test_questions_that_say_what_they_are_about_are_tried_before_vague_ones(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        "2025-05-01": "Forty countries took part.",
        "2024-05-01": "Sixteen members attended the spring meeting of the choir.",
        "2023-05-01": "The old stone bridge over the river is 146 metres long.",
    }
    for day, text in texts.items():
        (tmp_path / f"{day}.md").write_text(f"---\ndate: {day}\n---\n\n{text}\n", encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([str(tmp_path)], library, embedder)
        found = [each.question for each in candidates(library, CancelToken())]
    assert found == [
        "How many members attended the spring meeting of the choir?",
        "How long is the old stone bridge over the river?",
        "How many countries took part?",
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_questions_in_the_language_of_the_interface_come_before_others(
    tmp_path: Path, embedder: Embedder, language: str, request: pytest.FixtureRequest
) -> None:
    if language == "de":
        request.getfixturevalue("german")
    texts = {
        "mill.txt": "The old mill at Oberwiesen burned down in 1907.",
        "organ.txt": "Die Orgel in Lohe hat 900 Pfeifen.",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        index([tmp_path / name for name in texts], library, embedder)
        found = [each.question for each in candidates(library, CancelToken())]
    assert len(found) == 2 and ("Orgel" in found[0]) is (language == "de")
