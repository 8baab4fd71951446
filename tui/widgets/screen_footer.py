"""Footers: the keys that matter here, in the interface's language."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from rag.localization import gettext
from tui.key_names import in_footer

_EVERYWHERE = {"help", "seeds"}  # what of the application's keys matters on any screen


class KeyFooter(Footer):
    """Shows the keys that do something here."""

    def __init__(self, *, compact: bool = False) -> None:
        super().__init__(show_command_palette=False, compact=compact)

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Show as many keys as there is room for, each whole."""
        room = self.size.width
        for key in self.query(FooterKey):
            room -= key.render().cell_len
            key.display = room >= 0
            room -= key.styles.margin.width

    def compose(self) -> ComposeResult:
        self.call_after_refresh(self._fit)
        for key in super().compose():
            if isinstance(key, FooterKey):
                key.description = gettext(key.description)
                key.key_display = in_footer(key.key_display)
                key.tooltip = None  # which would say the same again
            yield key


class ScreenFooter(KeyFooter):
    """Shows the keys of its screen, and that of the help. With the application's others a line would not hold them."""

    def compose(self) -> ComposeResult:
        others = {
            active.binding.action
            for active in self.screen.active_bindings.values()
            if active.node is self.app and active.binding.action not in _EVERYWHERE
        }
        for key in super().compose():
            if not isinstance(key, FooterKey) or key.action not in others:
                yield key
