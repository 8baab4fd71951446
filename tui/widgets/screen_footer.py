"""The footer of the screens that are opened from the chat."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_EVERYWHERE = {"help", "seeds"}  # what of the application's keys matters on any screen


class ScreenFooter(Footer):
    """Shows the keys of its screen, and that of the help. With the application's others a line would not hold them."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        others = {
            active.binding.action
            for active in self.screen.active_bindings.values()
            if active.node is self.app and active.binding.action not in _EVERYWHERE
        }
        for key in super().compose():
            if not isinstance(key, FooterKey) or key.action not in others:
                yield key
