"""Questions that a document poses itself in a line of their own, as a heading or as an FAQ does, and their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from rag.answering.question_clauses import Shaped
from rag.answering.question_wordlists import REFERRING
from rag.text.headings import heading
from rag.text.normalization import as_read

Span = tuple[int, int]

_LED = re.compile(r"\A(?:#{1,6}\s+|[-*•>]\s+|\*\*|__|\(?\d{1,2}[.)]\s+|[^\W\d_]{1,8}:\s+)*")  # "## ", "3. ", "Q: "
_REFERRING = REFERRING["de"] | REFERRING["en"]
_REFERRING -= frozenset(
    "i we you me us my our your ich wir du mir dir uns mich dich mein meine meinen meinem meiner unser unsere unseren "
    "unserem unserer dein deine deinen man sie ihr ihre ihren ihrem not nicht who which there".split()
)
_ALONE = re.compile(r"\bdas(?:\?|\s+[a-zäöüß]*[a-df-zß]\b)")  # "Was hat das gekostet?"; not "das alte Rad"
_LONGEST, _LONGEST_MARKS = 200, 20  # characters of a question, and of what may stand beside it in its line
_FEWEST = 4  # words: fewer say too little of what they are about
_BELOW = 3  # sentences that may answer


def posed_questions(text: str, body: int, sentences: Sequence[Span]) -> Iterator[tuple[Shaped, Span]]:
    """Yield the questions among a document's sentences, and the span of the first sentences below each."""
    for at, (start, end) in enumerate(sentences):
        question = _question(text, start, end)
        if not question:
            continue
        below = [*takewhile(lambda span: not _ends(text, body, span), sentences[at + 1 : at + 1 + _BELOW])]
        if below:
            span = below[0][0], below[-1][1]
            yield Shaped(question, "posed", *span), span


def _question(text: str, start: int, end: int) -> str:
    """Return the question that stands in a line of its own; "" where it does not."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    line_end = text.find("\n", end)
    after = text[end : line_end if line_end >= 0 else len(text)]
    if len(before) + len(after) > _LONGEST_MARKS or end - start > _LONGEST:
        return ""
    if _LED.sub("", before, count=1) or after.strip(" \t\r*_#"):
        return ""
    words = as_read(_LED.sub("", text[start:end], count=1)).strip(" *_#")
    whole = words.endswith("?") and "?" not in words[:-1] and words[0].isupper() and not re.search(r"[.!|]\s", words)
    return words if whole and len(words.split()) >= _FEWEST and not _refers(words) else ""


def _refers(question: str) -> bool:
    """Whether a question is about what stands before it; who asks and is asked, and "who" itself, are not."""
    words = question.rstrip("?").lower().split()
    return _ALONE.search(question) is not None or any(word in _REFERRING for word in words)


def _ends(text: str, body: int, span: Span) -> bool:
    return bool(_question(text, *span)) or heading(text, *span, body) is not None
