"""The company an account keeps: how those it dealt with are scored, as of each movement.

The first stage over accounts scores each end of a movement as it was then. Here, for every movement, what was last said
of the accounts that its two ends paid and were paid by is summed up, each end left out of the other's company. Nothing
looks ahead; a stream is followed movement by movement with the same step, and can be wound back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.propagation import CERTAIN, HORIZON, NEWEST

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

KEPT = 0.95  # share of an account's running mean that its next movement keeps
SUSPICIOUS = 0.0  # log odds

_OF_GROUP = ("mean", "max", "second", "last", "suspicious")
_GROUPS = ("payees", "payers", "target_payees", "target_payers")
COMPANY: tuple[str, ...] = (
    "source_account",
    "target_account",
    "both_accounts",
    "lesser_account",
    *(f"{group}_account_{name}" for group in _GROUPS for name in _OF_GROUP),
    "source_account_before",
    "target_account_before",
)
WIDTH = len(COMPANY)
_GROUPS_AT = 4
_BEFORE_AT = _GROUPS_AT + 4 * len(_OF_GROUP)


class Company(NamedTuple):
    """Movements in canonical order with what a walk back from any of them needs, for n movements and A accounts.

    Per movement: `source`, `target`, `ts` (epoch ms), `score` float64[n, 2] log odds of its ends, `before_out` and
    `before_in` the place of the movement before it of its source and of its target (-1 for none), and `undo`
    float64[n, 2, 3] what `known` was of its ends. Per account: `newest_out`, `newest_in` the place of its newest
    movement, and `known` float64[A, 3] what was last said of it (NaN: nothing), and the faded sum and count of that.
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
    known: F64


def empty_company(movements: int, accounts: int) -> Company:
    """Room for so many movements and accounts, and nothing in it."""
    known = np.zeros((accounts, 3))
    known[:, 0] = np.nan
    return Company(
        source=np.zeros(movements, np.int32),
        target=np.zeros(movements, np.int32),
        ts=np.zeros(movements, np.int64),
        score=np.zeros((movements, 2)),
        before_out=np.full(movements, -1, np.int64),
        before_in=np.full(movements, -1, np.int64),
        undo=np.zeros((movements, 2, 3)),
        newest_out=np.full(accounts, -1, np.int64),
        newest_in=np.full(accounts, -1, np.int64),
        known=known,
    )


def company_kept(source: I32, target: I32, ts: I64, ends: F64) -> F32:
    """Columns COMPANY of movements in canonical order, float32[n, WIDTH]; NaN where there is nobody.

    `ends` float64[n, 2] are log odds of source and target. Row r depends on `ends[: r + 1]` alone.
    """
    accounts = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    company = empty_company(len(source), accounts)
    company.source[:], company.target[:], company.ts[:] = source, target, ts
    company.score[:] = np.clip(ends, -CERTAIN, CERTAIN)
    columns = np.full((len(source), WIDTH), np.nan, dtype=np.float32)
    extend(company, 0, len(source), columns)
    return columns


@njit(cache=True)
def extend(company: Company, begin: int, end: int, columns: F32) -> None:
    """Link the movements at places `begin` to `end`, which are written already, one after the other.

    Fills `columns[i]` (float32[end - begin, WIDTH], NaN before) with what the movements before place `begin + i` say.
    """
    for row in range(begin, end):
        _say(company, row, columns[row - begin])
        _link(company, row)


@njit(cache=True)
def wind_back(company: Company, end: int, begin: int) -> None:
    """Unlink the movements at places `begin` to `end`, the last ones: all is then as it was before them."""
    for row in range(end - 1, begin - 1, -1):
        source, target = company.source[row], company.target[row]
        company.newest_in[target], company.newest_out[source] = company.before_in[row], company.before_out[row]
        company.known[target] = company.undo[row, 1]
        company.known[source] = company.undo[row, 0]


@njit(cache=True)
def _link(company: Company, row: int) -> None:
    known = company.known
    for side in range(2):
        end = company.source[row] if side == 0 else company.target[row]
        company.undo[row, side] = known[end]
        known[end, 0] = company.score[row, side]
        known[end, 1] = known[end, 1] * KEPT + company.score[row, side]
        known[end, 2] = known[end, 2] * KEPT + 1.0
    source, target = company.source[row], company.target[row]
    company.before_out[row], company.newest_out[source] = company.newest_out[source], row
    company.before_in[row], company.newest_in[target] = company.newest_in[target], row


@njit(cache=True)
def _say(company: Company, row: int, columns: F32) -> None:
    source, target, ts, known = company.source, company.target, company.ts, company.known
    first, second = company.score[row, 0], company.score[row, 1]
    columns[0], columns[1], columns[2], columns[3] = first, second, first + second, min(first, second)
    for group in range(4):
        end, other = (source[row], target[row]) if group < 2 else (target[row], source[row])
        outward = group % 2 == 0
        earlier = company.newest_out[end] if outward else company.newest_in[end]
        walked, seen, suspicious, total = 0, 0, 0, 0.0
        most, next_most, last = -np.inf, -np.inf, np.nan
        while earlier >= 0 and walked < NEWEST and ts[row] - ts[earlier] < HORIZON:
            walked += 1
            neighbour = target[earlier] if outward else source[earlier]
            if neighbour != other:
                value = known[neighbour, 0]
                if seen == 0:
                    last = value
                seen += 1
                total += value
                suspicious += value > SUSPICIOUS
                if value > most:
                    most, next_most = value, most
                elif value > next_most:
                    next_most = value
            earlier = company.before_out[earlier] if outward else company.before_in[earlier]
        at = _GROUPS_AT + 5 * group
        if seen > 0:
            columns[at], columns[at + 1], columns[at + 3] = total / seen, most, last
        if seen > 1:
            columns[at + 2] = next_most
        columns[at + 4] = suspicious
    for side in range(2):
        end = source[row] if side == 0 else target[row]
        if known[end, 2] > 0:
            columns[_BEFORE_AT + side] = known[end, 1] / known[end, 2]
