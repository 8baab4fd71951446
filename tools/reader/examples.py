"""Examples: a question with the texts it is asked of, drawn anew each time, with answers and near misses.

What an example may become, beside the passage as it stands: with another passage of the same subject; a window of a few
sentences; without the sentences that answer; with a name or figure of the question exchanged, which leaves it
unanswered; in another language, word by word (`code_switching`).
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from code_switching import Switcher, moved
from material import Passage, Question

_FIGURE = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Text:
    """A title and sentences, in order; `right` are the places of those that answer."""

    title: str
    sentences: tuple[str, ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its texts. `answer` is (text, sentence, start, end), the end exclusive, where it is known.

    `before` is the same in its own language, where it was carried over into another.
    """

    question: str
    texts: tuple[Text, ...]
    answer: tuple[int, int, int, int] | None
    before: Example | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """How often an example becomes what: shares from 0 to 1."""

    removed: float = 0.13  # the answering sentences are left out
    exchanged: float = 0.10  # a name or figure of the question is another (English questions only)
    elsewhere: float = 0.04  # only another passage is there
    window: float = 0.22  # a few sentences instead of all
    beside: float = 0.45  # another passage of the same group as well, and so on up to `most`
    most: int = 4  # passages of an example
    untitled: float = 0.35
    german_text: float = 0.4  # of the English material
    german_question: float = 0.4


class Drawing:
    """Draws examples from passages without end. `draw` decides everything: the same seed, the same examples.

    Without a switcher, nothing is carried over into another language.
    """

    def __init__(
        self, passages: Sequence[Passage], switcher: Switcher | None, shares: Shares, draw: random.Random
    ) -> None:
        self._asked = [(passage, question) for passage in passages for question in passage.questions]
        self._near: dict[tuple[str, str], list[Passage]] = defaultdict(list)
        for passage in passages:
            self._near[passage.group, passage.language].append(passage)
        self._names = sorted({name for p in passages if not p.written for q in p.questions for name in _names(q.text)})
        self._switcher, self._shares, self._draw = switcher, shares, draw

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[Example]:
        while True:
            order = list(range(len(self._asked)))
            self._draw.shuffle(order)
            for at in order:
                yield self.example(*self._asked[at])

    def example(self, passage: Passage, question: Question) -> Example:
        draw, shares = self._draw, self._shares
        text = Text(passage.title, passage.sentences, question.right)
        answer = self._place(text, question)
        if question.right:
            text, question, answer = self._varied(text, question, answer, passage.written)
        if draw.random() < shares.window:
            text, answer = self._window(text, answer)
        if draw.random() < shares.untitled:
            text = replace(text, title="")
        texts = [text] if text.sentences else []
        others = [each for each in self._near[passage.group, passage.language] if each is not passage]
        draw.shuffle(others)
        while others and len(texts) < shares.most and (not texts or draw.random() < shares.beside):
            other = others.pop()
            texts.append(Text(other.title if text.title else "", other.sentences))
        if answer and (at := draw.randrange(len(texts))):
            texts[0], texts[at] = texts[at], texts[0]
            answer = (at, *answer[1:])
        plain = Example(question.text, tuple(texts), answer)
        return plain if passage.written or not self._switcher else self._carried_over(plain, self._switcher)

    @staticmethod
    def _place(text: Text, question: Question) -> tuple[int, int, int, int] | None:
        for at in question.right:
            start = text.sentences[at].find(question.answer) if question.answer else -1
            if start >= 0:
                return 0, at, start, start + len(question.answer)
        return None

    def _varied(
        self, text: Text, question: Question, answer: tuple[int, int, int, int] | None, written: bool
    ) -> tuple[Text, Question, tuple[int, int, int, int] | None]:
        chance, shares = self._draw.random(), self._shares
        if chance < shares.removed:
            told = question.answer.lower()
            kept = tuple(
                s
                for at, s in enumerate(text.sentences)
                if at not in question.right and not (len(told) > 2 and told in s.lower())
            )
            return Text(text.title, kept), question, None
        chance -= shares.removed
        if chance < shares.elsewhere:
            return Text(text.title, ()), question, None
        chance -= shares.elsewhere
        if chance < shares.exchanged and not written and (other := self._exchanged(question.text)):
            return replace(text, right=()), replace(question, text=other), None
        return text, question, answer

    def _exchanged(self, question: str) -> str | None:
        """Return the question with a name or figure that is another, or None where it has none."""
        spots = [*_FIGURE.finditer(question), *_NAME.finditer(question)]
        if not spots:
            return None
        spot = self._draw.choice(spots)
        if spot[0].isdigit():
            other = str(max(1, int(spot[0]) + self._draw.choice((-30, -7, -3, -1, 1, 2, 5, 12, 40))))
        else:
            other = self._draw.choice(self._names)
        return None if other in question else question[: spot.start()] + other + question[spot.end() :]

    def _window(
        self, text: Text, answer: tuple[int, int, int, int] | None
    ) -> tuple[Text, tuple[int, int, int, int] | None]:
        count = len(text.sentences)
        if count < 2:
            return text, answer
        size = self._draw.randint(1, min(4, count - 1))
        low, high = 0, count - size
        if text.right:
            kept = answer[1] if answer else self._draw.choice(text.right)
            low, high = max(0, kept - size + 1), min(high, kept)
        start = self._draw.randint(low, high)
        right = tuple(at - start for at in text.right if start <= at < start + size)
        cut = Text(text.title, text.sentences[start : start + size], right)
        return cut, answer and (0, answer[1] - start, *answer[2:])

    def _carried_over(self, plain: Example, switcher: Switcher) -> Example:
        draw, texts, question, answer = self._draw, plain.texts, plain.question, plain.answer
        if draw.random() < self._shares.german_question:
            question, _ = switcher.switched(question, draw.uniform(0.7, 1.0), draw)
        if draw.random() < self._shares.german_text:
            share = draw.uniform(0.6, 1.0)
            carried = []
            for number, text in enumerate(texts):
                sentences = []
                for at, sentence in enumerate(text.sentences):
                    new, places = switcher.switched(sentence, share, draw)
                    if answer and answer[:2] == (number, at):
                        answer = (number, at, *moved((answer[2], answer[3]), places))
                    sentences.append(new)
                title, _ = switcher.switched(text.title, share, draw)
                carried.append(Text(title, tuple(sentences), text.right))
            texts = tuple(carried)
        return Example(question, texts, answer, plain)


def _names(question: str) -> list[str]:
    return [match[0] for match in _NAME.finditer(question)]
