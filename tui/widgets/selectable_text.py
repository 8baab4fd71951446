"""Text that can be clicked and selected with the mouse, one apart from the other."""

from __future__ import annotations

from textual import events
from textual.geometry import Offset
from textual.widgets import Static


class SelectableText(Static):
    """Follows no click that ends a selection: Textual takes it for one wherever button and widget are the same."""

    _pressed = Offset(-1, -1)  # where on the screen the mouse's button went down

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed = event.screen_offset

    def on_click(self, event: events.Click) -> None:
        if event.screen_offset == self._pressed:
            self.clicked(event)
        else:
            event.prevent_default()  # no link is followed
            event.stop()

    def clicked(self, event: events.Click) -> None:
        """Do what a click does here, beside following the link that is there."""
