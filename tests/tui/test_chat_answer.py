"""How an answer looks: its answering words, its numbers, rows of tables, what is nearest, and text that is selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fake_chat import TROOPS, Scripted, asked, flat, on_screen, quote, rows, running, stone, troops, until, visible
from rich.segment import Segment
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from timetable import timetable

from rag.answering.answer import Answer, Citation
from rag.answering.attribution import Statement
from rag.documents.document import Document
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.context import ContextScreen
from tui.screens.document import DocumentScreen
from tui.widgets.card import Card
from tui.widgets.conversation import Conversation
from tui.widgets.status import StatusLine
from tui.widgets.turn import Turn

WIDE, NARROW = (140, 40), (80, 24)
BOTH = pytest.mark.parametrize("size", [WIDE, NARROW])
TABLE = "| Ferry | Built | Runs |\n|---|---|---|\n| Luise | 1928 | daily |\n"
LUISE = ["Ferry: Luise", "Built: 1928", "Runs: daily"]
NOWHERE = "What does the mill cost?"


def chat(settings: Settings, told: Answer) -> BelegApp:
    return BelegApp(settings, open_=Scripted({told.question: told}).open)


def of_table() -> Answer:
    """An answer that is a row of a table, its second cell marked, and a quote."""
    document = Document("0", "/f.md", "f.md", "Ferries", None, "en", TABLE, 0, (0,), "0")
    row, other = quote(document, "| Luise", "daily |", "1928"), stone().citations[0].quote
    statements = tuple(Statement(each.reading.text, (n,), True) for n, each in enumerate((row, other), 1))
    citations = tuple(Citation(n, each, 1) for n, each in enumerate((row, other), 1))
    return replace(stone(), question=TROOPS, standalone=TROOPS, statements=statements, citations=citations)


def written(*sentences: str) -> Answer:
    """An answer of which a sentence each was written from its quotes."""
    said = tuple(Statement(text, (n,), True) for n, text in enumerate(sentences, 1))
    return replace(troops(), mode="compose", statements=said)


def refused(language: str = "en") -> Answer:
    """An answer that found nothing, but a sentence that was the nearest."""
    nearest = replace(stone().citations[0].quote, marks=())
    return replace(
        stone(), question=NOWHERE, standalone=NOWHERE, language=language, status="not_found", statements=(),
        citations=(), text="I found no sentence that answers this.", declined=nearest,
    )  # fmt: skip


def drawn(app: BelegApp, widget: Widget) -> list[Segment]:
    """Return what is drawn of a widget."""
    part = visible(app, widget)
    strips = app.screen._compositor.render_strips()[part.y : part.bottom]
    return [segment for strip in strips for segment in strip.crop(part.x, part.right)]


def standing_out(app: BelegApp, widget: Widget) -> list[str]:
    """Return the runs of text of a widget on the screen that are both bold and underlined."""
    looks = [(part.text, bool(part.style and part.style.bold and part.style.underline)) for part in drawn(app, widget)]
    return [text for text, out in looks if out]


def lines(app: BelegApp, widget: Widget) -> list[str]:
    part = visible(app, widget)
    return [row[part.x : part.right].strip() for row in rows(app)[part.y : part.bottom]]


def at(app: BelegApp, widget: Widget, text: str) -> tuple[int, int]:
    """Return where a text first stands in a widget on the screen."""
    part = visible(app, widget)
    found = ((rows(app)[y].find(text, part.x, part.right), y) for y in range(part.y, part.bottom))
    return next((x, y) for x, y in found if x >= 0)


async def drag(pilot: Pilot[None], app: BelegApp, *places: tuple[int, int]) -> None:
    """Draw the mouse from the first place over the others, as a terminal tells it: the end may be taken for a click."""
    moved = [(events.MouseMove, each) for each in places[1:]]
    for kind, (x, y) in [(events.MouseDown, places[0]), *moved, (events.MouseUp, places[-1])]:
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        await pilot.pause()
    await pilot.pause()


def said(turn: Turn) -> Widget:
    return turn.query_one(".said")


# --- the words that answer ---------------------------------------------------------------


@BOTH
async def test_the_answering_words_of_a_quote_stand_out_in_the_answer(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings, troops())
    async with running(app, size) as pilot:
        turn = await asked(pilot)
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        found = standing_out(app, said(turn))
        assert found[:2] == ["11.000", "8,000"] and found[2:] in ([], ["rund 8.000"])  # if that is in view


@BOTH
async def test_in_a_written_answer_the_words_stand_out_that_tell_what_answers(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings, written("President Zelensky says that 11,000 soldiers are there.", "Others know nothing."))
    async with running(app, size) as pilot:
        turn = await asked(pilot)
        assert "there. [1] Others know nothing. [2]" in on_screen(app, said(turn))
        assert standing_out(app, said(turn)) == ["11,000"]


# --- rows of tables ----------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("joined", [False, True])
async def test_a_row_of_a_table_is_a_line_a_column_in_the_answer(
    settings: Settings, size: tuple[int, int], joined: bool
) -> None:
    told = of_table()
    app = chat(settings, replace(told, mode="compose" if joined else "quote"))
    async with running(app, size) as pilot:
        turn = await asked(pilot)
        assert lines(app, said(turn))[:3] == [*LUISE[:2], "Runs: daily [1]"]
        assert lines(app, said(turn))[3 if joined else 4].startswith("French soldiers")
        assert standing_out(app, said(turn)) == ["1928", "July 1799"]


@BOTH
async def test_a_row_of_a_table_is_a_line_a_column_on_its_card(settings: Settings, size: tuple[int, int]) -> None:
    app = chat(settings, of_table())
    async with running(app, size) as pilot:
        await asked(pilot)
        card = app.chat.query(Card).first()
        assert lines(app, card)[:3] == LUISE
        assert standing_out(app, card) == ["1928"]


# --- what is nearest ---------------------------------------------------------------------


@BOTH
async def test_where_nothing_answers_the_nearest_sentence_comes_first_and_then_the_passages(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings, refused())
    async with running(app, size) as pilot:
        turn = await asked(pilot, NOWHERE)
        assert "∅ alt+1 shows what comes nearest" in on_screen(app, turn)
        assert on_screen(app, "#sources-title") == "Nearest sentence — not evidence"
        shown = on_screen(app, "#sources")
        assert shown.index("French soldiers") < shown.index("Nearest passages — not evidence")
        assert len(app.chat.query(".card.nearest")) == 4 and standing_out(app, app.chat.query(Card).first()) == []
        await pilot.press("alt+1", "enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "French soldiers" in on_screen(app, "#document"))


async def test_where_no_sentence_is_known_there_are_passages_alone_and_an_answer_after_it_has_its_own(
    settings: Settings,
) -> None:
    earlier = replace(refused(), question="Was?", standalone="Was?", declined=None, language="de")
    app = BelegApp(settings, open_=Scripted({NOWHERE: refused(), "Was?": earlier, TROOPS: troops()}).open)
    async with running(app, WIDE) as pilot:
        await asked(pilot, NOWHERE)
        await asked(pilot, "Was?")
        assert on_screen(app, "#sources-title") == "Nächstliegende Passagen – kein Beleg"
        assert not app.chat.query(".nearest-title") and len(app.chat.query(Card)) == 3
        await asked(pilot, TROOPS)
        assert on_screen(app, "#sources-title") == "Sources" and not app.chat.query(".nearest-title")


async def test_the_words_around_an_answer_are_in_the_language_of_its_question(settings: Settings) -> None:
    told = replace(troops(), language="de", standalone="Wie viele sind dort?")
    app = chat(settings, told)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        assert "gefragt als: Wie viele sind dort?" in on_screen(app, turn)
        sources = on_screen(app, "#sources")
        assert sources.startswith("Quellen") and " · Deutsch · " in sources and "Wort für Wort: In Kursk" in sources


@BOTH
async def test_which_documents_were_asked_stands_on_the_turn_and_in_a_refusal(
    settings: Settings, size: tuple[int, int]
) -> None:
    german = replace(refused("de"), question="Was?", standalone="Was?")
    said = {TROOPS: troops(), NOWHERE: refused(), "Was?": german}
    app = BelegApp(settings, open_=Scripted({q: replace(each, limited=(2, 6)) for q, each in said.items()}).open)
    async with running(app, size) as pilot:
        await until(pilot, lambda: app.chat.query_one(StatusLine).documents)
        app.limit({"a", "b"})
        turn = await asked(pilot, TROOPS)
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        assert on_screen(app, turn.query_one(".limit")) == "limited to 2 of 6 documents"
        turn = await asked(pilot, NOWHERE)
        assert "∅ alt+1 shows what comes nearest" in on_screen(app, turn)
        assert on_screen(app, turn).count("limited to 2 of 6 documents") == 1
        turn = await asked(pilot, "Was?")
        assert on_screen(app, turn.query_one(".limit")) == "beschränkt auf 2 von 6 Dokumenten"
        app.action_new()  # and it does once the conversation is opened again
        await until(pilot, lambda: not app.chat.turns)
        app.limit(set())
        app.open_conversation(app.engine.conversations().latest())
        await until(pilot, lambda: len(app.chat.turns) == 3)
        app.chat.query_one("#conversation").scroll_home(animate=False)
        await pilot.pause()
        assert on_screen(app, app.chat.turns[0].query_one(".limit")) == "limited to 2 of 6 documents"


# --- the mouse ---------------------------------------------------------------------------


async def test_text_of_an_answer_is_selected_with_the_mouse_and_ctrl_c_copies_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chat(settings, troops())
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        answer = said(turn)
        (x, y), (to, below) = at(app, answer, "Selenskyj"), at(app, answer, "8,000")
        await drag(pilot, app, (x, y), (x + 3, y), (to + 5, below))
        await pilot.press("ctrl+c")
        text = " ".join(f"{statement.text} [{n}]" for n, statement in enumerate(troops().statements, 1))
        begin = text.index("Selenskyj")
        assert flat(copied[-1]) == text[begin : text.index("8,000") + 5]


async def test_a_selection_that_ends_on_a_number_follows_no_link(settings: Settings) -> None:
    app = chat(settings, troops())
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        x, y = at(app, said(turn), "[1]")
        await drag(pilot, app, (x - 8, y), (x - 2, y), (x + 1, y))
        assert app.screen.get_selected_text() and not app.chat.query(".card.open")
        await pilot.click(offset=(x + 1, y))
        await until(pilot, lambda: app.chat.query(Card).first().has_class("open"))


async def test_a_card_opens_by_a_click_and_not_by_a_selection_of_its_text(settings: Settings) -> None:
    app = chat(settings, troops())
    async with running(app, WIDE) as pilot:
        await asked(pilot)
        card = app.chat.query(Card).first()
        x, y = at(app, card, "Selenskyj")
        await drag(pilot, app, (x, y), (x + 4, y), (x + 8, y))
        assert app.screen.get_selected_text() == "Selenskyj" and not card.has_class("open")
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: card.has_class("open"))
        await drag(pilot, app, (card.region.x + 2, card.region.y + 1), (card.region.x + 12, card.region.y + 2))
        assert app.screen is app.chat


# --- the context -------------------------------------------------------------------------


@BOTH
async def test_a_number_in_the_context_opens_its_source(settings: Settings, size: tuple[int, int]) -> None:
    app = chat(settings, troops())
    async with running(app, size) as pilot:
        await asked(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))
        app.screen.query_one(".sentences").scroll_visible(animate=False, immediate=True, top=True)
        await pilot.pause()
        await until(pilot, lambda: "[2]" in on_screen(app, ".sentences"))
        x, y = at(app, app.screen.query_one(".sentences"), "[2]")
        await pilot.click(offset=(x + 1, y))
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "quote 2 of 3" in on_screen(app, "#document-status"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))


def growing(statements: Sequence[Statement]) -> list[tuple[Statement, ...]]:
    return [tuple(statements[:n]) for n in range(1, len(statements) + 1)]


async def test_what_is_written_already_is_not_made_anew_while_an_answer_grows(settings: Settings) -> None:
    app = chat(settings, troops())
    async with running(app, WIDE) as pilot:
        turn = await app.chat.query_one(Conversation).add("What?")
        await pilot.pause()
        before: list[object] = []
        for statements in growing(troops().statements):
            await turn.write(statements, True)
            assert [id(each) for each in turn._said[: len(before)]] == [id(each) for each in before]
            before = list(turn._said)
        await pilot.pause()
        whole = " ".join(f"{each.text} [{n}]" for n, each in enumerate(troops().statements, 1))
        assert on_screen(app, said(turn)) == whole
        await turn.write(troops().statements[1:], False)
        await pilot.pause()
        assert on_screen(app, said(turn)).startswith("On 31 October")


@BOTH
async def test_the_answer_and_its_cards_say_the_headings_that_tell_two_quotes_apart(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings, replace(timetable("19:42.", "17:42."), question=TROOPS, standalone=TROOPS))
    async with running(app, size) as pilot:
        turn = await asked(pilot)
        said = " ".join(on_screen(app, turn).split())
        assert "the last one at 19:42. [1] · Saturday" in said and "17:42. [2] · Sunday – In winter" in said
        first, second = app.chat.query(Card)
        assert on_screen(app, first).count("Saturday") == 1 and "#" not in on_screen(app, first)
        assert "p. 1" not in on_screen(app, first)
        await pilot.press("alt+2")
        await until(pilot, lambda: "Sunday" in on_screen(app, second))
        assert "In winter" in on_screen(app, second) and "#" not in on_screen(app, second)
