"""Held: each feature measures what its line says, whatever stands beside it in the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.answering.features import FEATURES, READER_COLUMNS, reader_columns
from rag.answering.query import understood
from rag.answering.sentence_selection import Weighed, weigh
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.index.update import index
from rag.models.embedder import Embedder

TEXT = (
    "The brickworks of Mohnhagen bought a kiln. The kiln saves 40 percent of the gas. It was lit on 3 May 1998. "
    "Karla Ruhn lit it."
)
OTHER = "The market hall was painted green, and nothing of it has to do with gas or with anything else in these texts."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("texts")
    (folder / "kiln.txt").write_text(TEXT, encoding="utf-8")
    (folder / "market.txt").write_text(OTHER, encoding="utf-8")
    with Library(tmp_path_factory.mktemp("library"), create=True) as library:
        index([str(folder)], library, embedder)
        yield library


def compared(question: str, library: Library, embedder: Embedder) -> Weighed:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    return weigh(understood(search), passages, library)


def measured(question: str, feature: str, library: Library, embedder: Embedder) -> dict[str, float]:
    """Return one feature of every sentence, by the beginning of the sentence."""
    weighed = compared(question, library, embedder)
    assert len(weighed.pool) == 5
    column = weighed.features[:, [each.name for each in FEATURES].index(feature)]
    return {option.text[:14]: float(value) for option, value in zip(weighed.pool, column, strict=True)}


def test_each_feature_has_a_name_of_its_own_and_a_line_that_says_what_it_measures() -> None:
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    assert all(feature.name.isidentifier() for feature in FEATURES)
    assert all(feature.meaning and "\n" not in feature.meaning for feature in FEATURES)


@pytest.mark.parametrize(
    ("question", "feature", "without"),
    [
        ("How much gas does the kiln save?", "lacks_number", {"The brickworks", "Karla Ruhn lit", "The market hal"}),
        (
            "When was the kiln lit?",
            "lacks_time",
            {"The brickworks", "The kiln saves", "Karla Ruhn lit", "The market hal"},
        ),
        ("Who lit the kiln?", "lacks_name", {"The kiln saves", "The market hal"}),
    ],
)
def test_a_sentence_without_the_kind_of_thing_that_is_asked_for_lacks_it(
    question: str, feature: str, without: set[str], library: Library, embedder: Embedder
) -> None:
    found = measured(question, feature, library, embedder)
    assert {sentence for sentence, value in found.items() if value == 1} >= without
    assert min(found.values()) == 0


def test_nothing_is_lacking_where_no_kind_is_asked_for(library: Library, embedder: Embedder) -> None:
    for feature in ("lacks_number", "lacks_time", "lacks_name"):
        assert not any(measured("What was painted?", feature, library, embedder).values())


def test_stems_of_the_question_that_a_sentence_holds_are_its_share(library: Library, embedder: Embedder) -> None:
    found = measured("Which kiln was bought?", "stem_overlap", library, embedder)
    assert found["The brickworks"] == pytest.approx(1.0)
    assert 0 < found["The kiln saves"] < 1
    assert found["The market hal"] == 0


def test_names_are_held_by_the_sentences_that_name_them(library: Library, embedder: Embedder) -> None:
    found = measured("What did Karla Ruhn do?", "names_held", library, embedder)
    assert found["Karla Ruhn lit"] == 1
    assert found["The kiln saves"] == 0
    assert set(measured("what was lit?", "names_held", library, embedder).values()) == {0.5}


def test_the_rest_of_the_passage_counts_by_what_it_adds(library: Library, embedder: Embedder) -> None:
    share = measured("Which kiln saves gas?", "ngram_overlap", library, embedder)
    added = measured("Which kiln saves gas?", "passage_ngram_overlap", library, embedder)
    in_passage = {round(share[each] + added[each], 9) for each in share if each != "The market hal"}
    assert len(in_passage) == 1
    assert added["Karla Ruhn lit"] > added["The kiln saves"]


def test_the_best_passage_and_the_length_are_told(library: Library, embedder: Embedder) -> None:
    first = measured("How much gas does the kiln save?", "first_passage", library, embedder)
    assert {sentence for sentence, value in first.items() if not value} == {"The market hal"}
    length = measured("How much gas does the kiln save?", "length", library, embedder)
    assert length["Karla Ruhn lit"] == len("Karla Ruhn lit it.") / 300


def test_a_question_without_sentences_has_a_matrix_without_rows(library: Library, embedder: Embedder) -> None:
    search, _ = retrieve("Which kiln?", library, SqliteStore.of(library), embedder, 5)
    assert weigh(understood(search), [], library).features.shape == (0, len(FEATURES))


def test_the_columns_of_a_reader_are_its_scores_and_what_share_each_has_of_all() -> None:
    table = reader_columns(np.array([2.0, 0.0]))
    assert table.shape == (2, len(READER_COLUMNS))
    assert table[:, 0].tolist() == [2.0, 0.0]
    assert np.exp(table[:, 1]).sum() == pytest.approx((np.e**2 + 1) / (np.e**2 + 2))  # the rest is "none"


def test_the_only_sentence_that_answers_has_a_larger_share_than_one_of_many() -> None:
    alone, among = reader_columns(np.array([3.0, -5.0, -5.0])), reader_columns(np.array([3.0, 3.0, 3.0]))
    assert alone[0, 1] > among[0, 1]


@pytest.mark.parametrize("score", [-20.0, 20.0])
def test_whatever_a_reader_says_its_columns_are_numbers(score: float) -> None:
    assert np.isfinite(reader_columns(np.array([score, -score, 0.0]))).all()
    assert np.isfinite(reader_columns(np.array([score]))).all()
