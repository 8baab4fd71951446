"""Questions limited by tags and dates: typed, seen, held while the library changes, and taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_documents import add, chat, documents, entries, listed
from fake_chat import TROOPS, Scripted, asked, on_screen, running, told, until
from textual.widgets import Input

from rag.index.library import Library
from rag.index.metadata_filter import ALL, wanted
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.documents import DocumentsScreen
from tui.screens.limit import LimitScreen


@pytest.fixture
def tagged(of_notes: Settings) -> Settings:
    """Settings of a chat over three documents, two of which have tags."""
    tag(of_notes, "bridge.md", "work", "machine learning")
    tag(of_notes, "mill.txt", "work")
    return of_notes


def tag(settings: Settings, name: str, *add: str, remove: tuple[str, ...] = ()) -> None:
    with Library(settings.library) as library:
        library.tag([entry.id for entry in library.entries() if entry.name == name], add, remove)


def names(settings: Settings, scripted: Scripted) -> set[str]:
    """Return the names of the documents that were asked last."""
    known = {entry.id: entry.name for entry in entries(settings)}
    return {known[identity] for identity in scripted.asked[-1][1]}


async def test_tags_and_dates_limit_questions_and_are_shown_wherever_one_looks(
    tagged: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(tagged, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        assert '#"machine learning" #work' in on_screen(app)
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(app.screen, LimitScreen))
        assert 'Tags there are: #"machine learning" #work' in on_screen(app)
        await pilot.press(*"#work")
        await until(pilot, lambda: "2 of 3 documents" in on_screen(app, "#limit-found"))
        await pilot.press("enter")
        await until(pilot, lambda: "questions ask only 2 of them: #work" in on_screen(app))
        assert [row[0] for row in listed(app)] == ["●", "●", " "]
        await pilot.press("escape")
        await until(pilot, lambda: "only 2 of 3 documents" in on_screen(app, "#status"))
        assert "· #work ·" in on_screen(app, "#status")
        await asked(pilot, TROOPS)
        assert names(tagged, scripted) == {"bridge.md", "mill.txt"}


async def test_what_lets_nothing_through_is_told_while_it_is_typed_and_not_taken(
    tagged: Settings, embedder: Embedder
) -> None:
    app, _ = chat(tagged, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(app.screen, LimitScreen))
        line = app.screen.query_one(Input)
        for typed, said in (
            ("#wrok", "No document has the tag “wrok”."),
            ("since:2024-13", "“2024-13” is no date: write 2024, 2024-06 or 2024-06-30"),
            ("since:2024", "No document is since:2024 (3 documents without a date left out)."),
            ("#work until:", "a date is missing"),
        ):
            line.value = typed
            await until(pilot, lambda said=said: said in on_screen(app, "#limit-found"))
            await pilot.press("enter")
            assert isinstance(app.screen, LimitScreen)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        assert app.chat.limited == set() and app.engine.wanted == ALL


async def test_a_mark_x_and_an_empty_line_take_the_limit_away(tagged: Settings, embedder: Embedder) -> None:
    app, _ = chat(tagged, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        for ends, marks, shown in (
            ([" "], [" ", "●", " "], "only 1 of them"),
            (["ctrl+x"], [" "] * 3, "Documents: 3"),
            (["ctrl+f", "ctrl+u", "enter"], [" "] * 3, "Documents: 3"),
        ):
            app.choose(wanted(["work"]))
            await until(pilot, lambda: "only 2 of them: #work" in on_screen(app, "#documents-title"))
            await pilot.press("home")
            for key in ends:
                await pilot.press({" ": "space"}.get(key, key))
                await pilot.pause()
            await until(pilot, lambda marks=marks: [row[0] for row in listed(app)] == marks)
            assert shown in on_screen(app, "#documents-title") and "#work" not in on_screen(app, "#documents-title")
            assert app.engine.wanted == ALL and len(app.chat.limited) == marks.count("●")
            app.limit(set())


async def test_documents_that_come_or_are_tagged_later_are_asked_too(
    tagged: Settings, notes: Path, embedder: Embedder
) -> None:
    app, scripted = chat(tagged, embedder)
    async with running(app, (120, 40)) as pilot:
        await documents(pilot, app)
        app.choose(wanted(["work"]))
        (notes / "new.md").write_text("---\ntags: Work\n---\nThe brook ran dry.", encoding="utf-8")
        await add(pilot, app, notes)
        await until(pilot, lambda: "only 3 of them: #work" in on_screen(app, "#documents-title"))
        await pilot.press("escape")
        await until(pilot, lambda: "only 3 of 4 documents" in on_screen(app, "#status"))
        tag(tagged, "organ.txt", "work")  # by another program
        tag(tagged, "mill.txt", remove=("work",))
        await asked(pilot, TROOPS)
        assert names(tagged, scripted) == {"bridge.md", "new.md", "organ.txt"}


async def test_where_no_document_has_the_tag_any_more_that_is_told_and_never_are_all_asked_unsaid(
    tagged: Settings, embedder: Embedder
) -> None:
    app, scripted = chat(tagged, embedder)
    async with running(app, (120, 40), notes=True) as pilot:
        await documents(pilot, app)
        await pilot.press("escape")
        app.choose(wanted(["work"]))
        for name in ("bridge.md", "mill.txt"):
            tag(tagged, name, remove=("work",))
        turn = await asked(pilot, TROOPS)
        assert turn.state == "failed" and "No document has the tag “work”" in on_screen(app) and scripted.asked == []
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "No document is #work any more: now all documents are asked." in told(app))
        await pilot.press("escape")
        await asked(pilot, TROOPS)
        assert scripted.asked[-1][1] == ()


async def test_the_palette_limits_questions_to_a_tag(tagged: Settings, embedder: Embedder) -> None:
    app, _ = chat(tagged, embedder)
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "scripted-llm" in on_screen(app, "#status"))
        await pilot.press("ctrl+p")
        await pilot.press(*"Ask only: #work")
        await until(pilot, lambda: "Documents with this tag" in on_screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "only 2 of 3 documents" in on_screen(app, "#status"))


async def test_a_chat_that_is_begun_with_tags_is_limited_to_them(tagged: Settings) -> None:
    scripted = Scripted()
    app = BelegApp(tagged, open_=scripted.open, wanted=wanted(["machine learning"]))
    async with running(app, (120, 40)) as pilot:
        await until(pilot, lambda: "only 1 of 3 documents" in on_screen(app, "#status"))
        await until(pilot, lambda: '#"machine learning"' in on_screen(app, "#status"))
        await asked(pilot, TROOPS)
        assert names(tagged, scripted) == {"bridge.md"}
