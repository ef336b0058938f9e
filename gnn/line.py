"""A rising line through points: from raw scores to probabilities, from probabilities to points of the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MILDEST: Final = -10.0  # points of a movement that is surely honest
ALARMING: Final = 35.0  # points at the alert budget: more than the shipped policy approves
HIGHEST: Final = 75.0  # points of a movement that is surely fraud: more than it lets a person review
SURE: Final = 0.95
CLEAR: Final = 20.0  # times less likely than usual: nothing speaks against it
TIMES: Final = 3.0  # an alarm is at least so many times as likely as usual
CUT: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Line:
    """Points (`at`, `value`), both float64 and rising in `at`; flat beyond its ends."""

    at: Floats
    value: Floats

    def __call__(self, at: Floats) -> Floats:
        """The values between."""
        return np.interp(at, self.at, self.value)


def log_odds(probability: Floats) -> Floats:
    """Log odds of probabilities, cut at one in a million."""
    kept = np.clip(probability, CUT, 1.0 - CUT)
    found: Floats = np.log(kept) - np.log1p(-kept)
    return found


def points_line(*, usual: float, alarm: float) -> Line:
    """Points of the 0-100 score by log odds: none at the `usual` share of fraud, some at the probability from which on
    the alert budget is used (`alarm`), most where fraud is sure; a little is taken off where it is clearly rarer."""
    usual = float(np.clip(usual, 10 * CUT, 0.2))
    alarm = float(np.clip(alarm, TIMES * usual, 0.8))
    sure = max(SURE, (1.0 + alarm) / 2.0)
    at = log_odds(np.array([usual / CLEAR, usual, alarm, sure]))
    return Line(at, np.array([MILDEST, 0.0, ALARMING, HIGHEST]))
