"""Held: whatever a file, a setting, a model or a record holds, the promised errors come of it and no others.

The long form tries a million cases (BELEG_STRESS_CASES), two processes at a time.
"""

from __future__ import annotations

import os
from pathlib import Path

import fuzz
import pytest
from conftest import Write
from running import number
from targets import TARGETS, parts

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


@pytest.mark.parametrize("how", ["raise ValueError('no')", "while True: pass", "os.abort()"])
def test_what_goes_wrong_is_noticed(how: str, tmp_path: Path) -> None:
    """A target that throws, hangs or dies is told as such, with the case."""
    body = f"import os, sys; sys.path.insert(0, {str(Path(fuzz.__file__).parent)!r})\n"
    body += "import fuzz, targets\nfrom hypothesis import strategies as st\nfuzz._SLOW = 0.5\n"
    body += f"def check(case):\n    if len(case) > 2:\n        {how}\n"
    body += "targets.TARGETS['broken'] = targets.Target(lambda: st.binary(max_size=9), check, 1)\n"
    body += "sys.argv[0] = fuzz.__file__ = __file__\nsys.exit(fuzz.main())\n"
    (tmp_path / "broken.py").write_text(body, encoding="utf-8")
    import subprocess
    import sys

    command = [sys.executable, "broken.py", "--cases", "50", "--target", "broken", "--seed", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1 and "1 wrong" in done.stdout, done.stdout + done.stderr
    assert ("ValueError: no" in done.stdout) == ("ValueError" in how)
    assert ("Hung" in done.stdout) == ("while" in how)
    assert bool(list(tmp_path.glob("*.case"))) == ("abort" in how)


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
