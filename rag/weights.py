"""What each sign of a good sentence is worth, by the languages of question and text.

Fitted by logistic regression on questions with known answers (XQuAD's development half
in German and English, other articles than any test uses); only these numbers come from
it. The order of the signs is that of `evidence._signs`; `full` ends with the weight of the
LLM's likelihood and the constant.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """`cheap` picks what the LLM reads, `full` gives support; `refuse` and `further` are thresholds.

    Below `refuse` the documents do not say; a further quote needs `further` of the best one's support.
    """

    cheap: tuple[float, ...]
    full: tuple[float, ...]
    refuse: float
    further: float


# A further quote is never shown below this support, however poor the first.
LEAST_FURTHER = 0.015

# Likelihoods further than this below the best one's say nothing more (nats a token).
LLM_FLOOR = -3.0

MODELS: dict[str, Weights] = {
    "en-en": Weights(
        cheap=(4.23, 1.69, 3.79, 2.89, -0.05, 1.78, 1.13, -1.03, -2.04, -1.84, -1.30, 0.32),
        full=(2.81, 2.40, 3.26, 4.22, 1.01, 0.94, 0.76, -1.33, -2.29, -1.48, -0.88, 0.85, 0.92, -8.59),
        refuse=0.055,
        further=0.06,
    ),
    "de-de": Weights(
        cheap=(0.29, 1.40, 3.03, 4.64, 0.02, 3.52, 0.95, 0.00, -2.84, -1.52, -0.70, 0.15),
        full=(0.84, 2.21, 2.60, 4.65, 0.67, 1.42, 1.81, 0.00, -4.28, -1.76, -1.70, 0.31, 0.32, -8.91),
        refuse=0.10,
        further=0.06,
    ),
    "en-de": Weights(
        cheap=(1.87, 1.07, 1.82, 6.09, -0.25, 3.06, 0.43, 0.07, -3.14, -2.24, -0.40, 0.70),
        full=(0.90, 0.91, 0.16, 5.76, 0.12, 1.96, 0.31, -0.23, -4.40, -1.65, -1.36, 0.54, 1.59, -5.29),
        refuse=0.07,
        further=0.06,
    ),
    "de-en": Weights(
        cheap=(2.96, 0.97, 1.73, 4.83, -3.47, 4.42, 0.59, 0.00, -2.91, -2.20, -0.75, 0.54),
        full=(3.56, 0.69, 0.35, 4.86, -2.73, 2.57, 0.99, 0.00, -2.52, -1.11, -1.44, 0.54, 0.46, -7.06),
        refuse=0.08,
        further=0.08,
    ),
}
