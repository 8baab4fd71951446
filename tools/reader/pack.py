"""Pack what training needs beside the material, to carry it to a machine with an accelerator.

    python tools/reader/pack.py FOLDER [--embedder FOLDER] [--material FILE …]

Writes the layers of Beleg's embedder, or of another one with as wide layers, its tokenizer and the embeddings of the
tokens that occur in the material or come in by code-switching.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from code_switching import Switcher
from material import files, read
from train import DATA
from vocabulary import of_embedder, pack


def texts(material: Sequence[Path], switcher: Switcher) -> Iterator[str]:
    for passage in read(material or files(DATA)):
        yield from (passage.title, *passage.sentences, *(question.text for question in passage.questions))
    for form in switcher.forms():
        yield form
        yield form[0].upper() + form[1:]


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--embedder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--material", type=click.Path(path_type=Path, exists=True), multiple=True)
def main(folder: Path, embedder: Path | None, material: Sequence[Path]) -> None:
    encoder = of_embedder(embedder)
    count = pack(encoder, sorted(set(texts(material, encoder.switcher))), folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {count} tokens, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
