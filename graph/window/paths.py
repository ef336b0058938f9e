"""Compiled search backwards in time for money that travelled: cycles that close, and chains of quick pass-through.

A search takes at most `STEP_BUDGET` steps and says when that cut it. The thresholds live beside the code that uses
them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.hits import HIT_CYCLE, HIT_LAYERED, HitTable, is_transfer
from graph.window.kernels import AMOUNT, DAY, PAIR, SINCE_IN

MIN_LAYERS = 3  # forwards after the first movement of a layered chain
MAX_CYCLE = 6
MAX_CHAIN = 8
KEPT_PER_HOP = 0.15  # largest share of the amount that a hop of a cycle or chain may keep
CYCLE_SPAN = 10 * DAY
CHAIN_GAP = DAY
STEP_BUDGET = 2_000


@njit(cache=True)
def find_paths(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    features: NDArray[np.float64],
    first: int,
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """Write the cycles and chains that the movements `seqs` complete; return how many, or -1 if room ran out.

    `cut[i]` becomes 1 where a search for movement i met its budget.
    """
    mask = len(cols.ts) - 1
    path = np.empty(max(MAX_CHAIN, MAX_CYCLE), dtype=np.int64)
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        seq = seqs[i]
        row = seq & mask
        ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
        f = features[i]
        if (
            not is_transfer(cols.kind[row])
            or src == dst
            or nodes.acct_service[src] <= ts
            or nodes.acct_service[dst] <= ts
            or f[AMOUNT] == 0
            or f[SINCE_IN] < 0
            or f[SINCE_IN] * 1000 > CYCLE_SPAN
        ):
            continue
        shape = HIT_CYCLE
        n, stopped = back_path(cols, nodes, seq, first, True, CYCLE_SPAN, CYCLE_SPAN, MAX_CYCLE, path)
        if stopped:
            cut[i] = 1
        if n < 3:
            n = 0
            if f[SINCE_IN] * 1000 <= CHAIN_GAP and f[PAIR] == 0:
                shape = HIT_LAYERED
                n, stopped = back_path(cols, nodes, seq, first, False, CHAIN_GAP, CYCLE_SPAN, MAX_CHAIN, path)
                if stopped:
                    cut[i] = 1
                if n <= MIN_LAYERS:
                    n = 0
        if n > 0:
            table.edges[hits, :n] = path[:n]
            table.owner[hits], table.kind[hits], table.size[hits] = i, shape, n
            hits += 1
    return hits


@njit(cache=True)
def back_path(
    cols: Columns, nodes: Nodes, seq: int, first: int, closing: bool, hop_gap: int, span: int, longest: int, best: I64
) -> tuple[int, bool]:
    """Search backwards from movement `seq` for money that rose through quick hops of nearly the same amount.

    With `closing`, for a path that started at the target of `seq` (a cycle, the first found, at least 3 hops);
    otherwise for the longest chain of distinct accounts. Writes seqs newest first into `best`; returns
    (length, cut by the budget).
    """
    mask = len(cols.ts) - 1
    row = seq & mask
    path = np.empty(longest, dtype=np.int64)
    pointer = np.empty(longest, dtype=np.int64)
    path[0] = seq
    pointer[0] = cols.prev_src[row]
    depth, found, steps = 0, 0, 0
    ts, goal = cols.ts[row], cols.dst[row]
    while depth >= 0:
        current = pointer[depth]
        here = path[depth] & mask
        oldest = max(cols.ts[here] - hop_gap, ts - span)
        if current == NONE or (current >> 1) < first or cols.ts[(current >> 1) & mask] < oldest or depth + 1 >= longest:
            depth -= 1
            continue
        steps += 1
        if steps > STEP_BUDGET:
            return found, True
        edge = current >> 1
        other = edge & mask
        role = current & 1
        pointer[depth] = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        if role == 0 or not is_transfer(cols.kind[other]):
            continue
        payer = cols.src[other]
        cents, later = cols.cents[other], cols.cents[here]
        if later > cents * 1.02 or later < cents * (1.0 - KEPT_PER_HOP) or nodes.acct_service[payer] <= ts:
            continue
        if payer == goal:
            if closing and depth >= 1:
                for i in range(depth + 1):
                    best[i] = path[i]
                best[depth + 1] = edge
                return depth + 2, False
            continue
        repeated = False
        for i in range(depth + 1):
            if cols.src[path[i] & mask] == payer:
                repeated = True
        if repeated:
            continue
        depth += 1
        path[depth] = edge
        pointer[depth] = cols.prev_src[other]
        if not closing and depth + 1 > found:
            found = depth + 1
            for i in range(found):
                best[i] = path[i]
    return found, False
