"""An input for a path, completed with Tab."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from rag.documents.shell_words import written
from rag.localization import gettext

_SHELL = re.compile(r"['\"\\]|^file:", re.IGNORECASE)  # of a line that is more than a bare path
_WHOLE = re.compile(r"['\"]?[/~]|file:|[A-Za-z]:\\", re.IGNORECASE)  # how a path in full begins


def completions(typed: str, endings: Sequence[str] = ()) -> list[str]:
    """Return the paths that `typed` may go on to, folders with a slash; with `endings`, only such files."""
    head, tail = os.path.split(typed)
    try:
        folder = Path(head or ".").expanduser()
        entries = sorted(os.scandir(folder), key=lambda entry: (entry.name.lower(), entry.name))
    except (OSError, ValueError, RuntimeError):  # the last: nobody's home
        return []
    found = []
    for entry in entries:
        if not entry.name.startswith(tail) or (entry.name.startswith(".") and not tail.startswith(".")):
            continue
        if not entry.name.isprintable():  # it could not be typed, nor shown as it is
            continue
        try:
            is_folder = entry.is_dir()
        except OSError:
            continue
        if is_folder or not endings or entry.name.lower().endswith(tuple(endings)):
            found.append(os.path.join(head, entry.name) + ("/" if is_folder else ""))  # noqa: PTH118 - keeps "~" and "./"
    return found


class _Paths(Suggester):
    def __init__(self, endings: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        found = completions(value, self._endings) if value else []
        return next((path for path in found if path != value), None)


class PathInput(Input):
    """Shows how the path may go on; Tab takes that, as far as all that begin so have it in common."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", id="complete", priority=True)]

    def __init__(
        self, value: str = "", *, placeholder: str = "", endings: Sequence[str] = (), several: bool = False
    ) -> None:
        super().__init__(value, placeholder=placeholder, suggester=_Paths(endings), compact=True, select_on_focus=False)
        self._endings = endings
        self._several = several

    def _on_paste(self, event: events.Paste) -> None:
        """Make one line of a list of paths, and part it from what stands before; the input itself inserts it then."""
        if not self._several:
            return
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        if len(lines) > 1:  # a path each, bare or as a shell has it
            lines = [line if _SHELL.search(line) else written(line) for line in lines]
        before = self.value[: self.selection.start]
        apart = " " if before and not before.endswith((" ", "'", '"')) and _WHOLE.match("".join(lines[:1])) else ""
        event.text = apart + " ".join(lines)

    def action_complete(self) -> None:
        found = completions(self.value, self._endings)
        common = os.path.commonprefix(found)  # noqa: RUF071 - of characters, as a shell completes
        if len(common) > len(self.value):
            self.value = common
        elif found:
            self.app.notify(
                "   ".join(Path(path).name for path in found[:12]), title=gettext("Goes on as"), markup=False
            )
        self.cursor_position = len(self.value)
