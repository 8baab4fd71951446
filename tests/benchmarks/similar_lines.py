"""How often an answer begins with the right one of lines that look alike, and leaves the others out.

    python tests/benchmarks/similar_lines.py [--show dev]

The folders of `similar_lines/` hold documents (timetables, minutes, lists of prices, faults and
telephones, opening hours, invoices), `questions.jsonl` what is asked of them: `first` stands in the first quote,
`never` are lines that none of the quotes may be, `marked` is what the first quote's answering words hold. Prints for
each part and kind how many are right in all of that, then how many begin rightly, have no line too many, and mark
the right words. "heldout" was written together with "dev", before what is measured was made, "unseen" after that.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag import Answered, Assistant, Library
from rag.answering.answer import Answer
from rag.index.update import index
from rag.models.bundled import load_embedder
from rag.settings import load

PARTS = ("dev", "heldout", "unseen")
HERE = Path(__file__).with_name("similar_lines")


def judged(answer: Answer, row: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """Return whether an answer begins rightly, has no line too many, and marks the right words."""
    quotes = [citation.quote for citation in answer.citations]
    if not quotes:
        return False, True, False
    shown = [" ".join(quote.text.split()) for quote in quotes]
    marked = " ".join(quotes[0].document.text[start:end] for start, end in quotes[0].marks)
    spare = any(line in quote for line in row.get("never", ()) for quote in shown)
    return row["first"] in shown[0], not spare, row["first"] in shown[0] and row.get("marked", "") in marked


def main() -> None:
    """Ask all questions, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", choices=PARTS, help="print what comes out otherwise in this part")
    show = parser.parse_args().show
    rows = [json.loads(line) for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    for part in PARTS:
        found: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            settings = load({"library": folder})
            with Library(settings.library, create=True) as library:
                index([str(HERE / part)], library, load_embedder(settings))
                with Assistant(settings, library) as assistant:
                    for row in (row for row in rows if row["part"] == part):
                        *_, last = assistant.ask(row["question"])
                        if not isinstance(last, Answered):
                            raise TypeError(last)
                        found[row["kind"]].append(right := judged(last.answer, row))
                        if part == show and not all(right):
                            _print(last.answer, row, right)
        _report(part, found)


def _print(answer: Answer, row: Mapping[str, Any], right: tuple[bool, ...]) -> None:
    print(row["kind"], row["question"], right, "wanted:", row["first"], row.get("marked", ""))
    for citation in answer.citations:
        quote = citation.quote
        marks = [quote.document.text[start:end] for start, end in quote.marks]
        print(f"    {quote.support:.3f} {citation.context} > {quote.reading.text[:100]!r} {marks}")


def _report(part: str, found: Mapping[str, list[tuple[bool, bool, bool]]]) -> None:
    everything = [right for rights in found.values() for right in rights]
    for kind, rights in (*found.items(), ("all", everything)):
        each = "  ".join(
            f"{name} {sum(right[at] for right in rights)}" for at, name in enumerate(("first", "no more", "marked"))
        )
        print(f"{part:8} {kind:12} {sum(map(all, rights))} of {len(rights)}   {each}")


if __name__ == "__main__":
    main()
