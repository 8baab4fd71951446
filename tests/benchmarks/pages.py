"""How much of an article's text the reader of HTML keeps, and how much else it lets in.

    python tests/benchmarks/pages.py FOLDER [--worst 10]

FOLDER holds public pages with the text that people marked in them, in one of two forms: a folder a page with
`source.html` and `expected.html` (the test pages of mozilla/readability), or `html/ID.html.gz` with `ground-truth.json`
(scrapinghub/article-extraction-benchmark). A word of the marked text counts as kept where it stands in a run of three
words that the extracted text holds as well; what is let in is counted the other way round.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

from lxml import html

from rag.documents.readers import Unreadable, extract

RUN = 3  # words
BLOCKS = "//p|//div|//li|//td|//th|//br|//h1|//h2|//h3|//h4|//h5|//h6|//dt|//dd|//figcaption|//caption|//pre|//tr"

Page = tuple[str, bytes, list[str]]  # name, bytes, the marked words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="name so many pages that kept least")
    given = parser.parse_args()
    kept, pure, weights, names, began = [], [], [], [], time.perf_counter()
    for name, raw, marked in pages(given.folder):
        try:
            found = words(extract(".html", raw).text)
        except Unreadable:
            found = []
        kept.append(covered(marked, found))
        pure.append(covered(found, marked))
        weights.append(len(marked))
        names.append(name)
    seconds = time.perf_counter() - began
    pooled = sum(map(float.__mul__, kept, map(float, weights))) / sum(weights)
    print(f"{len(names)} pages, {sum(weights):,} marked words, {seconds:.0f} s")
    print(f"kept: {fmean(kept):.4f} a page, {pooled:.4f} of all words; {sum(share < 0.97 for share in kept)} under .97")
    print(f"of what is read, marked: {fmean(pure):.4f} a page")
    for share, name in sorted(zip(kept, names, strict=True))[: given.worst]:
        print(f"  {share:.3f} {name}")


def pages(folder: Path) -> Iterator[Page]:
    """Yield the pages of a folder."""
    if (folder / "ground-truth.json").exists():
        for name, facts in json.loads((folder / "ground-truth.json").read_text(encoding="utf-8")).items():
            yield name, gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), words(facts["articleBody"])
    else:
        for page in sorted(folder.iterdir()):
            expected = (page / "expected.html").read_text(encoding="utf-8")
            yield page.name, (page / "source.html").read_bytes(), words(plain(expected))


def plain(markup: str) -> str:
    """Return the text of HTML, with white space where a block begins."""
    tree = html.fromstring(markup)
    for block in tree.xpath(BLOCKS):
        block.text = f" {block.text or ''}"
        block.tail = f" {block.tail or ''}"
    return str(tree.text_content())


def words(text: str) -> list[str]:
    """Return the words and figures of a text, in lower case, without soft hyphens."""
    return re.findall(r"\w+", text.replace("\xad", "").lower())


def covered(these: list[str], others: list[str]) -> float:
    """Return the share of these words that stand in a run of RUN words that the others hold."""
    length = min(RUN, len(these)) or RUN
    runs = set(zip(*(others[start:] for start in range(length)), strict=False))
    inside = [False] * len(these)
    for start in range(len(these) - length + 1):
        if tuple(these[start : start + length]) in runs:
            inside[start : start + length] = [True] * length
    return sum(inside) / len(these) if these else 1.0


if __name__ == "__main__":
    main()
