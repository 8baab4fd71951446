"""Held: which questions hang on the one before is told on dialogues that nothing was made by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fit_followups import chances, pairs, table, told
from followups import completed, dialogues, has_what_it_lacks

from rag.answering.followup_detection import content
from rag.answering.followup_features import FEATURES, LEAST, Ground, follows, load, shipped
from rag.answering.query_rewriting import standalone
from rag.errors import WeightsUnusable
from rag.text.language import detect

TUNNEL = "When was the Tannau tunnel dug?"
DAMAGE = "What did the flood in Henwick destroy?"
QUOTED = "The flood in Henwick destroyed the weir; the insurance paid half of the damage."


def test_of_held_out_questions_most_follow_ups_are_told_and_nearly_all_others_left_alone() -> None:
    rows = list(pairs("heldout"))
    hanging, alone = told("held out", rows, chances(table(rows), np.array(shipped())), LEAST)
    assert hanging >= 0.8
    assert alone >= 0.95


def test_held_out_follow_ups_are_completed_with_what_they_lack() -> None:
    rows = [each for each in dialogues("heldout") if each.hangs]
    right = [each for each in rows if has_what_it_lacks(each, completed(each))]
    assert len(right) / len(rows) >= 0.7  # without answers, which name the persons


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote this report?",
        "Who signed these minutes?",
        "Wer hat diesen Jahresbericht geschrieben?",
        "Wer führte das Protokoll?",
        "What does this long essay say about bees?",
    ],
)
def test_this_report_is_the_document_at_hand(question: str) -> None:
    assert standalone(question, [(TUNNEL, "")]) == question


def test_this_report_is_one_that_was_spoken_of() -> None:
    assert standalone("Who wrote this report?", [("When did the Tannau tunnel report appear?", "")]).startswith(
        "Who wrote this report? (Tannau tunnel"
    )


@pytest.mark.parametrize("question", ["Did the insurance pay?", "How big was the damage?"])
def test_a_thing_with_an_article_and_nothing_else_is_one_of_what_was_spoken_of(question: str) -> None:
    assert follows(question, "en", DAMAGE, QUOTED)
    assert standalone(question, [(DAMAGE, "")], QUOTED) == f"{question} (flood, Henwick)"


@pytest.mark.parametrize("question", ["Did the insurance pay?", "How much is the rent?", "Who won?", "Wer gewann?"])
def test_what_only_other_documents_speak_of_is_no_follow_up(question: str) -> None:
    language = detect(question, ("de", "en"))
    about = frozenset(content(question, language))
    assert follows(question, language, DAMAGE, QUOTED, Ground(here=about))
    assert not follows(question, language, DAMAGE, "", Ground(elsewhere=about))


@pytest.mark.parametrize("question", ["How long is it?", "Why?", "And the insurance?", "What did the money pay for?"])
def test_what_stands_for_something_hangs_on_it_wherever_its_words_are_spoken_of(question: str) -> None:
    words = frozenset(question.rstrip("?").split())
    assert follows(question, detect(question, ("de", "en")), DAMAGE, "", Ground(elsewhere=words))


@pytest.mark.parametrize("earlier", ["Where do the salt works at Pell sell flaked salt?"])
def test_words_that_look_like_verbs_are_carried_on_in_a_name(earlier: str) -> None:
    assert "salt works" in standalone("Who runs it?", [(earlier, "")])


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    lines = [f"{name} = 1.0" for name in FEATURES[1:]]
    (tmp_path / "weights.toml").write_text("\n".join(['fitted = "x"', "[weights]", *lines]), encoding="utf-8")
    with pytest.raises(WeightsUnusable, match="constant"):
        load(tmp_path / "weights.toml")
