"""Compiled search for accounts that keep betting against each other: coincidences of one pair on one market.

The thresholds live beside the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns
from graph.window.compiled import kernel
from graph.window.hits import CUT_BETS, HIT_OPPOSITE, MAX_EDGES, HitTable
from graph.window.kernels import DAY

WALK = 128  # newest incidences of a bettor that are looked at
BESIDE = 32  # bets on one market before a bet that are looked at

BET_GAP = 15 * 60_000
BET_SIMILAR = 0.5  # smaller stake / larger stake, at least
MIN_OPPOSITE = 3  # coincidences of one pair of accounts
BETS_SPAN = 30 * DAY


@kernel
def find_bets(cols: Columns, seqs: I64, first: int, lookback: int, table: HitTable, cut: NDArray[np.int8]) -> int:
    """Write the opposite bets that the movements `seqs` complete; return how many, or -1 if room ran out.

    Looks `lookback` ms back, at most BETS_SPAN; sets CUT_BETS in `cut[i]` where that of movement i was cut.
    """
    mask = len(cols.ts) - 1
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        if cols.mkt[seqs[i] & mask] != NONE:
            n, stopped = _opposite_bets(cols, seqs[i], first, min(BETS_SPAN, lookback), table.edges[hits])
            cut[i] |= stopped
            if n > 0:
                table.owner[hits], table.kind[hits], table.size[hits] = i, HIT_OPPOSITE, n
                hits += 1
    return hits


@kernel
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


@kernel
def _opposite_bets(cols: Columns, seq: int, first: int, span: int, edges: I64) -> tuple[int, int]:
    """Earlier coincidences of the bettor of `seq` with one other account, MIN_OPPOSITE or more with T's.

    Returns (edges written, 0 if there are too few coincidences; CUT_BETS or 0).
    """
    mask = len(cols.ts) - 1
    row = seq & mask
    bettor, ts = cols.src[row], cols.ts[row]
    partner = cols.prev_mkt[row]
    looked, stopped = 0, 0
    while partner != NONE and partner >= first:
        other = partner & mask
        if ts - cols.ts[other] > BET_GAP:
            break
        if looked == BESIDE:
            return 0, CUT_BETS
        looked += 1
        if _opposed(cols, row, other):
            account = cols.src[other]
            edges[0], edges[1] = seq, partner
            n, mine = _against(cols, cols.prev_src[row], ts - span, account, first, edges, 2)
            n, theirs = _against(cols, cols.prev_src[other], ts - span, bettor, first, edges, n)
            stopped |= mine | theirs
            if n >= 2 * MIN_OPPOSITE:
                return n, stopped
        partner = cols.prev_mkt[other]
    return 0, stopped


@kernel
def _against(cols: Columns, current: int, oldest: int, account: int, first: int, edges: I64, n: int) -> tuple[int, int]:
    """Append bets of the history `current` that `account` had just bet against, with those bets.

    Looks back to `oldest` (ms) and at most WALK incidences. Returns (the new count, CUT_BETS where that was cut or 0).
    """
    mask = len(cols.ts) - 1
    looked, stopped = 0, 0
    while current != NONE and (current >> 1) >= first:
        row = (current >> 1) & mask
        if cols.ts[row] < oldest:
            break
        if looked == WALK or n + 2 > MAX_EDGES:
            return n, CUT_BETS
        looked += 1
        role = current & 1
        if role == 0 and cols.mkt[row] != NONE:
            match, more = _bet_beside(cols, current >> 1, account, first)
            stopped |= more
            if match != NONE:
                edges[n], edges[n + 1] = current >> 1, match
                n += 2
        current = cols.prev_src[row] if role == 0 else cols.prev_dst[row]
    return n, stopped


@kernel
def _bet_beside(cols: Columns, seq: int, account: int, first: int) -> tuple[int, int]:
    """Newest bet of `account` just before bet `seq` on another side of its market, or NONE; CUT_BETS or 0."""
    mask = len(cols.ts) - 1
    row = seq & mask
    current = cols.prev_mkt[row]
    looked = 0
    while current != NONE and current >= first:
        other = current & mask
        if cols.ts[row] - cols.ts[other] > BET_GAP:
            break
        if looked == BESIDE:
            return NONE, CUT_BETS
        looked += 1
        if cols.src[other] == account and _opposed(cols, row, other):
            return int(current), 0
        current = cols.prev_mkt[other]
    return NONE, 0
