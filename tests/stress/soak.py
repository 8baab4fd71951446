"""Thousands of questions in one process: python tests/stress/soak.py --questions 5000.

The questions of the seeds are asked in shuffled rounds. Now and then the memory, open descriptors and
threads of the process are looked at; every answer must be that of the first round. After a first hundred questions,
in which caches fill, all three must stay where they are.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY)]

WARM = 100  # questions until caches are full
_EVERY = 50  # questions between two looks


@dataclass(frozen=True, slots=True)
class Look:
    """What the process holds after so many questions; memory in MB."""

    questions: int
    memory: float
    descriptors: int
    threads: int
    seconds: float


def look(questions: int, began: float) -> Look:
    """Look at this process, by the files in /proc that every Linux has."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory = int(status["VmRSS"].split()[0]) / 1024
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return Look(questions, round(memory, 1), descriptors, int(status["Threads"]), round(time.monotonic() - began, 1))


def slope(looks: list[Look]) -> float:
    """Return by how many MB memory grows in a thousand questions, by least squares."""
    count = len(looks)
    if count < 2:
        return 0.0
    x, y = (sum(values) / count for values in ([each.questions for each in looks], [each.memory for each in looks]))
    spread = sum((each.questions - x) ** 2 for each in looks)
    return 1000 * sum((each.questions - x) * (each.memory - y) for each in looks) / spread


def library(cache: Path, folder: Path) -> Any:
    """Return the settings of a library of the seeds, made now."""
    from rag.index.library import Library
    from rag.index.update import index
    from rag.models.bundled import load_embedder
    from rag.settings import Settings

    settings = Settings(library=folder / "library", cache=cache)
    with Library(settings.library, create=True) as made:
        index([str(REPOSITORY / "seeds")], made, load_embedder(settings))
    return settings


def soak(count: int, seed: int, cache: Path, mode: str) -> dict[str, Any]:
    """Ask so many questions; return the looks, and the questions whose answer was not always the same."""
    from rag.answering.assistant import Answered, Assistant
    from rag.index.library import Library
    from rag.output.json_record import record

    with (REPOSITORY / "seeds/questions.jsonl").open(encoding="utf-8") as file:
        asked = sorted({json.loads(line)["question"] for line in file})
    chance, first, differing, looks = random.Random(seed), dict[str, str](), set[str](), list[Look]()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(library(cache, Path(folder)), mode=mode)
        with Library(settings.library) as opened, Assistant(settings, opened) as assistant:
            began, order = time.monotonic(), list[str]()
            for n in range(1, count + 1):
                order = order or chance.sample(asked, len(asked))
                question = order.pop()
                *_, last = assistant.ask(question)
                assert isinstance(last, Answered)
                told = json.dumps({**record("1", last.answer), "timings": 0}, sort_keys=True)
                if first.setdefault(question, told) != told:
                    differing.add(question)
                if n == 1 or n % _EVERY == 0 or n == count:
                    looks.append(look(n, began))
                    print(_line(looks[-1]), flush=True)
    warm = [each for each in looks if each.questions >= min(WARM, count)]
    return {
        "questions": count,
        "different": len(asked),
        "mode": mode,
        "seed": seed,
        "differing": sorted(differing),
        "slope": round(slope(warm), 2),  # MB a thousand questions, after the first hundred
        "growth": round(max(each.memory for each in warm) - warm[0].memory, 1),  # MB
        "descriptors": sorted({each.descriptors for each in warm}),
        "threads": sorted({each.threads for each in warm}),
        "looks": [asdict(each) for each in looks],
    }


def _line(one: Look) -> str:
    return (
        f"{one.questions:6} questions {one.memory:8.1f} MB {one.descriptors:4} descriptors {one.threads:3} threads "
        f"{one.seconds:8.1f} s"
    )


def main() -> int:
    """Read the command line, ask, print, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    parser.add_argument("--mode", default="quote", choices=("quote", "compose"))
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("BELEG_TEST_CACHE", ".beleg/cache")))
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    given = parser.parse_args()
    found = soak(given.questions, given.seed, given.cache.absolute(), given.mode)
    if given.output:
        given.output.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    print({name: value for name, value in found.items() if name != "looks"})
    return 1 if found["differing"] else 0


if __name__ == "__main__":
    sys.exit(main())
