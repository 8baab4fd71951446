"""The view of a document: how text becomes lines, and that a place in it stays in view."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.widgets.document_view import DocumentView, Highlight, wrap

WORDS = ["a", "brown fox", "Grundstücksverkehrsgenehmigung", "東京都庁", "字", "e\u0301", "\u0301\u0301", "ﷺ", "\u200b"]
WORDS += [
    "👩\u200d👩\u200d👧",
    "❤\ufe0f",
    "🇩🇪",
    "👍🏽",
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    "\u00a0",
    "\u3000",
    "-",
    "\r",
    "x" * 40,
]
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=40).map("".join)


def covered(text: str, lines: Sequence[tuple[int, int]]) -> str:
    """Return what of a text no line holds."""
    edges = [0, *(edge for line in lines for edge in line), len(text)]
    return "".join(text[left:right] for left, right in zip(edges[::2], edges[1::2], strict=True))


@settings(deadline=None, max_examples=500)
@given(texts, st.integers(2, 60))
def test_lines_hold_the_whole_text_but_its_line_breaks_in_order(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert lines[0][0] == 0 and lines[-1][1] == len(text)
    assert all(start <= end for start, end in lines)
    assert all(before[1] <= after[0] for before, after in pairwise(lines))
    assert covered(text, lines) == "\n" * text.count("\n")
    assert not any("\n" in text[start:end] for start, end in lines)


@settings(deadline=None, max_examples=500)
@given(texts, st.integers(2, 60))
@example("東京都庁❤\ufe0f", 3)
def test_no_line_is_wider_than_the_view_but_for_white_space_at_its_end(text: str, width: int) -> None:
    lines = [text[start:end].rstrip() for start, end in wrap(text, width)]
    assert [line for line in lines if cell_len(line) > width] == []


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=30), st.integers(12, 40))
def test_words_that_fit_are_kept_whole_and_lines_are_filled(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = [text[start:end] for start, end in wrap(text, width)]
    assert [word for line in lines for word in line.split()] == words
    for line, after in pairwise(lines):
        assert len(line.rstrip()) + 1 + len(after.split()[0]) > width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("\n", ["", ""]),
        ("one\n", ["one", ""]),
        ("\n\none", ["", "", "one"]),
        ("one two", ["one two"]),
        ("one two three", ["one two ", "three"]),
        ("abcdefghijk", ["abcdefgh", "ijk"]),
        ("abcdefgh ij", ["abcdefgh ", "ij"]),
        ("abcdefgh\nij", ["abcdefgh", "ij"]),
        ("日本語日本語", ["日本語日", "本語"]),
        ("日本 日本語", ["日本 ", "日本語"]),
        ("e\u0301" * 3, ["e\u0301" * 3]),
    ],
)
def test_a_text_is_broken_at_eight_cells(text: str, lines: list[str]) -> None:
    assert [text[start:end] for start, end in wrap(text, 8)] == lines


@pytest.mark.parametrize("width", [0, -3, 1])
def test_a_view_without_width_still_has_lines(width: int) -> None:
    assert covered("ab 字", wrap("ab 字", width)) == ""


_PROSE = "The mill at Oberwiesen burned down on 4 May 1907, and nobody was hurt. "


@pytest.mark.parametrize(
    "part",
    [
        _PROSE,
        _PROSE + "\n",
        "Die Mühle über dem Fluß brannte völlig nieder. ",
        "字",
        "x",
        " ",
        "e\u0301",
        "👩\u200d👧",
    ],
    ids=["prose", "lines", "umlauts", "wide", "a word", "spaces", "combining", "joined"],
)
@pytest.mark.parametrize("width", [20, 120])
def test_five_megabytes_wrap_in_five_seconds(part: str, width: int) -> None:
    text = part * (5_000_000 // len(part.encode()))
    started = time.perf_counter()
    lines = wrap(text, width)
    assert time.perf_counter() - started < 5
    assert lines[-1][1] == len(text)


# --- the widget ----------------------------------------------------------------------------

LINES = [f"Line {n} says that {n} is {'odd' if n % 2 else 'even'}, as 東京 {'does ' * (n % 9)}too." for n in range(400)]
TEXT = "\n".join(LINES)


class Tiny(App[None]):
    """The view alone, with the styles that the chat gives it."""

    CSS = """
    #document { height: 1fr; overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; }
    DocumentView > .document--quote { background: red; }
    DocumentView > .document--current { background: green; }
    DocumentView > .document--mark { background: blue; }
    DocumentView > .document--found { background: yellow; }
    """

    def compose(self) -> ComposeResult:
        yield DocumentView()

    @property
    def view(self) -> DocumentView:
        return self.query_one(DocumentView)

    def in_view(self, offset: int) -> bool:
        first = int(self.view.scroll_y)
        return first <= self.view.line_of(offset) < first + self.view.scrollable_content_region.height


async def shown(pilot: Pilot[None], text: str) -> DocumentView:
    """Show a text."""
    view = pilot.app.query_one(DocumentView)
    view.show(text)
    await pilot.pause()
    await pilot.pause()
    return view


async def resized(pilot: Pilot[None], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    for _ in range(4):
        await pilot.pause()


@pytest.mark.parametrize("width", [4, 20, 60, 140])
async def test_going_to_an_offset_brings_it_into_view_at_any_width(width: int) -> None:
    app = Tiny()
    async with app.run_test(size=(width, 15)) as pilot:
        view = await shown(pilot, TEXT)
        for offset in [0, 1, len(TEXT) - 1, len(TEXT) // 2, *(TEXT.index(f"Line {n} ") for n in (7, 390, 200))]:
            view.go(offset, offset + 5)
            await pilot.pause()
            assert app.in_view(offset)


async def test_a_place_asked_for_before_there_is_a_view_is_gone_to_once_there_is() -> None:
    app = Tiny()
    async with app.run_test(size=(60, 15)) as pilot:
        view = app.view
        view.show(TEXT)
        at = TEXT.index("Line 300 ")
        view.go(at, at + 8)
        for _ in range(3):
            await pilot.pause()
        assert app.in_view(at)


async def test_a_quote_is_shown_a_third_from_the_top_and_from_its_beginning_if_it_is_long() -> None:
    app = Tiny()
    async with app.run_test(size=(200, 30)) as pilot:
        view = await shown(pilot, TEXT)
        short, long = (TEXT.index("Line 100 "), TEXT.index("Line 101 ")), (TEXT.index("Line 200 "), len(TEXT))
        view.go(*short)
        assert 5 <= view.line_of(short[0]) - int(view.scroll_y) <= 12
        view.go(*long)
        assert view.line_of(long[0]) == int(view.scroll_y)


async def test_a_place_in_another_text_is_gone_to_at_once() -> None:
    app = Tiny()
    async with app.run_test(size=(60, 15)) as pilot:
        view = await shown(pilot, TEXT.upper())
        view.go(TEXT.index("Line 20 "), TEXT.index("Line 21 "))
        await pilot.pause()
        view.show(TEXT)
        at = TEXT.index("Line 300 ")
        view.go(at, at + 8)
        for _ in range(3):
            await pilot.pause()
        assert app.in_view(at)


@pytest.mark.parametrize("widths", [(120, 40, 120), (40, 120, 30), (60, 61, 8)])
async def test_resizing_keeps_the_quote_in_view(widths: Sequence[int]) -> None:
    app = Tiny()
    async with app.run_test(size=(widths[0], 15)) as pilot:
        view = await shown(pilot, TEXT)
        at = TEXT.index("Line 250 ")
        view.go(at, at + 20)
        for width in widths[1:]:
            await resized(pilot, width, 15)
            assert app.in_view(at)


@pytest.mark.parametrize("first", [False, True], ids=["only scrolled", "after a quote"])
async def test_resizing_keeps_the_place_that_the_reader_scrolled_to(first: bool) -> None:
    app = Tiny()
    async with app.run_test(size=(80, 15)) as pilot:
        view = await shown(pilot, TEXT)
        if first:
            view.go(TEXT.index("Line 10 "), TEXT.index("Line 11 "))
            await pilot.pause()
        view.scroll_to(y=view.line_of(TEXT.index("Line 300 ")), animate=False, immediate=True)
        await pilot.pause()
        place = view.top
        assert TEXT[place:].startswith("Line 300 ")
        for width in (50, 120, 80):
            await resized(pilot, width, 15)
            assert app.in_view(place)


async def test_another_text_is_shown_from_its_beginning() -> None:
    app = Tiny()
    async with app.run_test(size=(80, 15)) as pilot:
        view = await shown(pilot, TEXT)
        view.go(len(TEXT) - 1, len(TEXT))
        await pilot.pause()
        await shown(pilot, TEXT.upper())
        assert (view.top, int(view.scroll_y)) == (0, 0)


def columns(view: DocumentView, y: int, name: str) -> list[tuple[int, str]]:
    """Return the columns and texts of a screen line that look as a component says."""
    at, found = 0, []
    style = view.get_component_rich_style(name)
    for segment in view.render_line(y):
        if segment.style is not None and segment.style.bgcolor == style.bgcolor:
            found.append((at, segment.text))
        at += cell_len(segment.text)
    return found


async def test_highlights_are_shown_at_their_columns_also_after_wide_characters() -> None:
    app = Tiny()
    text = "東京 has a tower\n\t\x1b e\u0301 tower"
    async with app.run_test(size=(80, 15)) as pilot:
        view = await shown(pilot, text)
        first, second = text.index("tower"), text.rindex("tower")
        view.highlight(
            [Highlight(second, second + 5, "document--found"), Highlight(first, first + 5, "document--quote")]
        )
        assert columns(view, 0, "document--quote") == [(11, "tower")]
        assert columns(view, 1, "document--found") == [(5, "tower")]
        assert columns(view, 1, "document--quote") == []
        view.highlight([])
        assert columns(view, 0, "document--quote") == []


async def test_a_mark_lies_on_top_of_its_quote_and_a_highlight_goes_on_over_lines() -> None:
    app = Tiny()
    text = "one two three four five six\nseven"
    async with app.run_test(size=(16, 15)) as pilot:
        view = await shown(pilot, text)
        view.highlight([Highlight(4, len(text), "document--current"), Highlight(8, 13, "document--mark")])
        assert columns(view, 0, "document--current") == [(4, "two "), (13, " ")]
        assert columns(view, 0, "document--mark") == [(8, "three")]
        assert columns(view, 1, "document--current") == [(0, "four five six")]
        assert columns(view, 2, "document--current") == [(0, "seven")]


async def test_the_current_quote_is_marked_though_another_quote_overlaps_it() -> None:
    app = Tiny()
    async with app.run_test(size=(60, 15)) as pilot:
        view = await shown(pilot, "one two three four")
        view.highlight([Highlight(0, 13, "document--quote"), Highlight(4, 7, "document--mark")])
        assert columns(view, 0, "document--mark") == [(4, "two")]
        assert columns(view, 0, "document--quote") == [(0, "one "), (7, " three")]


@pytest.mark.parametrize("text", ["", "\n", "x", "字" * 500, "a" + "\u0301" * 2000, "\x1b[31m\u202e\x00"])
async def test_every_line_of_any_text_is_as_wide_as_the_view(text: str) -> None:
    app = Tiny()
    async with app.run_test(size=(40, 10)) as pilot:
        view = await shown(pilot, text)
        for y in range(10):
            strip = view.render_line(y)
            assert strip.cell_length == cell_len(strip.text) == view.size.width
            assert not any(ord(each) < 0x20 or each == "\u202e" for each in strip.text)
