"""Which questions would be suggested for a library, and what became of all that were tried.

python tests/benchmarks/suggestions.py LIBRARY [--all]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from rag.answering.assistant import Assistant
from rag.answering.suggested_questions import answered, candidates, quoted, suggested_questions
from rag.index.library import Library
from rag.settings import Settings, load
from rag.system.cancellation import CancelToken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--all", action="store_true", help="show every question that is tried, with its support")
    given = parser.parse_args()
    settings: Settings = load({"library": given.library})
    with Library(given.library) as library, Assistant(settings, library) as assistant:
        began = time.perf_counter()
        if given.all:
            for each in candidates(library, CancelToken()):
                quotes, agreed = quoted(assistant, each.question, None)
                support = f"{quotes[0].support:.3f}" if quotes else "-----"
                kept = "kept" if answered(assistant, each) else "    "
                text = library.document(each.document).text
                said = " ".join(text[slice(*each.sentence)].split())
                print(f"{kept} {support} {'' if agreed else '≠'} {each.shape:7} {each.question}\n{'':15}{said}")
        else:
            for question in suggested_questions(assistant):
                print(question)
        print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
