"""What is fuzzed: for each, the cases, and what must hold of every one of them.

A check raises nothing where the code under test keeps its promise: it gives what it says it
gives, or raises the errors that it names, and no others.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
from hypothesis import strategies as st
from mutations import damaged, damaged_inside, damaged_json, from_pieces

from rag.chunks import split
from rag.documents import READERS, Document, read
from rag.errors import BelegError, UnreadableDocument, UsageError

# A folder in memory, where there is one: what is synced a hundred thousand times should not wear a disk.
_SCRATCH = Path(tempfile.mkdtemp(prefix="beleg-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


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
    return st.one_of(damaged(corpus.raw(0), corpus.raw(1)), from_pieces([*_WORDS, *_MARKUP]).map(_bytes))


def _pages() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(2)), from_pieces([*_TAGS, *_WORDS]).map(_bytes))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _pdfs() -> st.SearchStrategy[bytes]:
    return damaged(corpus.plain_pdf(), corpus.raw(8), most=8)


def _word() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(4)), damaged_inside(corpus.raw(4)))


def _books() -> st.SearchStrategy[bytes]:
    return st.one_of(damaged(corpus.raw(7)), damaged_inside(corpus.raw(7)))


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
    json_lines = st.lists(damaged_json(*_ROWS).map(lambda row: json.dumps(row)), max_size=4).map("\n".join).map(_bytes)
    real = damaged(
        "".join(json.dumps(row) + "\n" for row in _ROWS).encode(),
        b'id,question,documents\n1,When?,a.txt|b.txt\n2,"Who, and why?",\n',
        "When was it built?\nWer hat gezahlt?\n".encode("utf-16"),
        b"sep=;\nid;question;conversation\n1;When?;c\n2;And who?;c\n",
    )
    return st.tuples(
        st.sampled_from((".txt", ".csv", ".tsv", ".jsonl", "-")),
        st.one_of(real, json_lines, from_pieces(_LINES).map(_bytes)),
    )


def _questions(case: tuple[str, bytes]) -> None:
    from rag import questions

    suffix, raw = case
    try:
        if suffix == "-":
            file = questions.read(Path("-"), stdin=io.BytesIO(raw))
        else:
            path = _SCRATCH / f"questions{suffix}"
            path.write_bytes(raw)
            file = questions.read(path)
    except UsageError as error:
        assert error.reason and error.exit_code == 2
        return
    ids = [question.id for question in file.questions]
    assert ids and len(set(ids)) == len(ids)
    for place, question in enumerate(file.questions):
        assert any(map(str.isalnum, question.text)) and 0 < len(question.text) <= questions.LONGEST_QUESTION
        assert set(question.follows) <= set(ids[:place]) and question.line >= 1
        json.dumps(dict(question.row), ensure_ascii=False).encode("utf-8")
    assert all(row.reason and row.line >= 1 for row in file.bad)


# --- settings ------------------------------------------------------------------------------

_KEYS = ("library", "cache", "embedder", "llm", "mode", "threads", "context", "passages", "state", "keys", "animation")
_VALUES = (
    *('"~/a"', '"~nobody-here/a"', "3", "-1", '"quote"', '"compose"', "true", "1e3", "{}", '{documents = "f2"}', "[]"),
    *("'''\n'''", "1979-05-27", "9" * 5000, "[" * 3000, '"\\ud800"', '""', "nan", "0x1F", '"\\u0000"', "{a={b={}}}"),
)


def _all_settings() -> st.SearchStrategy[tuple[bytes, dict[str, str]]]:
    line = st.builds(lambda key, value: f"{key} = {value}\n", st.sampled_from(_KEYS), st.sampled_from(_VALUES))
    file = st.one_of(
        st.lists(line, max_size=4).map("".join).map(_bytes),
        damaged(b'library = "a"\nmode = "quote"\nthreads = 2\n[keys]\ndocuments = "f2"\n'),
    )
    value = st.one_of(
        st.sampled_from(_VALUES), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
    )
    return st.tuples(file, st.dictionaries(st.sampled_from(_KEYS), value, max_size=3))


def _settings(case: tuple[bytes, dict[str, str]]) -> None:
    from rag.settings import load

    raw, environment = case
    file = _SCRATCH / "settings.toml"
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


# --- what a model writes ---------------------------------------------------------------------

_WRITTEN = (
    *(
        "The mill burned in 1907",
        " [1]",
        "[2]",
        ". ",
        "【3】",
        "[[1]2]",
        "[1, 2]",
        "[1,",
        "]",
        "[999]",
        "[0]",
        "! ",
        "\n",
    ),
    *(
        "NOT FOUND",
        "11.000",
        "11,000 soldiers",
        " Blinken",
        "Selenskyj",
        "[-1]",
        "[１]",
        "[²]",
        "“",
        "”",
        "z. B. ",
        "[12",
    ),
)


def _markers(text: str) -> None:
    from rag.compose import enough
    from rag.verify import MARKER, claims, missing

    for language in ("de", "en"):
        for claim in claims(text, language):
            assert claim.text and not MARKER.search(claim.text)
            assert all(0 <= n <= 999 for n in claim.cites) and len(set(claim.cites)) == len(claim.cites)
            assert missing(claim.text, [claim.text]) == []
    assert enough(text, "en") in (True, False)


# --- records -----------------------------------------------------------------------------------


def _record(identity: str) -> dict[str, Any]:
    from rag.record import failure

    return failure(identity, f"What is {identity}?", "It broke.", "m", "e", "quote") | {"status": "answered"}


def _runs() -> st.SearchStrategy[tuple[bytes, bytes]]:
    head = {"beleg": 1, "model": "m", "embedder": "e", "mode": "quote", "library": "stamp"}
    rows = [_record("a"), _record("b"), _record("ü")]
    line = damaged_json(head, *rows).map(lambda row: json.dumps(row))
    lines = st.lists(line, max_size=4).map(lambda found: "".join(each + "\n" for each in found)).map(_bytes)
    real = "".join(json.dumps(row) + "\n" for row in (head, *rows)).encode()
    answers = real.partition(b"\n")[2]
    file = st.one_of(lines, damaged(real, answers, most=3))
    return st.tuples(file, st.one_of(st.just(b""), file))


def _ledger(case: tuple[bytes, bytes]) -> None:
    from test_ledger import opened

    from rag.evaluate import read_run

    path = _SCRATCH / "answers.jsonl"
    for file, raw in zip((path, path.with_name("answers.jsonl.part")), case, strict=True):
        file.write_bytes(raw) if raw else file.unlink(missing_ok=True)
    if path.exists():
        try:
            read_run(path)
        except BelegError as error:
            assert error.reason
    ids = ("a", "b", "ü")
    with opened(path, ids=ids) as ledger:
        try:
            ledger.resume()
        except BelegError as error:
            assert error.reason
            return
        assert set(ledger.records) <= set(ids)
    with opened(path, ids=ids) as again:  # what was taken up can be taken up once more
        again.resume()
        assert again.records == ledger.records


_TEXT = "The mill at Oberwiesen burned down in 1907.\n\nKarl Lohse rebuilt it for 11.000 marks, in 1909 and 19090."
_GOLD: tuple[Any, ...] = (
    {"answer": "1907", "document": "mill.txt", "words": "in 1907"},
    {"document": "mill.txt", "start": 4, "end": 8},
    {"answerable": False},
    {"answer": ["11.000", "eleven"], "document": "b/mill.txt", "sentence": "Karl Lohse"},
)


def _gold(row: Any) -> None:
    from rag.gold import from_row

    try:
        gold = from_row(row, lambda name: [("b/mill.txt", _TEXT)] if "mill" in name else [])
    except UsageError as error:
        assert error.reason
        return
    for (start, end), (left, right) in zip(gold.spans, gold.paragraphs, strict=True):
        assert 0 <= left <= start < end <= right <= len(_TEXT)


def _packed() -> list[Any]:
    from scripted import stone, troops

    from rag.packing import packed

    return [json.loads(packed(answer)[0]) for answer in (troops(), stone())]


def _unpacked(row: Any) -> None:
    from scripted import stone, troops

    from rag.packing import DAMAGED, packed, unpacked

    if not _TEXTS:
        for answer in (troops(), stone()):
            _TEXTS.update(packed(answer)[1])
    try:
        answer = unpacked(json.dumps(row), _TEXTS)
    except DAMAGED:
        return
    for citation in answer.citations:
        quote = citation.quote
        assert quote.text == quote.document.text[quote.start : quote.end]
        assert all(0 <= start <= end <= len(quote.document.text) for start, end in quote.marks)
    for passage in answer.passages:
        assert passage.chunk.text == passage.document.text[passage.chunk.start : passage.chunk.end]


_TEXTS: dict[str, str] = {}

_ROW = (10**30, "mill.txt", "1907", ["mill.txt"], "b/mill.txt", " ", 5, 9, "The mill", "\n", ".*", "(", "[a")
TARGETS: dict[str, Target] = {
    "questions": Target(_question_files, _questions, 260_000),
    "settings": Target(_all_settings, _settings, 90_000),
    "markers": Target(lambda: from_pieces(_WRITTEN, 14), _markers, 220_000),
    "ledger": Target(_runs, _ledger, 60_000),
    "gold": Target(lambda: damaged_json(*_GOLD, extra=_ROW), _gold, 180_000),
    "packing": Target(lambda: damaged_json(*_packed()), _unpacked, 80_000),
    "txt": Target(_texts, _read(".txt"), 25_000),
    "md": Target(_texts, _read(".md"), 25_000),
    "html": Target(_pages, _extract(".html"), 10_000),
    "pdf": Target(_pdfs, _extract(".pdf"), 30_000),
    "docx": Target(_word, _extract(".docx"), 8_000),
    "epub": Target(_books, _extract(".epub"), 8_000),
    "read-html": Target(_pages, _read(".html"), 1_000),
    "read-pdf": Target(_pdfs, _read(".pdf"), 1_000),
    "read-docx": Target(_word, _read(".docx"), 1_000),
    "read-epub": Target(_books, _read(".epub"), 1_000),
}


def parts(chosen: Sequence[str], cases: int) -> dict[str, int]:
    """Return how many cases each of the chosen targets gets, by their shares; at least 10."""
    whole = sum(TARGETS[name].share for name in chosen)
    return {name: max(10, round(cases * TARGETS[name].share / whole)) for name in chosen}
