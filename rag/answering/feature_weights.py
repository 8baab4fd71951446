"""What each sign of a good sentence is worth, by the languages of question and text.

Fitted on questions with known answers (XQuAD's development half in German and English, other
articles than any test uses); only these numbers come from it. First the signs are weighed
so that the right sentence comes before the others of its question (a conditional logit),
then all is brought to the scale of a chance (logistic calibration), so that sentences of
different languages compare and one threshold does for all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """The order is that of `signs.signs`, whose last is the constant.

    `cheap` picks what the LLM reads; `full`, whose last is the weight of the LLM's
    likelihood, gives support.
    """

    cheap: tuple[float, ...]
    full: tuple[float, ...]


REFUSE = 0.12  # below this support the documents do not say
FURTHER = 0.03  # a further quote needs this share of the best one's support
LEAST_FURTHER = 0.015  # and never less than this, however poor the first

# Likelihoods further than this below the best one's say nothing more (nats a token).
LLM_FLOOR = -3.0

MODELS: dict[str, Weights] = {
    "en-en": Weights(
        cheap=(3.72, 1.59, 2.19, 2.17, -0.52, 1.90, 1.54, -1.01, -1.96, -1.74, -1.24, 0.33, 2.25, -0.10, -9.81),
        full=(2.98, 1.27, 1.75, 1.74, -0.42, 1.52, 1.23, -0.81, -1.57, -1.40, -0.99, 0.26, 1.80, -0.08, -7.14, 2.20),
    ),
    "de-de": Weights(
        cheap=(3.01, 1.35, 1.76, 2.59, 0.12, 2.27, 1.34, 0.00, -2.44, -1.32, -0.63, 0.30, 2.50, 0.21, -10.03),
        full=(2.44, 1.09, 1.43, 2.10, 0.09, 1.84, 1.09, 0.00, -1.97, -1.07, -0.51, 0.24, 2.03, 0.17, -7.65, 1.24),
    ),
    "en-de": Weights(
        cheap=(4.29, 1.48, 0.29, 1.35, 0.07, 2.94, 1.01, -1.03, -1.89, -1.56, -0.74, 0.48, 5.20, -0.38, -9.64),
        full=(3.01, 1.04, 0.20, 0.95, 0.05, 2.06, 0.71, -0.72, -1.32, -1.10, -0.52, 0.34, 3.65, -0.27, -6.38, 2.12),
    ),
    "de-en": Weights(
        cheap=(5.06, 0.83, -1.18, 1.00, 0.24, 2.83, 1.25, 0.00, -2.13, -1.69, -0.70, 0.27, 5.03, -1.45, -9.50),
        full=(4.10, 0.67, -0.96, 0.81, 0.19, 2.29, 1.01, 0.00, -1.72, -1.37, -0.56, 0.22, 4.07, -1.17, -7.39, 1.78),
    ),
}
