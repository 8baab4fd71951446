"""Held: what may be read is read, and what may not be written is said in a sentence that is true."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import corpus
import pytest
from running import Done, Place, files, rightless
from shelf import QUERIES, References, found, state

pytestmark = [pytest.mark.stress, pytest.mark.timeout(0)]


def without_rights(place: Place, *arguments: str, **more: str) -> Done:
    """Run `beleg` as somebody whom the rights of files bind, which they do not bind root."""
    return place.run(*arguments, before=rightless, **more)


@pytest.fixture
def place(tmp_path: Path, many_references: References) -> Iterator[Place]:
    """A place with documents, a library and a cache that may only be read."""
    made = Place(tmp_path, tmp_path / "cache")
    shutil.copytree(many_references.whole().folder / "docs", tmp_path / "docs")
    shutil.copytree(many_references.whole().library, made.library)
    shutil.copytree(many_references.cache, made.cache)
    made.run("ask", corpus.questions(1)[0])  # whatever else a cache holds is in it now
    roots = (tmp_path / "docs", made.library, made.cache)
    inside = [each for root in roots for each in (root, *root.rglob("*"))]
    for each in inside:
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        yield made
    finally:
        for each in inside:
            if each.is_dir():
                each.chmod(0o755)


def test_the_rights_of_files_bind_a_run(place: Place) -> None:
    tried = subprocess.run(["touch", str(place.library / "x")], preexec_fn=rightless, capture_output=True)
    assert tried.returncode == 1


def test_a_library_and_a_cache_that_may_only_be_read_are_searched_listed_and_asked(
    place: Place, many_references: References
) -> None:
    listed = without_rights(place, "documents", "--json")
    assert listed.code == 0 and len(listed.out.splitlines()) == many_references.count, listed.err
    asked = without_rights(place, "ask", "--json", corpus.questions(1)[0])
    assert asked.code == 0 and asked.complaints() == [], asked.err
    searched = without_rights(place, "search", QUERIES[0], "-k", "50", "--json")
    assert searched.code == 0 and searched.complaints() == [], searched.err
    held = state(place.library)
    assert len(searched.out.splitlines()) == len(many_references.answers(held, QUERIES[0]))


def test_what_cannot_be_written_is_told_and_is_as_before(place: Place) -> None:
    before = {name: (place.library / name).read_bytes() for name in files(place.library)}
    for arguments in (["index", "docs"], ["index", "--rebuild"], ["forget", corpus.name(0)]):
        done = without_rights(place, *arguments)
        assert done.complaints() == [] and done.code in (0, 4), f"{arguments}: {done.code} {done.err}"
        assert done.code == 0 or ("beleg: " in done.err and "move it away" not in done.err), done.err
    assert {name: (place.library / name).read_bytes() for name in files(place.library)} == before
    (place.folder / "questions.txt").write_text(corpus.questions(1)[0])
    done = without_rights(place, "batch", "questions.txt", "-o", "docs/answers.jsonl")
    assert done.code == 4 and done.complaints() == [] and "cannot be written" in done.err, done.err


def test_a_file_and_a_folder_that_may_not_be_read_are_named_and_stay(place: Place) -> None:
    own = Place(place.folder / "own", place.cache)
    corpus.write(own.folder / "docs", 6)
    deep = own.folder / "docs/deep"
    deep.mkdir()
    for name in (corpus.name(0), corpus.name(1)):
        (own.folder / "docs" / name).rename(deep / name)
    assert without_rights(own, "index", "docs").code == 0
    whole = state(own.library)
    deep.chmod(0)
    single = own.folder / "docs" / corpus.name(2)
    single.chmod(0)
    done = without_rights(own, "index", "docs")
    assert done.complaints() == [] and done.code == 5, f"{done.code}: {done.err}"
    assert corpus.name(2) in done.err and "deep" in done.err
    deep.chmod(0o755)
    single.chmod(0o644)
    assert state(own.library) == whole
    assert not isinstance(found(own, QUERIES[0]), str)


def test_a_cache_that_cannot_be_made_is_told(place: Place) -> None:
    done = without_rights(place, "ask", corpus.questions(1)[0], BELEG_CACHE=str(place.folder / "docs/cache"))
    assert done.code == 4 and done.complaints() == [] and "beleg: " in done.err, done.err
