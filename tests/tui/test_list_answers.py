"""Held: an answer that lists what there is has room for its lines, on a small terminal too."""

from __future__ import annotations

from dataclasses import replace

from fake_chat import TROOPS, Scripted, asked, on_screen, running, troops

from rag.answering.attribution import Statement
from rag.settings import Settings
from tui.app import BelegApp
from tui.widgets.source import Sources


async def test_at_80_columns_a_list_is_a_line_each_and_takes_more_room_than_its_cards(settings: Settings) -> None:
    said = tuple(Statement(f"Title number {n}", (1,), True) for n in range(1, 14))
    app = BelegApp(settings, open_=Scripted({TROOPS: replace(troops(), status="about", statements=said)}).open)
    async with running(app, (80, 24)) as pilot:
        turn = await asked(pilot)
        seen = [n for n in range(1, 14) if f"Title number {n} [1]" in on_screen(app, turn)]
        assert len(seen) >= 11
        assert 4 <= app.chat.query_one(Sources).size.height <= 6
