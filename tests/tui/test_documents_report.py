"""Held: what a run of indexing left out, doubted and removed is told in the chat, too."""

from __future__ import annotations

from rag.documents.readers import Omission
from rag.index.report import Report
from tui.messages import IndexEnded
from tui.screens.documents import told_report


def test_what_readers_left_out_and_doubted_and_patterns_exclude_is_told() -> None:
    images = Omission("images", 12)
    report = Report(
        new=["a.docx", "b.docx"],
        excluded=["c.txt"],
        left_out=[("a.docx", images), ("b.docx", images), ("b.docx", Omission("comments\x1b[31m", 1))],
        doubts=[("a.docx", "windows-1252", "it may be another")],
    )
    told = told_report(IndexEnded(report))
    assert told.startswith("2 new, 1 removed, they are excluded now, ")
    assert "left out: 24 images" in told and "a.docx: read as windows-1252" in told
    assert "left out: 1 comments" in told and "\x1b" not in told


def test_of_many_kinds_the_three_that_are_most_are_told() -> None:
    report = Report(new=["a"], left_out=[("a", Omission(f"kind {count}", count)) for count in range(1, 7)])
    told = told_report(IndexEnded(report))
    assert [f"{count} kind {count}" in told for count in range(1, 7)] == [False, False, False, True, True, True]
