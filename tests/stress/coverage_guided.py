"""Fuzzing that is led by what it reaches: python tests/stress/coverage_guided.py markers -max_total_time=600.

It needs `pip install atheris`, and keeps the inputs that reached new lines, to go on from them. Not part of
`make stress`: there are wheels for few platforms. Further arguments are libFuzzer's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "helpers"), str(HERE.parents[1])]

with atheris.instrument_imports(include=["rag", "csv", "json"]):
    import record_targets
    import targets


def _questions(raw: bytes) -> None:
    kind = (".txt", ".csv", ".tsv", ".jsonl", "-")[raw[0] % 5 if raw else 0]
    targets.TARGETS["questions"].check((kind, raw[1:]))


CHECKS: dict[str, Callable[[bytes], None]] = {
    "questions": _questions,
    "markers": lambda raw: record_targets.markers(raw.decode("utf-8", "replace")),
    "md": targets.TARGETS["md"].check,
    "epub": targets.TARGETS["epub"].check,
}


def main() -> None:
    """Fuzz the target that is named first until libFuzzer has had enough."""
    name, *more = sys.argv[1:] or [""]
    if name not in CHECKS:
        sys.exit(f"usage: coverage_guided.py {'|'.join(CHECKS)} [libFuzzer's arguments]")
    atheris.Setup([sys.argv[0], *more], CHECKS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
