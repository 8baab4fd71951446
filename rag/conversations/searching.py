"""What is searched in a conversation, and the line that is shown of one that was found."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence

from rag.answering.assistant import Answer
from rag.conversations.serialization import LONGEST_ANSWER, exactly

_BEFORE = 24  # characters of a line that are shown before the first hit, at most


def searched(answer: Answer) -> str:
    """Return what a turn is found by, folded: its question, its answer, the titles and names of cited documents."""
    documents = [citation.quote.document for citation in answer.citations]
    named = [words for document in documents for words in (document.title, document.name)]
    return folded("\n".join([answer.question, answer.text, *named]))


def folded(text: str) -> str:
    """Return `text` so that capitals, and the two ways to write an umlaut, do not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", storable(text)).casefold())


def storable(text: str) -> str:
    """Replace halves of characters, which SQLite does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def hit(packed_answer: str, wanted: Sequence[str]) -> str:
    """Return the line of a saved answer that holds most of the `wanted` words, from a little before the first.

    Raises one of DAMAGED.
    """
    if len(packed_answer) > LONGEST_ANSWER:
        raise ValueError("an answer is longer than any")
    facts = exactly(dict, json.loads(packed_answer))
    cited = {row["document"] for row in facts["citations"]}
    documents = [row for n, row in enumerate(facts["documents"]) if n in cited]
    named = [words for row in documents for words in (row["title"], row["name"])]
    lines = [line for text in (facts["question"], facts["text"], *named) for line in text.splitlines()]
    return _excerpt(max(lines, key=lambda line: held(folded(line), wanted)), wanted)


def held(line: str, wanted: Sequence[str]) -> int:
    """Return how many of the `wanted` words a line holds; all are folded."""
    return sum(word in line for word in wanted)


def _excerpt(line: str, wanted: Sequence[str]) -> str:
    """Return a line from a little before the first word in it that holds a `wanted` one."""
    words = line.split()
    at = next((n for n, word in enumerate(words) if held(folded(word), wanted)), 0)
    begins = at
    while begins and len(" ".join(words[begins - 1 : at])) <= _BEFORE:
        begins -= 1
    return "… " * (begins > 0) + " ".join(words[begins:])
