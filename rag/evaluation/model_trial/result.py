"""What a trial of an LLM found, and what the LLM is let do by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.evaluation.model_trial import combining
from rag.evaluation.model_trial.combining import Judgement, combined, told_apart
from rag.evaluation.model_trial.material import LANGUAGES, PAIRS
from rag.models.admission import Admission

# What a person reads is the sentence where it stands, else the quote, as without a model: what does not stand costs
# time, what stands and is wrong costs trust. A model may write in a language where three of four of its sentences are
# right, and a quarter of the questions are told by one that is right and stands, for else it is not worth the wait;
# and where of the sentences that are shown no more than one in thirty is wrong.
RIGHT = 0.75
TOLD = 0.25
WRONG = 1 / 30
# A model that judges is asked for more and may spoil what is right, so it has to tell sentences apart better than
# Beleg does without it: by so much more of the area under the ROC curve, of all sentences (where support alone has .97)
# and of near misses (.93), which is what a judge is wanted for. Less is luck as often as not with 42 against 124.
BETTER = 0.01


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a model wrote from the quote that answers a question, and what came of it.

    `text` is "" where it wrote NO, or no whole sentence. `answers` is whether it says what is asked and nothing that it
    must not, `spoken` whether it is in the question's language; `shown` whether it stands up to what every sentence of
    an answer is held against. `quoted` is whether the quote would answer, in the question's language.
    """

    pair: str
    question: str
    quote: str
    text: str
    answers: bool
    spoken: bool
    shown: bool
    quoted: bool

    @property
    def right(self) -> bool:
        return self.answers and self.spoken

    @property
    def wrong(self) -> bool:
        """Whether a person would be shown it, and misled or told nothing."""
        return self.shown and not self.answers

    @property
    def answered(self) -> bool:
        """Whether what a person is shown answers: the sentence where it stands, else the quote."""
        return self.right if self.shown else self.quoted


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model reads and writes one text: tokens a second; seconds from a question to its sentence.

    `reading` is None where it was not told how much it reads, as a server may not; `writing` where nothing was written.
    """

    reading: float | None
    writing: float | None
    first: float | None


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What was found.

    `judgements` is None where the model does not tell chances, as a server may not. `or_no` is whether the sentences
    were asked for as of a model that judges, which may write NO. `memory` is by how many bytes the most that this
    process ever took has grown; None for a server, or where that is not known. `made` is ISO 8601, UTC.
    """

    name: str
    sentences: tuple[Sentence, ...]
    judgements: tuple[Judgement, ...] | None
    speed: Speed
    memory: int | None
    seconds: float
    made: str
    or_no: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of questions for which it writes well enough."""
        asked = {name: [each for each in self.sentences if each.pair.startswith(name)] for name in LANGUAGES}
        return tuple(
            name
            for name, found in asked.items()
            if (right_share(found) or 0) >= RIGHT and (told_share(found) or 0) >= TOLD
        )

    @property
    def writes(self) -> bool:
        wrong = wrong_share(self.sentences)
        return bool(self.languages) and wrong is not None and wrong <= WRONG

    @property
    def tells_apart(self) -> bool:
        """Whether support and its "NO" together tell sentences apart better than support alone."""
        found = self.apart
        return bool(found) and all(
            found[f"judged.{of}"] >= found[f"support.{of}"] + BETTER for of in ("all", "near_misses")
        )

    def asked_for_no(self, sentences: tuple[Sentence, ...]) -> TrialResult:
        """Return this with what it wrote where it might write NO; as it is where it may not write by that.

        To write comes first: a model that writes well only while it is not asked to judge does not judge.
        """
        other = replace(self, sentences=sentences, or_no=True)
        loses = self.writes and not (other.writes and {*self.languages} <= {*other.languages})
        return self if loses else other

    @property
    def admission(self) -> Admission:
        """What the model is let do."""
        judges = self.tells_apart and self.or_no
        figures = self.figures | (dict(combining.figures(self.judgements or ())) if judges else {})
        return Admission(self.writes, judges, self.languages if self.writes else (), figures, self.made)

    @property
    def apart(self) -> Mapping[str, float]:
        """How well sentences are told apart by support alone, "NO" alone and both ("judged"), of all and near misses.

        Near misses are the sentences about questions that are not answered. Empty without judgements of both kinds.
        """
        judged = self.judgements or ()
        near = [at for at, each in enumerate(judged) if each.answers or each.missing]
        if told_apart([judged[at] for at in near]) is None:
            return {}
        doubts = {
            "support": np.array([1 - each.support for each in judged]),
            "no": np.array([each.declined for each in judged]),
            "judged": 1 - combined(judged),
        }
        found: dict[str, float] = {}
        for name, doubt in doubts.items():
            found[f"{name}.all"] = told_apart(judged, doubt) or 0.0
            found[f"{name}.near_misses"] = told_apart([judged[at] for at in near], doubt[near]) or 0.0
        return found

    @property
    def figures(self) -> dict[str, float]:
        """All that was measured, by name; what is not known is left out."""
        made = {
            "right": right_share(self.sentences),
            "wrong": wrong_share(self.sentences),
            "answered": answered_share(self.sentences),
            "told": told_share(self.sentences),
            "quoted": quoted_share(self.sentences),
            "reading": self.speed.reading,
            "writing": self.speed.writing,
            "first": self.speed.first,
            "memory": self.memory,
            "seconds": self.seconds,
        }
        for pair in PAIRS:
            of_pair = [each for each in self.sentences if each.pair == pair]
            made |= {f"right.{pair}": right_share(of_pair), f"answered.{pair}": answered_share(of_pair)}
        made |= {f"apart.{name}": value for name, value in self.apart.items()}
        return {name: float(value) for name, value in made.items() if value is not None}


def right_share(sentences: Sequence[Sentence]) -> float | None:
    """Return the share of sentences that are right as they were written; None without any."""
    return _share([each.right for each in sentences])


def answered_share(sentences: Sequence[Sentence]) -> float | None:
    """Return the share of questions that are answered by what is shown; None without any."""
    return _share([each.answered for each in sentences])


def told_share(sentences: Sequence[Sentence]) -> float | None:
    """Return the share of questions whose sentence is right and shown; None without any."""
    return _share([each.shown and each.right for each in sentences])


def quoted_share(sentences: Sequence[Sentence]) -> float | None:
    """Return the share of questions that quotes alone answer; None without any."""
    return _share([each.quoted for each in sentences])


def wrong_share(sentences: Sequence[Sentence]) -> float | None:
    """Return the share of what would be shown that is wrong; None where nothing would be."""
    return _share([each.wrong for each in sentences if each.shown])


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None
