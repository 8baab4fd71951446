"""Held: of any bytes, and of good files with any damage, a reader makes a sound document or says why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from document_files import (
    GOOD,
    KINDS,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.documents.document import Document, read
from rag.errors import UnreadableDocument

# --- any bytes -------------------------------------------------------------------------


def read_or_refuse(suffix: str, raw: bytes) -> None:
    try:
        document = read(Path(f"any{suffix}"), raw=raw)
    except UnreadableDocument as error:
        assert f"any{suffix}" in str(error)
        assert str(error).encode("utf-8")
    else:
        sound(document)


def sound(document: Document) -> None:
    assert document.title.strip() and document.title.encode("utf-8") and document.language
    assert document.text[document.body :].strip() and document.text.encode("utf-8")
    assert 0 <= document.body < len(document.text)
    assert document.pages[0] == 0 and list(document.pages) == sorted(document.pages)


MAGIC = st.sampled_from(
    [
        b"",
        b"\xef\xbb\xbf",
        b"---\n",
        b"date 2024-11 ",
        b"<html>",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"{\\rtf1",
        b"From: a\n",
    ]
)


ANY_FORMAT = pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".rtf", ".csv", ".eml", *KINDS])


@ANY_FORMAT
@settings(max_examples=25, deadline=None)
@given(magic=MAGIC, raw=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused(suffix: str, magic: bytes, raw: bytes) -> None:
    read_or_refuse(suffix, magic + raw)


Edit = Callable[[bytes], bytes]


PLACE = st.floats(0, 1, exclude_max=True)


def overwrite(place: float, value: bytes) -> Edit:
    return lambda raw: raw[: int(place * len(raw))] + value + raw[int(place * len(raw)) + len(value) :]


def cut(place: float, width: int) -> Edit:
    return lambda raw: raw[: int(place * len(raw))] + raw[int(place * len(raw)) + width :]


EDITS = st.lists(
    st.one_of(
        st.builds(overwrite, PLACE, st.binary(min_size=1, max_size=4)), st.builds(cut, PLACE, st.integers(1, 50))
    ),
    min_size=1,
    max_size=4,
)


@ANY_FORMAT
@settings(max_examples=25, deadline=None)
@given(edits=EDITS)
@example(edits=[overwrite(0.5, b"\xff\xfe")])
def test_a_damaged_file_is_read_or_refused(suffix: str, edits: list[Edit]) -> None:
    raw = GOOD[suffix]
    for edit in edits:
        raw = edit(raw)
    read_or_refuse(suffix, raw)
