"""How soon texts are embedded: `python tests/benchmarks/embedding_speed.py [--texts FILE] [--rounds N] [--threads N]`.

The sentences of the seeds, or the lines of FILE, are embedded as indexing does it, and by sentence-transformers itself
with the embedded model as it came (batches of 32, its own default), one after the other in the same process, the
fastest round of each. Printed are texts a second by the clock, seconds of a processor for a thousand texts, and the
ratios; German and English apart, for the words that the model got from the lexicon make fewer tokens of German.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


from rag.documents.chunking import split_with_sentences
from rag.documents.document import read
from rag.index.stoppable_embedder import Stoppable
from rag.models.bundled import EMBEDDER_PACKAGE, load_embedder, package_folder
from rag.settings import load
from rag.system.cancellation import CancelToken
from rag.text.language import detect

SEEDS = Path(__file__).parents[2] / "seeds"


def sentences() -> list[str]:
    """Return the sentences of the seeds."""
    found = []
    for file in sorted(SEEDS.glob("*.md")) + sorted(SEEDS.glob("*.txt")):
        if file.stem.isupper():  # their notes
            continue
        document = read(file)
        for _, spans in split_with_sentences(document):
            found += [document.text[start:end] for start, end in spans]
    return found


def fastest(embed: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the least seconds by the clock, and of a processor."""
    clock, processor = [], []
    for _ in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        embed()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return min(clock), min(processor)


def main(texts: Sequence[str], rounds: int, threads: int) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    theirs = SentenceTransformer(str(package_folder(EMBEDDER_PACKAGE) / "model"), device="cpu")
    ours = Stoppable(load_embedder(load({"threads": threads})), CancelToken())
    print("| | texts | sentence-transformers, texts a s | Beleg | ratio | cpu s a thousand | | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for language in ("de", "en"):
        chosen = [text for text in texts if detect(text, ("de", "en")) == language]
        ours.encode(chosen[:32], "document")
        theirs.encode(chosen[:32], show_progress_bar=False)
        clock, used = fastest(lambda chosen=chosen: theirs.encode(chosen, show_progress_bar=False), rounds)  # type: ignore[misc]
        mine, own = fastest(lambda chosen=chosen: ours.encode(chosen, "document"), rounds)  # type: ignore[misc]
        count = len(chosen)
        row = [language, count, f"{count / clock:.0f}", f"{count / mine:.0f}", f"{clock / mine:.2f}"]
        row += [f"{used / count * 1000:.1f}", f"{own / count * 1000:.1f}", f"{used / own:.2f}"]
        print(f"| {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--texts", type=Path, help="a text a line, in place of the seeds' sentences")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    lines = given.texts.read_text(encoding="utf-8").splitlines() if given.texts else sentences()
    main([line for line in lines if line.strip()], given.rounds, given.threads)
