"""Held: a question about what destroys is answered with yes only by a key or a button that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_chat import until
from textual.app import App
from textual.widgets import Button

from tui.screens.path import ConfirmScreen


class Asking(App[None]):
    CSS_PATH = Path(__file__).parents[2] / "tui/app.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[bool | None] = []

    def on_mount(self) -> None:
        self.push_screen(ConfirmScreen("Remove it?", yes="Remove", no="Keep"), self.answers.append)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("enter", False),
        ("n", False),
        ("escape", False),
        ("left left enter", False),
        ("y", True),
        ("right enter", True),
        ("tab enter", True),
        ("down enter", True),
    ],
)
async def test_enter_means_no_and_yes_has_to_be_gone_to(keys: str, answer: bool) -> None:
    app = Asking()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.answers == [answer])


async def test_the_answers_say_what_they_do_and_the_safe_one_has_the_focus() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Button) and str(app.focused.label) == "Keep")
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "Remove it?" in shown and shown.index("Keep") < shown.rindex(" Remove ") and "y Yes" in shown


async def test_a_click_on_the_button_that_says_so_means_yes() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focused is not None)
        await pilot.click("#yes")
        await until(pilot, lambda: app.answers == [True])
