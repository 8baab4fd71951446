"""Ways through the German interface, each to a screen on which something German stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chat_documents import documents
from fake_chat import asked, on_screen, until
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from tui import messages
from tui.app import BelegApp
from tui.messages import IndexedOn
from tui.screens.add_documents import AddDocumentsScreen
from tui.screens.conversations import ConversationsScreen, NameScreen
from tui.screens.document import DocumentScreen
from tui.screens.documents import DocumentsScreen
from tui.screens.help import HelpScreen
from tui.screens.limit import LimitScreen
from tui.screens.path import ConfirmScreen, PathScreen
from tui.widgets.composer import Composer
from tui.widgets.report_list import ReportList
from tui.widgets.status import StatusLine

TEXTS = {
    "bruecke.md": "# Die Brücke\n\nDie Brücke wurde 1911 ausgebessert.",
    "muehle.txt": "Die Mühle brannte 1907 ab. Niemand wurde verletzt.",
}
BURNED = "Wann brannte die Mühle ab?"
Road = Callable[[Pilot[None], BelegApp], Awaitable[None]]


async def chat(pilot: Pilot[None], app: BelegApp) -> None:
    await until(pilot, lambda: app.chat.query_one(StatusLine).model)


async def answered(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    await asked(pilot, BURNED)
    await until(pilot, lambda: "Neue" in on_screen(app) or "Noch einmal" in on_screen(app, "Footer"))


async def too_long(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    app.chat.query_one(Composer).text = "Warum? " * 2000
    await until(pilot, lambda: "Zeichen: bitte kürzen" in on_screen(app, "#status"))


async def failed(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    app.chat.post_message(messages.LoadFailed("Kein Modell."))
    await until(pilot, lambda: "antwortet nicht: Strg+R versucht es neu" in on_screen(app, "#status"))
    await until(pilot, lambda: "Noch keine Antwort möglich" in on_screen(app))


async def commands(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    app.chat.query_one(Composer).text = "/gibtesnicht"
    await pilot.press("enter")
    await until(pilot, lambda: "/gibtesnicht gibt es nicht" in on_screen(app))


async def listed(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    await documents(pilot, app)
    await until(pilot, lambda: "Titel" in on_screen(app) and "Nur das" in on_screen(app, "Footer"))


async def marked(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    await pilot.press("space")
    await until(pilot, lambda: "Fragen gehen nur an 1 davon" in on_screen(app))


async def filtered(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    await pilot.press(*"zzz")
    await until(pilot, lambda: "Kein Dokument hat all diese Wörter" in on_screen(app))


async def indexing(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    assert isinstance(app.screen, DocumentsScreen)
    app.screen.show_progress(IndexedOn(1, 2, "muehle.txt"))
    app.chat.query_one(StatusLine).indexing = messages.IndexedOn(1, 2, "muehle.txt").told
    await until(pilot, lambda: "liest ein: 1 von 2: muehle.txt — Strg+S hält an" in on_screen(app))


async def reported(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    app.index([str(app.settings.library.parent / "notizen")])
    await until(pilot, lambda: app.screen.query_one(ReportList).display)
    await until(pilot, lambda: "1 unlesbar, 2 unverändert" in on_screen(app, "#documents-note"))


async def removing(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    await pilot.press("ctrl+d")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
    await until(pilot, lambda: "aus der Bibliothek entfernen? Die Datei selbst" in on_screen(app))
    await until(pilot, lambda: "Behalten" in on_screen(app) and "j Ja" in on_screen(app, "Footer"))


async def removed(pilot: Pilot[None], app: BelegApp) -> None:
    await removing(pilot, app)
    await pilot.press("j")
    await until(pilot, lambda: "ist entfernt. Strg+Z holt es zurück." in on_screen(app))


async def adding(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    await pilot.press("ctrl+a")
    await until(pilot, lambda: isinstance(app.screen, AddDocumentsScreen))
    await until(pilot, lambda: "Dokumente hinzufügen" in on_screen(app) and "Pfad — Tab" in on_screen(app))


async def limiting(pilot: Pilot[None], app: BelegApp) -> None:
    await listed(pilot, app)
    await pilot.press("ctrl+f")
    await until(pilot, lambda: isinstance(app.screen, LimitScreen))
    await until(pilot, lambda: "Noch hat kein Dokument ein Schlagwort" in on_screen(app))


async def document(pilot: Pilot[None], app: BelegApp) -> None:
    await answered(pilot, app)
    await pilot.press("alt+1", "alt+1")
    await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
    await until(pilot, lambda: "Zitat 1 von 1 · Zeichen" in on_screen(app))


async def found(pilot: Pilot[None], app: BelegApp) -> None:
    await document(pilot, app)
    await pilot.press("slash", *"brannte")
    await until(pilot, lambda: "1 von 1 gefunden — Enter geht hin" in on_screen(app))


async def conversations(pilot: Pilot[None], app: BelegApp) -> None:
    await answered(pilot, app)
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
    await until(pilot, lambda: "1 gefunden" in on_screen(app) and "1 Frage" in on_screen(app))


async def deleting(pilot: Pilot[None], app: BelegApp) -> None:
    await conversations(pilot, app)
    await pilot.press("ctrl+d")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "löschen?" in on_screen(app))


async def deleted(pilot: Pilot[None], app: BelegApp) -> None:
    await deleting(pilot, app)
    await pilot.press("j")
    await until(pilot, lambda: "keines gefunden" in on_screen(app) and "holt es zurück, bis" in on_screen(app))


async def renaming(pilot: Pilot[None], app: BelegApp) -> None:
    await conversations(pilot, app)
    await pilot.press("f2")
    await until(pilot, lambda: isinstance(app.screen, NameScreen) and "Name des Gesprächs" in on_screen(app))


async def saving(pilot: Pilot[None], app: BelegApp) -> None:
    await answered(pilot, app)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, PathScreen) and "Gespräch speichern" in on_screen(app))


async def overwriting(pilot: Pilot[None], app: BelegApp) -> None:
    await saving(pilot, app)
    file = app.settings.library.parent / "notizen" / "muehle.txt"
    app.screen.query_one(Input).value = str(file)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and "Überschreiben" in on_screen(app))


async def helping(pilot: Pilot[None], app: BelegApp) -> None:
    await chat(pilot, app)
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Beim Tippen einer Frage" in on_screen(app))


async def palette(pilot: Pilot[None], app: BelegApp) -> None:
    await answered(pilot, app)
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette) and "Neues Gespräch" in on_screen(app))


async def palette_s_end(pilot: Pilot[None], app: BelegApp) -> None:
    await palette(pilot, app)
    await pilot.press("up")
    await pilot.pause()


ROADS = [chat, answered, too_long, failed, commands, listed, marked, filtered, indexing, reported, removing, removed]
ROADS += [adding, limiting, document, found, conversations, deleting, deleted, renaming, saving, overwriting]
ROADS += [helping, palette, palette_s_end]
