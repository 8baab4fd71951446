"""Where the memory of a question goes: `python tests/benchmarks/memory.py [--mode compose] [--llm FILE] [--whole]`.

Makes a library of the seeds in a temporary folder, and then in a process of its own loads one part after the other and
asks a question. A row for each: megabytes resident, this process's share of them (Pss), those that are its own
(anonymous), those of files, the most there have been so far, and the seconds of a processor. What is of a file is
shared by all programs that map it, and Linux takes it back where memory is short. `--whole` asks in one go, with
nothing loaded or looked at on the way. Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "How many North Korean troops are in Kursk?"
ASK = "import memory, sys; memory.ask(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of this process; `peak` are the most that were resident."""

    resident: float
    share: float
    anonymous: float
    peak: float

    @property
    def of_files(self) -> float:
        return self.resident - self.anonymous


def now() -> Memory:
    """Return what this process takes now."""
    lines = "".join(Path("/proc/self", name).read_text() for name in ("smaps_rollup", "status")).splitlines()
    held = {row[0]: int(row[1]) / 1024 for row in map(str.split, lines) if len(row) == 3 and row[2] == "kB"}
    # Not `getrusage`, which begins at what the program that started this one has.
    return Memory(held["Rss:"], held["Pss:"], held["Anonymous:"], held["VmHWM:"])


def told(memory: Memory) -> str:
    return f"{memory.resident:.1f} {memory.share:.1f} {memory.anonymous:.1f} {memory.of_files:.1f} {memory.peak:.1f}"


def row(name: str) -> None:
    values = [f"{float(value):.0f}" for value in told(now()).split()]
    print("|", " | ".join([name, *values, f"{time.process_time():.2f}"]), "|", flush=True)


def stages(library: Path, mode: str) -> None:
    """Load and ask, a part after the other; print a row of a table for each."""
    row("Python")
    import rag.answering.assistant
    import rag.cli.main
    from rag.cli.options import open_library
    from rag.models import bundled
    from rag.settings import load

    row("Beleg's code, numpy, click")
    import onnxruntime  # noqa: F401
    import tokenizers  # noqa: F401

    row("onnxruntime, tokenizers")
    settings = load({"library": library, "mode": mode})
    embedder = bundled.load_embedder(settings)
    row("the embedder, its words")
    reader = bundled.load_reader(settings, embedder)
    row("the reader")
    from rag.text.language import detect

    detect(QUESTION, ("de", "en"))
    row("what tells languages")
    if mode == "compose":
        _llm(settings)
    del embedder, reader
    with open_library(settings.library) as opened, rag.answering.assistant.Assistant(settings, opened) as assistant:
        if mode == "compose":
            assert assistant.generator is not None
        for event in assistant.ask(QUESTION):
            if isinstance(event, rag.answering.assistant.Retrieved):
                row("the library, lexicon, search (models opened anew)")
        row("the answer")
        list(assistant.ask(QUESTION))
        row("asked again")


def _llm(settings: object) -> None:
    from rag.models import bundled

    writer = bundled.load_writer(settings)  # type: ignore[arg-type]
    row("the LLM")
    writer.close()


def ask(library: str, mode: str) -> None:
    """Ask as `beleg ask` does; print what it took, before anything is freed."""
    from rag.answering.assistant import Assistant
    from rag.cli.options import open_library
    from rag.settings import load

    settings = load({"library": Path(library), "mode": mode})
    with open_library(settings.library) as opened, Assistant(settings, opened) as assistant:
        list(assistant.ask(QUESTION))
        print(told(now()))


def asked(library: Path, mode: str, cache: Path | None = None) -> Memory:
    """Return what `ask` took, in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BELEG_") or name == "BELEG_CACHE"}
    paths = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]
    environment = kept | {"PYTHONPATH": os.pathsep.join(paths), "BELEG_THREADS": "2"}
    if cache is not None:
        environment["BELEG_CACHE"] = str(cache)
    run = [sys.executable, "-c", ASK, str(library), mode]
    done = subprocess.run(run, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    resident, share, anonymous, _, peak = map(float, done.stdout.split())
    return Memory(resident, share, anonymous, peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=["quote", "compose"], default="quote")
    parser.add_argument("--llm", help="another LLM than the embedded one")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--of", type=Path, help=argparse.SUPPRESS)  # the library, in the process that is looked at
    given = parser.parse_args()
    if given.llm:
        os.environ["BELEG_LLM"] = given.llm
    if given.of is not None:
        stages(given.of, given.mode)
        return
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder)
        beleg = [sys.executable, "-m", "rag", "--library", folder, "--mode", given.mode]
        subprocess.run([*beleg, "index", str(SEEDS)], check=True, capture_output=True)
        subprocess.run([*beleg, "ask", QUESTION], check=True, capture_output=True)  # what is made on first use
        if given.whole:
            print(asked(library, given.mode))
            return
        print("| | resident | share | own | of files | most | CPU s |\n|---|---|---|---|---|---|---|", flush=True)
        subprocess.run([sys.executable, __file__, "--mode", given.mode, "--of", folder], check=True)


if __name__ == "__main__":
    main()
