"""Held: a passage of the reader's material becomes a document in which each of its sentences is found again."""

from __future__ import annotations

from pathlib import Path

from material import Passage, Question
from reading_material import DOCUMENTS, asked, markdown
from train import held_out

SENTENCES = (
    "Schreinerei Hallbach, Am Sägewerk 4",
    "Datum: 9. November 2023",
    "Pos.: 1 · Leistung: Schrank · Betrag: 3.480 €",
    "Pos.: 2 · Leistung: Montage: zwei Tage · Betrag: 372 €",
    "Zahlbar ist der Betrag binnen 14 Tagen.",
    "Bei Fragen rufen Sie uns an.",
)


def test_sentences_run_on_and_rows_are_a_table() -> None:
    text, places = markdown("Rechnung", SENTENCES)
    assert text == (
        "# Rechnung\n\nSchreinerei Hallbach, Am Sägewerk 4\nDatum: 9. November 2023\n\n"
        "| Pos. | Leistung | Betrag |\n| --- | --- | --- |\n| 1 | Schrank | 3.480 € |\n"
        "| 2 | Montage: zwei Tage | 372 € |\n\n"
        "Zahlbar ist der Betrag binnen 14 Tagen. Bei Fragen rufen Sie uns an.\n"
    )
    assert [text[start:end] for start, end in places] == [
        *SENTENCES[:2],
        "| 1 | Schrank | 3.480 € |",
        "| 2 | Montage: zwei Tage | 372 € |",
        *SENTENCES[4:],
    ]


def test_only_held_out_passages_are_asked_about_and_each_among_the_same_documents(tmp_path: Path) -> None:
    questions = (Question("Was kostet der Schrank?", "de", (2,), "3.480 €"), Question("Wer hat Hunger?", "de", (), ""))
    passages = [Passage("de", f"Rechnung {number}", "a", SENTENCES, questions, True) for number in range(60)]
    kept = {passage.title for passage in held_out(passages)[1]}
    found, right = asked(passages, tmp_path)
    assert 0 < len(kept) < 60 and len(found) == 2 * len(kept) == len(right)
    assert len(list(tmp_path.iterdir())) == 60
    for question in found:
        gold, own = right[question.id], f"{question.id[:4]}.md"
        assert question.documents[0] == own and len(set(question.documents)) == DOCUMENTS == len(question.documents)
        text = (tmp_path / own).read_text(encoding="utf-8")
        assert text.splitlines()[0].removeprefix("# ") in kept
        assert [text[start:end] for start, end in gold.spans] == ["| 1 | Schrank | 3.480 € |"] * gold.answerable
    assert [question.documents for question in found] == [
        question.documents for question in asked(passages, tmp_path)[0]
    ]
