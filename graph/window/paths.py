"""Compiled search backwards in time for layered money: the longest chain of quick pass-throughs up to a movement.

The thresholds live beside the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.histories import can_complete, next_feeder
from graph.window.hits import CUT_CHAIN, CUT_HUB, HIT_LAYERED, PAIR, SINCE_IN, Budget, HitTable
from graph.window.kernels import DAY

MIN_LAYERS = 3  # forwards after the first movement of a layered chain
CHAIN_GAP = DAY  # longest stay with one account
CHAINS = Budget(hops=8, span=10 * DAY, steps=1_000, walk=128, width=32, results=1)


@njit(cache=True)
def find_chains(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    table: HitTable,
    cut: NDArray[np.int8],
    closed: NDArray[np.bool_],
) -> int:
    """Write the chains that the movements `seqs` complete; return how many, or -1 if room ran out.

    A movement that closes a cycle (`closed`) or pays somebody its source paid before ends no chain. Sets bits of
    `cut[i]` where the search for movement i met the budget or a hub.
    """
    return _search(cols, nodes, seqs, gates, first, budget, np.empty((4, budget.hops), np.int64), table, cut, closed)


@kernel
def _search(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    room: NDArray[np.int64],
    table: HitTable,
    cut: NDArray[np.int8],
    closed: NDArray[np.bool_],
) -> int:
    """`find_chains` with room to work in."""
    mask = len(cols.ts) - 1
    path, pointer, looked, taken = room[0], room[1], room[2], room[3]
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        gate = gates[i]
        gap = min(CHAIN_GAP, budget.span)
        if closed[i] or gate[SINCE_IN] < 0 or gate[SINCE_IN] * 1000 > gap or gate[PAIR] > 0:
            continue
        if not can_complete(cols, nodes, seqs[i] & mask):
            continue
        n, stopped = _longest(cols, nodes, seqs[i], first, budget, gap, path, pointer, looked, taken, table.edges[hits])
        cut[i] |= stopped
        if n > MIN_LAYERS:
            table.owner[hits], table.kind[hits], table.size[hits] = i, HIT_LAYERED, n
            hits += 1
    return hits


@kernel
def _longest(
    cols: Columns,
    nodes: Nodes,
    seq: int,
    first: int,
    budget: Budget,
    gap: int,
    path: I64,
    pointer: I64,
    looked: I64,
    taken: I64,
    best: I64,
) -> tuple[int, int]:
    """Search backwards from movement `seq` for the longest chain of distinct accounts, newest movements first.

    Writes its seqs, newest first, into `best`; returns (length, bits for what was cut). The target takes no part.
    """
    mask = len(cols.ts) - 1
    row = seq & mask
    ts, goal = cols.ts[row], cols.dst[row]
    path[0], pointer[0], looked[0], taken[0] = seq, cols.prev_src[row], 0, 0
    depth, found, steps, stopped = 0, 0, 0, 0
    while depth >= 0:
        if steps >= budget.steps:
            return found, stopped | CUT_CHAIN
        here = path[depth] & mask
        left = 0 if taken[depth] == budget.width else budget.walk - looked[depth]
        oldest = max(cols.ts[here] - gap, ts - budget.span)
        edge, current, used = next_feeder(cols, nodes, pointer[depth], first, here, oldest, ts, left)
        pointer[depth] = current
        looked[depth] += used
        steps += used
        if edge == NONE:
            if current != NONE:
                stopped |= CUT_HUB
            depth -= 1
            continue
        taken[depth] += 1
        payer = cols.src[edge & mask]
        repeated = payer == goal
        for i in range(depth + 1):
            if cols.src[path[i] & mask] == payer:
                repeated = True
        if repeated:
            continue
        depth += 1
        path[depth] = edge
        if depth + 1 > found:
            found = depth + 1
            for i in range(found):
                best[i] = path[i]
            if found == budget.hops:
                return found, stopped  # none is longer
        if depth + 1 < budget.hops:
            pointer[depth], looked[depth], taken[depth] = cols.prev_src[edge & mask], 0, 0
    return found, stopped
