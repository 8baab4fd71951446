"""Held: what an embedder can do in which languages is measured, kept, and brings its cosines to one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.models import embedder_ability
from rag.models.embedder import Embedder, Kind, Vectors
from rag.models.embedder_ability import (
    QUESTIONS,
    Ability,
    ability,
    dump,
    fitted,
    kept_as,
    languages,
    load,
    measure,
    measured,
)


class Counting:
    """An embedder whose cosines all lie between .7 and 1, which counts how often it is asked."""

    def __init__(self, inner: Embedder) -> None:
        self._inner, self.calls = inner, 0

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.calls += 1
        vectors = np.sqrt(0.3) * self._inner.encode(texts, kind)
        return np.hstack([vectors, np.full((len(texts), 1), np.sqrt(0.7), dtype=np.float32)])


@pytest.fixture(scope="module")
def narrow(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counting]:
    """The file that keeps what was measured of an embedder with narrow cosines, and that embedder."""
    file, counting = tmp_path_factory.mktemp("ability") / "abilities.json", Counting(embedder)
    measured(counting, file)
    return file, counting


def test_the_questions_stand_in_seven_languages_each_with_its_sentence() -> None:
    rows = [line.split("\t") for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert all(len(row) == 3 and all(row) for row in rows)
    assert languages() == ("de", "en", "es", "fr", "it", "nl", "pl")
    assert [row[0] for row in rows] == [*languages()] * 40
    assert len({row[2] for row in rows}) == len(rows)


def test_what_weights_were_fitted_with_is_what_the_embedded_embedder_does(embedder: Embedder) -> None:
    for pair, wanted in fitted().items():
        found = embedder.abilities[pair]
        assert found.like(wanted), pair
        assert found.rank == pytest.approx(wanted.rank, abs=0.03), pair
        assert found.spread == pytest.approx(wanted.spread, abs=0.005), pair


def test_it_ranks_best_in_english_well_in_german_and_hardly_in_what_it_never_learned() -> None:
    rank = {pair: each.rank for pair, each in fitted().items()}
    assert rank["en-en"] > rank["de-de"] > 2 * max(rank["es-es"], rank["pl-pl"], rank["fr-fr"])


def test_it_is_measured_once_and_kept(narrow: tuple[Path, Counting]) -> None:
    file, counting = narrow
    calls = counting.calls
    assert dump(measured(counting, file)) == file.read_text(encoding="utf-8")
    assert counting.calls == calls > 0


def test_what_was_measured_with_other_questions_is_not_used(
    embedder: Embedder, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedder.abilities and [*cache.rglob(kept_as())]
    other = tmp_path / QUESTIONS.name
    other.write_text(QUESTIONS.read_text(encoding="utf-8").replace("?", " ?", 1), encoding="utf-8")
    known = kept_as()
    monkeypatch.setattr(embedder_ability, "QUESTIONS", other)
    assert kept_as() != known


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"de-de": [1, 1, 1, 1]}', "nan", "[" * 100_000])
def test_a_damaged_file_is_measured_anew(damage: str, narrow: tuple[Path, Counting], tmp_path: Path) -> None:
    file = tmp_path / "abilities.json"
    file.write_text(damage, encoding="utf-8")
    with pytest.raises(ValueError):
        load(damage)
    assert measured(narrow[1], file) == load(narrow[0].read_text(encoding="utf-8"))
    assert load(file.read_text(encoding="utf-8"))


def test_a_file_with_what_is_no_number_is_of_no_use() -> None:
    with pytest.raises(ValueError):
        load(dump({pair: replace(each, spread=float("nan")) for pair, each in fitted().items()}))


@pytest.mark.parametrize("pair", ["de-de", "en-en", "de-en", "en-de"])
def test_cosines_of_another_embedder_come_to_the_scale_that_weights_were_fitted_on(
    pair: str, narrow: tuple[Path, Counting]
) -> None:
    other, wanted = load(narrow[0].read_text(encoding="utf-8"))[pair], fitted()[pair]
    assert other.unrelated > 0.7
    assert other.rank == pytest.approx(wanted.rank, abs=0.01)
    given = np.array([0.7 + 0.3 * wanted.related, 0.7 + 0.3 * wanted.unrelated, 0.7, 1.0])
    assert other.on_scale(given, wanted) == pytest.approx([wanted.related, wanted.unrelated, 0.0, 1.0], abs=0.02)


def test_its_own_cosines_stay_as_they_are_to_the_digit(embedder: Embedder) -> None:
    cosines = np.array([0.1234567, -0.2, 0.9])
    for pair, wanted in fitted().items():
        assert embedder.abilities[pair].on_scale(cosines, wanted) is cosines


def test_one_that_tells_nothing_apart_makes_no_more_of_chance_than_the_other_does() -> None:
    blind, seeing = Ability(0.1, 0.51, 0.5, 0.1), Ability(0.8, 0.41, 0.07, 0.1)
    assert blind.on_scale(np.array([0.5, 0.6, 0.4]), seeing) == pytest.approx([0.07, 0.17, -0.03])
    assert np.isfinite(Ability(0.1, 0.5, 0.5, 0.0).on_scale(np.array([0.4, 0.5]), seeing)).all()


class Same:
    """An embedder to which all texts are the same, or no numbers."""

    def __init__(self, value: float) -> None:
        self._value = value

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:  # noqa: ARG002 - an embedder has kinds
        return np.full((len(texts), 2), self._value, dtype=np.float32)


@pytest.mark.parametrize("value", [0.0, 0.7, float("nan")])
def test_one_to_which_all_is_the_same_ranks_nothing_and_breaks_nothing(value: float) -> None:
    found = load(dump(measure(Same(value))))
    assert {each.rank for each in found.values()} == {1 / 40}
    scaled = found["de-de"].on_scale(np.array([value, value]), fitted()["de-de"])
    assert np.isnan(value) or np.isfinite(scaled).all()


@pytest.mark.parametrize(("asked", "written"), [("sv", "sv"), ("sv", "en"), ("en", "zh"), ("ja", "ko")])
def test_in_languages_that_were_not_measured_an_embedder_is_trusted_as_little_as_in_the_worst(
    asked: str, written: str
) -> None:
    kind = [each.rank for pair, each in fitted().items() if (pair[:2] == pair[3:]) == (asked == written)]
    assert ability(fitted(), asked, written).rank == min(kind)
