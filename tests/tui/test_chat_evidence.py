"""From an answer to its evidence: sources, documents at the place of a quote, and what the model was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_chat import (
    STONE,
    TROOPS,
    Scripted,
    asked,
    flat,
    on_screen,
    rows,
    running,
    stone,
    troops,
    until,
    visible,
)
from reading_documents import segments
from textual import events
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

from rag.index.versions import Version
from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.document import DocumentScreen
from tui.widgets.card import Card
from tui.widgets.composer import Composer
from tui.widgets.document_view import DocumentView
from tui.widgets.turn import Turn

WIDE, NARROW = (140, 40), (80, 24)
QUOTES = [flat(citation.quote.text) for citation in troops().citations]


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


async def focused(pilot: Pilot[None], app: BelegApp, n: int) -> Card:
    """Wait until card `n` is open and its quote is in view; return it."""
    card = app.chat.query_one("#sources").query(Card)[n - 1]
    composer = app.chat.query_one(Composer)  # a digit that is typed there leaves the focus there
    await until(pilot, lambda: card.has_class("open") and app.focused in (card, composer), f"card {n}")
    await until(pilot, lambda: QUOTES[n - 1] in on_screen(app, card), f"quote {n}")
    return card


async def in_document(pilot: Pilot[None], app: BelegApp, n: int) -> DocumentView:
    """Wait until the document is open with quote `n` on the screen; return the view."""
    await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
    await until(pilot, lambda: f"quote {n} of 3" in on_screen(app, "#document-status"))
    view = app.screen.query_one(DocumentView)
    await until(pilot, lambda: QUOTES[n - 1] in on_screen(app, view), f"quote {n} in its document")
    return view


def number(app: BelegApp, turn: Turn, n: int) -> tuple[int, int]:
    """Return where "[n]" first stands in a turn on the screen."""
    part = visible(app, turn)
    for y, line in enumerate(rows(app)[part.y : part.bottom], part.y):
        if (x := line.find(f"[{n}]", part.x, part.right)) >= 0:
            return x + 1, y
    raise AssertionError(f"[{n}] is not on the screen")


# --- cards -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_alt_and_a_digit_open_the_sources_at_their_quotes_and_the_question_goes_on(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings)
    async with running(app, size) as pilot:
        await asked(pilot)
        for n in (1, 2, 3):
            app.chat.query_one(Composer).focus()
            await pilot.press("a")
            app.post_message(events.Key(f"alt+{n}", str(n)))  # as a terminal's has it, with a character
            await focused(pilot, app, n)
            assert [card.n for card in app.chat.query(Card) if card.has_class("open")] == [n]
        assert app.chat.query_one(Composer).text == "aaa"


async def test_a_digit_in_the_question_is_always_text(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        await asked(pilot)
        await pilot.press("1", "2", "0")
        assert app.chat.query_one(Composer).text == "120" and not app.chat.query(".card.open")


def test_what_terminals_send_for_alt_and_a_digit_is_read_as_that() -> None:
    for digit in "123456789":
        parser = XTermParser()
        (event,) = [*parser.feed(f"\x1b{digit}"), *parser.feed("")]  # all that comes
        assert isinstance(event, events.Key) and event.key == f"alt+{digit}"
    (sign,) = XTermParser().feed("§")
    assert isinstance(sign, events.Key) and sign.character == "§"


async def test_digits_open_sources_while_an_answer_has_the_focus(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is turn)
        await pilot.press("3")
        await focused(pilot, app, 3)
        await pilot.press("1")
        await focused(pilot, app, 1)


async def test_a_click_on_a_number_in_the_answer_opens_its_source(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        part = visible(app, turn)
        x, y = next(
            (line.index("[2]"), y)
            for y, line in enumerate(rows(app))
            if "[2]" in line[part.x : part.right] and "≠" not in line
        )
        await pilot.click(offset=(x + 1, y))
        await focused(pilot, app, 2)


async def test_a_click_on_a_number_where_sources_differ_opens_that_source(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        await until(pilot, lambda: "≠" in on_screen(app, turn))
        lines = rows(app)
        y = next(y for y, line in enumerate(lines) if "≠" in line)
        x = lines[y].index("[3]") if "[3]" in lines[y] else lines[y].index("[2]")
        await pilot.click(offset=(x + 1, y))
        await focused(pilot, app, int(lines[y][x + 1]))


async def test_a_click_on_a_number_in_an_older_answer_shows_its_sources(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (140, 60)) as pilot:
        turn = await asked(pilot)
        await asked(pilot, STONE)
        await pilot.click(offset=number(app, turn, 3))
        await until(pilot, lambda: len(app.chat.query(Card)) == 3)
        await focused(pilot, app, 3)


async def test_what_is_marked_and_glossed_is_on_the_card(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        await asked(pilot)
        await pilot.press("alt+1")
        card = await focused(pilot, app, 1)
        assert "word by word: In Kursk stand after the words" in on_screen(app, card)
        shown = card.render()
        marks = [str(shown)[span.start : span.end] for span in shown.spans if "underline" in str(span.style)]
        assert marks == ["11.000"]


# --- documents ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["alt+2", "enter"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_same_digit_or_enter_opens_the_document_with_the_quote_highlighted(
    settings: Settings, key: str, size: tuple[int, int]
) -> None:
    app = chat(settings)
    async with running(app, size) as pilot:
        await asked(pilot)
        await pilot.press("alt+2")
        await focused(pilot, app, 2)
        await pilot.press(key)
        view = await in_document(pilot, app, 2)
        await until(pilot, lambda: segments(app, view, "document--current", "document--mark") == QUOTES[1])
        assert segments(app, view, "document--mark") == "8,000"
        assert "Counting soldiers" in on_screen(app, "#document-title")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_n_goes_through_the_quotes_into_other_documents_and_n_capital_back(
    settings: Settings, size: tuple[int, int]
) -> None:
    app = chat(settings)
    async with running(app, size) as pilot:
        await asked(pilot)
        await pilot.press("alt+1")
        await focused(pilot, app, 1)
        await pilot.press("alt+1")
        view = await in_document(pilot, app, 1)
        for key, n in (("n", 2), ("n", 3), ("n", 1), ("N", 3), ("N", 2), ("N", 1)):
            await pilot.press(key)
            assert await in_document(pilot, app, n) is view
            await pilot.pause()
            await pilot.pause()
            assert QUOTES[n - 1] in on_screen(app, view), f"quote {n} stays"
            assert QUOTES[n - 1] in segments(app, view, "document--current", "document--mark")


# --- the context -------------------------------------------------------------------------


async def test_an_answer_that_was_not_found_says_so_and_its_passages_are_no_evidence(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot, "What does the mill cost?")
        assert turn.state == "not-found" and turn.has_class("not-found")
        await until(pilot, lambda: "∅ alt+1 shows what comes nearest" in on_screen(app, turn))
        assert "I found no sentence that answers this." in on_screen(app, turn)
        await until(pilot, lambda: "Nearest passages — not evidence" in on_screen(app, "#sources-title"))
        assert len(app.chat.query(".card.nearest")) == len(app.chat.query(Card)) == 3


async def test_figures_that_differ_are_named(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        said = "≠ The sources give different figures: 11.000 [1] · 8,000 [2] · rund 8.000 [3]"
        await until(pilot, lambda: said in on_screen(app, turn))


async def test_figures_that_agree_are_not_mentioned(settings: Settings) -> None:
    app = BelegApp(settings, open_=Scripted({TROOPS: replace(troops(), figures=())}).open)
    async with running(app, WIDE) as pilot:
        turn = await asked(pilot)
        assert turn.state == "answered" and "different figures" not in on_screen(app)


# --- turns and places ----------------------------------------------------------------------


async def test_selecting_an_older_turn_shows_its_sources(settings: Settings) -> None:
    app = chat(settings)
    found = flat(stone().citations[0].quote.text)[:40]
    async with running(app, WIDE) as pilot:
        first = await asked(pilot, STONE)
        second = await asked(pilot, TROOPS)
        await until(pilot, lambda: QUOTES[0] in on_screen(app, "#sources").replace("│ ", "").replace(" │", ""))
        await pilot.press("escape", "shift+tab")
        await until(pilot, lambda: app.focused is first and first.has_class("selected"))
        await until(pilot, lambda: found in on_screen(app, app.chat.query(Card)[0]))
        assert len(app.chat.query(Card)) == 1 and not second.has_class("selected")
        await pilot.click(second)
        await until(pilot, lambda: len(app.chat.query(Card)) == 3)


async def test_a_source_names_copies_and_the_newest_version_also_where_there_are_no_passages(
    settings: Settings,
) -> None:
    first, *others = troops().citations
    noted = replace(first, also_in=("copy.md",), older_than=Version("1", "news 2025", "2025-02"))
    whole = replace(troops(), status="about", citations=(noted, *others), passages=())
    app = BelegApp(settings, open_=Scripted({TROOPS: whole}).open)
    async with running(app, WIDE) as pilot:
        await asked(pilot)
        card, *rest = app.chat.query(Card)
        assert "older; newest version: news 2025 (2025-02) · also in copy.md" in flat(str(card.render()))
        assert not any("also in" in str(other.render()) for other in rest)


async def test_sources_are_beside_a_wide_conversation_and_below_a_narrow_one(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, WIDE) as pilot:
        await asked(pilot)
        conversation, sources = app.chat.query_one("#conversation"), app.chat.query_one("#sources")
        await until(pilot, lambda: sources.region.area > 0)
        assert sources.region.x == conversation.region.right and sources.region.y == conversation.region.y
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: sources.region.y == conversation.region.bottom)
        assert sources.region.x == conversation.region.x and sources.region.width == conversation.region.width == 80


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 16)])
async def test_nothing_that_is_needed_is_off_the_screen(settings: Settings, size: tuple[int, int]) -> None:
    app = chat(settings)
    async with running(app, size) as pilot:
        await asked(pilot)
        await pilot.press(*"ab", "ctrl+j", *"cd")
        await pilot.pause()
        for name in ("#conversation", "#sources", "#composer", "#status", "Footer"):
            region = app.chat.query_one(name).region
            assert region.height >= 1 and region in app.chat.region, name
        assert "ab" in on_screen(app, "#composer") and "cd" in on_screen(app, "#composer")
        assert "ready" in on_screen(app, "#status")
