"""How good an answer is: the scores of one question, by its record and its right answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rag.answering.attribution import MARKER
from rag.errors import UsageError
from rag.evaluation.gold_answers import Gold, letters, word_f1
from rag.text.sanitize import one_line

Scores = Mapping[str, float | None]

_RANKS = {"recall@1": 1, "recall@3": 3, "recall@5": 5}
SCORES = (*_RANKS, "mrr", "cited", "cited_first", "precision", "answered", "refused", "contains", "f1", "seconds")
SHARES = (*SCORES[:-1], "balance")  # the figures from 0 to 1 of which more is better
FIGURES = (*SHARES, "error", "median_s", "p95_s")
COMPARED = FIGURES[:-1]
_SOUND = ("answered", "not_found", "about")  # the states of a question that did not fail


def scores(record: Mapping[str, Any], gold: Gold) -> dict[str, float | None]:
    """Return the scores of one record (see rag/output/json_record.py); None for what does not apply to its question.

    All but `seconds` go from 0 to 1.

    recall@1, @3, @5   the answer stands wholly inside one of the first passages
    mrr                1 / rank of the first such passage; 0 without one
    cited, cited_first a citation, or the first, overlaps the answering words
    precision          share of the citations that overlap a paragraph with the answer; None without citations
    answered, refused  an answerable question is answered; another is not
    contains           the answer's text holds a right wording, letters and digits only, in any case
    f1                 words in common with the most similar right wording (see rag/evaluation/gold_answers.py)
    seconds            from question to answer

    Beside these stand `error`, and what `figures` needs of `precision`: how many
    `citations` there are and how many of them are `precise`. A question that failed has 0
    in all that applies, but no seconds. What a refusal says is no answer: it contains
    nothing. Markers ("[1]") are no part of an answer.
    """
    found: dict[str, float | None] = dict.fromkeys((*SCORES, "citations", "precise"))
    answered = record["status"] == "answered"
    found["error"] = float(record["status"] not in _SOUND)
    found["seconds"] = None if found["error"] else float(record["timings"]["total_s"])
    if not gold.answerable:
        return found | {"refused": float(record["status"] == "not_found")}
    found["answered"] = float(answered)
    if gold.spans:
        found |= _of_places(record, gold)
    if rights := [right for right in gold.answers if letters(right)]:
        text = MARKER.sub("", record["answer"]) if answered else ""
        found["contains"] = float(any(letters(right) in letters(text) for right in rights))
        found["f1"] = max(word_f1(text, right) for right in rights)
    return found


def _of_places(record: Mapping[str, Any], gold: Gold) -> dict[str, float | None]:
    failed = record["status"] not in _SOUND
    passages, citations = ([] if failed else record[key] for key in ("passages", "citations"))
    ranks = [rank for rank, place in enumerate(passages, 1) if gold.is_inside(place)]
    cited = [gold.overlaps(place) for place in citations]
    precise = [gold.is_beside(place) for place in citations]
    return {
        **{name: float(bool(ranks) and ranks[0] <= most) for name, most in _RANKS.items()},
        "mrr": 1 / ranks[0] if ranks else 0.0,
        "cited": float(any(cited)),
        "cited_first": float(any(cited[:1])),
        "precision": sum(precise) / len(precise) if precise else None,
        "precise": float(sum(precise)),
        "citations": float(len(precise)),
    }


def floors(wanted: Sequence[str]) -> dict[str, float]:
    """Return the figures and the least they may be from texts like "cited=0.8".

    Raises UsageError for a text that is none of these, and for a figure named twice.
    """
    found: dict[str, float] = {}
    for text in wanted:
        name, _, number = (part.strip() for part in text.partition("="))
        if name not in SHARES or name in found:
            reason = "is named twice" if name in found else "is no figure that has a floor"
            raise UsageError(f'"{one_line(name, 40)}" {reason}.', f"Figures are {' '.join(SHARES)}.")
        try:
            least = float(number)
        except ValueError:
            least = math.nan
        if not 0 <= least <= 1:
            raise UsageError(f'"{one_line(number, 40)}" is no number from 0 to 1.', f"Write {name}=0.8, say.")
        found[name] = least
    return found
