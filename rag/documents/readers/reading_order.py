"""In which order a person reads what stands in boxes on a page or a slide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Box = tuple[float, float, float, float]  # left, top, right, bottom
_DEEPEST = 50


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the places of boxes in reading order: cut along the widest gap, again and again."""
    return _ordered(list(range(len(boxes))), boxes, 0)


def _ordered(places: list[int], boxes: Sequence[Box], depth: int) -> list[int]:
    if len(places) < 2:
        return places
    gaps = [_widest(places, boxes, axis) for axis in (1, 0)]
    (width, first, rest) = max(gaps, key=lambda gap: gap[0])
    if width < 0 or not rest or depth > _DEEPEST:
        return sorted(places, key=lambda place: (boxes[place][1], boxes[place][0]))
    return [*_ordered(first, boxes, depth + 1), *_ordered(rest, boxes, depth + 1)]


def _widest(places: list[int], boxes: Sequence[Box], axis: int) -> tuple[float, list[int], list[int]]:
    """Return the widest gap across an axis (0: between columns, 1: between rows), and what lies on either side."""
    ordered = sorted(places, key=lambda place: boxes[place][axis])
    best: tuple[float, list[int], list[int]] = (-1.0, places, [])
    end = boxes[ordered[0]][axis + 2]
    for at, (before, after) in enumerate(pairwise(ordered), 1):
        end = max(end, boxes[before][axis + 2])
        gap = boxes[after][axis] - end
        if gap > best[0]:
            best = (gap, ordered[:at], ordered[at:])
    return best
