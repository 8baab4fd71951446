"""How often "The sources give different figures" is said rightly, over labelled questions with their quotes.

    python tests/benchmarks/disagreements.py [--show dev]

Prints precision (of the lines told, those that name exactly the quotes that differ) and recall (of those
to be told) for each part; with `--show`, what is told otherwise than expected in that part.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from disagreement_cases import cases, counted

from rag.answering.figure_disagreement import differing_figures

PARTS = ("dev", "heldout", "parts dev", "parts heldout")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", choices=PARTS)
    shown = parser.parse_args().show
    for part in PARTS:
        rows = list(cases(part))
        told = [tuple(n for n, _ in differing_figures(row.query, row.citations)) for row in rows]
        count = counted([row.differ for row in rows], told)
        print(f"{part:13} n={len(rows)}  precision {count.precision:.3f}  recall {count.recall:.3f}  {count}")
        for row, numbers in zip(rows, told, strict=True):
            if part == shown and numbers != row.differ:
                print(f"  {row.query.text}  told {numbers}, expected {row.differ}")
                for citation in row.citations:
                    print(f"      [{citation.n}] {' '.join(citation.quote.text.split())}")


if __name__ == "__main__":
    main()
