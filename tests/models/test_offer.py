"""Held: how large a model is reads as people write it, in their language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.localization import use
from rag.models.catalogue import catalogue
from rag.models.offer import WRITER, size_of


@pytest.mark.usefixtures("german")
def test_a_size_is_in_gigabytes_from_one_on_and_written_as_the_language_does() -> None:
    model = catalogue()[WRITER]
    large, small = replace(model, size=1_117_320_736), replace(model, size=98_362_432)
    assert [size_of(large), size_of(small)] == ["1,1 GB", "98 MB"]
    use("en")
    assert [size_of(large), size_of(small)] == ["1.1 GB", "98 MB"]
