"""Let an LLM write from sentences of the reading material that answer questions nobody trained on, to be labelled.

    python tests/benchmarks/written_sentences.py SENTENCES.npz --llm MODEL.gguf --count 160 > written.jsonl

SENTENCES.npz is what `fit_weights.py --sentences` keeps. Seven of ten questions cross languages. A person then adds to
each row whether the quote supports the statement, whether it answers, and whether it reads well
(`tests/answering/written`, `test_written_sentences.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from rag.answering.drafts import Draft, write
from rag.answering.quote_context import Given
from rag.models.bundled import load_embedder, load_reader, load_writer
from rag.models.reader.reader import Reader, Text
from rag.settings import load
from rag.system.cancellation import CancelToken

_SHARES = {"en-de": 0.35, "de-en": 0.35, "de-de": 0.15, "en-en": 0.15}


def drafts(file: Path, count: int, seed: int, reader: Reader) -> list[Draft]:
    """Return drafts of sentences that alone answer their question, the same for every model and one seed."""
    held = np.load(file, allow_pickle=False)
    starts = np.searchsorted(held["question"], np.arange(len(held["ids"]) + 1))
    left = {pair: share * count for pair, share in _SHARES.items()}
    found: list[Draft] = []
    for number in np.random.default_rng(seed).permutation(len(held["ids"])):
        right = [at for at in range(starts[number], starts[number + 1]) if held["right"][at]]
        pair = str(held["pair"][right[0]]) if len(right) == 1 and held["answerable"][number] else ""
        if left.get(pair, 0) > 0:
            left[pair] -= 1
            found.append(_draft(json.loads(str(held["given"][number])), held["place"][right[0]], pair, reader))
    return found


def _draft(given: Any, place: Any, pair: str, reader: Reader) -> Draft:
    question, texts = given
    title, *sentences = texts[int(place[0])]
    at = int(place[1])
    span = reader.read(question, [Text(title, tuple(sentences))])[0].spans[at]
    answering = sentences[at][span.start : span.end] if span else ""
    before = " ".join(filter(None, (title, sentences[at - 1] if at else "")))[-300:]
    return Draft(question, pair[:2], (), (Given(sentences[at], answering, before, "", pair[3:]),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    settings = load({"llm": arguments.llm})
    reader = load_reader(settings, load_embedder(settings))
    asked = drafts(arguments.sentences, arguments.count, arguments.seed, reader)
    writer = load_writer(settings)
    for place, drafted in write(asked, writer, None, CancelToken()):
        each = asked[place]
        row = {
            "question": each.question,
            "quote": each.given.text,
            "before": each.given.before,
            "answering": each.given.answering,
            "statement": drafted.text,
            "quote_lang": each.given.language,
            "statement_lang": each.language,
            "surety": None if drafted.surety is None else round(drafted.surety, 3),
        }
        print(json.dumps(row, ensure_ascii=False), flush=True)
    writer.close()


if __name__ == "__main__":
    sys.exit(main())
