"""Questions a minute: a Beleg batch against LangChain, LlamaIndex and txtai.

    python tests/benchmarks/batch_speed.py [--questions FILE.jsonl] [--documents FOLDER] [--count N]
        [--modes quote compose] [--llms original stored] [--peers NAME ...] [--rounds R] [--peers-python PATH]

The default is the seeds and those of their questions that stand alone. The peers are no
dependency of Beleg: those that are importable are measured, with `--peers-python` those that
another interpreter can import; those that are not are named. To make such an environment, with
the versions of llama-cpp-python, sentence-transformers and faiss-cpu that Beleg has:

    python3 -m venv PEERS
    PEERS/bin/pip install langchain-core langchain-community langchain-huggingface sentence-transformers faiss-cpu \\
        llama-index-core llama-index-embeddings-huggingface llama-index-llms-llama-cpp txtai llama-cpp-python

What makes it fair:

- The same embedder, and the same LLM where Beleg writes; in `quote` mode it asks none. Every peer's
  own class opens the same sentence-transformers folder and the same GGUF file, once as it comes in
  its package and once as Beleg stores it (Q8_0, which processors read faster; that alone is worth a
  lot, and anybody could do it). The same number of threads, batches of 512 tokens, the same
  context; greedy, without a penalty for repeating. (Beleg gives its embedder German words; that is
  part of Beleg, and costs it no time to speak of.)
- The same passages. Each peer indexes exactly Beleg's chunks, finds five by its own retriever
  and puts them into the prompt that its documentation proposes, in the model's chat template.
- The same lengths. For each question a peer may write as many tokens as Beleg's answer to it has,
  markers and refusals included, counted by the LLM's tokenizer. If the model ends earlier it has
  less to do, and what it wrote is printed. Beleg in `quote` mode chooses sentences by a small
  reader and writes nothing; in `compose` mode it writes, and what it cannot prove is not in its
  answer, though it took time. Peers are measured against each mode with that mode's lengths.
- Loading models, indexing and one question to warm up are not timed for anybody.
- Peers answer in the fastest way that they offer without changing their code (see `peers.py`).
- Every run is a process of its own, and the systems take turns, so that a busy host hits all;
  Beleg is run again before each LLM file's turn.

Printed for each: questions a minute (median and range of its runs), the tokens of an answer
that were written (for Beleg: that it has), the tokens a question that went through the LLM, read
and written, beyond what was remembered from the question before (none for Beleg in `quote` mode),
the seconds of processor time a question, and how many times as many questions Beleg answers, by the
clock and by processor time.
Where the two differ much, the host was busy.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import peers
from peers import Job, Outcome

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

SEEDS = Path(__file__).parents[2] / "seeds"
MODES = ("quote", "compose")
LLMS = ("original", "stored")
_QUIET = {  # no network, no telemetry, no chatter
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "DO_NOT_TRACK": "1",
    "PYTHONWARNINGS": "ignore",
}
_OWN = ("llama-cpp-python", "onnxruntime", "faiss-cpu", "numpy")


# --- Beleg, in a process of its own ---------------------------------------------------


def _beleg(questions: Sequence[str], assistant: Assistant) -> list[dict[str, Any]]:
    """Return the questions' records, in order, as `beleg batch` makes them; only this knows how a batch is called."""
    from rag.batch.question_file import Question
    from rag.batch.runner import answers, made_record

    asked = [Question(str(number), text) for number, text in enumerate(questions)]
    records = {question.id: made_record(question, made, assistant) for question, made in answers(asked, assistant)}
    return [records[question.id] for question in asked]


def beleg(job: dict[str, Any]) -> dict[str, Any]:
    """Measure Beleg in one mode."""
    from rag.answering.assistant import Assistant
    from rag.index.library import Library
    from rag.settings import load

    settings = load({"library": job["library"], "mode": job["mode"]})
    counter = peers.Counter()
    records: list[dict[str, Any]] = []

    def ask() -> list[str]:
        records[:] = _beleg(job["questions"], assistant)
        return [record["answer"] for record in records]

    with Library(settings.library) as library, Assistant(settings, library) as assistant:
        _beleg([peers.WARM_UP], assistant)
        outcome = peers.measure(ask, counter)
    for record in records:
        if record["error"] is not None:
            raise RuntimeError(f"{record['question']}: {record['error']}")
    refused = sum(record["status"] == "not_found" for record in records)
    return asdict(replace(outcome, written=peers.count_tokens(job["llm"], outcome.answers), refused=refused))


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """Index the documents; return the passages and where the models are."""
    from rag.index.library import Library
    from rag.index.update import index
    from rag.models import bundled
    from rag.settings import load

    settings = load({"library": job["library"]})
    generator = bundled.load_generator(settings)
    stored = str(generator.path)
    generator.close()
    original = stored if settings.llm else bundled.package_folder(bundled.LLM_PACKAGE) / bundled.LLM_FILE
    with Library(settings.library, create=True) as library:
        index([job["documents"]], library, bundled.load_embedder(settings))
        documents, _ = library.count()
        texts = []
        for _, (document_id, start, end, *_) in sorted(library.chunks({int(c) for c in library.vectors()[0]}).items()):
            document = library.document(document_id)
            texts.append(document.text[max(start, document.body) : end].strip())
    return {
        "documents": documents,
        "texts": [text for text in texts if text],
        "embedder": str(settings.embedder or bundled.package_folder(bundled.EMBEDDER_PACKAGE) / "model"),
        "llms": dict(zip(LLMS, (str(original), stored), strict=True)),
        "threads": settings.threads,
        "context": settings.context,
        "passages": settings.passages,
    }


def peer(name: str, job: dict[str, Any]) -> dict[str, Any]:
    return asdict(peers.run(name, Job(**job)))


# --- running them ---------------------------------------------------------------------


class Failed(Exception):
    """A system could not be measured."""


def run(name: str, python: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run one system in a process of its own and return what it found. Raises Failed."""
    file, result = folder / "job.json", folder / "result.json"
    file.write_text(json.dumps(job), encoding="utf-8")
    result.unlink(missing_ok=True)
    command = [python, str(Path(__file__).absolute()), "--only", name, "--job", str(file)]
    done = subprocess.run(command, env={**os.environ, **_QUIET}, capture_output=True, text=True)
    if done.returncode or not result.is_file():
        last = done.stderr.strip().splitlines()[-1:] or ["no word of why"]
        raise Failed(f"exit code {done.returncode}: {last[0]}")
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def only(name: str, file: Path) -> None:
    """Be one system: read the job, write the result beside it."""
    job = json.loads(file.read_text(encoding="utf-8"))
    roads = {"prepare": prepare, "Beleg": beleg}
    found = roads[name](job) if name in roads else peer(name, job)
    file.with_name("result.json").write_text(json.dumps(found), encoding="utf-8")


def read_questions(file: Path, count: int | None) -> list[str]:
    """Return the questions that stand alone; with `count` so many, from all over the file."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [row["question"] for row in rows if not row.get("follows")]
    count = min(count or len(texts), len(texts))
    return [texts[number * len(texts) // count] for number in range(count)]


Key = tuple[str, str, str]  # mode, system, LLM file


class Bench:
    """All runs of one invocation: the outcomes of each key, in the order they came."""

    def __init__(self, questions: list[str], facts: dict[str, Any], library: Path, folder: Path) -> None:
        self.questions, self.facts, self.library, self.folder = questions, facts, library, folder
        self.outcomes: dict[Key, list[Outcome]] = {}
        self.failures: dict[Key, str] = {}

    def round(self, mode: str, llms: Sequence[str], names: Sequence[str], python: str) -> None:
        """Run Beleg and every peer once with each LLM file. Raises Failed if Beleg cannot be run."""
        stored = self.facts["llms"]["stored"]
        own = {"library": str(self.library), "mode": mode, "questions": self.questions, "llm": stored}
        given = {key: self.facts[key] for key in ("texts", "embedder", "threads", "context", "passages")}
        for llm in llms:
            self._run((mode, "Beleg", stored), sys.executable, own)
            tokens = [max(1, count) for count in self.outcomes[mode, "Beleg", stored][0].written]
            job = {**given, "questions": self.questions, "tokens": tokens, "llm": llm}
            for name in names:
                self._run((mode, name, llm), python, job)

    def _run(self, key: Key, python: str, job: dict[str, Any]) -> None:
        if key in self.failures:
            return
        try:
            outcome = Outcome(**run(key[1], python, job, self.folder))
        except Failed as reason:
            if key[1] == "Beleg":
                raise
            self.failures[key] = str(reason)
            return
        self.outcomes.setdefault(key, []).append(outcome)
        print(f"  {key[0]}, {key[1]}, {Path(key[2]).name}: {self._speed(outcome):.2f} a minute", file=sys.stderr)

    def _speed(self, outcome: Outcome) -> float:
        return 60 * len(self.questions) / outcome.seconds

    def _processor(self, outcome: Outcome) -> float:
        return outcome.processor / len(self.questions)

    def _median(self, key: Key, of: Callable[[Outcome], float]) -> float:
        return statistics.median(map(of, self.outcomes[key]))

    def report(self, mode: str) -> None:
        """Print the table of a mode, then Beleg against the best peer with each LLM file."""
        beleg = (mode, "Beleg", self.facts["llms"]["stored"])
        first = self.outcomes[beleg][0]
        print(f"\n{mode} mode; in {first.refused} of {len(self.questions)} Beleg says that the documents do not say")
        print(
            f"{'':11}{'q/min':>8}{'range':>16}{'answer':>8}{'LLM tokens':>12}{'CPU s/q':>9}{'Beleg ×':>9}{'by CPU':>8}"
        )
        for key in [key for key in self.outcomes if key[0] == mode]:
            speeds = [self._speed(outcome) for outcome in self.outcomes[key]]
            one = self.outcomes[key][0]
            clock, processor = self._ratios(beleg, key)
            print(
                f"{key[1]:11}{statistics.median(speeds):8.2f}{f'{min(speeds):.2f} to {max(speeds):.2f}':>16}"
                f"{statistics.mean(one.written):8.1f}{one.decoded / len(self.questions):12.0f}"
                f"{self._median(key, self._processor):9.2f}{clock:9.2f}{processor:8.2f}  {Path(key[2]).name}"
            )
        for key, reason in self.failures.items():
            if key[0] == mode:
                print(f"{key[1]:11}failed with {Path(key[2]).name}: {reason}")
        for llm in dict.fromkeys(self.facts["llms"].values()):
            if rivals := [key for key in self.outcomes if key[0] == mode and key[1] != "Beleg" and key[2] == llm]:
                best = max(rivals, key=lambda key: self._median(key, self._speed))
                clock, processor = self._ratios(beleg, best)
                print(f"Beleg / best peer: {clock:.2f}, by CPU {processor:.2f} ({best[1]}, {Path(llm).name})")

    def _ratios(self, beleg: Key, key: Key) -> tuple[float, float]:
        """Return how many times as many questions Beleg answers in a minute, and in a minute of processor time."""
        return (
            self._median(beleg, self._speed) / self._median(key, self._speed),
            self._median(key, self._processor) / self._median(beleg, self._processor),
        )


def importable(python: str, wanted: Sequence[str]) -> list[str]:
    """Print the peers' versions, or what they lack; return those that can be measured."""
    script = str(Path(__file__).with_name("peers.py").absolute())
    found = json.loads(subprocess.run([python, script], check=True, capture_output=True, text=True).stdout)
    for name in wanted:
        facts = found[name]
        versions = ", ".join(f"{package} {number}" for package, number in facts["versions"].items())
        print(f"{name}: {versions or 'not installed (no ' + ', '.join(facts['missing']) + ')'}")
    return [name for name in wanted if not found[name]["missing"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, default=SEEDS / "questions.jsonl")
    parser.add_argument("--documents", type=Path, default=SEEDS)
    parser.add_argument("--count", type=int)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--llms", nargs="+", choices=LLMS, default=LLMS, help="the peers' LLM files")
    parser.add_argument("--peers", nargs="+", choices=list(peers.PEERS), default=list(peers.PEERS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        only(options.only, options.job)
        return
    print(shlex.join(["python", "tests/benchmarks/batch_speed.py", *sys.argv[1:]]))
    print("Beleg: " + ", ".join(f"{package} {version(package)}" for package in ("beleg", *_OWN)))
    names = importable(options.peers_python, options.peers)
    questions = read_questions(options.questions, options.count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = folder / "library"
        paths = {"library": str(library), "documents": str(options.documents.absolute())}
        facts = run("prepare", sys.executable, paths, folder)
        bench = Bench(questions, facts, library, folder)
        print(
            f"{len(questions)} questions, {facts['documents']} documents, {len(facts['texts'])} passages, "
            f"{facts['passages']} a question; {facts['threads']} threads, context {facts['context']}; "
            f"{options.rounds} rounds",
            flush=True,
        )
        llms = list(dict.fromkeys(facts["llms"][name] for name in options.llms))
        for _ in range(options.rounds):
            for mode in options.modes:
                bench.round(mode, llms, names, options.peers_python)
    for mode in options.modes:
        bench.report(mode)


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"Beleg cannot be measured: {failed}")
