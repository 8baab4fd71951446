"""Held: each sentence is scored by its own tokens, whatever stands around it and however long it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import legible_reader
import numpy as np
import pytest
from legible_reader import Scoring
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from rag.errors import ModelUnavailable
from rag.models.reader.own_reader import LONGEST_QUESTION, LONGEST_TITLE, TOKENS, OwnReader, open_reader
from rag.models.reader.reader import LIMIT, Text

WORDS = ["[UNK]", "[CLS]", "[SEP]", "the", "mill", "burned", "in", "1907", ".", "who", "?", "is", "a", "wheel", "##s"]
SPECIAL = 3


def tokenizer() -> Any:
    made: Any = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def table() -> Any:
    """A token is worth its number in hundredths as a member; "1907" begins and ends answers."""
    found = np.zeros((len(WORDS), legible_reader.WIDTH), dtype=np.float16)
    found[:, 0] = np.arange(len(WORDS)) / 128
    found[WORDS.index("1907"), 1:] = 9
    return found


def worth(sentence: str) -> float:
    return sum(number / 128 for number in tokenizer().encode(sentence).ids)


@pytest.fixture
def reader(tmp_path: Path) -> OwnReader:
    return opened(tmp_path)


def opened(folder: Path, scoring: Scoring = "sum", cutting: Any = None) -> OwnReader:
    file = legible_reader.save(folder / f"{scoring}.onnx", scoring)
    return OwnReader(open_reader(file, threads=1), cutting or tokenizer(), table(), "f")


FIRST, SECOND, THIRD = "The mill burned in 1907.", "Who?", "The mill is a wheel."


def test_a_sentence_is_scored_by_its_own_tokens(reader: OwnReader) -> None:
    for title in ("", "The wheels", "1907 " * 100):
        (reading,) = reader.read("Who burned the mill?", [Text(title, (FIRST, SECOND, THIRD))])
        assert reading.scores.dtype == np.float32
        assert reading.scores == pytest.approx([worth(FIRST), worth(SECOND), worth(THIRD)])


def test_the_answering_words_are_marked_in_the_sentence_that_has_them(reader: OwnReader) -> None:
    (reading,) = reader.read("When?", [Text("1907", (THIRD, f"  {FIRST}"))])
    _, span = reading.spans
    assert span is not None and f"  {FIRST}"[span.start : span.end] == "1907" and span.probability > 0.99
    assert reading.spans[0] is not None and reading.spans[0].probability < 0.1


def test_question_title_and_sentences_are_read_with_the_signs_between_them(tmp_path: Path) -> None:
    text = Text("The wheel", (FIRST, SECOND))
    (whole,) = opened(tmp_path, "tokens").read("Who is a wheel?", [text])
    assert whole.scores.tolist() == pytest.approx([5 + 2 + 6 + 2 + SPECIAL] * 2)
    (passage,) = opened(tmp_path, "passage").read("Who is a wheel?", [text])
    assert passage.scores.tolist() == pytest.approx([2 + 6 + 2 + 1] * 2)


def test_a_text_read_with_others_is_read_as_it_is_alone(reader: OwnReader) -> None:
    texts = [Text("", (FIRST,)), Text("Mill", (SECOND, THIRD) * 90), Text("", ()), Text("", (THIRD, FIRST))]
    for alone, together in zip(texts, reader.read("Who?", texts), strict=True):
        (wanted,) = reader.read("Who?", [alone])
        assert np.array_equal(wanted.scores, together.scores) and wanted.spans == together.spans


def test_a_long_passage_is_read_in_windows_and_every_sentence_scored(reader: OwnReader, tmp_path: Path) -> None:
    sentences = (FIRST, SECOND, THIRD) * 100
    (reading,) = reader.read("Who?", [Text("The mill", sentences)])
    assert reading.scores == pytest.approx([worth(sentence) for sentence in sentences])
    assert all(span is not None for span in reading.spans)
    (counted,) = unbounded(opened(tmp_path, "tokens"), "Who?", Text("The mill", sentences))
    assert TOKENS - 12 < max(counted) <= TOKENS


def test_a_sentence_too_long_for_any_window_is_read_as_far_as_there_is_room(tmp_path: Path) -> None:
    text = Text("the " * 400, ("wheel " * 3000, FIRST))
    counted = unbounded(opened(tmp_path, "tokens"), "who " * 3000, text)[0]
    assert counted[0] == TOKENS and counted[1] == LONGEST_QUESTION + LONGEST_TITLE + SPECIAL + 6


def unbounded(reader: OwnReader, question: str, text: Text) -> list[list[float]]:
    """Read with a graph that counts: more than scores may be."""
    counts: list[float] = []
    run = reader._session.run

    class Session:
        def run(self, names: list[str], given: dict[str, Any]) -> Any:
            counts.extend([given["segments"].shape[1]] * given["sentences"].shape[1])
            return run(names, given)

    reader._session = Session()
    reader.read(question, [text])
    return [counts]


@pytest.mark.parametrize("empty", ["", " ", "\u200b", "\n\t"])
def test_a_sentence_without_a_word_never_answers(empty: str, reader: OwnReader) -> None:
    (reading,) = reader.read("Who?", [Text("", (empty, FIRST, empty))])
    assert reading.scores == pytest.approx([-LIMIT, worth(FIRST), -LIMIT])
    assert reading.spans[0] is None and reading.spans[2] is None
    (nothing,) = reader.read("", [Text(empty, (empty,))])
    assert nothing.scores.tolist() == [-LIMIT]


def test_no_texts_and_no_sentences_give_no_scores(reader: OwnReader) -> None:
    assert reader.read("Who?", []) == []
    (reading,) = reader.read("Who?", [Text("Mill", ())])
    assert reading.scores.shape == (0,) and reading.spans == ()


def test_a_tokenizer_that_cuts_short_is_read_on(tmp_path: Path) -> None:
    cutting = tokenizer()
    cutting.enable_truncation(4)
    cutting.enable_padding(pad_id=0, pad_token="[UNK]")
    texts = [Text("The mill is a wheel in 1907", (FIRST, THIRD * 20, SECOND))]
    (wanted,) = opened(tmp_path).read(FIRST, texts)
    (found,) = opened(tmp_path, cutting=cutting).read(FIRST, texts)
    assert np.array_equal(wanted.scores, found.scores) and wanted.spans == found.spans


def test_what_is_no_number_answers_nothing(tmp_path: Path) -> None:
    (reading,) = opened(tmp_path, "nan").read("Who?", [Text("", (FIRST,))])
    assert reading.scores.tolist() == [-LIMIT]


@pytest.mark.parametrize("damage", ["cut", "noise", "gone", "another graph"])
def test_a_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    file = legible_reader.save(tmp_path / "reader.onnx")
    whole = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(whole[: len(whole) // 2])
        case "noise":
            file.write_bytes(bytes(range(256)) * 20)
        case "gone":
            file.unlink()
        case "another graph":
            file.write_bytes(whole.replace(b"starts", b"startz"))
    with pytest.raises(ModelUnavailable) as caught:
        OwnReader(open_reader(file, threads=1), tokenizer(), table(), "f").read("Who?", [Text("", (FIRST,))])
    assert caught.value.remedy
