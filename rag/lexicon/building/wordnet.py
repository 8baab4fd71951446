"""WordNet's database files to a table of senses: which words mean the same, a kind of another, or its opposite."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.lexicon.senses import forms

PARTS = ("noun", "verb", "adj", "adv")
_MOST = 5  # senses of a word, the most frequent ones
_STATES = frozenset({"31", "32", "37", "39", "42"})  # lexicographers' files: verbs of cognition, communication, …
_GLOSSED = 2  # senses of a word
_LEVELS = 8  # upwards from a sense; what lies further up is a kind of everything
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class _Synset:
    words: list[str]
    above: list[str] = field(default_factory=list)
    opposites: list[tuple[int, str, int]] = field(default_factory=list)  # own word, synset, its word; from 1
    gloss: str = ""
    state: bool = False  # a verb of being, saying, thinking or feeling: nothing happens


def rows(folder: Path, wanted: Collection[str]) -> dict[str, list[str]]:
    """Return the rows of the table, for the `wanted` words (in small letters) that WordNet has.

    Raises OSError for files that cannot be read, ValueError for those that are no WordNet.
    """
    synsets = {name: made for part in PARTS for name, made in _synsets(folder / f"data.{part}")}
    senses = _senses(folder / "index.sense", wanted)
    table: dict[str, list[str]] = {}
    used = set[str]()
    for word, counted in senses.items():
        ranked = sorted(counted, key=lambda sense: (-counted[sense], sense))
        first = {sense[0]: sense for sense in reversed(ranked)}  # of each part of speech one at least
        kept = [sense for sense in ranked if sense in ranked[:_MOST] or first[sense[0]] == sense]
        opposites = {other for sense in kept for other in _opposites(synsets, sense, word)}
        table[word] = [*kept, *sorted(f"!{other}" for other in opposites if other in wanted)]
        said = [other for sense in kept[:_GLOSSED] for other in _said(synsets[sense].gloss, senses) if other != word]
        table[word] += [f"~{other}" for other in dict.fromkeys(said)]
        used.update(kept)
    for _ in range(_LEVELS):
        used.update(above for name in tuple(used) for above in synsets[name].above)
    short = {
        name: ("s" if synsets[name].state else name[0]) + _short(number) for number, name in enumerate(sorted(used))
    }
    for word, fields in table.items():
        table[word] = [short.get(field, field) for field in fields]
    for name in used:
        if above := [short[each] for each in synsets[name].above if each in short]:
            table[f"@{short[name]}"] = above
    return table


def _synsets(path: Path) -> Iterator[tuple[str, _Synset]]:
    for line in _lines(path):
        head, _, gloss = line.partition("|")
        fields = head.split()
        part = fields[2].replace("s", "a")
        count = int(fields[3], 16)
        made = _Synset([fields[4 + 2 * at].split("(")[0].lower() for at in range(count)])
        at = 4 + 2 * count
        for number in range(int(fields[at])):
            sign, offset, other, ends = fields[at + 1 + 4 * number : at + 5 + 4 * number]
            name = other.replace("s", "a") + offset
            if sign in ("@", "@i"):
                made.above.append(name)
            elif sign == "!":
                made.opposites.append((int(ends[:2], 16), name, int(ends[2:], 16)))
        made.gloss = gloss
        made.state = fields[1] in _STATES
        yield part + fields[0], made


def _senses(path: Path, wanted: Collection[str]) -> dict[str, Counter[str]]:
    """Return the senses of each word, with how often they were seen; one more, so that none is lost."""
    found = defaultdict[str, Counter[str]](Counter)
    for line in _lines(path):
        key, offset, _, count = line.split()
        word, _, rest = key.partition("%")
        if word in wanted:
            found[word]["nvara"[int(rest[0]) - 1] + offset] = int(count) + 1
    return found


def _said(gloss: str, senses: dict[str, Counter[str]]) -> list[str]:
    """Return the plural noun that a noun's gloss says it is: "soldiers collectively"."""
    first = re.match(r"\s*(?:\([^)]*\)\s*)?([a-z]+)s collectively", gloss)
    return [first[1]] if first and first[1] in senses else []


def _opposites(synsets: dict[str, _Synset], sense: str, word: str) -> Iterable[str]:
    own = synsets[sense]
    for number, name, other in own.opposites:
        if number and own.words[number - 1] == word:
            yield synsets[name].words[other - 1]


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="latin-1") as lines:
        for line in lines:
            if line[:1].strip():  # the licence stands first, indented
                yield line


def _short(number: int) -> str:
    made = ""
    while number or not made:
        number, digit = divmod(number, len(_SIGNS))
        made = _SIGNS[digit] + made
    return made


def vocabulary(tables: Iterable[Path]) -> set[str]:
    """Return the English words of a lexicon's tables, in small letters, with what they are forms of."""
    found = set[str]()
    for path in tables:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                found.update(re.findall(r"[a-z]+(?:-[a-z]+)*", line.partition("\t")[2].lower()))
    return {form for word in found for form in forms(word)}
