"""What is fuzzed: for each, the cases, and what must hold of every one of them.

A check raises nothing where the code under test keeps its promise: it gives what it says it
gives, or raises the errors that it names, and no others.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
from document_files import GOOD
from hypothesis import strategies as st
from mutations import damaged, damaged_inside, damaged_json, from_pieces
from record_targets import (
    GOLD,
    GOLD_EXTRA,
    SCRATCH,
    composed,
    gold,
    ledger,
    markers,
    packed,
    raw,
    runs,
    unpacked,
    written,
)

from rag.answering.limits import LONGEST_QUESTION
from rag.documents.chunking import split
from rag.documents.document import READERS, Document, read
from rag.errors import UnreadableDocument, UsageError

OFFICE = (".odt", ".rtf", ".pptx", ".xlsx", ".csv", ".eml")


@dataclass(frozen=True, slots=True)
class Target:
    """`share` is how many of a million cases are its."""

    cases: Callable[[], st.SearchStrategy[Any]]
    check: Callable[[Any], None]
    share: int


# --- documents ---------------------------------------------------------------------------


def hold_together(document: Document) -> None:
    """Check that every offset lies in the text, and that what is cut out of it is what stands there."""
    size = len(document.text)
    assert 0 <= document.body <= size and document.title and document.language
    assert list(document.pages) == sorted(document.pages) and document.pages[0] >= 0 and document.pages[-1] <= size
    document.text.encode("utf-8")
    for chunk in split(document):
        assert 0 <= chunk.start < chunk.end <= size
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert document.page(chunk.start) >= 1


def _read(suffix: str) -> Callable[[bytes], None]:
    def check(raw: bytes) -> None:
        try:
            document = read(Path(f"/nowhere/a{suffix}"), raw=raw)
        except UnreadableDocument as error:
            assert error.reason and "\n" not in error.reason
            return
        hold_together(document)

    return check


def _extract(suffix: str) -> Callable[[bytes], None]:
    """The reader itself, in this process, where that of `read` may be another: damaged files raise nearly anything."""
    reader = READERS[suffix]

    def check(raw: bytes) -> None:
        try:
            found = reader(raw)
        except Exception:  # promised is that `read` turns it into one error
            return
        assert list(found.pages) == sorted(found.pages)
        assert all(0 <= page <= len(found.text) for page in found.pages)

    return check


_WORDS = (
    "The mill burned. ",
    "Wer? ",
    "11.000 ",
    "z. B. ",
    "Dr. Brandt ",
    "\n\n",
    "\r\n",
    " \n",
    "# H\n",
    "- a\n",
    "* ",
)
_MARKUP = (
    "---\n",
    "title: x\n",
    "date: 2024-01-01\n",
    "date 2024-05 ",
    "|a|b|\n",
    "```\n",
    "> ",
    "\ufeff",
    "\x0c",
    "1. ",
)
_TAGS = (
    *("<p>", "</p>", "<div>", "</div>", "<table>", "<tr><td>", "</table>", "<ul><li>", "<script>", "</script>"),
    *(
        "<!--",
        "-->",
        "<sup>2</sup>",
        "<b>",
        "<a href='x'>",
        "<title>t</title>",
        "<meta charset=utf-16>",
        "&amp;",
        "&#0;",
    ),
    *("<html>", "<body>", "<main>", "<article>", "<h1>", "</h1>", "<svg>", "<math>", "<template>", "<p " + "a=1 " * 50),
)


def _texts() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(0), corpus.raw(1)), from_pieces([*_WORDS, *_MARKUP]).map(raw))


def _pages() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(2)), from_pieces([*_TAGS, *_WORDS]).map(raw))


def _pdfs() -> st.SearchStrategy[bytes]:
    return damaged(corpus.plain_pdf(), corpus.raw(8), most=8)


def _word() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(4)), damaged_inside(corpus.raw(4)))


def _books() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(7)), damaged_inside(corpus.raw(7)))


def _office(suffix: str) -> Callable[[], st.SearchStrategy[bytes]]:
    good = GOOD[suffix]
    return lambda: st.one_of(damaged(good), damaged_inside(good)) if good.startswith(b"PK") else damaged(good)


# --- question files ----------------------------------------------------------------------

_ROWS: tuple[Any, ...] = (
    {"id": "1", "question": "When?", "documents": ["a.txt"], "conversation": "c"},
    {"id": 2, "question": "Who?", "follows": "1"},
    {"question": "Wie viele?", "answer": ["a"], "start": 1, "end": 2},
)
_LINES = (
    "When was it?",
    "id,question",
    "1,When?",
    '2,"a ""b"" c"',
    "sep=;",
    "question",
    '"',
    ";;;",
    "\t",
    "\n",
    ",",
    ";",
)


def _question_files() -> st.SearchStrategy[tuple[str, bytes]]:
    json_lines = st.lists(damaged_json(*_ROWS).map(lambda row: json.dumps(row)), max_size=4).map("\n".join).map(raw)
    real = damaged(
        "".join(json.dumps(row) + "\n" for row in _ROWS).encode(),
        b'id,question,documents\n1,When?,a.txt|b.txt\n2,"Who, and why?",\n',
        "When was it built?\nWer hat gezahlt?\n".encode("utf-16"),
        b"sep=;\nid;question;conversation\n1;When?;c\n2;And who?;c\n",
    )
    return st.tuples(
        st.sampled_from((".txt", ".csv", ".tsv", ".jsonl", "-")),
        st.one_of(real, json_lines, from_pieces(_LINES).map(raw)),
    )


def _questions(case: tuple[str, bytes]) -> None:
    from rag.batch import question_file

    suffix, raw = case
    try:
        if suffix == "-":
            file = question_file.read(Path("-"), stdin=io.BytesIO(raw))
        else:
            path = SCRATCH / f"questions{suffix}"
            path.write_bytes(raw)
            file = question_file.read(path)
    except UsageError as error:
        assert error.reason and error.exit_code == 2
        return
    ids = [question.id for question in file.questions]
    assert ids and len(set(ids)) == len(ids)
    for place, question in enumerate(file.questions):
        assert any(map(str.isalnum, question.text)) and 0 < len(question.text) <= LONGEST_QUESTION
        assert set(question.follows) <= set(ids[:place]) and question.line >= 1
        json.dumps(dict(question.row), ensure_ascii=False).encode("utf-8")
    assert all(row.reason and row.line >= 1 for row in file.bad)


# --- settings ------------------------------------------------------------------------------

_KEYS = (
    "library",
    "cache",
    "embedder",
    "llm",
    "reader",
    "mode",
    "threads",
    "context",
    "passages",
    "state",
    "keys",
    "animation",
)
_VALUES = (
    *('"~/a"', '"~nobody-here/a"', "3", "-1", '"quote"', '"compose"', "true", "1e3", "{}", '{documents = "f2"}', "[]"),
    *("'''\n'''", "1979-05-27", "9" * 5000, "[" * 3000, '"\\ud800"', '""', "nan", "0x1F", '"\\u0000"', "{a={b={}}}"),
)


def _all_settings() -> st.SearchStrategy[tuple[bytes, dict[str, str]]]:
    line = st.builds(lambda key, value: f"{key} = {value}\n", st.sampled_from(_KEYS), st.sampled_from(_VALUES))
    file = st.one_of(
        st.lists(line, max_size=4).map("".join).map(raw),
        damaged(b'library = "a"\nmode = "quote"\nthreads = 2\n[keys]\ndocuments = "f2"\n'),
    )
    value = st.one_of(
        st.sampled_from(_VALUES), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
    )
    return st.tuples(file, st.dictionaries(st.sampled_from(_KEYS), value, max_size=3))


def _settings(case: tuple[bytes, dict[str, str]]) -> None:
    from rag.settings import load

    raw, environment = case
    file = SCRATCH / "settings.toml"
    file.write_bytes(raw)
    before = {key: value for key, value in os.environ.items() if key.startswith("BELEG_")}
    for key in before:
        del os.environ[key]
    os.environ |= {f"BELEG_{key.upper()}": value for key, value in environment.items()} | {"BELEG_SETTINGS": str(file)}
    try:
        settings = load({"threads": None})
        assert settings.library.is_absolute() and settings.threads >= 1 and settings.mode in ("quote", "compose")
    except UsageError as error:
        assert error.reason and error.exit_code == 2
    finally:
        for key in [key for key in os.environ if key.startswith("BELEG_")]:
            del os.environ[key]
        os.environ |= before


TARGETS: dict[str, Target] = {
    "questions": Target(_question_files, _questions, 260_000),
    "settings": Target(_all_settings, _settings, 90_000),
    "markers": Target(written, markers, 217_000),
    "compose": Target(written, composed, 3_000),
    "ledger": Target(runs, ledger, 30_000),
    "gold": Target(lambda: damaged_json(*GOLD, extra=GOLD_EXTRA), gold, 210_000),
    "packing": Target(lambda: damaged_json(*packed()), unpacked, 80_000),
    "txt": Target(_texts, _read(".txt"), 25_000),
    "md": Target(_texts, _read(".md"), 25_000),
    "html": Target(_pages, _extract(".html"), 10_000),
    "pdf": Target(_pdfs, _extract(".pdf"), 30_000),
    "docx": Target(_word, _extract(".docx"), 8_000),
    "epub": Target(_books, _extract(".epub"), 8_000),
    **{suffix[1:]: Target(_office(suffix), _extract(suffix), 4_000) for suffix in OFFICE},
    "read-html": Target(_pages, _read(".html"), 1_000),
    "read-pdf": Target(_pdfs, _read(".pdf"), 1_000),
    "read-docx": Target(_word, _read(".docx"), 1_000),
    "read-epub": Target(_books, _read(".epub"), 1_000),
}


def parts(chosen: Sequence[str], cases: int) -> dict[str, int]:
    """Return how many cases each of the chosen targets gets, by their shares; at least 10."""
    whole = sum(TARGETS[name].share for name in chosen)
    return {name: max(10, round(cases * TARGETS[name].share / whole)) for name in chosen}
