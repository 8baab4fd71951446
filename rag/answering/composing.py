"""Composing: from the quotes of a question to sentences that a model writes, checked, judged and joined.

The first quote's sentence is written alone, so that a person reads it while the others are written; in a batch, where
nobody waits for the first, those of many questions are written side by side before. What comes out is the same: each
depends on its own quote only. A question that needs several quotes at once is answered from them in one go; where that
answer does not stand whole, it is a sentence for each quote as for any other question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.answering import drafts as drafting
from rag.answering.drafts import Draft, Drafted
from rag.answering.faithfulness import Checker
from rag.answering.grounded_generation import Composed, Sentence, joined, of_several, repeats, shown, stands
from rag.answering.judging import Judge
from rag.answering.query import Query
from rag.answering.sentence_selection import Candidate, Selection, quote_of, without_repeats
from rag.answering.several_sentences import needs_several
from rag.models.reading_progress import Progress
from rag.models.writer import Writer
from rag.system.cancellation import CancelToken

_JUDGED = 4  # sentences that a model that judges is shown
_SEVERAL = 5  # quotes that one answer is written from
_FURTHER = 0.1  # of the best sentence's support, that one must have to be among them


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a model is to write for a question: a sentence for each quote, and before that one answer from several."""

    singles: tuple[Draft, ...] = ()
    joint: Draft | None = None

    @property
    def first(self) -> tuple[Draft, ...]:
        """What is written at first; the rest only where that does not stand."""
        return self.singles if self.joint is None else (self.joint,)


def drafts(query: Query, selection: Selection, judge: Judge | None) -> Drafts:
    """Return what a model is to write for a question: nothing where no sentence answers.

    One that judges well is asked of some more sentences whether they answer, also where by the reader none does.
    """
    if judge is None:
        pairs = zip(selection.chosen, selection.quotes, strict=True)
        singles = tuple(drafting.draft(query, candidate, quote) for candidate, quote in pairs)
    else:
        worth = without_repeats([each for each in selection.read if each.support >= judge.least])[:_JUDGED]
        singles = tuple(drafting.draft(query, each, quote_of(query, each), or_no=True) for each in worth)
    joint = drafting.joint(_together(query, selection)) if selection.quotes and _asks_several(query) else None
    return Drafts(singles, joint if joint and joint.joint else None)


def _asks_several(query: Query) -> bool:
    return needs_several(query.text, query.language)


def _together(query: Query, selection: Selection) -> list[Draft]:
    least = _FURTHER * selection.support
    worth: Sequence[Candidate] = without_repeats([each for each in selection.read if each.support >= least])
    return [drafting.draft(query, each, quote_of(query, each)) for each in worth[:_SEVERAL]]


class Composer:
    """What composing takes beside the drafts: the model that writes, what checks it, and how it judges if it may."""

    def __init__(self, writer: Writer, checker: Checker, judge: Judge | None) -> None:
        self._writer, self._checker, self._judge = writer, checker, judge

    def compose(
        self,
        asked: Drafts,
        written: Mapping[int, Drafted],
        progress: Progress | None,
        cancel: CancelToken,
    ) -> Iterator[Composed]:
        """Yield the answer after its first sentence, and whole.

        `written` are those of `asked.first`, by place, that are written already. What is yielded only grows.
        Raises ModelUnavailable or Stopped.
        """
        made = dict(written)
        if asked.joint is not None:
            self._write([asked.joint], [0], made, progress, cancel)
            if (whole := of_several(asked.joint, made[0], self._checker, cancel)) is not None:
                yield whole
                return
            made = {}
        yield from self._singly(asked.singles, made, progress, cancel)

    def _singly(
        self, asked: Sequence[Draft], made: dict[int, Drafted], progress: Progress | None, cancel: CancelToken
    ) -> Iterator[Composed]:
        self._write(asked, [0], made, progress, cancel)
        first = self._shown(asked[:1], [made[0]], cancel)[0]
        sure = self._judge is None or self._judge.sure(asked[0].quote.support, made[0].refused)
        if len(asked) > 1 and sure:
            yield joined([asked[0].quote], [first])
        self._write(asked, range(1, len(asked)), made, progress, cancel)
        yield self._whole(asked, [made[at] for at in range(len(asked))], first, cancel)

    def _write(
        self,
        asked: Sequence[Draft],
        places: Sequence[int],
        made: dict[int, Drafted],
        progress: Progress | None,
        cancel: CancelToken,
    ) -> None:
        todo = [at for at in places if at not in made]
        if todo:
            for at, drafted in drafting.write([asked[at] for at in todo], self._writer, progress, cancel):
                made[todo[at]] = drafted

    def _shown(self, asked: Sequence[Draft], made: Sequence[Drafted], cancel: CancelToken) -> list[Sentence]:
        backed = stands(asked, made, self._checker, cancel)
        return [shown(*each) for each in zip(asked, made, backed, strict=True)]

    def _whole(self, asked: Sequence[Draft], made: Sequence[Drafted], first: Sentence, cancel: CancelToken) -> Composed:
        kept: Sequence[int] = range(len(asked))
        support = None
        if self._judge is not None:
            refused = [(each.quote.support, drafted.refused) for each, drafted in zip(asked, made, strict=True)]
            kept, support = self._judge.chosen(refused)
        others = [at for at in kept if at]
        further = self._shown([asked[at] for at in others], [made[at] for at in others], cancel)
        sentences = {0: first, **dict(zip(others, further, strict=True))}
        chosen, said = [asked[at] for at in kept], [sentences[at] for at in kept]
        same = repeats(chosen, said, self._checker, cancel)
        return joined([each.quote for each in chosen], said, same, support)
