"""A document that is open on the screen, and what a person does with the mouse there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fake_chat import Scripted, flat, rows, running, until, visible
from rich.segment import Segment
from textual.pilot import Pilot
from textual.widget import Widget

from rag.answering.sentence_selection import Quote
from rag.documents.document import Document, read
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.widgets.document_view import DocumentView


def written(text: str, folder: Path) -> Document:
    """Return a document of that text."""
    (folder / "read.txt").write_text(text, encoding="utf-8")
    return read(folder / "read.txt", "read.txt")


@asynccontextmanager
async def reading(
    settings: Settings, document: Document, quotes: Sequence[Quote] = (), size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], BelegApp, DocumentView]]:
    """Open a document at the first of these quotes, or at its beginning."""
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, size) as pilot:
        await app.push_screen(DocumentScreen(document, quotes))
        view = app.screen.query_one(DocumentView)
        await until(pilot, lambda: bool(visible(app, view)) and app.focused is view)
        await pilot.pause()
        yield pilot, app, view


def inside(app: BelegApp, widget: Widget) -> list[Segment]:
    """Return what is drawn of a widget's inside, without its scroll bars."""
    part = visible(app, widget).intersection(widget.scrollable_content_region)
    strips = app.screen._compositor.render_strips()[part.y : part.bottom]
    return [segment for strip in strips for segment in strip.crop(part.x, part.right)]


def segments(app: BelegApp, view: DocumentView, *names: str) -> str:
    """Return the text on the screen that looks as these component classes do."""
    looks = {(style.color, style.bgcolor) for style in map(view.get_component_rich_style, names)}
    shown = inside(app, view)
    return flat(" ".join(s.text for s in shown if s.style and (s.style.color, s.style.bgcolor) in looks))


def place(app: BelegApp, text: str) -> tuple[int, int]:
    """Return the column and row at which a text first stands in the document; left of it must be no wide character."""
    top = app.screen.query_one(DocumentView).region.y
    return next((row.index(text), y) for y, row in enumerate(rows(app)) if y >= top and text in row)


async def clicked(pilot: Pilot[None], view: DocumentView, at: tuple[int, int], times: int = 1) -> None:
    """Click so many times on a place of the screen that is in the document."""
    await pilot.click(view, offset=(at[0] - view.region.x, at[1] - view.region.y), times=times)
    await pilot.pause()


async def drag(pilot: Pilot[None], *places: tuple[int, int]) -> None:
    """Press the mouse's button at the first place, draw it over the others, and let go at the last."""
    await pilot.mouse_down(offset=places[0])
    for each in places[1:]:
        await pilot.hover(offset=each)
    await pilot.mouse_up(offset=places[-1])
    await pilot.pause()
