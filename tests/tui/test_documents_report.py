"""Held: how a run of indexing went is told, listed and kept; files that failed are listed until they are read."""

from __future__ import annotations

import os
from pathlib import Path

from chat_documents import add, chat, documents, listed
from fake_chat import on_screen, running, told, until

from rag.documents.readers import Omission
from rag.index.library import Library
from rag.index.report import Report
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.messages import IndexEnded
from tui.screens.documents import DocumentsScreen
from tui.shelf import Shelf
from tui.widgets.report_list import ReportList, lines, told_report


def test_what_readers_left_out_and_doubted_and_patterns_exclude_is_told() -> None:
    images = Omission("images", 12)
    report = Report(
        new=["a.docx", "b.docx"],
        excluded=["c.txt"],
        left_out=[("a.docx", images), ("b.docx", images), ("b.docx", Omission("comments\x1b[31m", 1))],
        doubts=[("a.docx", "windows-1252", "it may be another")],
    )
    said = told_report(IndexEnded(report))
    assert said.startswith("2 new, 1 removed, they are excluded now, ")
    assert "left out: 24 images" in said and "a.docx: read as windows-1252" in said
    assert "left out: 1 comments" in said and "\x1b" not in said


def test_of_many_kinds_the_three_that_are_most_are_told() -> None:
    report = Report(new=["a"], left_out=[("a", Omission(f"kind {count}", count)) for count in range(1, 7)])
    said = told_report(IndexEnded(report))
    assert [f"{count} kind {count}" in said for count in range(1, 7)] == [False, False, False, True, True, True]


async def test_the_report_is_a_list_of_what_is_new_changed_and_unreadable_with_the_reasons(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "mill.txt").write_text("The mill was rebuilt in 1910.", encoding="utf-8")
    (notes / "brook.txt").write_text("The brook ran dry.", encoding="utf-8")
    (notes / "broken.pdf").write_bytes(b"no pdf")
    app, _ = chat(of_notes, embedder)
    async with running(app, (80, 24), notes=True) as pilot:
        await documents(pilot, app)
        assert not app.screen.query_one(ReportList).display
        await add(pilot, app, notes)
        await until(pilot, lambda: "1 unreadable, 1 new, 1 changed, 2 unchanged" in on_screen(app, "#documents-note"))
        reason = "broken.pdf: "
        shown = on_screen(app, "#documents-report")
        assert f"Unreadable {reason}" in shown and "New brook.txt" in shown and "Changed mill.txt" in shown
        await until(pilot, lambda: "1 unreadable" in told(app))  # a frame after the list
        assert reason not in told(app)


async def test_the_report_stays_when_the_list_is_opened_again_and_f7_closes_and_shows_it(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "brook.txt").write_text("The brook ran dry.", encoding="utf-8")
    app, _ = chat(of_notes, embedder)
    async with running(app, (80, 24)) as pilot:
        await documents(pilot, app)
        await pilot.press("f7")
        assert not app.screen.query_one(ReportList).display
        await add(pilot, app, notes)
        await until(pilot, lambda: "New brook.txt" in on_screen(app))
        await pilot.press("escape", "ctrl+l")
        await until(pilot, lambda: "New brook.txt" in on_screen(app), "the report, opened anew")
        await pilot.press("f7")
        await until(
            pilot, lambda: "New brook.txt" not in on_screen(app) and "f7 shows what the last run" in on_screen(app)
        )
        await pilot.press("escape", "ctrl+l")
        await until(pilot, lambda: "f7 shows what the last run" in on_screen(app))
        await pilot.press("f7")
        await until(pilot, lambda: "New brook.txt" in on_screen(app))


async def test_files_that_cannot_be_read_are_listed_with_reasons_until_they_can_be(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "zero.txt").write_bytes(b"")
    (notes / "broken.pdf").write_bytes(b"no pdf")
    app, _ = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: len(listed(app)) == 5)
        assert [row[0] for row in listed(app)] == [" ", " ", " ", "✗", "✗"]
        assert {row[-1] for row in listed(app)[3:]} == {"zero.txt", "broken.pdf"}
        assert "Documents: 3 · 2 unreadable" in on_screen(app)
        await pilot.press("escape", "ctrl+l", "end", "ctrl+end", "space", "enter")
        await until(pilot, lambda: len(listed(app)) == 5 and "ctrl+r tries again" in on_screen(app))
        assert app.chat.limited == set() and isinstance(app.screen, DocumentsScreen)
        last = notes / listed(app)[4][-1]
        assert f"{last}: " in on_screen(app, "#documents-details")
        await pilot.press("ctrl+d")  # no question: nothing is lost by it
        await until(pilot, lambda: len(listed(app)) == 4 and "1 unreadable" in on_screen(app, "#documents-title"))
        await add(pilot, app, notes)
        await until(pilot, lambda: len(listed(app)) == 5)
        for name in ("zero.txt", "broken.pdf"):
            (notes / name).unlink()
        await add(pilot, app, notes)
        await until(pilot, lambda: len(listed(app)) == 3)


async def test_ctrl_r_reads_a_file_that_failed_again(of_notes: Settings, notes: Path, embedder: Embedder) -> None:
    (notes / "zero.txt").write_bytes(b"")
    app, _ = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await add(pilot, app, notes)
        await until(pilot, lambda: len(listed(app)) == 4)
        (notes / "zero.txt").write_text("The well is deep.", encoding="utf-8")
        await pilot.press("ctrl+end", "ctrl+r")
        await until(pilot, lambda: [row[0] for row in listed(app)] == [" "] * 4)
        assert "unreadable" not in on_screen(app, "#documents-title")


async def test_ctrl_r_reads_the_one_document_again_though_its_file_looks_the_same(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    file, other = notes / "mill.txt", notes / "organ.txt"
    for each in (file, other):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    with Library(of_notes.library) as library:
        index([str(notes)], library, embedder)
    file.write_text(file.read_text(encoding="utf-8").replace("1907", "1908"), encoding="utf-8")
    other.write_text(other.read_text(encoding="utf-8").replace("900", "901"), encoding="utf-8")
    for each in (file, other):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    app, _ = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "3 unchanged" in on_screen(app, "#documents-note"))
        await pilot.press("down", "ctrl+r")
        await until(pilot, lambda: on_screen(app, "#documents-note") == "1 changed")
        with Library(of_notes.library) as library:
            texts = {entry.name: library.document(entry.id).text for entry in library.entries()}
        assert "1908" in texts["mill.txt"] and "900" in texts["organ.txt"]


async def test_a_document_whose_file_is_gone_cannot_be_read_again_and_stays(
    of_notes: Settings, notes: Path, embedder: Embedder
) -> None:
    (notes / "bridge.md").unlink()
    app, _ = chat(of_notes, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "it is gone, or not mounted" in on_screen(app, "#documents-report"))
        assert "bridge.md" in {row[-1] for row in listed(app) if row[0] == " "}


def test_of_thousands_of_files_some_are_listed_and_the_rest_is_counted() -> None:
    told = lines(Report(new=[f"{count}\x1b[31m.txt" for count in range(5000)]))
    assert len(told) == 202 and told[0] == ("", "New: 5,000") and told[-1] == ("New", "and 4,800 more")
    assert not any("\x1b" in text for _, text in told)


def test_what_failed_is_forgotten_once_it_was_tried_again_or_is_gone(tmp_path: Path) -> None:
    names = ("again.txt", "other.txt", "gone.txt", "below/x.txt")
    paths = [tmp_path / name for name in names]
    (tmp_path / "below").mkdir()
    shelf = Shelf()
    for path in paths:
        path.touch()
    shelf.note(Report(unreadable=[(path, "why") for path in paths]), None, paths)
    assert list(shelf.failed) == paths
    paths[2].unlink()
    shelf.note(Report(unreadable=[(paths[1], "now why")]), [str(tmp_path / "below")], [paths[0], paths[1]])
    assert shelf.failed == {paths[1]: "now why"}
    shelf.note(Report(), None, [])
    assert shelf.failed == {paths[1]: "now why"} and not shelf.open
