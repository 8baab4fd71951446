"""Held: in German the interface says nothing in English, shows all of what it says, and its palette finds German words.

Documents, question and answer are German too, so that what is English on a screen is the interface's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from english_messages import left_in
from fake_chat import Scripted, answer, on_screen, quote, running, until
from german_roads import BURNED, ROADS, TEXTS, Road, adding, answered, chat, deleting, helping, palette, removing
from textual.command import CommandList
from textual.widgets import Button, Input, Static
from textual.widgets._footer import FooterKey

from rag.documents.document import read
from rag.errors import BelegError
from rag.index.library import Library
from rag.index.update import index
from rag.models.embedder import Embedder
from rag.settings import Settings
from tui.app import BelegApp
from tui.commands import ChatCommands
from tui.screens.conversations import ConversationsScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.help import HelpScreen
from tui.screens.path import ConfirmScreen
from tui.widgets.status import StatusLine


@pytest.fixture
def app(settings: Settings, tmp_path: Path, embedder: Embedder) -> BelegApp:
    """A chat over two German documents, and a file that cannot be read."""
    notes = tmp_path / "notizen"
    notes.mkdir()
    for name, text in TEXTS.items():
        (notes / name).write_text(text, encoding="utf-8")
    (notes / "kaputt.pdf").write_bytes(b"kein pdf")
    with Library(tmp_path / "bibliothek", create=True) as library:
        index([str(notes / name) for name in TEXTS], library, embedder)
    mill = read(notes / "muehle.txt", "muehle.txt")
    told = answer(BURNED, quote(mill, "Die Mühle", "ab.", "1907"))
    scripted = Scripted({BURNED: replace(told, language="de")})
    scripted.embedder = embedder
    return BelegApp(replace(settings, library=tmp_path / "bibliothek"), open_=scripted.open)


# --- what is on the screen -----------------------------------------------------------------


def _shown(app: BelegApp) -> Iterator[str]:
    """Yield what each widget of the top screen shows, its title and border included: its lines, and all of them."""
    strips = app.screen._compositor.render_strips()
    for widget in app.screen.query("*"):
        found = app.screen._compositor.visible_widgets.get(widget)
        if found is None:
            continue
        part = found[0].intersection(found[1])
        lines = [strip.crop(part.x, part.right).text for strip in strips[part.y : part.bottom]]
        yield from lines
        yield " ".join(" ".join(lines).split())


def english(app: BelegApp) -> list[str]:
    """Return the English messages on the screen."""
    return left_in(_shown(app))


def cut(app: BelegApp) -> list[str]:
    """Return what of a dialog does not fit: the dialog itself, or its lines and buttons within it."""
    wrong = []
    for dialog in app.screen.query("Vertical.dialog"):
        if not app.screen.region.contains_region(dialog.region):
            wrong.append(f"dialog {dialog.region}")
        for part in [*dialog.query(Static), *dialog.query(Button)]:
            if part.virtual_size.height > part.size.height or not dialog.region.contains_region(part.region):
                wrong.append(f"{part} {part.region}")
    return wrong


# --- held ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
async def test_no_english_is_left_and_nothing_is_cut_at_80_columns(app: BelegApp, road: Road) -> None:
    async with running(app, (80, 24), notes=True) as pilot:
        await road(pilot, app)
        await pilot.pause()
        assert english(app) == []
        assert cut(app) == []


async def test_english_is_seen_where_it_is_on_the_screen(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await chat(pilot, app)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "Documents: 2" in on_screen(app))
        assert {"Documents: {n}", "Title", "Ask only"} <= set(english(app))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("width", [80, 140])
async def test_the_help_is_german_to_its_end(app: BelegApp, width: int) -> None:
    async with running(app, (width, 24)) as pilot:
        await helping(pilot, app)
        page = app.screen.query_one("#help")
        for _ in range(30):
            assert english(app) == []
            if page.scroll_y >= page.max_scroll_y:
                break
            at = page.scroll_y
            await pilot.press("pagedown")
            await until(pilot, lambda before=at: page.scroll_y > before)
            await pilot.pause()
        assert page.scroll_y >= page.max_scroll_y > 0


@pytest.mark.usefixtures("german")
async def test_the_palette_finds_commands_by_german_words_alone(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await palette(pilot, app)
        await pilot.press(*"sorgfalt")
        found = app.screen.query_one(CommandList)
        await until(
            pilot, lambda: "Sorgfalt: vorsichtig" in on_screen(app, found) and "Mod" not in on_screen(app, found)
        )
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: "Neues Gespräch" in on_screen(app))
        names = [name for name, _, _ in ChatCommands(app.screen).found(app)]  # type: ignore[arg-type]
        assert left_in(names) == []


@pytest.mark.usefixtures("german")
async def test_the_palette_says_in_german_that_nothing_is_found(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await palette(pilot, app)
        await pilot.press(*"qqqq")
        await until(pilot, lambda: "Nichts gefunden" in on_screen(app))
        assert english(app) == [] and "No matches" not in on_screen(app)


@pytest.mark.usefixtures("german")
async def test_y_says_yes_in_german_too_and_n_no(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await removing(pilot, app)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
        await pilot.press("ctrl+d")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: "ist entfernt" in on_screen(app))


@pytest.mark.usefixtures("german")
async def test_what_is_wrong_with_a_path_is_said_and_the_dialog_stays_whole(
    app: BelegApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(line: str) -> list[str]:
        raise BelegError(f"{line} gibt es nicht.", "Einen anderen Pfad nennen, der auf dieser Platte liegt.")

    monkeypatch.setattr(app.engine, "look", refused)
    async with running(app, (80, 24)) as pilot:
        await adding(pilot, app)
        app.screen.query_one(Input).value = "/nirgends/" + "lang" * 20
        await pilot.press("enter")
        await until(pilot, lambda: "gibt es nicht." in on_screen(app))
        assert english(app) == [] and cut(app) == []


@pytest.mark.usefixtures("german")
async def test_an_empty_library_says_how_to_begin_in_german(settings: Settings, tmp_path: Path) -> None:
    app = BelegApp(replace(settings, library=tmp_path / "leer"), open_=Scripted().open)
    async with running(app, (80, 24)) as pilot:
        await until(pilot, lambda: app.chat.query_one(StatusLine).documents == (0, 0))
        await until(pilot, lambda: "Mitgelieferte Artikel ausprobieren" in on_screen(app, "Footer"))
        assert english(app) == []
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "Noch keine Dokumente: Strg+A fügt Dateien" in on_screen(app))
        assert english(app) == []


@pytest.mark.usefixtures("german")
async def test_the_keys_of_the_list_of_documents_stay_whole_at_80_columns(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await removing(pilot, app)
        await pilot.press("y")
        await until(pilot, lambda: "ist entfernt" in on_screen(app))
        await pilot.pause()
        shown = {key.description: key.region for key in app.screen.query(FooterKey)}
        assert {"Nur das", "Hinzufügen", "Entfernen", "Zurückholen", "Zurück", "Hilfe"} == set(shown)
        assert all(region.right <= 80 for region in shown.values())
        assert "Leertaste Nur das" in on_screen(app, "Footer")


@pytest.mark.usefixtures("german")
async def test_the_help_opens_over_the_list_of_conversations_and_over_a_question(app: BelegApp) -> None:
    async with running(app, (80, 24)) as pilot:
        await deleting(pilot, app)
        for screen in (ConfirmScreen, ConversationsScreen):
            await until(pilot, lambda kind=screen: isinstance(app.screen, kind))
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.press("escape")
            await until(pilot, lambda kind=screen: isinstance(app.screen, kind))
            await pilot.press("escape")


@pytest.mark.usefixtures("german")
async def test_how_many_documents_are_asked_and_how_is_said_in_german(app: BelegApp) -> None:
    async with running(app, (140, 30)) as pilot:
        await chat(pilot, app)
        app.limit({"1"})
        await until(pilot, lambda: on_screen(app, "#status").startswith("nur 1 von 2 Dokumenten, 2 Passagen"))
        assert "· zitieren" in on_screen(app, "#status")


@pytest.mark.usefixtures("german")
async def test_the_context_says_german_numbers_and_what_passages_were_found_by(app: BelegApp) -> None:
    async with running(app, (140, 40)) as pilot:
        await answered(pilot, app)
        await pilot.press("f9")
        await until(pilot, lambda: "Suche 0,25 s, erste Wörter 1,50 s, alles 1,50 s" in on_screen(app))
        shown = on_screen(app, "#context")
        assert "scripted · zitieren · Embedder scripted" in shown
        assert "1. 0,900 gefunden nach Sinn + Wortlaut · " in shown
        assert "0,90 [1] muehle.txt:0–26" in shown
        assert not re.search(r"\d\.\d", shown)
