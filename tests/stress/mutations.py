"""Strategies that begin with something real and damage it: bytes, JSON, the members of zip files."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

# What makes parsers stumble: signs that open and do not close, ends, halves of characters, sizes that lie.
_NASTY = (
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\r", b"\n", b"\r\n", b"\t"),
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"<", b">", b"/", b"(", b")", b"&", b"=", b",", b";", b"|", b"#"),
    *(b"-", b"--", b"<!--", b"]]>", b"<![CDATA[", b"&#0;", b"&#xd800;", b"&lt", b"%s", b"0", b"-1", b"1e999", b"NaN"),
    *(b"9" * 30, b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", "ß".encode(), "\u2028".encode()),
    *("\U000e0001".encode(), "\u202e".encode(), "é́".encode(), b"[" * 40, b"{" * 40, b"<b>" * 40, b" " * 60),
)
_PIECE = st.one_of(st.sampled_from(_NASTY), st.binary(max_size=6))
_EDIT = st.tuples(st.integers(0, 65535), st.integers(0, 5), st.integers(0, 65535), _PIECE)


def edited(raw: bytes, edits: Sequence[tuple[int, int, int, bytes]]) -> bytes:
    """Return `raw` after edits of it: (place, kind, length, bytes); places and lengths are 65536ths of the whole."""
    out = bytearray(raw)
    for at, kind, length, piece in edits:
        place = at * (len(out) + 1) >> 16
        span = min(length * (len(out) + 1) >> 16, 1 + length % 97)
        match kind:
            case 0:
                out[place:place] = piece
            case 1:
                out[place : place + len(piece)] = piece
            case 2:
                del out[place : place + span]
            case 3:
                out[place:place] = out[place : place + span] * (1 + length % 3)
            case 4:
                del out[place:]
            case _:
                other = length * (len(out) + 1) >> 16
                out[place : place + span] = out[other : other + span]
    return bytes(out[:200_000])


def damaged(*seeds: bytes, most: int = 6) -> st.SearchStrategy[bytes]:
    """Strategy of the seeds, each with up to `most` edits."""
    return st.builds(edited, st.sampled_from(seeds), st.lists(_EDIT, max_size=most))


def from_pieces(pieces: Sequence[str], most: int = 40) -> st.SearchStrategy[str]:
    """Strategy of texts that pieces are strung together to, with some that nobody thought of."""
    return st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=4)), max_size=most).map("".join)


@lru_cache
def _members(raw: bytes) -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def _zipped(members: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def damaged_inside(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """Strategy of zip files with a member damaged, renamed, left out or filled with another's content."""

    def change(raw: bytes, which: int, kind: int, other: int, edits: Sequence[Any]) -> bytes:
        members = list(_members(raw))
        at, from_ = which % len(members), other % len(members)
        name, content = members[at]
        match kind:
            case 0:
                del members[at]
            case 1:
                members[at] = (name, members[from_][1])
            case 2:
                members[at] = (name + "x", content)
            case _:
                members[at] = (name, edited(content, edits))
        return _zipped(members)

    parts = (st.sampled_from(seeds), st.integers(0, 40), st.integers(0, 9), st.integers(0, 40))
    return st.builds(change, *parts, st.lists(_EDIT, min_size=1, max_size=6))


_HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 10**30, 1.5, float("inf"), float("nan"), "", " ", "a", "ß", "\ud800", "\0"),
    *([], {}, [None], [[]], {"": None}, [1, 2], [0, 10**9], ["a", 1], {"text": 1}, "x" * 3000, [3, 1], [-1, 1]),
)


def _nodes(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found.append((value, key))
        _nodes(value[key], found)
    return found


def damaged_json(*seeds: Any, extra: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    """Strategy of values with some of their nodes taken out, exchanged, or made hostile."""
    hostile = (*_HOSTILE, *extra)

    def change(which: int, edits: Sequence[tuple[int, int, int]]) -> Any:
        value = copy.deepcopy(seeds[which % len(seeds)])
        for at, kind, other in edits:
            if not (nodes := _nodes(value, [])):
                break
            holder, key = nodes[at % len(nodes)]
            if kind == 0:
                del holder[key]
            elif kind == 1:
                from_, name = nodes[other % len(nodes)]
                holder[key] = copy.deepcopy(from_[name])
            else:
                holder[key] = copy.deepcopy(hostile[other % len(hostile)])
        return value

    number = st.integers(0, 999)
    return st.builds(change, number, st.lists(st.tuples(number, st.integers(0, 5), number), max_size=4))


Check = Callable[[Any], None]
