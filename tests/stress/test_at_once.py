"""Held: several programs at one library are each served, and none sees half of what another does."""

from __future__ import annotations

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import corpus
import pytest
from running import Done, Place, Write, intact, number, queried
from shelf import QUERIES, References, state

READERS = 10


def two_at_once(place: Place, references: References, later: float) -> None:
    """Index the same folder twice at once, the second some moments after the first."""
    corpus.write(place.folder / "docs", references.count)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(place.run, "index", "docs")]
        time.sleep(later)  # what is tried is two runs some moments apart
        runs.append(pool.submit(place.run, "index", "docs"))
    for done in (run.result() for run in runs):
        assert done.code == 0 and done.complaints() == [], f"{done.code}: {done.err}"
    assert intact(place.library / "library.sqlite") == []
    assert state(place.library) == state(references.whole().library)


def test_two_that_index_one_folder_at_once_are_both_served(tmp_path: Path, references: References) -> None:
    two_at_once(Place(tmp_path, references.cache), references, 0.05)


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_two_that_index_one_folder_at_any_distance_are_both_served(
    tmp_path: Path, many_references: References, seed: int
) -> None:
    chance = random.Random(seed)
    for n in range(number("AT_ONCE", 12)):
        place = Place(tmp_path / f"{n}", many_references.cache)
        two_at_once(place, many_references, chance.uniform(0, many_references.seconds()))
        assert many_references.compared(place, QUERIES[n % len(QUERIES)]) == []
        assert many_references.leftovers(place) == []


def of_one_version(done: Done, texts: dict[str, list[str]]) -> list[str]:
    """Return what is wrong with passages: they must stand where they say, in one version of their document."""
    if done.code != 0 or done.complaints():
        return [f"a reader ended with {done.code}: {done.err}"]
    wrong, rows = [], [json.loads(line) for line in done.out.splitlines()]
    for name in {row["document"] for row in rows}:
        told = [(row["start"], row["end"], row["text"]) for row in rows if row["document"] == name]
        if not any(all(text[start:end] == said for start, end, said in told) for text in texts[name]):
            wrong.append(f"{name} is of no version: {told}")
    return wrong


def quoted(done: Done, texts: dict[str, list[str]]) -> list[str]:
    """Return what is wrong with an answer: its quotes must stand where they say they do."""
    if done.code not in (0, 3) or done.complaints():
        return [f"a reader ended with {done.code}: {done.err}"]
    cited = json.loads(done.out)["citations"]
    return [
        f"not verbatim: {each}"
        for each in cited
        if not any(text[each["start"] : each["end"]] == each["quote"] for text in texts[each["document"]])
    ]


@pytest.mark.stress
@pytest.mark.timeout(0)
def test_under_ten_readers_documents_change_and_each_sees_one_version_of_each(
    tmp_path: Path, many_references: References, write: Write
) -> None:
    place, count = Place(tmp_path, many_references.cache), many_references.count
    corpus.write(place.folder / "docs", count)
    assert place.run("index", "docs").code == 0
    texts: dict[str, list[str]] = {}
    for version in (1, 2):
        library = many_references.whole(version).library
        for name, text in queried(library / "library.sqlite", "SELECT name, text FROM documents"):
            texts.setdefault(str(name), []).append(str(text))
    over, wrong, read = threading.Event(), [], [0] * READERS

    def reader(n: int) -> None:
        while not over.is_set():
            if n < READERS - 3:
                wrong.extend(of_one_version(place.run("search", QUERIES[n % 3], "-k", "50", "--json"), texts))
            else:
                wrong.extend(quoted(place.run("ask", "--json", corpus.questions(READERS)[n]), texts))
            read[n] += 1

    threads = [threading.Thread(target=reader, args=(n,)) for n in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        for n in range(runs := number("CHANGES", 10)):
            corpus.write(place.folder / "docs", count, 2 - n % 2)
            done = place.run("index", "docs")
            assert done.code == 0 and done.complaints() == [], done.err
    finally:
        over.set()
        for thread in threads:
            thread.join()
    print(f"\n{sum(read)} reads beside {runs} runs that changed {count} documents each")
    write("readers", {"reads": sum(read), "runs": runs, "documents": count, "wrong": wrong})
    assert wrong == [] and min(read) > 0
    last = many_references.whole(2 - (runs - 1) % 2)
    assert state(place.library) == state(last.library)
