"""Plain text made to exhaust: it is read in this process, so what it costs must grow with its length."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.documents.chunking import split
from rag.documents.document import read
from rag.errors import UnreadableDocument
from rag.text.sentences import sentences

pytestmark = pytest.mark.slow


# --- plain text, which is read in this process -----------------------------------------------


def test_a_line_of_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    for suffix in (".txt", ".md", ".html", ".pdf"):
        with (tmp_path / f"a{suffix}").open("wb") as stream:
            stream.truncate(1_000_000_000)
        began = time.process_time()
        with pytest.raises(UnreadableDocument, match="1000 MB"):
            read(tmp_path / f"a{suffix}")
        assert time.process_time() - began < 1


HEAD = "Die Mühle am Bach brannte ab und niemand war da: "
TEXTS = {
    "dots": HEAD + "." * 2_000_000,
    "dots and brackets": HEAD + "." * 1_000_000 + ")" * 1_000_000 + "x",
    "exclamations": HEAD + "!?" * 1_000_000,
    "dots in one sign": HEAD + "…" * 2_000_000,
    "ordinals": HEAD + "am 3. " * 300_000,
    "one word": "a" * 2_000_000,
    "spaces": HEAD + " " * 2_000_000 + "x",
    "empty lines": HEAD + "\n " * 1_000_000 + "x",
    "carriage returns": HEAD + "\r" * 2_000_000 + "x",
    "headings": ("# " + " " * 990 + "x\n") * 2000,
    "signs of headings": "# " + "#" * 2_000_000 + "x",
    "backslashes": HEAD + "\\" * 2_000_000,
    "accents": "a" + "\u0301" * 2_000_000,
    "tabs": HEAD + "\t" * 2_000_000 + "x",
    "spaces before a date": " " * 2_000_000 + "date: x",
    "levels of front matter": "---\n" + "[" * 10_000 + "]" * 10_000 + f"\n---\n{HEAD}",
    "levels of lists": "---\n" + "- " * 10_000 + f"\n---\n{HEAD}",
    "front matter without end": "---\n" + "a: b\n" * 100_000,
    "front matter of half a megabyte": "---\n" + "a: b\n" * 100_000 + f"---\n{HEAD}",
    "aliases": "---\na0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    + f"title: *a29\n---\n{HEAD}",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_cut_in_time_that_grows_with_its_length(kind: str) -> None:
    began = time.process_time()
    document = read(Path("a.md"), raw=TEXTS[kind].encode())
    chunks = split(document)
    spans = [sentences(document.text, chunk.language, chunk.start, chunk.end) for chunk in chunks]
    assert time.process_time() - began < 30  # seconds; those that grew with its square took hours
    assert "".join(chunk.text for chunk in chunks) == document.text
    assert all(end - start <= 1200 or "\n" in document.text[start:end] for span in spans for start, end in span)


def test_megabytes_in_one_line_are_read_and_cut() -> None:
    document = read(Path("a.txt"), raw=b"mill " * 800_000)
    assert max(len(chunk.text) for chunk in split(document)) <= 1200
