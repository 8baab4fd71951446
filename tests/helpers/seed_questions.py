"""Questions that the seeds answer, and the last event of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from rag.answering.assistant import Answer, Answered, Event

TROOPS = "How many North Korean troops are in Kursk?"
FOUND = "When was the Rosetta Stone found?"


def answered(events: Iterator[Event]) -> Answer:
    *_, last = events
    assert isinstance(last, Answered)
    return last.answer
