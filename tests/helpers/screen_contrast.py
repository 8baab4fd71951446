"""How well what is on the screen can be read: the colours as they are drawn, by the contrast of WCAG."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from rich.color import Color
from rich.segment import Segment
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES

from tui.app import BelegApp

ENOUGH = 4.5
_LINES = " " + "".join(map(chr, range(0x2500, 0x25A0)))  # borders say nothing
TERMINALS = ["ansi-dark", "ansi-light"]  # whose colours the terminal chooses
THEMES = sorted(set(BUILTIN_THEMES) - set(TERMINALS))


def luminance(color: Color) -> float:
    """Return the relative luminance of WCAG."""
    parts = [part / 255 for part in color.get_truecolor()]
    red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ground(segment: Segment) -> Color:
    assert segment.style is not None and segment.style.bgcolor is not None
    return segment.style.bgcolor


def unreadable(segments: Iterable[Segment]) -> list[str]:
    """Return the texts whose colour is too near to that of their ground, each with its contrast."""
    found = []
    for segment in segments:
        if segment.text.strip(_LINES):
            assert segment.style is not None and segment.style.color is not None
            if (ratio := contrast(segment.style.color, ground(segment))) < ENOUGH:
                found.append(f"{ratio:.2f} {segment.text}")
    return found


async def themed(pilot: Pilot[None], app: BelegApp, themes: Sequence[str] = THEMES) -> AsyncIterator[str]:
    """Show the screen in each theme; return their names."""
    for theme in themes:
        app.theme = theme
        await pilot.pause()
        await pilot.pause()
        yield theme
