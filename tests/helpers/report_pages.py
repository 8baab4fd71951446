"""Reports of batches, and what a page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lxml.html
from fake_chat import answer, stone, troops
from hostile_text import hostile_answer

from rag.evaluation.refusal_curve import Point
from rag.output.json_record import detailed, failure
from rag.output.report.page import page

NOTHING = "Wer übersetzte die Straßenschilder?"


BROKEN = "What does the broken model say?"


def batch() -> list[dict[str, Any]]:
    """Records of every kind: sources that disagree, nothing found, one quote, an error."""
    return [
        detailed("troops", troops()),
        detailed("nothing", replace(answer(NOTHING), language="de", support=0.21)),
        detailed("stone", stone()),
        failure("broken", BROKEN, "The model cannot be used.", "scripted", "scripted", "quote"),
    ]


def judged(row: dict[str, Any], *answers: str, document: str | None = None, **scores: float | None) -> dict[str, Any]:
    """Return the record as an evaluation leaves it."""
    gold = {"answerable": bool(answers), "answers": list(answers), "document": document}
    return {**row, "gold": gold, "scores": {name.replace("_", " "): score for name, score in scores.items()}}


def parsed(html: str) -> Any:
    return lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(huge_tree=True))


def shown(*records: dict[str, Any], **more: Any) -> Any:
    return parsed(page(records, "Answers", **more))


def texts(tree: Any, css: str) -> list[str]:
    """Return the texts of what has this class or is this element, white space as one space."""
    found = tree.iterfind(f".//{css}") if css[0] != "." else tree.find_class(css[1:])
    return [" ".join(each.text_content().split()) for each in found]


POINTS = (Point(0.75, 1.0, 0.25), Point(0.25, 0.5, 0.75))


def hostile(text: str) -> list[dict[str, Any]]:
    """Records that say `text` wherever there is a place for text."""
    said = detailed(text, replace(hostile_answer(text), language=text))
    for citation, more in zip(said["citations"], said["detail"]["citations"], strict=True):
        citation |= {"document": text, "title": text, "date": text, "quote": text, "gloss": text, "also_in": [text]}
        citation["older_than"] = {"document": text, "date": text}
        more |= {"quote": text, "before": text, "after": text, "language": text}
    said["detail"] |= {"standalone": f"{text} too", "figures": [[1, text]]}
    nothing = detailed(text, answer(text))
    for near in nothing["detail"]["nearest"]:
        near |= {"document": text, "title": text, "text": text, "language": text}
    judged_row = judged(said | {"model": text, "embedder": text, "mode": text}, text, document=text)
    return [judged_row | {"scores": {text: 0.0}}, nothing, failure(text, text, text, text, text, text)]
