"""Judging: a model that writes says, by how likely it would rather have written NO, whether a quote answers.

That comes with the same reading as the sentence. With the reader's support it makes a chance of its own: a logistic
regression with weights for each model, measured in its trial, for one model's doubt is not another's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.sentence_selection import MOST_QUOTES
from rag.models.admission import Admission
from rag.settings import Care

_EDGE = 1e-6  # chances are kept so far from 0 and 1


@dataclass(frozen=True, slots=True)
class Judge:
    """Weights of the logits of support and of NO, and what follows from the chance that they make.

    `refuse` is the chance below which nothing answers. Another quote is shown beside the best one from `further` of its
    chance on, and from `least_further`. A sentence of less support than `least` is not worth a model's time.
    """

    bias: float
    support: float
    refused: float
    refuse: float
    further: float
    least_further: float
    least: float

    def chance(self, support: float, refused: float | None) -> float:
        """Return the chance that a quote answers, by its support and that of NO; its support where that is None."""
        if refused is None:
            return support
        logit = self.bias + self.support * _logit(support) + self.refused * _logit(refused)
        return 1 / (1 + math.exp(-logit))

    def sure(self, support: float, refused: float | None) -> bool:
        """Whether a quote answers whatever the others do: it is shown first, at once."""
        return self.chance(support, refused) >= max(self.refuse, 0.5)

    def chosen(self, found: Sequence[tuple[float, float | None]]) -> tuple[list[int], float]:
        """Return the places of the quotes that answer, the best first, and the best one's chance.

        The first stays first where it is sure to answer: it may have been shown.
        """
        chances = [self.chance(*each) for each in found]
        best = max(chances, default=0.0)
        if best < self.refuse:
            return [], best
        ranked = sorted(range(len(found)), key=lambda at: (at != 0 or not self.sure(*found[0]), -chances[at], at))
        floor = max(self.further * best, self.least_further)
        kept = [at for n, at in enumerate(ranked) if not n or chances[at] >= floor]
        return kept[:MOST_QUOTES], best


def judge_of(admission: Admission, care: Care) -> Judge | None:
    """Return how a model judges by what was measured in its trial; None for one that is not let judge."""
    names = ("bias", "support", "refused", f"refuse.{care}", "further", "least_further", "least")
    values = [admission.figures.get(f"judge.{name}") for name in names]
    known = [value for value in values if value is not None]
    return Judge(*known) if admission.judges and len(known) == len(values) else None


def _logit(chance: float) -> float:
    chance = min(max(chance, _EDGE), 1 - _EDGE)
    return math.log(chance / (1 - chance))
