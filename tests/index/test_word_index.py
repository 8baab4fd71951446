"""Held: the word index finds what FTS5 finds, follows the library, and its file can be lost or damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rag.documents.chunking import split_with_sentences
from rag.documents.document import Document, read
from rag.index import word_index
from rag.index.library import Library
from rag.index.rows import Prepared, PreparedChunk
from rag.index.search_terms import search_terms
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Within, Words
from rag.index.vector_index import renew_index
from rag.index.word_index import FILE
from rag.maintenance.integrity_check import check

SYLLABLES = "mil fer org bro wag tin hus kap don tur mar lat nes pol ver sig rau bel".split()
MOST = 10


@dataclass(frozen=True)
class Identity:
    """What a library asks of an embedder: words need none."""

    fingerprint: str = "one"
    name: str = "one"


def prepared(document: Document, embedder: Identity = Identity()) -> Prepared:
    """Return a document as it is written, but for its vectors."""
    chunks = tuple(
        PreparedChunk(
            chunk,
            tuple(spans),
            np.tile(np.float32([1, 0]), (len(spans), 1)),
            search_terms(document.text[chunk.start : chunk.end], chunk.language),
        )
        for chunk, spans in split_with_sentences(document)
    )
    return Prepared(document, chunks, embedder, "recipe")


def write(library: Library, folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    document = read(folder / name)
    library.add(prepared(document))
    return document.id


def sentences(generator: np.random.Generator, count: int, german: bool) -> str:
    """Return sentences of made-up words, some of which are common, and of grammatical ones."""
    said = []
    for _ in range(count):
        ranks = np.minimum(generator.zipf(1.4, 5) - 1, 300)
        words = [
            f"{SYLLABLES[rank % 18]}{SYLLABLES[(rank * 7) % 17]}{SYLLABLES[rank // 18]}" for rank in ranks.tolist()
        ]
        shape = (
            "Das ist die {} und der {}, nicht {} von {} oder {}." if german else "The {} and the {} are of {} {} {}."
        )
        said.append(shape.format(*words))
    return " ".join(said)


@pytest.fixture(autouse=True)
def _however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index, "LEAST", 2)
    monkeypatch.setattr("rag.index.library_words.LEAST", 2)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of 24 documents in two languages, without an index of its words."""
    generator = np.random.default_rng(1907)
    with Library(tmp_path / "library", create=True) as library:
        for number in range(24):
            write(library, tmp_path, f"{number}.txt", sentences(generator, 60, german=bool(number % 2)))
        assert library.languages() == {"de", "en"}
        yield library


def terms_asked(library: Library) -> dict[str, list[list[str]]]:
    """Return words to look for by table: those of some chunks, and such as occur nowhere."""
    asked = {}
    for table in ("stems", "glosses", "pieces"):
        rows = [words.split() for _, words in library.words_of(table, 0, 1000) if words]
        asked[table] = [[*row[:length], "nowhere"] for row in rows[::9] for length in (1, 8, 40)]
    return asked


def by_fts5(library: Library, *asked: object) -> dict[int, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "_word_index", lambda: None)
        return library.lexical(*asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_what_other_threads_find_beside_the_vectors_is_what_is_found_in_turn(
    library: Library, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew_index(library)
    asked = [Words(table, terms) for table in ("pieces", "stems", "glosses") for terms in terms_asked(library)[table]]
    asked += [replace(words, language="de") for words in asked]
    store = SqliteStore.of(library)
    names = [row[0] for row in library._db.execute("SELECT id FROM documents ORDER BY id")]
    within, vector = Within(names[:9], library.chunks_of(names[:9])), np.float32([0.6, 0.8])
    for limit, without in ((None, ()), (within, names[:2]), (None, names[5:])):
        in_turn = [store.lexical(each.field, each.tokens, MOST, each.language, limit, without) for each in asked]
        assert sum(map(len, in_turn)) > 100
        monkeypatch.setattr(word_index, "BESIDE", 2)
        monkeypatch.setattr("rag.index.library_words.BESIDE", 2)
        monkeypatch.setattr("rag.system.background.threads_beside", lambda: threads)
        near, found = store.all_at_once(vector, 50, asked, MOST, limit, without)
        assert found == in_turn and [list(each) for each in found] == [list(each) for each in in_turn]
        assert near == store.nearest(vector, 50, limit, without) != {}
        assert store.all_at_once(None, 50, asked[:1], MOST, limit, without) == ({}, in_turn[:1])


def same(library: Library, *, exactly: bool = True) -> None:
    """Fail unless the library finds what FTS5 finds."""
    assert library._word_index() is not None, "the index is not asked at all"
    everyone = sorted(entry.id for entry in library.entries())
    limits = [(None, (), ()), ("de", (), ()), ("fr", (), ()), (None, everyone[:3], ()), ("en", (), everyone[:5])]
    tried = 0
    for table, questions in terms_asked(library).items():
        for terms in questions:
            for limit in limits:
                found = library.lexical(table, terms, MOST if exactly else 10_000, *limit)
                like = by_fts5(library, table, terms, MOST if exactly else 10_000, *limit)
                tried += bool(like)
                if exactly:
                    assert list(found.values()) == pytest.approx(list(like.values()), rel=1e-5), (terms, limit)
                    every = by_fts5(library, table, terms, 10_000, *limit)
                    assert found == pytest.approx({chunk: every[chunk] for chunk in found}, rel=1e-5)
                else:
                    assert found.keys() == {chunk for chunk, score in like.items() if score > 0}
    assert tried > 50


def test_it_finds_what_fts5_finds_in_each_language_and_where_documents_are_chosen_or_left_out(
    library: Library,
) -> None:
    library.renew_words()
    assert (library.folder / FILE).stat().st_mode & 0o777 == 0o600
    same(library)
    with Library(library.folder) as other:
        same(other)


def test_it_counts_what_fts5_counts(library: Library) -> None:
    asked = terms_asked(library)
    before = [library.holding(table, terms) for table, questions in asked.items() for terms in questions]
    languages = library.languages()
    library.renew_words()
    assert library._word_index() is not None
    assert before == [library.holding(table, terms) for table, questions in asked.items() for terms in questions]
    assert library._languages() == languages == {"de", "en"}


def test_a_small_library_is_searched_by_fts5_alone(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.library_words.LEAST", 10_000)
    library.renew_words()
    assert not (library.folder / FILE).exists() and library._word_index() is None


def test_what_came_is_found_and_scored_as_by_fts5_without_the_file_being_written(
    library: Library, tmp_path: Path
) -> None:
    library.renew_words()
    written = (library.folder / FILE).stat()
    generator = np.random.default_rng(12)
    for number in range(word_index._PARTS + 2):  # more than are kept apart
        write(library, tmp_path, f"later {number}.txt", sentences(generator, 30, german=True))
        assert library._word_index() is not None
    same(library)
    with Library(library.folder) as other:
        same(other)
    library.renew_words()
    now = (library.folder / FILE).stat()
    assert (now.st_ino, now.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)


def test_what_left_is_not_found_and_what_was_written_anew_is_found_as_it_is_now(
    library: Library, tmp_path: Path
) -> None:
    library.renew_words()
    assert library._word_index() is not None
    ids = [entry.id for entry in library.entries()]
    for identity in ids[:4]:
        library.remove(identity)
    generator = np.random.default_rng(3)
    write(library, tmp_path, "7.txt", sentences(generator, 40, german=False))
    library.remove(write(library, tmp_path, "short.txt", sentences(generator, 20, german=True)))
    same(library, exactly=False)
    with Library(library.folder) as other:
        same(other, exactly=False)


def test_a_language_of_which_all_has_left_is_none_of_the_librarys(library: Library) -> None:
    library.renew_words()
    for entry in library.entries():
        if entry.language == "de":
            library.remove(entry.id)
    assert library._word_index() is not None
    assert library.languages() == {"en"}


def test_where_too_much_has_come_fts5_is_asked_until_the_file_is_written_anew(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.renew_words()
    before = (library.folder / FILE).read_bytes()
    monkeypatch.setattr(word_index, "FRESH", 1)
    monkeypatch.setattr(word_index, "_FRESH_SHARE", 0.0)
    write(library, tmp_path, "later.txt", sentences(np.random.default_rng(2), 90, german=True))
    assert library._word_index() is None
    assert (library.folder / FILE).read_bytes() == before, "who asks does not wait for it"
    renew_index(library)
    assert (library.folder / FILE).read_bytes() != before
    same(library)


def test_after_a_rebuild_nothing_of_before_is_found(library: Library) -> None:
    library.renew_words()
    assert library._word_index() is not None
    library.rebuild(Identity("two"), lambda document: prepared(document, Identity("two")), lambda _: None)
    assert library._word_index() is None, "it is of other chunks"
    library.renew_words()
    same(library)


def test_a_question_that_looks_at_little_finds_the_chunks_with_the_rarest_words_first(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.renew_words()
    monkeypatch.setattr(word_index, "ENOUGH", 0)
    for table, questions in terms_asked(library).items():
        for terms in questions:
            found = library.lexical(table, terms, 1)
            rarest = min(library.holding(table, terms).items(), key=lambda held: held[1])[0]
            assert next(iter(found)) in {chunk for chunk, said in library.words_of(table, 0, 999) if rarest in said}


DAMAGES = ["gone", "empty", "no line", "cut", "cut in the line", "flipped", "longer", "no json", "tables", "abyss"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_with_a_damaged_file_fts5_is_asked_and_the_file_made_anew(library: Library, damage: str) -> None:
    library.renew_words()
    file = library.folder / FILE
    whole = file.read_bytes()
    line = whole.rindex(b"\n")
    flipped = bytearray(whole)
    flipped[whole.index(b"\x01\x02") if b"\x01\x02" in whole[:200] else 3] ^= 0x7F  # the languages of chunks
    file.write_bytes(
        {
            "gone": b"",
            "empty": b"",
            "no line": whole[: line + 1],
            "cut": whole[: len(whole) // 2],
            "cut in the line": whole[:-20],
            "flipped": bytes(flipped),
            "longer": whole + b"\x00",
            "no json": whole[: line + 1] + b"[1, 2]",
            "tables": whole[:line] + whole[line:].replace(b'"first": 1', b'"first": 9'),
            "abyss": whole[: line + 1] + b"[" * 3_000,
        }[damage]
    )
    assert file.read_bytes() != whole
    if damage == "gone":
        file.unlink()
    with Library(library.folder) as other:
        assert other._word_index() is None
        assert other.lexical("stems", ["the"], 3) == by_fts5(library, "stems", ["the"], 3)
        other.renew_words()
        assert file.read_bytes() == whole
        same(other)


def test_damaged_postings_find_no_chunk_that_is_not_there_and_the_check_tells_of_them(
    library: Library,
) -> None:
    gone = library.entries()[5].id
    library.remove(gone)
    library.renew_words()
    assert check(library.folder) == []
    file = library.folder / FILE
    words = library._word_index()
    assert words is not None
    postings = words._parts[0].words.tables["pieces"].ids.tobytes()
    whole = file.read_bytes()
    assert whole.count(postings) == 1
    file.write_bytes(whole.replace(postings, os.urandom(len(postings))))
    with Library(library.folder) as other:
        assert other._word_index() is not None
        there = {chunk for chunk, _ in other.words_of("stems", 0, 9999)}
        for terms in terms_asked(other)["pieces"]:
            assert other.lexical("pieces", terms, 50).keys() <= there
    (fault,) = check(library.folder)
    assert FILE in fault.what and "beleg index" in fault.remedy


def test_a_library_that_may_only_be_read_is_searched_and_nothing_is_written(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "read_only", True)
    renew_index(library)
    assert not (library.folder / FILE).exists()
    assert library.lexical("stems", ["the"], 3) == by_fts5(library, "stems", ["the"], 3)


def test_a_file_that_cannot_be_written_is_no_error(library: Library) -> None:
    (library.folder / FILE).mkdir()
    library.renew_words()
    assert library._word_index() is None
    assert [path.name for path in library.folder.iterdir() if "words" in path.name] == [FILE]


def test_what_another_program_writes_meanwhile_is_not_seen_in_a_snapshot(library: Library, tmp_path: Path) -> None:
    library.renew_words()
    with library.snapshot():
        before = library.lexical("stems", ["the"], 9999)
        with Library(library.folder) as other:
            write(other, tmp_path, "later.txt", "The zeppelin landed. The crowd was there.")
        assert library.lexical("stems", ["the"], 9999) == before
        assert library.lexical("stems", ["zeppelin"], 9) == {}
    assert len(library.lexical("stems", ["zeppelin"], 9)) == 1
