"""Held: what may be read is read, and what may not be written is said in a sentence that is true."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import corpus
import pytest
from running import REPOSITORY, Done, Place, files
from shelf import QUERIES, References, found, state

NOBODY = 65534
pytestmark = [pytest.mark.stress, pytest.mark.timeout(0)]


def as_nobody(place: Place, *arguments: str, **more: str) -> Done:
    """Run `beleg` as somebody without rights: for root, all files are open."""
    return place.run(*arguments, user=NOBODY if os.getuid() == 0 else None, **more)


@pytest.fixture
def place(many_references: References) -> Iterator[Place]:
    """A place that everybody may read, and nobody but its owner may write in, with a library and a cache of its own."""
    if os.getuid() == 0:
        tried = [sys.executable, "-c", "import rag.cli"]
        environment = {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
        if subprocess.run(tried, user=NOBODY, group=NOBODY, env=environment, cwd="/", capture_output=True).returncode:
            pytest.skip("nobody but root may read this installation")
    folder = Path(tempfile.mkdtemp(prefix="beleg-"))
    made = Place(folder, folder / "cache")
    shutil.copytree(many_references.whole().folder / "docs", folder / "docs")
    shutil.copytree(many_references.whole().library, made.library)
    shutil.copytree(many_references.cache, made.cache)
    made.run("ask", corpus.questions(1)[0])  # whatever else a cache holds is in it now
    for name in ("home", "tmp", "own"):
        (folder / name).mkdir(exist_ok=True)
        for each in [folder / name, *(folder / name).rglob("*")]:
            os.chown(each, NOBODY if os.getuid() == 0 else -1, -1)
    closed(folder, made)
    try:
        yield made
    finally:
        for each in [folder, *folder.rglob("*")]:
            if each.is_dir():
                each.chmod(0o755)
        shutil.rmtree(folder)


def closed(folder: Path, place: Place) -> None:
    folder.chmod(0o755)
    for root in (folder / "docs", place.library, place.cache):
        for each in [root, *root.rglob("*")]:
            each.chmod(0o555 if each.is_dir() else 0o444)


def test_a_library_and_a_cache_that_may_only_be_read_are_searched_listed_and_asked(
    place: Place, many_references: References
) -> None:
    listed = as_nobody(place, "documents", "--json")
    assert listed.code == 0 and len(listed.out.splitlines()) == many_references.count, listed.err
    asked = as_nobody(place, "ask", "--json", corpus.questions(1)[0])
    assert asked.code == 0 and asked.complaints() == [], asked.err
    searched = as_nobody(place, "search", QUERIES[0], "-k", "50", "--json")
    assert searched.code == 0 and searched.complaints() == [], searched.err
    held = state(place.library)
    assert len(searched.out.splitlines()) == len(many_references.answers(held, QUERIES[0]))


def test_what_cannot_be_written_is_told_and_is_as_before(place: Place) -> None:
    before = {name: (place.library / name).read_bytes() for name in files(place.library)}
    for arguments in (["index", "docs"], ["index", "--rebuild"], ["forget", corpus.name(0)]):
        done = as_nobody(place, *arguments)
        assert done.complaints() == [] and done.code in (0, 4), f"{arguments}: {done.code} {done.err}"
        assert done.code == 0 or ("beleg: " in done.err and "move it away" not in done.err), done.err
    assert {name: (place.library / name).read_bytes() for name in files(place.library)} == before
    (place.folder / "own/questions.txt").write_text(corpus.questions(1)[0])
    done = as_nobody(place, "batch", "own/questions.txt", "-o", "docs/answers.jsonl")
    assert done.code == 4 and done.complaints() == [] and "cannot be written" in done.err, done.err


def test_a_file_and_a_folder_that_may_not_be_read_are_named_and_stay(place: Place) -> None:
    own = Place(place.folder / "own", place.cache)
    for name in ("home", "tmp", "docs"):
        shutil.rmtree(own.folder / name, ignore_errors=True)
    shutil.copytree(place.folder / "docs", own.folder / "docs")
    for each in [own.folder, own.folder / "docs", *(own.folder / "docs").iterdir()]:
        each.chmod(0o755 if each.is_dir() else 0o644)
    deep = own.folder / "docs/deep"
    deep.mkdir()
    for name in (corpus.name(0), corpus.name(1)):
        (own.folder / "docs" / name).rename(deep / name)
    for each in [own.folder, *own.folder.rglob("*")]:
        os.chown(each, NOBODY if os.getuid() == 0 else -1, -1)
    own.environment({})
    for name in ("home", "tmp"):
        os.chown(own.folder / name, NOBODY if os.getuid() == 0 else -1, -1)
    assert as_nobody(own, "index", "docs").code == 0
    whole = state(own.library)
    deep.chmod(0)
    single = own.folder / "docs" / corpus.name(2)
    single.chmod(0)
    done = as_nobody(own, "index", "docs")
    assert done.complaints() == [] and done.code == 5, f"{done.code}: {done.err}"
    assert corpus.name(2) in done.err and "deep" in done.err
    deep.chmod(0o755)
    single.chmod(0o644)
    assert state(own.library) == whole
    assert not isinstance(found(own, QUERIES[0]), str)


def test_a_cache_that_cannot_be_made_is_told(place: Place) -> None:
    done = as_nobody(place, "ask", corpus.questions(1)[0], BELEG_CACHE=str(place.folder / "docs/cache"))
    assert done.code == 4 and done.complaints() == [] and "beleg: " in done.err, done.err
