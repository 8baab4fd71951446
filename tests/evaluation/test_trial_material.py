"""What an LLM is asked in its trial fits its documents, and a file of it that does not is refused with the place."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.evaluation.model_trial.material import FOLDER, PAIRS, by_pair, held, questions

ASKED = questions()
ANSWERED = [asked for asked in ASKED if asked.answer is not None]
ROW = """
[[question]]
asks = "How long is the bridge?"
language = "en"
kind = "fact"
document = "bridge"
answer = "It is"
holds = [["90"]]
wrong = ["The bridge"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of material: one document and one question."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "bridge.md").write_text(
        "# The Bridge\n\n## Size\n\nThe bridge was built in 1907 by the town. It is 90 metres long.\n", encoding="utf-8"
    )
    (tmp_path / "questions.toml").write_text(ROW, encoding="utf-8")
    return tmp_path


def test_each_sentence_that_is_named_stands_in_its_document_word_for_word() -> None:
    for asked in ASKED:
        text = (FOLDER / "documents" / f"{asked.document}.md").read_text(encoding="utf-8")
        for evidence in filter(None, (asked.answer, *asked.wrong)):
            if " · " not in evidence.text:  # a row of a table is read with its column heads
                assert evidence.text in text
            else:
                cells = [cell.split(": ", 1)[1] for cell in evidence.text.split(" · ")]
                assert any(all(cell in line for cell in cells) for line in text.splitlines() if line[:1] == "|")


def test_there_are_enough_of_each_pair_of_languages_and_a_third_is_not_answered() -> None:
    for asked in by_pair(ASKED).values():
        answered = [each for each in asked if each.answer is not None]
        assert len(answered) >= 10
        assert len(asked) - len(answered) == 5
    assert 0.3 <= 1 - len(ANSWERED) / len(ASKED) <= 0.36
    assert sum(map(len, by_pair(ASKED).values())) == len(ASKED)


def test_every_kind_is_asked_across_languages_and_within_one() -> None:
    kinds = Counter((asked.kind, asked.language == asked.wrong[0].language) for asked in ASKED)
    assert all(kinds[kind, same] for kind, _ in kinds for same in (True, False))


def test_what_a_right_sentence_holds_stands_in_the_sentence_that_answers_in_the_same_language() -> None:
    # "Sie", "It": whom it speaks of may be said by the sentence before.
    for asked in ANSWERED:
        assert asked.answer is not None
        if asked.language == asked.answer.language:
            texts = (asked.answer.text, f"{asked.answer.before} {asked.answer.text}")
            assert any(map(asked.is_answered_by, texts)), asked.text


def test_no_sentence_that_is_named_as_wrong_would_count_as_right() -> None:
    for asked in ANSWERED:
        for evidence in asked.wrong if asked.kind != "negation" else ():
            assert not asked.is_answered_by(evidence.text), (asked.text, evidence.text)


@pytest.mark.parametrize(
    ("words", "text", "is_held"),
    [
        ("11", "It took 11 hours.", True),
        ("11", "It took 11.", True),
        ("11", "There were 11,000 of them.", False),
        ("11", "On 3.11 it began.", False),
        ("1 400", "1\u00a0400 Menschen", True),
        ("no", "It is not known.", False),
        ("kein*", "Das ist keine Antwort.", True),
        ("*uhr", "Mit einer Taschenuhr.", True),
        ("uhr", "Mit einer Taschenuhr.", False),
        ("hotel group", "A Hotel\ngroup bought them.", True),
    ],
)
def test_words_are_held_whole(words: str, text: str, is_held: bool) -> None:
    assert held(words, text) is is_held


def test_a_sentence_comes_with_its_heading_and_the_sentence_before(folder: Path) -> None:
    (asked,) = questions(folder)
    assert asked.answer is not None
    assert asked.answer.heading == "The Bridge – Size"
    assert asked.answer.before == "The bridge was built in 1907 by the town."
    assert asked.answer.text == "It is 90 metres long."
    assert asked.pair in PAIRS


def test_a_row_of_a_table_comes_with_its_column_heads_and_not_after_another_row() -> None:
    (row,) = {asked.answer for asked in ANSWERED if asked.answer and asked.answer.text.startswith("Mode: Laundry")}
    assert row.text == "Mode: Laundry · Fan speed: high · Target humidity: 40 % · Power: 480 W"
    assert row.before.startswith("With the hose connected")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('answer = "It is"', 'answer = "It was"', "0 sentences of the document begin with 'It was'"),
        ('answer = "It is"', 'answer = ""', "0 sentences"),
        ('answer = "It is"', "", "neither"),
        ('holds = [["90"]]', "", "neither"),
        ('holds = [["90"]]', 'holds = [["…"]]', "no words"),
        ('holds = [["90"]]', "holds = [[]]", "empty list"),
        ('wrong = ["The bridge"]', "wrong = []", "no sentence that does not answer"),
        ('wrong = ["The bridge"]', 'wrong = ["It is 90"]', "answers and does not"),
        ('document = "bridge"', 'document = "tunnel"', "No such file"),
        ('language = "en"', 'language = "fr"', "question.1.language"),
        ('kind = "fact"', 'kind = "fact"\nsize = 3', "question.1.size"),
        ("[[question]]", "[[question", "no questions of a trial"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_place(folder: Path, old: str, new: str, reason: str) -> None:
    (folder / "questions.toml").write_text(ROW.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=reason) as refused:
        questions(folder)
    assert str(folder) in refused.value.reason
    assert refused.value.remedy


def test_material_that_is_gone_is_told(folder: Path) -> None:
    shutil.move(folder / "questions.toml", folder / "other.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        questions(folder)
