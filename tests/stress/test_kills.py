"""Held: a process killed at any moment leaves what it had done, whole, and the next one ends where it would have.

The long form kills 200 times (BELEG_STRESS_ROUNDS); the seed is printed, and BELEG_STRESS_SEED repeats it.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from kills import rounds
from operations import operations
from running import Write, number, shares
from shelf import References

# Of 200 rounds; preparing takes most of a minute, so there are fewer of it.
SHARES = {"index": 60, "rebuild": 45, "batch": 40, "conversation": 35, "preparation": 20}


def test_indexing_killed_at_a_random_moment_loses_nothing(
    tmp_path: Path, prepared: Path, references: References, seed: int
) -> None:
    takes = references.seconds()
    tally = rounds(operations(references)["index"], 1, seed, tmp_path, prepared, takes=takes)
    assert tally.wrong == []


@pytest.mark.stress
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", SHARES)
def test_whatever_is_killed_loses_nothing(
    name: str, tmp_path: Path, prepared: Path, many_references: References, seed: int, write: Write
) -> None:
    count = shares(number("ROUNDS", 200), list(SHARES.values()))[list(SHARES).index(name)]
    print(f"\n{name}: {count} rounds with seed {seed}")
    tally = rounds(operations(many_references)[name], count, seed, tmp_path, prepared)
    write(f"kills-{name}", asdict(tally) | {"seed": seed})
    assert tally.kills == count and tally.wrong == []
