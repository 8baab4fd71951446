"""Do two commits give the same answers, byte for byte? python tests/benchmarks/same_answers.py COMMIT [COMMIT]

    python tests/benchmarks/same_answers.py HEAD~1          # with what is committed now
    python tests/benchmarks/same_answers.py v1 v2 --questions mine.jsonl --documents ~/articles

Each commit is checked out into a folder of its own and indexes the documents anew; the prepared models are shared.
Everything of a record is compared but how long it took. Exits 1 where anything differs, and says what.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"


def answers(commit: str, folder: Path, questions: Path, documents: Path, cache: Path, mode: str) -> dict[str, Any]:
    """Return a commit's records by their ids, without their timings."""
    code = folder / "code"
    subprocess.run(["git", "-C", str(ROOT), "worktree", "add", "-q", "--detach", str(code), commit], check=True)
    try:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("BELEG_")}
        environment = clean | {
            "PYTHONPATH": str(code),
            "BELEG_CACHE": str(cache),
            "BELEG_LIBRARY": str(folder / "library"),
            "BELEG_STATE": str(folder / "state"),
            "BELEG_LOGS": str(folder / "logs"),
            "BELEG_MODE": mode,
        }
        run = [sys.executable, "-m", "rag"]
        subprocess.run([*run, "index", str(documents)], cwd=code, env=environment, check=True)
        done = subprocess.run(
            [*run, "batch", str(questions), "-o", str(folder / "answers.jsonl")], cwd=code, env=environment
        )
        if done.returncode not in (0, 3, 5):
            raise SystemExit(f"{commit}: beleg batch ended with {done.returncode}")
    finally:
        subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(code)], check=True)
    rows = map(json.loads, (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["id"]: {key: value for key, value in row.items() if key != "timings"} for row in rows}


def main() -> int:
    """Read the command line; return 1 where answers differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commits", nargs="+", metavar="COMMIT")
    parser.add_argument("--questions", type=Path, default=SEEDS / "questions.jsonl")
    parser.add_argument("--documents", type=Path, default=SEEDS)
    parser.add_argument("--mode", choices=["quote", "compose"], default="quote")
    parser.add_argument("--cache", type=Path, default=ROOT / ".beleg" / "cache")
    given = parser.parse_args()
    before, after = [*given.commits, "HEAD"][:2]
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for name, commit in (("before", before), ("after", after)):
            place = Path(folder) / name
            place.mkdir()
            found.append(answers(commit, place, given.questions, given.documents, given.cache, given.mode))
    one, other = found
    differing = [each for each in one.keys() | other.keys() if one.get(each) != other.get(each)]
    for each in sorted(differing):
        fields = [key for key in one.get(each, {}) if one[each].get(key) != other.get(each, {}).get(key)]
        print(f"{each}: {', '.join(fields) or 'only in one of them'}")
    print(f"{len(one)} answers, {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
