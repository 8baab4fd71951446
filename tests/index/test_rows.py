"""Held: vectors are compared by one thread, a part of them at a time, and that is what comparing them at once gives."""

from __future__ import annotations

import numpy as np
import pytest

from rag.index.rows import inner_products

SHAPES = [(0, 384), (1, 384), (679, 384), (2_251, 384), (40_000, 2), (9, 99_999)]


@pytest.mark.parametrize(("count", "dimension"), SHAPES)
def test_the_products_of_parts_are_those_of_all(count: int, dimension: int) -> None:
    generator = np.random.default_rng(3)
    vectors = generator.standard_normal((count, dimension), dtype=np.float32)
    vector = generator.standard_normal(dimension, dtype=np.float32)
    exact = vectors.astype(np.float64) @ vector.astype(np.float64)
    found = inner_products(vectors, vector)
    assert found.dtype == np.float32 and found == pytest.approx(exact, rel=1e-3, abs=2e-3)
    if count * dimension < 1 << 18:
        assert (found == vectors @ vector).all()
