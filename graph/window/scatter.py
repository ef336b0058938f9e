"""Compiled search for scatter-gather: one account's money goes out over several accounts and meets again in one.

The thresholds live beside the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.histories import can_complete
from graph.window.hits import (
    CUT_HUB,
    CUT_SCATTER,
    HIT_SCATTER_GATHER,
    MAX_EDGES,
    SINCE_IN,
    T_SOURCES,
    Budget,
    HitTable,
    is_transfer,
)
from graph.window.kernels import DAY

MIN_PARALLEL = 4  # intermediaries of a scatter-gather
ORIGINS = 16  # newest payers of an intermediary that are looked at
LEAST_PASSED, MOST_PASSED = 50, 102  # per cent of a payment that its intermediary sends on
SCATTERS = Budget(hops=2, span=3 * DAY, steps=1_000, walk=128, width=32, results=1)


class Room(NamedTuple):
    """What the search works in."""

    gather: I64  # newest payment of each intermediary to T's target
    middle: NDArray[np.int32]  # the intermediaries
    counts: I64  # origins found of each
    reached: I64  # intermediaries that each origin of T's source paid
    origin: NDArray[np.int32]  # int32[width, ORIGINS]
    scatter: NDArray[np.int64]  # their payments, int64[width, ORIGINS]


@njit(cache=True)
def find_scatter_gathers(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """Write the scatter-gathers that the movements `seqs` complete; return how many, or -1 if room ran out.

    Sets bits of `cut[i]` where the search for movement i met the budget or a hub.
    """
    room = Room(
        np.empty(budget.width, dtype=np.int64),
        np.empty(budget.width, dtype=np.int32),
        np.empty(budget.width, dtype=np.int64),
        np.empty(ORIGINS, dtype=np.int64),
        np.empty((budget.width, ORIGINS), dtype=np.int32),
        np.empty((budget.width, ORIGINS), dtype=np.int64),
    )
    return _search(cols, nodes, seqs, gates, first, budget, room, table, cut)


@kernel
def _search(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    room: Room,
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """`find_scatter_gathers` with room to work in."""
    mask = len(cols.ts) - 1
    gather, middle, counts, reached, origin, scatter = room
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        row, gate = seqs[i] & mask, gates[i]
        if (
            gate[T_SOURCES] + 1 < MIN_PARALLEL
            or gate[SINCE_IN] < 0
            or gate[SINCE_IN] * 1000 > budget.span
            or not can_complete(cols, nodes, row)
        ):
            continue
        oldest = cols.ts[row] - budget.span
        counts[0], steps, stopped = _origins(cols, nodes, seqs[i], row, oldest, first, budget, 0, origin[0], scatter[0])
        if counts[0] > 0:
            n, more = _gathered(cols, nodes, seqs[i], oldest, first, budget, gather, middle)
            stopped |= more
            reached[:] = 1
            for k in range(1, n if n >= MIN_PARALLEL else 0):
                most = 0
                for j in range(counts[0]):
                    most = max(most, reached[j])
                if most + n - k < MIN_PARALLEL:
                    n = 0  # too few intermediaries are left
                    break
                counts[k], used, more = _origins(
                    cols, nodes, gather[k], row, oldest, first, budget, steps, origin[k], scatter[k]
                )
                steps += used
                stopped |= more
                for j in range(counts[0]):
                    paid = False
                    for other in range(counts[k]):
                        paid |= origin[k, other] == origin[0, j]
                    reached[j] += paid
            if n >= MIN_PARALLEL:
                size, more = _common(n, counts, gather, origin, scatter, table.edges[hits])
                stopped |= more
                if size > 0:
                    table.owner[hits], table.kind[hits], table.size[hits] = i, HIT_SCATTER_GATHER, size
                    hits += 1
        cut[i] |= stopped
    return hits


@kernel
def _gathered(
    cols: Columns,
    nodes: Nodes,
    seq: int,
    oldest: int,
    first: int,
    budget: Budget,
    gather: I64,
    middle: NDArray[np.int32],
) -> tuple[int, int]:
    """Write the newest payment of each account to the target of `seq`, that one first; (how many, bits for a hub)."""
    mask = len(cols.ts) - 1
    row = seq & mask
    gather[0], middle[0] = seq, cols.src[row]
    count, looked = 1, 0
    current = cols.prev_dst[row]
    while current != NONE and (current >> 1) >= first:
        edge, other, role = current >> 1, (current >> 1) & mask, current & 1
        if cols.ts[other] < oldest:
            break
        if looked == budget.walk:
            return count, CUT_HUB
        looked += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        payer = cols.src[other]
        if role == 0 or not is_transfer(cols.kind[other]) or payer == cols.dst[row]:
            continue
        if nodes.acct_service[payer] <= cols.ts[row]:
            continue
        known = False
        for k in range(count):
            known |= middle[k] == payer
        if known:
            continue
        if count == budget.width:
            return count, CUT_HUB
        gather[count], middle[count] = edge, payer
        count += 1
    return count, 0


@kernel
def _origins(
    cols: Columns,
    nodes: Nodes,
    seq: int,
    row: int,
    oldest: int,
    first: int,
    budget: Budget,
    steps: int,
    origin: NDArray[np.int32],
    scatter: I64,
) -> tuple[int, int, int]:
    """Write the accounts whose money the source of payment `seq` can have sent on with it, newest first, each with
    its newest such payment; T is event row `row`.

    Returns (how many, incidences looked at, bits for what was cut).
    """
    mask = len(cols.ts) - 1
    start, ts, target = seq & mask, cols.ts[row], cols.dst[row]
    count, looked = 0, 0
    current = cols.prev_src[start]
    while current != NONE and (current >> 1) >= first:
        edge, other, role = current >> 1, (current >> 1) & mask, current & 1
        if cols.ts[other] < oldest:
            break
        if steps + looked >= budget.steps:
            return count, looked, CUT_SCATTER
        if looked == budget.walk // 2:
            return count, looked, CUT_HUB
        looked += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        payer, cents, passed = cols.src[other], cols.cents[other], cols.cents[start]
        if (
            role == 0
            or not is_transfer(cols.kind[other])
            or payer == target
            or payer == cols.src[start]
            or nodes.acct_service[payer] <= ts
            or not cents * LEAST_PASSED <= passed * 100 <= cents * MOST_PASSED
        ):
            continue
        known = False
        for k in range(count):
            known |= origin[k] == payer
        if known:
            continue
        if count == ORIGINS:
            return count, looked, CUT_HUB
        origin[count], scatter[count] = payer, edge
        count += 1
    return count, looked, 0


@kernel
def _common(
    n: int,
    counts: I64,
    gather: I64,
    origin: NDArray[np.int32],
    scatter: NDArray[np.int64],
    edges: I64,
) -> tuple[int, int]:
    """Write the payments through most intermediaries from one account that paid T's source; the newest such payer wins
    a tie.

    Returns (payments, bits for what was cut); 0 payments below MIN_PARALLEL.
    """
    best, reached = NONE, MIN_PARALLEL - 1
    for k in range(counts[0]):
        through = 0
        for i in range(n):
            for j in range(counts[i]):
                through += origin[i, j] == origin[0, k]
        if through > reached:
            best, reached = origin[0, k], through
    if best == NONE:
        return 0, 0
    size = 0
    for i in range(n):
        for j in range(counts[i]):
            if origin[i, j] == best and size + 2 <= MAX_EDGES:
                edges[size], edges[size + 1] = gather[i], scatter[i, j]
                size += 2
    return size, CUT_SCATTER if 2 * reached > size else 0
