"""What any program on a whole terminal does: it takes what is typed and pasted in order, and ends in order."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, cast

from rich.text import Text
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App, SystemCommand
from textual.command import CommandList, CommandPalette
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widgets.option_list import Option
from textual.worker import WorkerFailed

from rag.cli.options import UNUSABLE
from rag.localization import gettext
from rag.system import logs
from rag.system.cancellation import Stopped
from rag.text.sanitize import plain
from tui import clipboard

_AGAIN = 2.0  # seconds in which ctrl+c, pressed again, quits
_ENDS = re.compile(r"\r\n?")
# What terminals send for alt and a digit, Textual takes for signs of a Mac's keyboard: "£" for alt+3.
for _digit in "123456789":
    cast("dict[str, object]", ANSI_SEQUENCES_KEYS).pop(f"\x1b{_digit}", None)


def size_classes(screen: Screen[Any]) -> Iterator[str]:
    """Yield the classes that a screen has at the terminal's size. Textual gives it them once it was painted without."""
    app = screen.app
    across = app.HORIZONTAL_BREAKPOINTS if screen.HORIZONTAL_BREAKPOINTS is None else screen.HORIZONTAL_BREAKPOINTS
    down = app.VERTICAL_BREAKPOINTS if screen.VERTICAL_BREAKPOINTS is None else screen.VERTICAL_BREAKPOINTS
    for size, points in ((app.size.width, across), (app.size.height, down)):
        yield from [name for least, name in sorted(points or (), reverse=True) if size >= least][:1]


class Palette(CommandPalette):
    """Textual's palette, which can say that nothing is found in English only."""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        self._stop_no_matches_countdown()
        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, partial(self._tell_none, search_value))

    def _tell_none(self, search_value: str) -> None:
        if search_value:
            none = Text(gettext("Nothing found"), style="not bold", justify="center")
            self.query_one(CommandList).add_option(Option(none, disabled=True, id=self._NO_MATCHES))
        self._list_visible = bool(search_value)


class TerminalApp(App[None]):
    """An application of which a signal, an error or ctrl+c leaves the terminal as it was."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (12, "-roomy")]  # noqa: RUF012 - as Textual declares it

    def __init__(self) -> None:
        super().__init__()
        self._running_in: asyncio.AbstractEventLoop | None = None
        self._is_ready = self._quitting = False
        self._told: dict[str, str] = {}  # the last note on each thing
        self._wanted_out = -_AGAIN  # when ctrl+c was pressed last
        self._once_painted: list[Callable[[], None]] = []

    # --- for the application to say -------------------------------------------------------

    def tell(self, text: str, *, bad: bool = False, about: str = "") -> None:
        """Show a note for a while, which `untell` takes away if it is said what it is `about`; it is never markup."""
        self._told[about] = plain(text)
        self.notify(self._told[about], severity="error" if bad else "information", markup=False, timeout=8)

    def once_painted(self, act: Callable[[], None]) -> None:
        """Have something done after the first paint; to be said before the application runs."""
        self._once_painted.append(act)

    def untell(self, about: str) -> None:
        """Take a note away whose cause is gone."""
        if (told := self._told.pop(about, None)) is not None:
            for note in [note for note in self._notifications if note.message == told]:
                self._unnotify(note)

    def before_typing(self, event: events.Key | events.Paste) -> None:
        """Do what has to be done before what is typed goes to what has the focus."""

    def stop_working(self) -> bool:
        """Stop what runs for the person; return whether anything did."""
        return False

    def quit_engine(self) -> None:
        """Stop all that runs, for good."""

    # --- typing ---------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if isinstance(event, events.Paste):  # inputs draw what they hold as it is
                event.text = plain(_ENDS.sub("\n", event.text))
            self.before_typing(event)
        await super().on_event(event)

    def send_to_clipboard(self, text: str) -> None:
        """Ask the terminal to copy a text, and keep it for ctrl+v."""
        super().copy_to_clipboard(text)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what is selected, and say how."""
        worked, said = clipboard.copy(self.send_to_clipboard, text, gettext("The selection"))
        self.tell(said, bad=not worked)

    def on_mount(self) -> None:
        for act in self._once_painted:
            self.call_after_refresh(act)

    # --- ending ---------------------------------------------------------------------------

    def on_load(self) -> None:
        self._running_in = asyncio.get_running_loop()
        self.app_resume_signal.subscribe(self, self._draw_anew, immediate=True)

    def _draw_anew(self, _: App[None]) -> None:
        """Draw all: the terminal holds nothing of what was there before the program was suspended."""
        self.screen.refresh(layout=True, repaint=True)
        self.call_after_refresh(self.refresh, layout=True, repaint=True)

    def on_ready(self) -> None:
        self._is_ready = True
        if self._quitting:
            self.exit()

    def action_help_quit(self) -> None:
        """What ctrl+c does where nothing is selected: stop what runs, and quit if it is pressed again."""
        now = time.monotonic()
        if now - self._wanted_out < _AGAIN:
            self.call_later(self.action_quit)
            return
        self._wanted_out = now
        if not self.stop_working():
            self.notify(gettext("ctrl+c again quits"), markup=False, timeout=_AGAIN)  # for as long as it is true

    async def action_quit(self) -> None:
        self.quit_engine()
        self.exit()

    def quit_by_signal(self) -> None:
        """Quit soon; may be called in the midst of anything in the thread that the application runs in."""
        if self._running_in is None:  # it has not begun, and so has nothing to put in order
            raise Stopped
        self.quit_engine()
        self._running_in.call_soon_threadsafe(self._quit_once_ready)

    def _quit_once_ready(self) -> None:
        self._quitting = True
        if self._is_ready:  # else a screen that is half made would be taken down
            self.exit()

    def _fatal_error(self) -> None:
        """End with a sentence. Textual's own traceback would show what is in the variables: documents, questions."""
        error = self._exception or RuntimeError()
        sentence = logs.unexpected(error.error if isinstance(error, WorkerFailed) else error)
        if not self._exit_renderables:  # Textual prints the first
            self._exit_renderables.append(Text(f"beleg: {plain(sentence)}"))
        self._return_code = UNUSABLE
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:  # noqa: ARG002
        yield SystemCommand(gettext("Theme"), gettext("Other colours, light or dark"), self.action_change_theme)
        yield SystemCommand(gettext("Quit"), gettext("Leave Beleg"), self.action_quit)

    def action_command_palette(self) -> None:
        if not CommandPalette.is_open(cast("App[object]", self)):
            self.push_screen(Palette(placeholder=gettext("Search for commands…"), id="--command-palette"))

    def search_themes(self) -> None:
        placeholder = gettext("Search for themes…")
        self.push_screen(Palette(providers=[ThemeProvider], placeholder=placeholder))
