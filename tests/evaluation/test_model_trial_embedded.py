"""The embedded LLM can be put to the trial: it writes, is checked and judges as any other, and as in an answer."""

from __future__ import annotations

from pathlib import Path

from rag.answering.faithfulness import Checker
from rag.evaluation.model_trial.asking import posed
from rag.evaluation.model_trial.material import questions
from rag.evaluation.model_trial.measuring import peak_memory, tried
from rag.models.bundled import load_generator
from rag.models.embedder import Embedder
from rag.models.reader.reader import Reader
from rag.settings import Settings


def test_the_embedded_llm_is_measured_and_is_not_let_write_in_german(
    cache: Path, embedder: Embedder, reader: Reader
) -> None:
    both = [[each for each in questions() if each.pair == pair] for pair in ("de-de", "de-en")]
    asked = posed([each for of_pair in both for each in of_pair[:3]], embedder, reader)
    before = peak_memory()
    writer = load_generator(Settings(cache=cache, threads=2, llm=None))
    try:
        result = tried(writer, asked, Checker(), peak_before=before)
    finally:
        writer.close()
    assert len(result.sentences) == 6
    assert result.judgements is not None and all(0 <= each.declined <= 1 for each in result.judgements)
    assert result.speed.reading and result.speed.writing and result.speed.first
    assert all(each.quoted == (each.pair == "de-de") for each in result.sentences)
    assert "de" not in result.admission.languages
