"""Held: data that was read has the shape that it should have, or the place that has not is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rag.models.weights_file import Misshapen, shaped

SHAPE = {"name": str, "sure": bool, "count?": int, "by_pair": {str: {"worth": float}}, "tags": [str]}
GOOD: dict[str, Any] = {"name": "x", "sure": True, "by_pair": {"en-en": {"worth": 1}}, "tags": ["a", "b"]}


def test_what_has_the_shape_is_returned_and_a_whole_number_does_for_a_float() -> None:
    found = shaped(GOOD, SHAPE)
    assert found == GOOD and isinstance(found["by_pair"]["en-en"]["worth"], float)
    assert shaped({**GOOD, "count": 2}, SHAPE)["count"] == 2


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": None}, "name"),
        ({"name": 1}, "name"),
        ({"name": json.loads('"\\ud800"')}, "name"),
        ({"sure": 1}, "sure"),
        ({"count": True}, "count"),
        ({"count": "2"}, "count"),
        ({"count": None}, "count"),
        ({"more": 1}, "more"),
        ({"by_pair": []}, "by_pair"),
        ({"by_pair": {"en-en": {}}}, "by_pair.en-en.worth"),
        ({"by_pair": {"en-en": {"worth": True}}}, "by_pair.en-en.worth"),
        ({"by_pair": {"en-en": {"worth": "1"}}}, "by_pair.en-en.worth"),
        ({"by_pair": {"en-en": {"worth": float("nan")}}}, "by_pair.en-en.worth"),
        ({"by_pair": {"en-en": {"worth": 10**400}}}, "by_pair.en-en.worth"),
        ({"tags": "ab"}, "tags"),
        ({"tags": ["a", 2]}, "tags.1"),
    ],
)
def test_what_has_another_shape_is_refused_and_the_place_is_told(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(Misshapen) as refused:
        shaped({**GOOD, **wrong}, SHAPE)
    assert refused.value.place == place and refused.value.reason


def test_what_is_missing_is_told() -> None:
    with pytest.raises(Misshapen, match="name: "):
        shaped({key: value for key, value in GOOD.items() if key != "name"}, SHAPE)
