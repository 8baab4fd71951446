"""Held: a process that answers for hours grows no further, loses no descriptor, and says the same as at first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soak
from running import Write, number

# What a glibc that shares its arenas among threads may still take and give back; a leak of one sentence's state a
# question (about a megabyte) would be five thousand.
GROWTH, SLOPE = 40.0, 5.0  # MB after the first hundred questions; MB a thousand questions


def test_a_slope_is_that_of_a_leak() -> None:
    leaking = [soak.Look(n, 500 + n * 0.02, 20, 9, 0.0) for n in range(100, 1100, 50)]
    assert abs(soak.slope(leaking) - 20.0) < 0.01
    assert soak.slope([soak.Look(n, 500, 20, 9, 0.0) for n in (100, 150, 200)]) == 0.0


@pytest.mark.stress
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("mode", "share"), [("quote", 1.0), ("compose", 0.1)])
def test_after_the_first_hundred_questions_nothing_grows(
    mode: str, share: float, tmp_path: Path, prepared: Path, seed: int, write: Write
) -> None:
    count, output = round(number("QUESTIONS", 5_000) * share), tmp_path / "soak.json"
    command = [sys.executable, str(Path(soak.__file__)), "--questions", str(count), "--mode", mode]
    command += ["--seed", str(seed), "--cache", str(prepared), "--output", str(output)]
    print()
    assert subprocess.run(command).returncode in (0, 1)
    found = json.loads(output.read_text(encoding="utf-8"))
    write(f"soak-{mode}", found)
    assert found["differing"] == []
    assert len(found["descriptors"]) == 1, found["descriptors"]
    assert len(found["threads"]) == 1, found["threads"]
    assert found["growth"] <= GROWTH and (count < 1000 or found["slope"] <= SLOPE), (found["growth"], found["slope"])
