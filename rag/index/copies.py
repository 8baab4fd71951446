"""Copies: documents of one text, of which one stands for all where passages are looked for.

A text that lies there under five names is not said five times. Were each of them found, they would
take the places of sources that say otherwise. The one that lies least deep stands for the others, of
those the one with the shortest path: copies are put into folders ("backup/") and get longer names
("notes (2).txt"). The time of a file is no help: copying changes it, or not, as the program likes.

How rare a word is, by which BM25 and the features weigh it, is still counted in all chunks: with each of
the five seed articles in the library six times, or three times, no answer to 34 of their questions differed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rag.index.library_reader import LibraryReader


@dataclass(frozen=True, slots=True)
class Copies:
    """`left_out` are the ids of documents that others stand for, `names` those documents' names by the ids of these."""

    left_out: frozenset[str]
    names: Mapping[str, tuple[str, ...]]


def copies(library: LibraryReader, documents: Collection[str] = ()) -> Copies:
    """Return which documents are copies of which; with `documents`, one of those ids stands for a text they hold."""
    left_out: set[str] = set()
    names: dict[str, tuple[str, ...]] = {}
    for rows in library.same_texts():
        asked = [row for row in rows if not documents or row[0] in documents]
        if asked:
            first = min(asked, key=lambda row: (row[1].count("/"), len(row[1]), row[1]))
            others = [row for row in rows if row is not first]
            left_out.update(identity for identity, _, _ in others)
            names[first[0]] = tuple(name for _, _, name in others)
    return Copies(frozenset(left_out), names)
