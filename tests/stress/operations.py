"""What is killed: indexing, rebuilding, a batch, a conversation that is saved, the preparation of models."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import corpus
from kills import Operation
from running import Done, Place, files, intact, queried
from shelf import QUERIES, References, checked, state

ASKED = 10  # questions of a batch or a conversation


@dataclass(slots=True)
class Indexing:
    """`beleg index` of a folder: into a new library, or, every other row, into one of earlier versions of it."""

    references: References
    name: str = "index"
    row: int = 2
    _rows: int = 0

    def begin(self, place: Place) -> None:
        self._rows += 1
        corpus.write(place.folder / "docs", self.references.count, 1)
        if self._rows % 2 == 0:
            assert place.run("index", "docs").code == 0
            corpus.write(place.folder / "docs", self.references.count, 2)

    def run(self, place: Place, kill_after: float | None) -> Done:
        return place.run("index", "docs", kill_after=kill_after)

    def after_kill(self, place: Place, done: Done) -> tuple[str, list[str]]:
        wanted = self._wanted(place)
        held = state(place.library)
        ready = len(held & wanted)
        wrong = self.references.compared(place, QUERIES[ready % len(QUERIES)])
        # Files are taken in order of their names.
        counted = {corpus.name(n) for n in range(done.counted)}
        if lost := counted - {name for name, _ in held & wanted}:
            wrong.append(f"{done.counted} were counted, but {sorted(lost)} are not there")
        return "nothing" if not ready else "all" if ready == len(wanted) else "some", wrong

    def after_end(self, place: Place, done: Done) -> list[str]:
        wrong = self.references.compared(place, QUERIES[0]) + self.references.leftovers(place)
        if done.code != 0 or state(place.library) != self._wanted(place):
            wrong.append(f"it ended with {done.code}, {len(state(place.library))} documents: {done.err}")
        return wrong

    def _wanted(self, place: Place) -> frozenset[tuple[str, str]]:
        first = (place.folder / "docs" / corpus.name(0)).read_bytes()
        version = 1 if first == corpus.made(0, 1) else 2
        return state(self.references.whole(version).library)


@dataclass(slots=True)
class Rebuilding:
    """`beleg index --rebuild` of a whole library: whatever happens, it holds what it held."""

    references: References
    name: str = "rebuild"
    row: int = 3

    def begin(self, place: Place) -> None:
        shutil.copytree(self.references.whole().library, place.library)

    def run(self, place: Place, kill_after: float | None) -> Done:
        return place.run("index", "--rebuild", kill_after=kill_after)

    def after_kill(self, place: Place, done: Done) -> tuple[str, list[str]]:
        wrong = self.references.compared(place, QUERIES[done.counted % len(QUERIES)])
        if state(place.library) != state(self.references.whole().library):
            wrong.append(f"{len(state(place.library))} documents are left")
        said = done.err.count("rebuilding ")
        return "rebuilt" if "rebuilt for" in done.err else "amid the rebuild" if said else "before it", wrong

    def after_end(self, place: Place, done: Done) -> list[str]:
        wrong = self.references.compared(place, QUERIES[1]) + self.references.leftovers(place)
        if done.code != 0 or state(place.library) != state(self.references.whole().library):
            wrong.append(f"it ended with {done.code}: {done.err}")
        return wrong


def untimed(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file of answers, but for how long they took."""
    return [{**json.loads(line), "timings": 0} for line in file.read_bytes().splitlines()]


@dataclass(slots=True)
class Batch:
    """`beleg batch`, taken up again by --resume."""

    references: References
    name: str = "batch"
    row: int = 3
    _whole: list[dict[str, Any]] = field(default_factory=list)
    _code: int | None = None

    def begin(self, place: Place) -> None:
        shutil.copytree(self.references.whole().library, place.library)
        (place.folder / "answers").mkdir()
        (place.folder / "questions.txt").write_text("\n".join(corpus.questions(ASKED)), encoding="utf-8")

    def run(self, place: Place, kill_after: float | None) -> Done:
        goes_on = ["--resume"] if files(place.folder / "answers") else []
        return place.run("batch", "questions.txt", "-o", "answers/a.jsonl", *goes_on, kill_after=kill_after)

    def after_kill(self, place: Place, done: Done) -> tuple[str, list[str]]:
        answers, journal = place.folder / "answers/a.jsonl", place.folder / "answers/a.jsonl.part"
        wrong, known = [], set()
        for file in (answers, journal):
            lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []  # after the last there is half a one
            for line in lines:
                row = json.loads(line)
                if "question" in row:
                    known.add(row["id"])
                    if self._whole and {**row, "timings": 0} not in self._whole:
                        wrong.append(f"{file.name} has a record that no undisturbed run makes: {row}")
        if done.counted > len(known):
            wrong.append(f"{done.counted} were counted, {len(known)} are on disk")
        wrong += self.references.compared(place, QUERIES[0]) if len(known) == 1 else []
        return "nothing" if not known else "all" if len(known) == ASKED else "some", wrong

    def after_end(self, place: Place, done: Done) -> list[str]:
        made = untimed(place.folder / "answers/a.jsonl")
        if not self._whole:
            self._whole, self._code = made, done.code
            return [] if done.code == 3 and len(made) == ASKED else [f"it ended with {done.code}: {done.err}"]
        wrong = [f"left behind: {each}" for each in files(place.folder / "answers") if each != "a.jsonl"]
        if done.code != self._code or made != self._whole:
            wrong.append(f"it ended with {done.code} and other answers: {done.err}")
        return wrong + self.references.leftovers(place)


@dataclass(slots=True)
class Talking:
    """`beleg chat --plain`, whose turns are saved by --continue; gone on with by it and the questions that are left."""

    references: References
    name: str = "conversation"
    row: int = 3
    _whole: str = ""

    def begin(self, place: Place) -> None:
        shutil.copytree(self.references.whole().library, place.library)

    def run(self, place: Place, kill_after: float | None) -> Done:
        left = corpus.questions(ASKED)[self._turns(place) :]
        return place.run("chat", "--plain", "--continue", typed="\n".join([*left, ""]), kill_after=kill_after)

    def _turns(self, place: Place) -> int:
        return len(queried(place.library / "conversations.sqlite", "SELECT id FROM turns"))

    def after_kill(self, place: Place, done: Done) -> tuple[str, list[str]]:
        file = place.library / "conversations.sqlite"
        wrong = (intact(file) if file.exists() else []) + checked(place)
        turns = self._turns(place)
        # A question is only read, and said again, when the answer to the one before is saved.
        if (heard := done.out.count("\n> ") + done.out.startswith("> ")) > turns + 1:
            wrong.append(f"{heard} questions were heard, but {turns} turns are saved")
        return "nothing" if not turns else "all" if turns == ASKED else "some", wrong

    def after_end(self, place: Place, done: Done) -> list[str]:
        again = place.run("chat", "--plain", "--continue")
        wrong = again.complaints() + self._not_saved(done)
        if not self._whole:
            self._whole = again.out
        if again.code != 0 or again.out != self._whole or self._turns(place) != ASKED:
            wrong.append(f"{self._turns(place)} turns, unlike the undisturbed: {again.out}{again.err}")
        return wrong + self.references.leftovers(place)

    def _not_saved(self, done: Done) -> list[str]:
        return ["a turn was not saved: " + done.err] if "not saved" in done.err else []


@dataclass(slots=True)
class Preparing:
    """The first question with an empty cache, which prepares both models."""

    references: References
    name: str = "preparation"
    row: int = 4
    _whole: tuple[list[str], dict[str, Any]] | None = None

    def begin(self, place: Place) -> None:
        shutil.copytree(self.references.whole().library, place.library)

    def run(self, place: Place, kill_after: float | None) -> Done:
        place = Place(place.folder, place.folder / "cache")
        return place.run("ask", "--json", corpus.questions(1)[0], kill_after=kill_after)

    def after_kill(self, place: Place, _: Done) -> tuple[str, list[str]]:
        made = files(place.folder / "cache") if (place.folder / "cache").exists() else []
        embedder = any(name.endswith("manifest.json") and name.count("/") == 2 for name in made)
        llm = any(name.endswith("q8_0.gguf") for name in made)
        return f"embedder {'yes' if embedder else 'no'}, LLM {'yes' if llm else 'no'}", []

    def after_end(self, place: Place, done: Done) -> list[str]:
        if done.code != 0:
            return [f"it ended with {done.code}: {done.err}"]
        made = files(place.folder / "cache")
        answer = {**json.loads(done.out), "timings": 0}
        if self._whole is None:
            self._whole = made, answer
        # Names that are hashes of paths or times differ from run to run; how many there are of a kind does not.
        more = Counter(map(_unhashed, made)) - Counter(map(_unhashed, self._whole[0]))
        wrong = [f"left behind in the cache: {each}, {count} too many" for each, count in more.items()]
        if answer != self._whole[1]:
            wrong.append(f"another answer: {answer}")
        return wrong + self.references.leftovers(place)


def _unhashed(name: str) -> str:
    return re.sub(r"[0-9a-f]{16,}", "#", name)


def operations(references: References) -> dict[str, Operation]:
    """Return all operations by name; they share libraries to compare with."""
    kinds = (Indexing, Rebuilding, Batch, Talking, Preparing)
    return {kind.name: kind for kind in (made(references) for made in kinds)}
