"""Held: a question that an earlier topic would draw away from its answer is asked as it was put, and told so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from library_fixtures import fill
from project import SEEDS
from seed_questions import TROOPS, answered

from rag.answering.answer import Answer
from rag.answering.assistant import Asked, Assistant, Event, Retrieved, Searching
from rag.answering.followup_features import may_stand_alone
from rag.answering.followup_grounds import ground
from rag.index.library import Library
from rag.models.embedder import Embedder
from rag.settings import Settings

RESCUE = (
    "# Satzung der Bergwacht\n\nDer Vorstand wird alle zwei Jahre gewählt. Der Wachführer trägt ein rotes Tuch. "
    "Der Jahresbeitrag liegt bei 48 Euro."
)
TOWN = "# Orrin\n\nThe repair of the roof cost 900 pounds. The market is held on Tuesdays. The ferry leaves at noon."


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, cache: Path) -> Iterator[Assistant]:
    """Two documents among many on the subject of an earlier question, which every passage of theirs names."""
    folder = tmp_path_factory.mktemp("crowded")
    parts = (Path(SEEDS) / "kursk-background.md").read_text(encoding="utf-8").split("\n\n")
    said = "This is said in report {n} on North Korean troops in Kursk."
    articles = {f"{n}.md": "\n\n".join(f"{part} {said.format(n=n)}" for part in parts) for n in range(12)}
    settings = Settings(library=folder / "library", cache=cache, threads=2)
    with Library(settings.library, create=True) as library:
        fill(library, folder, {"satzung.md": RESCUE, "orrin.md": TOWN, **articles}, embedder)
        with Assistant(settings, library) as assistant:
            yield assistant


@pytest.fixture(scope="module")
def troops(crowded: Assistant) -> Answer:
    return answered(crowded.ask(TROOPS))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Wie hoch ist der Beitrag?", "48 Euro"),
        ("Wie hoch sind die Beiträge?", "48 Euro"),
    ],
)
def test_a_question_that_its_completion_draws_away_is_answered_as_it_was_put(
    crowded: Assistant, troops: Answer, question: str, words: str
) -> None:
    *events, last = crowded.ask(question, earlier=[troops])
    answer = answered(iter([last]))
    assert words in answer.citations[0].quote.text
    assert answer.standalone == answer.question == question
    assert _searched(events)[0].startswith(f"{question} (")  # else it was never completed
    assert _searched(events)[-1] == question
    assert [event.passages for event in events if isinstance(event, Retrieved)][-1] == answer.passages


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Was trägt der Wachführer?", "rotes Tuch"),
        ("How much was the repair?", "900 pounds"),
        ("When does the ferry leave?", "noon"),
        ("Wann fährt die Fähre?", "noon"),
        ("Wer wird gewählt?", "Vorstand"),
    ],
)
def test_what_other_documents_alone_speak_of_is_no_follow_up(
    crowded: Assistant, troops: Answer, question: str, words: str
) -> None:
    *events, last = crowded.ask(question, earlier=[troops])
    assert _searched(events) == [question]
    assert words in answered(iter([last])).citations[0].quote.text


def test_what_the_document_quoted_last_speaks_of_is_one(crowded: Assistant) -> None:
    before = answered(crowded.ask("How much did the repair of the roof in Orrin cost?"))
    answer = answered(crowded.ask("When does the ferry leave?", earlier=[before]))
    assert answer.standalone == "When does the ferry leave? (repair, roof, Orrin)"
    assert "noon" in answer.citations[0].quote.text


def test_documents_that_are_not_asked_speak_of_nothing(crowded: Assistant, troops: Answer) -> None:
    asked = [troops.citations[0].quote.document.id]
    assert ground("Wann fährt die Fähre?", [troops], crowded.library).elsewhere == {"Fähre"}
    assert not ground("Wann fährt die Fähre?", [troops], crowded.library, asked).elsewhere


def test_no_words_come_from_a_question_further_back_than_the_last(crowded: Assistant, troops: Answer) -> None:
    before = answered(crowded.ask("Was trägt der Wachführer?", earlier=[troops]))
    answer = answered(crowded.ask("Wie oft wird der Vorstand gewählt?", earlier=[troops, before]))
    assert "Kursk" not in answer.standalone and "Korea" not in answer.standalone


def test_searching_and_retrieved_come_in_turn_before_anything_is_written(crowded: Assistant, troops: Answer) -> None:
    kinds = [type(event).__name__ for event in crowded.ask("Wie hoch ist der Beitrag?", earlier=[troops])]
    assert kinds == ["Searching", "Retrieved", "Searching", "Retrieved", "Writing", "Answered"]


def test_asked_with_others_it_is_answered_the_same(crowded: Assistant, troops: Answer) -> None:
    question = "Wie hoch ist der Beitrag?"
    (answer,) = crowded.together([Asked(question, (), (troops,), crowded.look_up(question))])
    assert isinstance(answer, Answer)
    assert answer.standalone == question and "48 Euro" in answer.citations[0].quote.text


@pytest.mark.parametrize("question", ["Wer hat ihn erfunden?", "What colour is it?", "Und im Winter?"])
def test_what_lacks_a_word_is_searched_for_as_it_was_completed_alone(
    crowded: Assistant, troops: Answer, question: str
) -> None:
    *events, last = crowded.ask(question, earlier=[troops])
    assert _searched(events) == [answered(iter([last])).standalone] != [question]


def test_where_neither_finds_anything_the_completed_question_is_told(crowded: Assistant, troops: Answer) -> None:
    *events, last = crowded.ask("Wer komponierte die Oper?", earlier=[troops])
    answer = answered(iter([last]))
    assert answer.status == "not_found"
    assert _searched(events) == [answer.standalone] == ["Wer komponierte die Oper? (North Korean troops, Kursk)"]


@pytest.mark.parametrize(
    ("question", "may"),
    [
        ("Wie hoch ist der Beitrag?", True),
        ("Und wie hoch ist der Beitrag?", True),
        ("Did the insurance pay?", True),
        ("And what does the company say?", False),
        ("How long is it?", False),
        ("Why?", False),
        ("Who won?", True),
        ("Where is the key kept, and which one opens the gate?", True),
        ("Which one?", False),
        ("And in winter?", False),
        ("Und die Brücke?", False),
        ("", False),
    ],
)
def test_only_a_question_that_lacks_nothing_may_stand_alone(question: str, may: bool) -> None:
    assert may_stand_alone(question) is may


def _searched(events: list[Event]) -> list[str]:
    return [event.question for event in events if isinstance(event, Searching)]
