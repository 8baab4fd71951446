"""How well what is on a document's screen can be read, in each theme: the colours as they are drawn."""

from __future__ import annotations

import pytest
from fake_chat import on_screen, seed, troops, until
from reading_documents import clicked, inside, place, reading, segments
from rich.color import Color
from rich.segment import Segment
from screen_contrast import ENOUGH, TERMINALS, contrast, themed, unreadable
from textual.widgets import Input

from rag.settings import Settings
from tui.app import BelegApp
from tui.widgets.document_view import DocumentView

COMPONENTS = sorted(DocumentView.COMPONENT_CLASSES)


def parts(app: BelegApp) -> list[Segment]:
    """Return what is drawn, but for the keys, whose colours are Textual's."""
    names = ("#document-title", "#document", "#document-status", "#find")
    return [segment for name in names for segment in inside(app, app.screen.query_one(name))]


@pytest.mark.parametrize(
    ("color", "ratio"), [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#777777", 4.48), ("#0000ff", 8.59)]
)
def test_contrast_is_that_of_wcag(color: str, ratio: float) -> None:
    assert round(contrast(Color.parse(color), Color.parse("#ffffff")), 2) == ratio


async def test_everything_on_a_documents_screen_can_be_read_in_every_theme(settings: Settings) -> None:
    quotes = [citation.quote for citation in troops().citations]
    async with reading(settings, seed("kursk-lage.txt"), quotes, (100, 30)) as (pilot, app, view):
        await pilot.press("slash", *"die", "enter")
        await until(pilot, lambda: segments(app, view, "document--here").lower() == "die")
        await clicked(pilot, view, place(app, "Guterres"), 2)
        async for theme in themed(pilot, app):
            assert segments(app, view, "document--selected") == "Guterres"
            assert [name for name in COMPONENTS if not segments(app, view, name)] == [], "all are on the screen"
            assert unreadable(parts(app)) == [], theme


async def test_what_is_to_be_typed_in_the_search_can_be_read_in_every_theme(settings: Settings) -> None:
    async with reading(settings, seed("kursk-lage.txt")) as (pilot, app, _):
        await pilot.press("slash")
        app.screen.query_one(Input).cursor_blink = False
        async for theme in themed(pilot, app):
            assert on_screen(app, "#find") == "Find …" and unreadable(parts(app)) == [], theme


async def test_what_is_marked_in_a_document_can_be_told_apart_in_every_theme(settings: Settings) -> None:
    quotes = [citation.quote for citation in troops().citations]
    async with reading(settings, seed("kursk-lage.txt"), quotes, (100, 30)) as (pilot, app, view):
        async for theme in themed(pilot, app):
            styles = {name: view.get_component_rich_style(name) for name in COMPONENTS} | {"": view.rich_style}
            grounds = {name: style.bgcolor for name, style in styles.items() if style.bgcolor is not None}
            assert len(set(grounds.values())) == len(COMPONENTS) + 1, theme
            here = grounds["document--here"]
            assert contrast(here, grounds[""]) >= ENOUGH and contrast(here, grounds["document--found"]) >= 3, theme
            assert segments(app, view, "document--mark") == "11.000 rund 8.000", theme
            assert styles["document--mark"].bold and styles["document--mark"].underline, theme


async def test_on_the_terminals_own_ground_all_is_in_its_own_colour(settings: Settings) -> None:
    quotes = [citation.quote for citation in troops().citations]
    async with reading(settings, seed("kursk-lage.txt"), quotes, (100, 30)) as (pilot, app, view):
        await pilot.press("slash", *"die", "enter")
        await until(pilot, lambda: bool(segments(app, view, "document--here")))
        await clicked(pilot, view, place(app, "Guterres"), 2)
        async for theme in themed(pilot, app, TERMINALS):
            shown = [(segment.text, segment.style) for segment in parts(app) if segment.style and segment.text.strip()]
            own = [(text, style) for text, style in shown if style.bgcolor is None or style.bgcolor.is_default]
            assert [text for text, style in own if style.color is not None and not style.color.is_default] == [], theme
            assert {text.lower() for text, style in own if style.reverse} == {"die", "guterres"}, theme
