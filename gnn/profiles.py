"""How an account has behaved since it was first seen: what it spends, earns, sends and receives, as of each movement.

The window's columns look back 30 days. Habits are steadier than that, and an account that launders spends differently
from its neighbours long before and after its ring moves money, so running sums over its whole life say more. Counts are
cut and extremes fade, because a column that only grows tells how long a stream has run. Amounts count as logarithms.
A movement costs a fixed number of steps; a stream is followed with the same step, and can be wound back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.events import MovementKind
from graph.window.vocabulary import MOVEMENT_CODES

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

DAY_MS = 86_400_000.0
ENOUGH = 30.0  # movements of a class after which their number says no more
RECENT_DAYS = 7.0
FADED = 0.01  # logarithm by which the extremes of a class give way with each movement
#: Edges of what is spent / what is usual for all accounts, as logarithms.
STEPS = (-0.7, -0.3, -0.1, 0.1, 0.3, 0.7)

SPENT, EARNED, SENT, RECEIVED = range(4)  # other money out and in, transfers out and in
_CLASSES = ("spent", "earned", "sent", "received")
_OF_CLASS = ("count", "rate", "mean", "spread", "skew", "low", "high", "recent", "surprise")
_OF_END = (
    *(f"{name}_{said}" for name in _CLASSES for said in _OF_CLASS),
    *(f"spent_step_{step}" for step in range(len(STEPS))),
    "rarest_kind",  # how rare, in all movements, the rarest kind is that the account sent
    "rarest_end",  # how rare the rarest other end is that it spent at
    "mean_rare_end",
    "kept",  # logarithm of all that came in less that of all that went out
)
PROFILE: tuple[str, ...] = (*(f"life_{name}" for name in _OF_END), *(f"life_target_{name}" for name in _OF_END))

TRANSFERS = (MOVEMENT_CODES[MovementKind.TRANSFER], MOVEMENT_CODES[MovementKind.LINK])
_KINDS = max(MOVEMENT_CODES.values()) + 1
_CELLS = 10  # count, sums of powers 1 to 3 of logs, money, low, high, recent sum, recent weight, time of newest
_STEPS_AT = 4 * _CELLS
_REST_AT = _STEPS_AT + len(STEPS) + 1
_WIDTH = _REST_AT + 5  # first seen, rarest kind, rarest end, sum and number of rarities of ends


class Lives(NamedTuple):
    """`life` float64[A, W] of accounts; `kinds` how often each kind was seen; `usual` float64[4, 2] sum of logs and
    count per class of money over all accounts; `visits` float64[A] and `visited` float64[1] movements of other money,
    by the account at their end, and in all.
    """

    life: F64
    kinds: F64
    usual: F64
    visits: F64
    visited: F64


def empty_lives(accounts: int) -> Lives:
    """Nothing known of so many accounts."""
    life = np.zeros((accounts, _WIDTH))
    life[:, _REST_AT] = -1.0
    return Lives(life, np.zeros(_KINDS), np.zeros((4, 2)), np.zeros(accounts), np.zeros(1))


def profiles(source: I32, target: I32, ts: I64, cents: I64, kind: I32, asked: I64) -> F32:
    """Columns PROFILE as of the movements at places `asked` (rising), float32[n, len(PROFILE)]; NaN where unknown.

    The arrays are all movements of a stream in canonical order. A row depends on the movements before it and on its
    own amount.
    """
    accounts = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    columns = np.full((len(asked), len(PROFILE)), np.nan, dtype=np.float32)
    _follow(empty_lives(accounts), source, target, ts, cents, kind, asked, columns)
    return columns


@njit(cache=True)
def _follow(lives: Lives, source: I32, target: I32, ts: I64, cents: I64, kind: I32, asked: I64, columns: F32) -> None:
    row, half = 0, columns.shape[1] // 2
    for edge in range(len(source)):
        amount = math.log1p(cents[edge] / 100.0)
        if row < len(asked) and asked[row] == edge:
            say(lives, source[edge], ts[edge], amount, columns[row, :half])
            say(lives, target[edge], ts[edge], amount, columns[row, half:])
            row += 1
        live(lives, source[edge], target[edge], ts[edge], amount, kind[edge])


@njit(cache=True)
def say(lives: Lives, account: int, ts: int, amount: float, columns: F32) -> None:
    """Fill `columns` float32[half of PROFILE] with the account as it was known before a movement of log `amount`."""
    life = lives.life[account]
    days = max((ts - life[_REST_AT]) / DAY_MS, 1.0) if life[_REST_AT] >= 0 else 1.0
    for money in range(4):
        at, to = money * _CELLS, money * len(_OF_CLASS)
        count = life[at]
        columns[to] = min(count, ENOUGH)
        if count == 0:
            continue
        mean = life[at + 1] / count
        variance = max(life[at + 2] / count - mean * mean, 0.0)
        spread = math.sqrt(variance)
        columns[to + 1], columns[to + 2] = count / days, mean
        columns[to + 5], columns[to + 6] = life[at + 5], life[at + 6]
        columns[to + 7] = life[at + 7] / life[at + 8] - mean
        if count > 1:
            columns[to + 3] = spread
        if count > 2 and spread > 1e-4:
            columns[to + 4] = (life[at + 3] / count - 3.0 * mean * variance - mean**3) / spread**3
            columns[to + 8] = (amount - mean) / spread
    to = 4 * len(_OF_CLASS)
    spent = life[SPENT * _CELLS]
    if spent > 0:
        below = 0.0
        for step in range(len(STEPS)):
            below += life[_STEPS_AT + step]
            columns[to + step] = below / spent
    to += len(STEPS)
    columns[to], columns[to + 1] = life[_REST_AT + 1], life[_REST_AT + 2]
    if life[_REST_AT + 4] > 0:
        columns[to + 2] = life[_REST_AT + 3] / life[_REST_AT + 4]
    into = life[EARNED * _CELLS + 4] + life[RECEIVED * _CELLS + 4]
    columns[to + 3] = math.log1p(into) - math.log1p(life[SPENT * _CELLS + 4] + life[SENT * _CELLS + 4])


@njit(cache=True)
def live(lives: Lives, source: int, target: int, ts: int, amount: float, kind: int) -> None:
    """Let a movement count for its two accounts, and for what is usual and rare."""
    transfer = kind in TRANSFERS
    usual = lives.usual[SPENT]
    rest = lives.life[source]
    if not transfer:
        step = 0
        if usual[1] > 0:
            apart = amount - usual[0] / usual[1]
            while step < len(STEPS) and apart >= STEPS[step]:
                step += 1
        rest[_STEPS_AT + step] += 1.0
    _count(lives, source, SENT if transfer else SPENT, ts, amount)
    _count(lives, target, RECEIVED if transfer else EARNED, ts, amount)
    lives.kinds[kind] += 1.0
    rest[_REST_AT + 1] = max(rest[_REST_AT + 1], -math.log(lives.kinds[kind] / lives.kinds.sum()))
    if not transfer:
        lives.visits[target] += 1.0
        lives.visited[0] += 1.0
        rare = -math.log(lives.visits[target] / lives.visited[0])
        rest[_REST_AT + 2] = max(rest[_REST_AT + 2] - FADED, rare)
        rest[_REST_AT + 3] += rare
        rest[_REST_AT + 4] += 1.0


@njit(cache=True)
def _count(lives: Lives, account: int, money: int, ts: int, amount: float) -> None:
    life, at = lives.life[account], money * _CELLS
    if life[_REST_AT] < 0:
        life[_REST_AT] = ts
    kept = math.exp(-(ts - life[at + 9]) / DAY_MS / RECENT_DAYS) if life[at] > 0 else 0.0
    life[at + 5] = min(life[at + 5] + FADED, amount) if life[at] > 0 else amount
    life[at + 6] = max(life[at + 6] - FADED, amount) if life[at] > 0 else amount
    life[at] += 1.0
    life[at + 1] += amount
    life[at + 2] += amount * amount
    life[at + 3] += amount * amount * amount
    life[at + 4] += math.expm1(amount)
    life[at + 7] = life[at + 7] * kept + amount
    life[at + 8] = life[at + 8] * kept + 1.0
    life[at + 9] = ts
    lives.usual[money, 0] += amount
    lives.usual[money, 1] += 1.0


def remember(lives: Lives, source: int, target: int) -> F64:
    """What `live` is about to change for a movement between two accounts, as one row."""
    rest = (lives.kinds, lives.usual.ravel(), lives.visits[target : target + 1], lives.visited)
    return np.concatenate((lives.life[source], lives.life[target], *rest))


def restore(lives: Lives, source: int, target: int, remembered: F64) -> None:
    """Take the newest movement back: everything is then, bit by bit, as when it was remembered."""
    lives.life[source], lives.life[target] = remembered[:_WIDTH], remembered[_WIDTH : 2 * _WIDTH]
    rest = remembered[2 * _WIDTH :]
    lives.kinds[:], lives.usual[:] = rest[:_KINDS], rest[_KINDS : _KINDS + 8].reshape(4, 2)
    lives.visits[target], lives.visited[0] = rest[_KINDS + 8], rest[_KINDS + 9]
