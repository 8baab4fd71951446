"""A plot of what `scale_vectors.py` has measured: which share of the nearest is found, and in how long, as an SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BELOW = 860, 420, 60, 20, 250, 50
LEAST_RECALL = 0.8
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#7d5ba6", "#b8860b", "#444444", "#008080", "#a0522d", "#6b8e23", "#cc3377")


def plot(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the plot: recall over the processors' milliseconds (log), a line for each size and kind of index."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        lines.setdefault(f"{row['size']:,} {row['kind']}", []).append((max(row["cpu_ms"], 0.01), row["recall"]))
    times = [time for line in lines.values() for time, _ in line]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(time: float) -> float:
        return LEFT + (math.log10(time) - low) / max(high - low, 1) * (WIDTH - LEFT - RIGHT)

    def y(recall: float) -> float:
        return TOP + (1 - max(recall, LEAST_RECALL)) / (1 - LEAST_RECALL) * (HEIGHT - TOP - BELOW)

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for power in range(low, high + 1):
        parts += [_line([(x(10**power), TOP), (x(10**power), HEIGHT - BELOW)], "#dddddd")]
        parts += [_text(x(10**power), HEIGHT - BELOW + 18, f"{10**power:g}", "middle")]
    for step in range(5):
        recall = LEAST_RECALL + step * 0.05
        parts += [_line([(LEFT, y(recall)), (WIDTH - RIGHT, y(recall))], "#dddddd")]
        parts += [_text(LEFT - 8, y(recall) + 4, f"{recall:.2f}", "end")]
    parts += [_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "processor's milliseconds a search", "middle")]
    parts += [_text(LEFT - 50, TOP - 6, "recall@10", "start")]
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(x(time), y(recall)) for time, recall in sorted(line)]
        parts += [_line(points, colour, 2)]
        parts += [f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="3.5" fill="{colour}"/>' for cx, cy in points]
        parts += [f'<circle cx="{WIDTH - RIGHT + 18}" cy="{TOP + 16 + 20 * number}" r="4" fill="{colour}"/>']
        parts += [_text(WIDTH - RIGHT + 28, TOP + 20 + 20 * number, name, "start")]
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join(parts) + "\n</svg>\n"


def _line(points: Sequence[tuple[float, float]], colour: str, width: int = 1) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, said: str, anchor: str) -> str:
    style = 'font-family="sans-serif" font-size="12"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style} text-anchor="{anchor}">{escape(said)}</text>'
