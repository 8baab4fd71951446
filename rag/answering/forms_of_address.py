"""Forms of address before a name: "Mrs Reiter", "Frau Dr. Reiter".

A list of people has a name as it is filed, "Reiter, Anna". There a reader takes "Mrs" for a part of the name that is
missing, so it reads each passage by a question without the titles that the passage does not give. Where it gives the
name any title, the question keeps its own: "Frau Reiter" is not "Herr Reiter".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models.reader.reader import Reader, Reading, Text
from rag.system.cancellation import CancelToken

TITLES = frozenset("mr mrs ms mx miss herr herrn frau dr prof professor".split())
_NOUNS = frozenset("herr herrn frau miss professor".split())  # a title with a capital alone
_NAME = re.compile(r"[^\W\d_][\w-]*")
_TITLED = re.compile(
    rf"(?<![\w-])(?P<titles>(?:(?:{'|'.join(sorted(TITLES))})\b\.?[ \xa0]+)+)(?P<name>{_NAME.pattern})", re.IGNORECASE
)


def read_each(question: str, texts: Sequence[Text], reader: Reader, cancel: CancelToken | None) -> list[Reading]:
    """Let a reader read each text by the question as it fits that text; in order. Raises Stopped."""
    asked = [untitled(question, " ".join((text.title, *text.sentences))) for text in texts]
    found: dict[int, Reading] = {}
    for form in dict.fromkeys(asked):
        places = [at for at, each in enumerate(asked) if each == form]
        found |= zip(places, reader.read(form, [texts[at] for at in places], cancel), strict=True)
    return [found[at] for at in range(len(texts))]


def untitled(question: str, text: str) -> str:
    """Return a question without the titles of those whom a text names, but always without any."""
    addressed = [match for match in _TITLED.finditer(question) if _is_title(match)]
    if not addressed:
        return question
    titled = {match["name"].casefold() for match in _TITLED.finditer(text)}
    plain = {word.casefold() for word in _NAME.findall(text)} - titled
    for match in reversed(addressed):
        if match["name"].casefold() in plain:
            question = question[: match.start()] + question[match.start("name") :]
    return question


def without_titles(question: str) -> str:
    """Return a question without any title before a name."""
    for match in reversed([match for match in _TITLED.finditer(question) if _is_title(match)]):
        question = question[: match.start()] + question[match.start("name") :]
    return question


def _is_title(match: re.Match[str]) -> bool:
    """Whether these words address somebody: "which frau leads" does not."""
    last = match["titles"].split()[-1].rstrip(".")
    return last.lower() not in _NOUNS or (last[0].isupper() and match["name"][0].isupper())
