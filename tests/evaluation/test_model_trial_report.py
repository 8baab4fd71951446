"""A trial is told in a table that a person reads, and in an object that scripts read; nothing is printed raw."""

from __future__ import annotations

import json

import pytest
from english_messages import left_in
from ferry_drafts import ToldChecker
from scripted_writer import ScriptedWriter, posed, right

from rag.evaluation.model_trial.material import Asked, Evidence
from rag.evaluation.model_trial.measuring import peak_memory, tried
from rag.evaluation.model_trial.report import as_object, table, wrong_ones
from rag.evaluation.model_trial.result import TrialResult


def trial(writer: ScriptedWriter, peak_before: int | None = None) -> TrialResult:
    checker = ToldChecker(lambda statement, _: "18:36" not in statement and "the club" not in statement)
    return tried(writer, posed(), checker, peak_before=peak_before)


def test_the_table_says_what_was_found_by_pair_and_what_the_model_is_let_do() -> None:
    result = trial(ScriptedWriter(), peak_memory())
    text, shown = table(result), sum(each.shown for each in result.sentences)
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line[:1].isalpha()}
    assert rows["de-en"][:2] == ["10", "1.000"]
    assert rows["all"][:4] == ["42", "1.000", str(shown), "0"] and 21 < shown < 42
    assert "writing: German and English" in text
    assert "judging: yes" in text
    assert "MB of memory" in text


@pytest.mark.usefixtures("german")
def test_in_german_the_table_is_german_in_straight_columns_and_fits_a_terminal() -> None:
    text = table(trial(ScriptedWriter(), peak_memory()))
    lines = text.splitlines()[:6]
    assert lines[0].split() == "Frage-Quelle gefragt richtig gezeigt falsch gesagt beantwortet Zitate trennt".split()
    assert len({len(line) for line in lines}) == 1 and len(lines[0]) <= 80
    assert (
        lines[5].startswith("alle  ") and "schreiben: Deutsch und Englisch  (" in text and "beurteilen: ja  (" in text
    )
    assert left_in([text]) == []


def test_what_is_not_known_is_a_dash() -> None:
    text = table(trial(ScriptedWriter(doubts=lambda _asked, _evidence: None)))
    assert "judging: no, for it tells no chances" in text
    assert "reads - and" in text
    assert "memory" not in text


def test_what_is_not_right_is_shown_with_what_was_written() -> None:
    def says(asked: Asked, evidence: Evidence) -> str:
        if asked.text == "Who donated the new water pump?":
            return "It was\x1b[m the club."
        if evidence.text.startswith("Die Rechnung für"):  # what the VAT is, of what the invoice is
            return "Es sind 423,89 Euro."
        return "NO" if asked.text.startswith("How tall is the chimney") else right(asked, evidence)

    result = trial(ScriptedWriter(says=says))
    lines = wrong_ones(result).splitlines()
    told = list(zip(lines[::2], lines[1::2], strict=True))
    assert len(told) == sum(not (each.right and each.shown) for each in result.sentences) < 21
    for begins, question, text in (
        ("de-de wrong  ", "die neue Tür", "423,89"),
        ("en-de wrong, not shown", "water pump", "the club"),
        ("en-de nothing written", "the chimney", "-"),
        ("en-de right, not shown", "Klinik", "18:36"),
    ):
        assert [question in head and text in said for head, said in told if head.startswith(begins)].count(True) == 1
    assert "\x1b" not in "".join(lines)


def test_a_name_cannot_write_on_the_terminal() -> None:
    assert "\x1b" not in table(trial(ScriptedWriter(name="evil\x1b[2J")))


def test_the_object_holds_every_sentence_and_judgement() -> None:
    found = json.loads(json.dumps(as_object(trial(ScriptedWriter()))))
    assert found["writes"] is found["judges"] is True
    assert found["languages"] == ["de", "en"]
    assert len(found["sentences"]) == 42
    assert {row["answers"] for row in found["judgements"]} == {True, False}
    assert found["figures"]["right"] == 1.0
