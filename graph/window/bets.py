"""Compiled search for accounts that keep betting against each other: coincidences of one pair on one market.

The thresholds live beside the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

from numba import njit

from graph.window.columns import I64, NONE, Columns
from graph.window.features import WALK_LIMIT
from graph.window.hits import HIT_OPPOSITE, MAX_EDGES, HitTable
from graph.window.kernels import DAY

BET_GAP = 15 * 60_000
BET_SIMILAR = 0.5  # smaller stake / larger stake, at least
MIN_OPPOSITE = 3  # coincidences of one pair of accounts


@njit(cache=True)
def find_bets(cols: Columns, seqs: I64, first: int, table: HitTable) -> int:
    """Write the opposite bets that the movements `seqs` complete; return how many, or -1 if room ran out."""
    mask = len(cols.ts) - 1
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        if cols.mkt[seqs[i] & mask] != NONE:
            n = _opposite_bets(cols, seqs[i], first, table.edges[hits])
            if n > 0:
                table.owner[hits], table.kind[hits], table.size[hits] = i, HIT_OPPOSITE, n
                hits += 1
    return hits


@njit(cache=True)
def _opposed(cols: Columns, a: int, b: int) -> bool:
    """Whether two bet rows are on other sides of one market, close in time, with comparable stakes."""
    small, large = min(cols.cents[a], cols.cents[b]), max(cols.cents[a], cols.cents[b])
    opposed: bool = (
        cols.mkt[a] == cols.mkt[b]
        and cols.side[a] != cols.side[b]
        and cols.src[a] != cols.src[b]
        and abs(cols.ts[a] - cols.ts[b]) <= BET_GAP
        and small >= large * BET_SIMILAR
    )
    return opposed


@njit(cache=True)
def _opposite_bets(cols: Columns, seq: int, first: int, edges: I64) -> int:
    """Earlier coincidences of the bettor of `seq` with one other account, MIN_OPPOSITE or more with T's, or 0 edges."""
    mask = len(cols.ts) - 1
    row = seq & mask
    bettor, ts = cols.src[row], cols.ts[row]
    partner = cols.prev_mkt[row]
    looked = 0
    while partner != NONE and partner >= first and looked < 32:
        other = partner & mask
        if ts - cols.ts[other] > BET_GAP:
            break
        looked += 1
        if _opposed(cols, row, other):
            account = cols.src[other]
            edges[0], edges[1] = seq, partner
            n = _against(cols, cols.prev_src[row], ts, account, first, edges, 2)
            n = _against(cols, cols.prev_src[other], ts, bettor, first, edges, n)
            if n >= 2 * MIN_OPPOSITE:
                return n
        partner = cols.prev_mkt[other]
    return 0


@njit(cache=True)
def _against(cols: Columns, current: int, ts: int, account: int, first: int, edges: I64, n: int) -> int:
    """Append bets of the history `current` that `account` had just bet against, with those bets; return the new count.

    Looks at 30 days before `ts` and at most WALK_LIMIT incidences.
    """
    mask = len(cols.ts) - 1
    steps = 0
    while current != NONE and (current >> 1) >= first and steps < WALK_LIMIT and n + 2 <= MAX_EDGES:
        row = (current >> 1) & mask
        if ts - cols.ts[row] > 30 * DAY:
            break
        steps += 1
        role = current & 1
        if role == 0 and cols.mkt[row] != NONE:
            match = _bet_beside(cols, current >> 1, account, first)
            if match != NONE:
                edges[n], edges[n + 1] = current >> 1, match
                n += 2
        current = cols.prev_src[row] if role == 0 else cols.prev_dst[row]
    return n


@njit(cache=True)
def _bet_beside(cols: Columns, seq: int, account: int, first: int) -> int:
    """Newest bet of `account` just before bet `seq` on another side of its market, or NONE."""
    mask = len(cols.ts) - 1
    row = seq & mask
    current = cols.prev_mkt[row]
    looked = 0
    while current != NONE and current >= first and looked < 32:
        other = current & mask
        if cols.ts[row] - cols.ts[other] > BET_GAP:
            break
        looked += 1
        if cols.src[other] == account and _opposed(cols, row, other):
            return int(current)
        current = cols.prev_mkt[other]
    return NONE
