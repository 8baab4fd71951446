"""Held: a document by itself answers as it does among others: what weighs its sentences counts no library's size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from library_fixtures import fill
from numpy.typing import NDArray
from project import SEEDS

from rag.answering.features import FEATURES
from rag.answering.query import understood
from rag.answering.sentence_selection import weigh
from rag.index.hybrid_search import retrieve
from rag.index.library import Library
from rag.index.sqlite_store import SqliteStore
from rag.models.embedder import Embedder

MILL = (
    "The fulling mill at Askerby. It was built of slate in 1794 by Hannah Crowe. The wheel measures eighteen feet. "
    "Water reaches it by a leat from the upper tarn. Wool was fulled here for forty blankets a week. "
    "A flood carried the dam away in 1871. The ruin belongs to a farmer, who keeps his tractor in it."
)
FRIEDHOF = (
    "Der alte Friedhof in Wesebek. Angelegt wurde er 1832 vor dem Südtor. Die älteste Linde ist hundertneunzig Jahre "
    "alt. Begraben liegt hier auch die Malerin Ida Stave. Das Tor wird bei Einbruch der Dunkelheit geschlossen. "
    "Für die Pflege der Gräber zahlt die Stadt 14.000 Euro im Jahr. Gießkannen hängen am Brunnen."
)
QUESTIONS = [
    ("mill.txt", "Who built the fulling mill?", "Hannah Crowe"),
    ("mill.txt", "How big is the wheel?", "eighteen feet"),
    ("mill.txt", "When was the dam destroyed?", "1871"),
    ("mill.txt", "Wem gehört die Ruine?", "a farmer"),
    ("friedhof.txt", "Wann wurde der Friedhof angelegt?", "1832"),
    ("friedhof.txt", "Wie alt ist die Linde?", "hundertneunzig"),
    ("friedhof.txt", "Was kostet die Pflege der Gräber?", "14.000"),
    ("friedhof.txt", "Who is buried in the cemetery?", "Ida Stave"),
]
TEXTS = {"mill.txt": MILL, "friedhof.txt": FRIEDHOF}
SEED_NAMES = sorted(path.name for path in Path(SEEDS).glob("*.txt"))


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[dict[str, Library]]:
    """Each text by itself, and both among the seed articles."""
    found: dict[str, Library] = {}
    seeds = {name: (Path(SEEDS) / name).read_text(encoding="utf-8") for name in SEED_NAMES}
    for name, texts in {**{name: {name: text} for name, text in TEXTS.items()}, "all": TEXTS | seeds}.items():
        folder = tmp_path_factory.mktemp("small")
        found[name] = Library(folder / "library", create=True)
        fill(found[name], folder, texts, embedder)
    yield found
    for library in found.values():
        library.close()


def of_answer(question: str, answer: str, library: Library, embedder: Embedder) -> NDArray[np.float64]:
    search, passages = retrieve(question, library, SqliteStore.of(library), embedder, 5)
    weighed = weigh(understood(search), passages, library)
    return weighed.features[next(at for at, row in enumerate(weighed.pool) if answer in row.text)]


@pytest.mark.parametrize(("name", "question", "answer"), QUESTIONS)
def test_the_features_of_the_sentence_that_answers_are_about_the_same_alone_and_among_others(
    name: str, question: str, answer: str, libraries: dict[str, Library], embedder: Embedder
) -> None:
    alone = of_answer(question, answer, libraries[name], embedder)
    among = of_answer(question, answer, libraries["all"], embedder)
    for feature, one, other in zip(FEATURES, alone, among, strict=True):
        if feature.name in ("passage_score", "first_passage"):  # among others another passage may be found first
            assert one >= other - 0.05, feature.name
        else:
            assert one == pytest.approx(other, abs=0.2), feature.name


def test_the_only_passage_of_a_library_has_the_score_of_a_best_one(
    libraries: dict[str, Library], embedder: Embedder
) -> None:
    library = libraries["mill.txt"]
    (passage,) = retrieve("How big is the wheel?", library, SqliteStore.of(library), embedder, 5)[1]
    assert passage.score > 0.9
