"""Held: a key is called as it stands on the person's keyboard, wherever the interface names it."""

from __future__ import annotations

import pytest

from tui.key_names import in_footer, named


def test_in_english_keys_are_called_as_before() -> None:
    names = ["ctrl+l", "alt+1", "f1", "escape", "enter", "space", "pageup", "shift+n", "n", "N", "slash", "+"]
    shown = ["ctrl+l", "alt+1", "f1", "esc", "Enter", "space", "PgUp", "shift+n", "n", "N", "/", "+"]
    assert [named(name) for name in names] == shown
    assert [in_footer(shown) for shown in ("^l", "f9", "esc", "⏎", "space")] == ["^l", "f9", "esc", "⏎", "space"]


@pytest.mark.usefixtures("german")
def test_in_german_they_are_called_as_on_a_german_keyboard() -> None:
    names = ["ctrl+l", "alt+1", "ctrl+shift+a", "f12", "escape", "tab", "space", "pageup", "pagedown", "n", "N"]
    shown = ["Strg+L", "Alt+1", "Strg+Umschalt+A", "F12", "Esc", "Tab", "Leertaste", "Bild↑", "Bild↓", "n", "N"]
    assert [named(name) for name in names] == shown
    assert [in_footer(shown) for shown in ("^l", "f9", "esc", "⏎", "N")] == ["^l", "F9", "Esc", "⏎", "N"]
