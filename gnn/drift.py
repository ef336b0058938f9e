"""How far what comes now is from what a model was trained on: the population stability index, column by column.

PSI = sum over bins of (now - then) * ln(now / then), bins being tenths of what was then (Siddiqi, Credit Risk
Scorecards, 2006). Below 0.1 nothing moved, above 0.25 a population is another one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

BINS: Final = 10
SETTLED, MOVED = 0.1, 0.25
FLOOR: Final = 1e-4  # share of an empty bin
SAMPLE: Final = 50_000


def bin_edges(columns: NDArray[np.floating]) -> F64:
    """Inner edges of tenths of each column, float64[F, BINS - 1], from rows float[n, F]."""
    at = np.arange(1, BINS) / BINS
    return np.quantile(columns.astype(np.float64), at, axis=0, method="lower").T.copy()


def bin_shares(columns: NDArray[np.floating], edges: F64) -> F64:
    """Share of rows in each bin of each column, float64[F, BINS]."""
    found = np.empty((len(edges), BINS))
    for place, inner in enumerate(edges):
        bins = np.searchsorted(inner, columns[:, place].astype(np.float64), side="left")
        found[place] = np.bincount(bins, minlength=BINS) / max(1, len(columns))
    return found


def stability(then: F64, now: F64) -> F64:
    """Population stability index of each column, float64[F], from shares float64[F, BINS]."""
    before, after = np.maximum(then, FLOOR), np.maximum(now, FLOOR)
    found: F64 = ((after - before) * np.log(after / before)).sum(axis=1)
    return found


def verdict(index: float) -> str:
    """What an index means: settled, shifting or moved."""
    return "settled" if index < SETTLED else "shifting" if index < MOVED else "moved"
