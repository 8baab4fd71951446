"""What is fuzzed of what a model writes and of what is read back: markers, runs to go on with, right answers, turns."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from mutations import damaged, damaged_json, from_pieces

from rag.errors import BelegError, UsageError

# A folder in memory, where there is one: what is synced a hundred thousand times should not wear a disk.
SCRATCH = Path(tempfile.mkdtemp(prefix="beleg-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

_TEXT = "The mill at Oberwiesen burned down in 1907.\n\nKarl Lohse rebuilt it for 11.000 marks, in 1909 and 19090."


def raw(text: str) -> bytes:
    """Return a text's bytes, halves of characters included."""
    return text.encode("utf-8", "surrogatepass")


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


def markers(text: str) -> None:
    from rag.answering.attribution import MARKER, claims
    from rag.answering.drafts import first_sentence, is_whole, said_no

    for language in ("de", "en"):
        for claim in claims(text, language):
            assert claim.text and not MARKER.search(claim.text)
            assert all(0 <= n <= 999 for n in claim.cites) and len(set(claim.cites)) == len(claim.cites)
        sentence = first_sentence(text, language)
        assert sentence == sentence.strip() and len(sentence.splitlines()) <= 1 and not MARKER.search(sentence)
        assert is_whole(text, language) in (True, False)
    assert said_no(text) in (True, False)


def written() -> st.SearchStrategy[str]:
    """Texts as a model writes them, and as none should."""
    return from_pieces(_WRITTEN, 14)


@cache
def _shown() -> tuple[Any, list[Any]]:
    """Return the real checker, and drafts of the quotes of a document of two paragraphs."""
    from rag.answering.drafts import Draft
    from rag.answering.faithfulness import Checker
    from rag.answering.quote_context import Given
    from rag.answering.sentence_selection import Quote
    from rag.documents.document import read
    from rag.text.sentences import sentences

    document = read(Path("/nowhere/mill.txt"), raw=_TEXT.encode())
    drafts = []
    for start, end in sentences(document.text, "en"):
        quote = Quote(document, start, end, document.text[start:end], 0.9)
        drafts.append(Draft("What about the mill?", "en", (quote,), (Given(quote.text, "", "", "mill", "en"),)))
    return Checker(), drafts


def composed(text: str) -> None:
    """Whatever was written, one statement stands for each quote, and quotes are verbatim."""
    from rag.answering.drafts import Drafted, first_sentence
    from rag.answering.grounded_generation import joined, repeats, shown, stands
    from rag.system.cancellation import CancelToken

    checker, drafts = _shown()
    made = [Drafted(first_sentence(text, "en"))] * len(drafts)
    backed = stands(drafts, made, checker, CancelToken())
    sentences = [shown(*each) for each in zip(drafts, made, backed, strict=True)]
    quotes = [draft.quote for draft in drafts]
    answer = joined(quotes, sentences, repeats(drafts, sentences, checker, CancelToken()))
    assert sorted(n for statement in answer.statements for n in statement.citations) == [*range(1, len(quotes) + 1)]
    for quote in answer.quotes:
        assert quote.text == quote.document.text[quote.start : quote.end]


# --- records -----------------------------------------------------------------------------------


def _record(identity: str) -> dict[str, Any]:
    from rag.output.json_record import failure

    return failure(identity, f"What is {identity}?", "It broke.", "m", "e", "quote") | {"status": "answered"}


def runs() -> st.SearchStrategy[tuple[bytes, bytes]]:
    head = {"beleg": 1, "model": "m", "embedder": "e", "mode": "quote", "library": "stamp"}
    rows = [_record("a"), _record("b"), _record("ü")]
    line = damaged_json(head, *rows).map(lambda row: json.dumps(row))
    lines = st.lists(line, max_size=4).map(lambda found: "".join(each + "\n" for each in found)).map(raw)
    real = "".join(json.dumps(row) + "\n" for row in (head, *rows)).encode()
    answers = real.partition(b"\n")[2]
    file = st.one_of(lines, damaged(real, answers, most=3))
    return st.tuples(file, st.one_of(st.just(b""), file))


def ledger(case: tuple[bytes, bytes]) -> None:
    from journal_fixtures import opened

    from rag.evaluation.run import read_run

    path = SCRATCH / "answers.jsonl"
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


GOLD: tuple[Any, ...] = (
    {"answer": "1907", "document": "mill.txt", "words": "in 1907"},
    {"document": "mill.txt", "start": 4, "end": 8},
    {"answerable": False},
    {"answer": ["11.000", "eleven"], "document": "b/mill.txt", "sentence": "Karl Lohse"},
)


def gold(row: Any) -> None:
    """An answer that a row says is right lies in its document, or the row is refused."""
    from rag.evaluation.gold_answers import from_row

    try:
        found = from_row(row, lambda name: [("b/mill.txt", _TEXT)] if "mill" in name else [])
    except UsageError as error:
        assert error.reason
        return
    for (start, end), (left, right) in zip(found.spans, found.paragraphs, strict=True):
        assert 0 <= left <= start < end <= right <= len(_TEXT)


def packed() -> list[Any]:
    from fake_chat import stone, troops

    from rag.conversations.serialization import packed

    return [json.loads(packed(answer)[0]) for answer in (troops(), stone())]


def unpacked(row: Any) -> None:
    from fake_chat import stone, troops

    from rag.conversations.serialization import DAMAGED, packed, unpacked

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


GOLD_EXTRA = (10**30, "mill.txt", "1907", ["mill.txt"], "b/mill.txt", " ", 5, 9, "The mill", "\n", ".*", "(", "[a")
