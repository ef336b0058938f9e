"""From raw scores to probabilities: isotonic regression, fitted on rows the model was not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

Floats = NDArray[np.float64]

FAR = 1e3  # beyond any raw score
SLOPE = 1e-4  # share of the probability that keeps the order of raw scores which isotonic regression makes equal


@dataclass(frozen=True, slots=True)
class Calibration:
    """Points of a rising line from raw score to probability; both float64, rising."""

    raw: Floats
    probability: Floats

    def __call__(self, raw: Floats) -> Floats:
        """Probabilities of raw scores, in the same order."""
        return np.interp(raw, self.raw, self.probability)


def calibrate(raw: Floats, label: NDArray[np.int8]) -> Calibration:
    """Fit on validation rows. Two different raw scores stay different, so that ranking loses nothing."""
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, label)
    points = np.concatenate(([-FAR], fitted.X_thresholds_, [FAR]))
    values = np.concatenate(([fitted.y_thresholds_[0]], fitted.y_thresholds_, [fitted.y_thresholds_[-1]]))
    span = np.tanh(points / 10.0)  # rises everywhere, most where scores lie
    return Calibration(points, values * (1 - SLOPE) + SLOPE * (span + 1.0) / 2.0)
