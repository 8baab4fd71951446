"""Held: whatever a file, a setting, a model or a record holds, the promised errors come of it and no others.

The long form tries a million cases (BELEG_STRESS_CASES), two processes at a time.
"""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import fuzz
import pytest
from hypothesis import strategies as st
from running import Write, number
from targets import TARGETS, Target, parts

Check = Callable[[bytes], None]

# Of what costs next to nothing; the readers' own tests try damaged files too.
QUICK = {
    "questions": 150,
    "settings": 60,
    "markers": 100,
    "ledger": 60,
    "gold": 150,
    "packing": 60,
    "txt": 40,
    "pdf": 40,
}


@pytest.mark.parametrize("name", QUICK)
def test_some_hostile_input_is_answered_as_promised(name: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    found = fuzz.work(name, seed, QUICK[name], None)
    assert not found.get("wrong"), found
    assert found["cases"] >= QUICK[name] // 2


def test_the_shares_of_a_million_are_a_million() -> None:
    assert sum(parts(list(TARGETS), 1_000_000).values()) == 1_000_000


def fails(case: bytes) -> None:
    if len(case) > 2:
        raise ValueError("no")


def hangs(case: bytes) -> None:
    while len(case) > 2:
        pass


@pytest.mark.parametrize(("check", "told"), [(fails, "ValueError: no"), (hangs, "Hung")])
def test_what_throws_or_hangs_is_noticed(check: Check, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "broken", Target(lambda: st.binary(max_size=9), check, 1))
    monkeypatch.setattr(fuzz, "_SLOW", 0.2)
    found = fuzz.work("broken", 1, 50, None)
    assert told in found["wrong"] and len(ast.literal_eval(found["case"])) > 2


def test_what_ends_the_process_is_noticed_and_its_case_is_kept(tmp_path: Path) -> None:
    body = (
        f"import os, sys; sys.path.insert(0, {str(Path(fuzz.__file__).parent)!r})\n"
        "import fuzz, targets\n"
        "from hypothesis import strategies as st\n"
        "def check(case):\n    if len(case) > 2: os.abort()\n"
        "targets.TARGETS['broken'] = targets.Target(lambda: st.binary(max_size=9), check, 1)\n"
        "fuzz.__file__ = __file__\n"
        "sys.exit(fuzz.main())\n"
    )
    (tmp_path / "broken.py").write_text(body, encoding="utf-8")
    command = [sys.executable, "broken.py", "--cases", "50", "--target", "broken", "--seed", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1 and "1 wrong" in done.stdout, done.stdout + done.stderr
    (case,) = tmp_path.glob("*.case")
    assert len(pickle.loads(case.read_bytes())) > 2


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_a_million_hostile_inputs_are_answered_as_promised(
    seed: int, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where cases go that end a process
    print()
    count = number("CASES", 1_000_000)
    found = fuzz.run(count, seed, list(TARGETS), processes=2)
    write("fuzz", found)
    assert found["wrong"] == [] and found["cases"] >= 0.99 * count
