"""Second stage: how a first model scored the earlier movements around both ends of a movement.

A ring shows itself by several movements that are each a little suspicious. For every rated movement, in canonical
order, the log odds of the newest rated movements of its two ends are summed up, before its own log odds count for
anybody; so nothing looks ahead, and one pass costs less than a microsecond a row.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.dataset import Rated

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

DAY_MS = 86_400_000.0
NEWEST = 48  # rated movements of one end and direction
HORIZON = 60 * DAY_MS
FADE_DAYS = 10.0
SUSPICIOUS = -1.5  # log odds
KEPT = 0.97  # share of an account's running mean that its next movement keeps
SUNK = 0.02  # log odds by which an account's highest score sinks with each movement
CERTAIN = 11.5  # log odds beyond which scores are cut: 1e-5 from 0 and 1

_OF_GROUP = ("mean", "max", "second", "last", "faded", "beyond_mean", "beyond_max", "suspicious")
_GROUPS = ("payees", "payers", "target_payees", "target_payers")
PROPAGATED: tuple[str, ...] = (
    *(f"{group}_score_{name}" for group in _GROUPS for name in _OF_GROUP),
    "own_score",
    "pair_score_mean",
    "source_score_mean",
    "target_score_mean",
    "source_score_peak",
    "target_score_peak",
)
WIDTH = len(PROPAGATED)


def propagate(rated: Rated, log_odds: F64) -> F32:
    """Columns PROPAGATED of every rated movement, float32[n, WIDTH]; NaN where there is nothing to sum up.

    `log_odds` float64[n] are a first model's scores of the same movements. Row r depends on `log_odds[: r + 1]` alone.
    """
    source, target = rated.edges.source[rated.edge], rated.edges.target[rated.edge]
    accounts = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    columns = np.full((len(rated), WIDTH), np.nan, dtype=np.float32)
    _propagate(source, target, rated.ts, np.clip(log_odds, -CERTAIN, CERTAIN), accounts, columns)
    return columns


@njit(cache=True)
def _propagate(source: I32, target: I32, ts: I64, score: F64, accounts: int, columns: F32) -> None:
    n = len(source)
    newest_out, newest_in = np.full(accounts, -1, np.int64), np.full(accounts, -1, np.int64)
    before_out, before_in = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    running = np.zeros((accounts, 3))  # faded sum, faded count, sinking peak
    for row in range(n):
        pair_sum, pair_count = 0.0, 0
        for group in range(4):
            end, other = (source[row], target[row]) if group < 2 else (target[row], source[row])
            outward = group % 2 == 0
            earlier = newest_out[end] if outward else newest_in[end]
            seen, beyond, suspicious, total, faded, weight, beyond_sum = 0, 0, 0, 0.0, 0.0, 0.0, 0.0
            first, second, beyond_peak, last = -np.inf, -np.inf, -np.inf, np.nan
            while earlier >= 0 and seen < NEWEST and ts[row] - ts[earlier] < HORIZON:
                value = score[earlier]
                neighbour = target[earlier] if outward else source[earlier]
                if seen == 0:
                    last = value
                seen += 1
                total += value
                if value > first:
                    first, second = value, first
                elif value > second:
                    second = value
                fade = math.exp(-(ts[row] - ts[earlier]) / DAY_MS / FADE_DAYS)
                faded += value * fade
                weight += fade
                suspicious += value > SUSPICIOUS
                if group == 0 and neighbour == target[row]:
                    pair_sum += value
                    pair_count += 1
                if neighbour != other and running[neighbour, 1] > 0:
                    beyond += 1
                    beyond_sum += running[neighbour, 0] / running[neighbour, 1]
                    beyond_peak = max(beyond_peak, running[neighbour, 2])
                earlier = before_out[earlier] if outward else before_in[earlier]
            at = 8 * group
            if seen > 0:
                columns[row, at], columns[row, at + 1], columns[row, at + 3] = total / seen, first, last
                columns[row, at + 4] = faded / weight
            if seen > 1:
                columns[row, at + 2] = second
            if beyond > 0:
                columns[row, at + 5], columns[row, at + 6] = beyond_sum / beyond, beyond_peak
            columns[row, at + 7] = suspicious
        columns[row, 32] = score[row]
        if pair_count > 0:
            columns[row, 33] = pair_sum / pair_count
        for side in range(2):
            end = source[row] if side == 0 else target[row]
            if running[end, 1] > 0:
                columns[row, 34 + side] = running[end, 0] / running[end, 1]
                columns[row, 36 + side] = running[end, 2]
        for side in range(2):
            end = source[row] if side == 0 else target[row]
            peak = running[end, 2] - SUNK if running[end, 1] > 0 else -np.inf
            running[end, 0] = running[end, 0] * KEPT + score[row]
            running[end, 1] = running[end, 1] * KEPT + 1.0
            running[end, 2] = max(score[row], peak)
        before_out[row], newest_out[source[row]] = newest_out[source[row]], row
        before_in[row], newest_in[target[row]] = newest_in[target[row]], row
