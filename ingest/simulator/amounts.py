"""Amounts of money, honest and planted alike: the same rounding habits, so that the cents tell nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_TENS, _WHOLE = 0.40, 0.62  # of all amounts: 40 % multiples of 10.00, then 22 % whole units, the rest any cents


def written(cents: F64, habit: F64) -> NDArray[np.int64]:
    """Return amounts as people write them: rounded as far as `habit` (uniform in [0, 1)) says, never below 1.00."""
    tens = np.maximum(np.rint(cents / 1_000), 1) * 1_000
    whole = np.maximum(np.rint(cents / 100), 1) * 100
    exact = np.maximum(np.rint(cents), 101)
    return np.where(habit < _TENS, tens, np.where(habit < _WHOLE, whole, exact)).astype(np.int64)


def write_one(cents: float, habit: float) -> int:
    """Return one amount as `written` would."""
    if habit < _TENS:
        return max(round(cents / 1_000), 1) * 1_000
    if habit < _WHOLE:
        return max(round(cents / 100), 1) * 100
    return max(round(cents), 101)


def spread(rng: np.random.Generator, count: int, *, median: float, sigma: float) -> F64:
    """Return `count` log-normal amounts in cents around `median` (cents)."""
    return np.asarray(median * np.exp(sigma * rng.standard_normal(count)))
