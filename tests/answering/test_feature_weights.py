"""Held: weights are known by name, and a file of them that does not fit the features says where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.answering.feature_weights import FILE, PAIRS, SIGNS, SUPPORT, load, shipped
from rag.errors import WeightsUnusable


def written(folder: Path, pattern: str, replacement: str) -> Path:
    """Return a copy of the weights in use in which the first match is replaced."""
    text, count = re.subn(pattern, replacement, FILE.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    path = folder / "weights.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_weights_in_use_say_what_they_were_fitted_with() -> None:
    fitted = shipped().fitted
    assert all(len(text) > 10 for text in (fitted.embedder, fitted.reader, fitted.questions, fitted.method))


def test_each_pair_of_languages_has_a_weight_for_each_feature() -> None:
    assert tuple(shipped().by_pair) == PAIRS
    assert all(len(weights) == len(SUPPORT) == len(SIGNS) + 2 for weights in shipped().by_pair.values())


def test_the_more_care_the_more_support_is_needed() -> None:
    refuse = shipped().thresholds.refuse
    assert 0 < refuse["eager"] < refuse["balanced"] < refuse["careful"] < 1


def test_the_order_in_the_file_means_nothing(tmp_path: Path) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    first = lines.index("[support]") + 1
    end = len(lines)
    shuffled = [*lines[:first], *reversed(lines[first:end]), *lines[end:]]
    (tmp_path / "weights.toml").write_text("\n".join(shuffled), encoding="utf-8")
    assert load(tmp_path / "weights.toml") == shipped()


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"^cosine .*\n", "", "[support] lacks cosine"),
        (r"^reader_score .*\n", "", "[support] lacks reader_score"),
        (r"^\[support\]", "[support]\ncharm = { en-en = 1.0 }", "[support] has the unknown charm"),
        (r"^(length .*), de-en = *[^ ,}]+", r"\1", "[support.length] lacks de-en"),
        (r"^(length .*) }", r"\1, fr-fr = 1.0 }", "[support.length] has the unknown fr-fr"),
        (r"^(length .*)de-en = *[^ ,}]+", r"\1de-en = nan", "support.length.de-en"),
        (r"^(length .*)de-en = *[^ ,}]+", r"\1de-en = '1'", "support.length.de-en"),
        (r"^further .*\n", "", "thresholds.further: Object missing required field"),
        (r"^eager .*\n", "", "[thresholds.refuse] lacks eager"),
        (r"^eager .*", "eager = true", "thresholds.refuse.eager"),
        (r"^eager", "bold = 0.1\neager", "thresholds.refuse.bold"),
        (r"^reader = .*\n", "", "fitted.reader: Object missing required field"),
        (r"^\[support\]", "[support", "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name_and_place(
    pattern: str, replacement: str, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, pattern, replacement)
    with pytest.raises(WeightsUnusable) as error:
        load(path)
    assert str(path) in error.value.reason
    assert said in error.value.reason


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match=re.escape(str(tmp_path / "none.toml"))):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("asked", "held", "pair"),
    [
        ("en", "en", "en-en"),
        ("de", "en", "de-en"),
        ("es", "es", "de-de"),
        ("en", "es", "en-de"),
        ("es", "en", "de-en"),
        ("de", "es", "de-en"),
    ],
)
def test_a_language_without_weights_of_its_own_has_those_of_the_nearest_pair(asked: str, held: str, pair: str) -> None:
    assert shipped().weights(asked, held) is shipped().by_pair[pair]
