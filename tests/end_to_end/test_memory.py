"""Held: a question takes no more memory than it needs, with weights and tables mapped rather than copied."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from memory import asked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")


def test_what_answers_with_quotes_stays_under_290_mb(seed_library: Path, cache: Path) -> None:
    asked(seed_library, "quote", cache)  # what is made on first use
    taken = asked(seed_library, "quote", cache)
    assert taken.anonymous < 200, taken  # 142 when this was written, 329 with all in memory
    assert taken.peak < 290, taken  # 218 and 409


def test_what_writes_holds_few_cells_beside_its_weights(seed_library: Path, cache: Path) -> None:
    asked(seed_library, "compose", cache)
    taken = asked(seed_library, "compose", cache)
    assert taken.anonymous < 400, taken  # 209, 140 more where the processor has the weights in tiles of its own; 466
