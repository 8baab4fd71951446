"""All keys, by place, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from rag.localization import gettext
from rag.text.sanitize import one_line
from tui.key_names import named

_WIDTH = 22  # of the column of keys

_OTHERS = {f"source-{n}" for n in range(2, 10)}  # which are as the first


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys do something, and which: a title, and the bindings that have names."""

    title: str
    bindings: tuple[Binding, ...]


class HelpScreen(ModalScreen[None]):
    """What keys do. `keys` are those that the settings give to names."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Back", key_display="esc")]

    def __init__(self, places: Sequence[Place], keys: Mapping[str, str]) -> None:
        super().__init__()
        self._places, self._keys = places, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", classes="dialog tall") as page:
            page.border_title = gettext("Keys")
            page.border_subtitle = gettext("esc closes")
            yield Static(_first(), classes="help-first", markup=False)
            for place in self._places:
                yield Static(Content(place.title), classes="help-place")
                yield Static(Content("\n").join(self._rows(place)), classes="help-keys")

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _rows(self, place: Place) -> Iterator[Content]:
        for binding in place.bindings:
            if binding.id in _OTHERS:
                continue
            keys = self._keys.get(binding.id or "", binding.key).split(",")
            shown = one_line(", ".join(named(key.strip()) for key in keys), 2 * _WIDTH)
            yield Content.assemble((shown.ljust(_WIDTH), "bold"), f" {gettext(binding.description)}")


def _first() -> str:
    return gettext(
        "Type, and Enter asks; what you type goes to the question wherever you are in the chat. Every [n] in an "
        "answer opens the exact words that it rests on, and Enter there the document at this place. "
        "ctrl+p finds all else. In the line at the bottom, which is short, ^l is ctrl+l."
    )
