"""Second stage: how a first model scored the earlier movements around both ends of a movement.

A ring shows itself by several movements that are each a little suspicious. For every rated movement, in canonical
order, the log odds of the newest rated movements of its two ends are summed up, before its own log odds count for
anybody; so nothing looks ahead, and one pass costs less than a microsecond a row. A stream is followed movement by
movement with the same step, and can be wound back where a movement comes late.
"""

from __future__ import annotations

import math
from typing import NamedTuple

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


class Trail(NamedTuple):
    """Movements in canonical order with what a walk back from any of them needs, for n movements and A accounts.

    Per movement: `source`, `target`, `ts` (epoch ms) and `score` (log odds, cut) as given; `before_out` and `before_in`
    the place of the movement before it of its source and of its target (-1 for none), and `undo` float64[n, 2, 3] what
    `running` was of its two ends. Per account: `newest_out` and `newest_in` the place of its newest movement, `running`
    float64[A, 3] its faded sum and count of log odds and its sinking peak.
    """

    source: I32
    target: I32
    ts: I64
    score: F64
    before_out: I64
    before_in: I64
    undo: F64
    newest_out: I64
    newest_in: I64
    running: F64


def empty_trail(movements: int, accounts: int) -> Trail:
    """A trail with room for so many movements and accounts, and nothing in it."""
    return Trail(
        source=np.zeros(movements, np.int32),
        target=np.zeros(movements, np.int32),
        ts=np.zeros(movements, np.int64),
        score=np.zeros(movements),
        before_out=np.full(movements, -1, np.int64),
        before_in=np.full(movements, -1, np.int64),
        undo=np.zeros((movements, 2, 3)),
        newest_out=np.full(accounts, -1, np.int64),
        newest_in=np.full(accounts, -1, np.int64),
        running=np.zeros((accounts, 3)),
    )


def propagate(rated: Rated, log_odds: F64) -> F32:
    """Columns PROPAGATED of every rated movement, float32[n, WIDTH]; NaN where there is nothing to sum up.

    `log_odds` float64[n] are a first model's scores of the same movements. Row r depends on `log_odds[: r + 1]` alone.
    """
    source, target = rated.edges.source[rated.edge], rated.edges.target[rated.edge]
    accounts = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    trail = empty_trail(len(rated), accounts)
    trail.source[:], trail.target[:], trail.ts[:], trail.score[:] = source, target, rated.ts, cut(log_odds)
    columns = np.full((len(rated), WIDTH), np.nan, dtype=np.float32)
    extend(trail, 0, len(rated), columns)
    return columns


def cut(log_odds: F64) -> F64:
    """Log odds as a trail takes them."""
    return np.clip(log_odds, -CERTAIN, CERTAIN)


@njit(cache=True)
def extend(trail: Trail, begin: int, end: int, columns: F32) -> None:
    """Link the movements at places `begin` to `end`, which are written already, one after the other.

    Fills `columns[i]` (float32[end - begin, WIDTH], NaN before) with what the movements before place `begin + i` say.
    """
    for row in range(begin, end):
        _say(trail, row, columns[row - begin])
        _link(trail, row)


@njit(cache=True)
def wind_back(trail: Trail, end: int, begin: int) -> None:
    """Unlink the movements at places `begin` to `end`, the last of the trail: it is then as it was before them."""
    for row in range(end - 1, begin - 1, -1):
        source, target = trail.source[row], trail.target[row]
        trail.newest_in[target], trail.newest_out[source] = trail.before_in[row], trail.before_out[row]
        trail.running[target] = trail.undo[row, 1]
        trail.running[source] = trail.undo[row, 0]


@njit(cache=True)
def _link(trail: Trail, row: int) -> None:
    """Let the movement at place `row` count for those after it."""
    score, running = trail.score[row], trail.running
    for side in range(2):
        end = trail.source[row] if side == 0 else trail.target[row]
        trail.undo[row, side] = running[end]
        peak = running[end, 2] - SUNK if running[end, 1] > 0 else -np.inf
        running[end, 0] = running[end, 0] * KEPT + score
        running[end, 1] = running[end, 1] * KEPT + 1.0
        running[end, 2] = max(score, peak)
    source, target = trail.source[row], trail.target[row]
    trail.before_out[row], trail.newest_out[source] = trail.newest_out[source], row
    trail.before_in[row], trail.newest_in[target] = trail.newest_in[target], row


@njit(cache=True)
def _say(trail: Trail, row: int, columns: F32) -> None:
    """Fill `columns` float32[WIDTH] for the movement at place `row`, before it counts for anybody."""
    source, target, ts, score, running = trail.source, trail.target, trail.ts, trail.score, trail.running
    pair_sum, pair_count = 0.0, 0
    for group in range(4):
        end, other = (source[row], target[row]) if group < 2 else (target[row], source[row])
        outward = group % 2 == 0
        earlier = trail.newest_out[end] if outward else trail.newest_in[end]
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
            earlier = trail.before_out[earlier] if outward else trail.before_in[earlier]
        at = 8 * group
        if seen > 0:
            columns[at], columns[at + 1], columns[at + 3] = total / seen, first, last
            columns[at + 4] = faded / weight
        if seen > 1:
            columns[at + 2] = second
        if beyond > 0:
            columns[at + 5], columns[at + 6] = beyond_sum / beyond, beyond_peak
        columns[at + 7] = suspicious
    columns[32] = score[row]
    if pair_count > 0:
        columns[33] = pair_sum / pair_count
    for side in range(2):
        end = source[row] if side == 0 else target[row]
        if running[end, 1] > 0:
            columns[34 + side] = running[end, 0] / running[end, 1]
            columns[36 + side] = running[end, 2]
