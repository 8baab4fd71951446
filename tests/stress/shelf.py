"""What a library says, to be compared with another one that holds the same and was never disturbed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import corpus
from running import Place, files, intact, knows, queried

QUERIES = ("When was the bridge built?", "Wie viele Besucher hat das Museum in Lindau 1?", "Who paid for the chapel?")
_MOST = "50"

State = frozenset[tuple[str, str]]  # names and the hashes of texts


def state(library: Path) -> State:
    """Return which texts a library holds, by name."""
    rows = queried(library / "library.sqlite", "SELECT name, text FROM documents")
    return frozenset((str(name), hashlib.sha256(str(text).encode()).hexdigest()) for name, text in rows)


def found(place: Place, query: str) -> list[dict[str, Any]] | str:
    """Return the passages that `beleg search` finds, by score and place; what it says where it fails."""
    done = place.run("search", query, "-k", _MOST, "--json")
    if done.code != 0 or done.complaints():
        return f"search ended with {done.code}: {done.err}"
    rows = [json.loads(line) for line in done.out.splitlines()]
    return sorted(rows, key=lambda row: (-row["score"], row["document"], row["start"]))


@dataclass(slots=True)
class References:
    """Libraries that were never disturbed, one for each state that is asked for; made when they are."""

    folder: Path
    cache: Path
    count: int  # documents
    _texts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # what a text is a version of
    _places: dict[State, Place] = field(default_factory=dict)
    _answers: dict[tuple[State, str], Any] = field(default_factory=dict)
    _seconds: float = 0.0

    def whole(self, version: int = 1) -> Place:
        """Return the place of a library of all documents."""
        place = Place(self.folder / f"whole-{version}", self.cache)
        if not place.library.exists():
            corpus.write(place.folder / "docs", self.count, version)
            done = place.run("index", "docs")
            assert done.code == 0, done.err
            self._seconds = done.seconds
            for name, text in (held := state(place.library)):
                self._texts[name, text] = (int(name[:3]), version)
            assert len(held) == self.count, held
            self._places[held] = place
        return place

    def seconds(self) -> float:
        """Return how long the indexing of all documents took."""
        self.whole()
        return self._seconds

    def holding(self, wanted: State) -> Place | None:
        """Return the place of a library with just these texts; None where one of them is of no version."""
        for version in (1, 2):  # the second is made only where it is needed
            self.whole(version)
            if all(each in self._texts for each in wanted):
                break
        else:
            return None
        if wanted not in self._places:
            place = Place(self.folder / f"part-{len(self._places)}", self.cache)
            docs = place.folder / "docs"
            docs.mkdir(parents=True)
            for each in wanted:
                n, version = self._texts[each]
                (docs / corpus.name(n)).write_bytes(corpus.made(n, version))
            done = place.run("index", "docs")
            assert done.code == 0, done.err
            self._places[wanted] = place
        return self._places[wanted]

    def answers(self, wanted: State, query: str) -> Any:
        """Return what `found` gives for a library of this state that was never disturbed."""
        if (wanted, query) not in self._answers:
            place = self.holding(wanted)
            self._answers[wanted, query] = found(place, query) if place else "a text that no version has"
        return self._answers[wanted, query]

    def compared(self, place: Place, query: str) -> list[str]:
        """Return what is wrong with a library after whatever was done to it: with its file, its list, its search."""
        file = place.library / "library.sqlite"
        if not queried(file, "SELECT 1"):  # no file, or one whose tables were not committed when it was killed
            done = place.run("documents")
            return [] if done.code == 4 and "There is no library" in done.err else [f"no library: {done.err}"]
        wrong = intact(file)
        done = place.run("documents", "--json")
        if done.code != 0 or done.complaints():
            return [*wrong, f"documents ended with {done.code}: {done.err}"]
        held = state(place.library)
        if {json.loads(line)["name"] for line in done.out.splitlines()} != {name for name, _ in held}:
            wrong.append("documents lists others than the file holds")
        if held and (here := found(place, query)) != (there := self.answers(held, query)):
            wrong.append(f"search for {query!r} differs: {str(here)[:600]} instead of {str(there)[:600]}")
        return wrong + checked(place)

    def leftovers(self, place: Place) -> list[str]:
        """Return the files in a library's folder, and the temporary ones, that an undisturbed run does not leave."""
        extra = set(files(place.library)) - set(files(self.whole().library)) - {"conversations.sqlite"}
        extra |= set(files(place.tmp))
        return [f"left behind: {each}" for each in sorted(extra)]


_CHECKS: list[bool] = []


def checked(place: Place) -> list[str]:
    """Return what `beleg check` finds wrong with a library; nothing where there is no such command yet."""
    if not _CHECKS:
        _CHECKS.append(knows("check"))
    if not _CHECKS[0]:
        return []
    done = place.run("check")
    return [] if done.code == 0 and not done.complaints() else [f"check ended with {done.code}: {done.out}{done.err}"]
