"""Compiled features of an account's own history, sent and received, from the walk over it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from graph.window.compiled import kernel
from graph.window.walk import (
    ALIKE,
    BASE,
    BELOW,
    DECAYED_1D,
    DECAYED_7D,
    EQUAL,
    GAP_OFFSET,
    GAP_SQUARES,
    LARGEST,
    LATEST,
    LEAST_GAP,
    NEAR,
    NEWEST,
    OFFSET,
    OLDEST,
    SQUARES,
    N,
    Walk,
)

(
    COUNTS,
    SUMS,
    DISTINCT,
    MEAN,
    SD,
    PEAK,
    DECAYED,
    GAP_MEAN,
    GAP_SD,
    GAP_MIN,
    BURSTINESS,
    RANK,
    TO_MEAN,
    TO_LAST,
    NEAR_COUNT,
    SINCE,
) = (0, 4, 8, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23)
SIDE = 24  # features of one side and direction


@kernel
def spread(count: int, offset: int, squares: float) -> float:
    """Population standard deviation from the sums of offsets to one of the values and of their squares."""
    mean = offset / count
    return math.sqrt(max(0.0, squares / count - mean * mean))


@kernel
def history_features(w: Walk, ts: int, amount: int, base: int, f: NDArray[np.float64]) -> None:
    """Fill the features of both directions from `f[base]` on: what the account sent, then what it received."""
    for way in range(2):
        o = base + way * SIDE
        p, x = w.per[way], w.real[way]
        for i in range(4):
            f[o + COUNTS + i] = w.counts[ALIKE, way, i + 1]
            f[o + SUMS + i] = w.money[ALIKE, way, i + 1]
        f[o + DISTINCT] = w.distinct[ALIKE, way, 3]
        f[o + DISTINCT + 1] = w.distinct[ALIKE, way, 4]
        f[o + GAP_MEAN] = f[o + GAP_SD] = f[o + GAP_MIN] = -1.0
        f[o + RANK] = f[o + TO_MEAN] = f[o + TO_LAST] = f[o + SINCE] = -1.0
        n = p[N]
        if n == 0:
            continue
        mean = p[BASE] + p[OFFSET] / n
        f[o + MEAN] = mean
        f[o + SD] = spread(n, p[OFFSET], x[SQUARES])
        if mean > 0:
            f[o + PEAK] = p[LARGEST] / mean
            f[o + TO_MEAN] = amount / mean
        f[o + DECAYED] = x[DECAYED_1D]
        f[o + DECAYED + 1] = x[DECAYED_7D]
        f[o + RANK] = (p[BELOW] + 0.5 * p[EQUAL]) / n
        if p[LATEST] > 0:
            f[o + TO_LAST] = amount / p[LATEST]
        f[o + NEAR_COUNT] = p[NEAR]
        f[o + SINCE] = (ts - p[NEWEST]) / 1000.0
        if n > 1:
            gap = (p[NEWEST] - p[OLDEST]) / (n - 1) / 1000.0
            sd = spread(n - 1, p[GAP_OFFSET], x[GAP_SQUARES]) / 1000.0
            f[o + GAP_MEAN], f[o + GAP_SD], f[o + GAP_MIN] = gap, sd, p[LEAST_GAP] / 1000.0
            if sd + gap > 0:
                f[o + BURSTINESS] = (sd - gap) / (sd + gap)
