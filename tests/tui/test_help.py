"""Held: the help is one page of all keys that have names, by place, which can be scrolled and closed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_chat import Scripted, on_screen, running, until

from rag.localization import gettext
from rag.settings import Settings
from tui.app import BelegApp
from tui.keys import places
from tui.screens.documents import DocumentsScreen
from tui.screens.help import HelpScreen
from tui.widgets.card import Card


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_all_keys_can_be_read_by_scrolling_and_escape_closes_it(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, size) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        page, seen = app.screen.query_one("#help"), ""
        while True:
            await pilot.pause()
            seen += on_screen(app, page)
            if page.scroll_y >= page.max_scroll_y:
                break
            at = page.scroll_y
            await pilot.press("pagedown")
            await until(pilot, lambda before=at: page.scroll_y > before)
        for place in places(BelegApp):
            assert place.title in seen
            described = [
                gettext(each.description) for each in place.bindings if not (each.id or "").startswith("source-")
            ]
            assert gettext("Source 1 …") in seen and all(each in seen for each in described)
        assert page.virtual_size.width <= page.size.width
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_a_key_from_the_settings_is_the_one_that_is_shown(settings: Settings) -> None:
    app = BelegApp(replace(settings, keys={"ask-again": "f7"}), open_=Scripted().open)
    async with running(app, (140, 120)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "f7 Ask again" in on_screen(app))
        assert "ctrl+r Ask again" not in on_screen(app)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("state", ["empty", "answered", "working", "source"])
async def test_the_footer_shows_its_keys_whole_at_80_columns(settings: Settings, state: str) -> None:
    from fake_chat import asked
    from textual.widgets._footer import FooterKey

    scripted = Scripted(gated=state == "working")
    app = BelegApp(settings, open_=scripted.open)
    async with running(app, (80, 24)) as pilot:
        if state in ("answered", "source"):
            await asked(pilot)
        elif state == "working":
            await pilot.press(*"Who?", "enter")
            await until(pilot, lambda: "asked" in scripted.events)
        if state == "source":
            app.chat.query(Card).first().focus()
            await until(pilot, lambda: isinstance(app.focused, Card))
        await pilot.pause()
        keys = app.screen.query(FooterKey)
        assert 3 <= len(keys) <= 6
        assert all(key.region.x >= 0 and key.region.right <= 80 and key.region.width for key in keys)


@pytest.mark.parametrize(("keys", "title"), [("", "While you type a question"), ("ctrl+l", "In the list of documents")])
async def test_the_help_begins_with_the_keys_of_the_place_that_it_was_called_from(
    settings: Settings, keys: str, title: str
) -> None:
    app = BelegApp(settings, open_=Scripted().open)
    async with running(app, (100, 30)) as pilot:
        if keys:
            await pilot.press(keys)
            await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.pause()
        shown = on_screen(app, "#help")
        assert title in shown
        titles = [place.title for place in places(BelegApp) if place.title in shown]
        assert min(titles, key=shown.index) == title


def test_a_source_that_has_the_focus_comes_before_its_screen() -> None:
    card = Card.__new__(Card)
    titles = [place.title for place in places(BelegApp, [card])]
    assert titles[0] == "On a source" and len(titles) == len(places(BelegApp))
