"""Compiled search for fans: many pay one who passes it on, one who is paid and spreads it.

An account with `HUB_DEGREE` counterparties in the span is a hub and forms no fan of its own. The thresholds live beside
the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.histories import can_complete
from graph.window.hits import (
    CUT_FAN,
    CUT_HUB,
    HIT_FAN_IN,
    HIT_FAN_OUT,
    HIT_GATHER_SCATTER,
    IN_SUM,
    MAX_EDGES,
    OUT_SUM,
    SOURCES,
    TARGETS,
    Budget,
    HitTable,
    is_transfer,
)
from graph.window.kernels import DAY, distinct

MIN_FAN = 5  # distinct counterparties that make a fan
FEW = 3  # counterparties of the other side that make it one-sided
HUB_DEGREE = 60
PASSED_ON_LOW, PASSED_ON_HIGH = 0.5, 1.1  # share of what came in that has gone out, this movement included
FANS = Budget(hops=2, span=3 * DAY, steps=128, walk=128, width=HUB_DEGREE, results=1)


@njit(cache=True)
def find_fans(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """Write the fans that the movements `seqs` complete; return how many, or -1 if room ran out.

    Sets bits of `cut[i]` where the centre of movement i is a hub or has more movements than are written down.
    """
    room = np.empty((2, budget.walk + 1), dtype=np.int32)
    return _search(cols, nodes, seqs, gates, first, budget, room[0], room[1], table, cut)


@kernel
def _search(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    payers: NDArray[np.int32],
    payees: NDArray[np.int32],
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """`find_fans` with room to work in."""
    mask = len(cols.ts) - 1
    hits = 0
    for i in range(len(seqs)):
        if hits + 1 > len(table.owner):
            return -1
        row, gate = seqs[i] & mask, gates[i]
        cents = cols.cents[row]
        if (
            (gate[SOURCES] < MIN_FAN and gate[TARGETS] + 1 < MIN_FAN)
            or gate[IN_SUM] <= 0
            or gate[OUT_SUM] + cents < PASSED_ON_LOW * gate[IN_SUM]
            or not can_complete(cols, nodes, row)
        ):
            continue
        n, stopped, n_in, n_out, money_in, money_out = _flow_edges(
            cols, nodes, row, first, budget, table.edges[hits], payers, payees
        )
        if not PASSED_ON_LOW * money_in <= money_out + cents <= PASSED_ON_HIGH * money_in:
            continue
        shape = -1
        if n_in >= MIN_FAN and n_out >= MIN_FAN:
            shape = HIT_GATHER_SCATTER
        elif n_in >= MIN_FAN and n_out <= FEW:
            shape = HIT_FAN_IN
        elif n_in <= FEW and n_out >= MIN_FAN:
            shape = HIT_FAN_OUT
        if shape < 0:
            continue
        cut[i] |= stopped
        if n_in + n_out > budget.width:
            cut[i] |= CUT_HUB
            continue
        table.edges[hits, n] = seqs[i]
        table.owner[hits], table.kind[hits], table.size[hits] = i, shape, n + 1
        hits += 1
    return hits


@kernel
def _flow_edges(
    cols: Columns,
    nodes: Nodes,
    row: int,
    first: int,
    budget: Budget,
    edges: I64,
    payers: NDArray[np.int32],
    payees: NDArray[np.int32],
) -> tuple[int, int, int, int, float, float]:
    """Transfers through the source in the span, newest first, services left out except for the sum that came in.

    Returns (edges written, bits for what was cut, distinct payers, distinct payees with T's target, sum in, sum out).
    """
    mask = len(cols.ts) - 1
    ts, centre = cols.ts[row], cols.src[row]
    count, n_in, n_out, looked, stopped = 0, 0, 0, 0, 0
    money_in, money_out = 0.0, 0.0
    current = cols.prev_src[row]
    while current != NONE and (current >> 1) >= first:
        edge, other, role = current >> 1, (current >> 1) & mask, current & 1
        if ts - cols.ts[other] > budget.span:
            break
        if looked == budget.walk:
            stopped |= CUT_HUB
            break
        looked += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        counterparty = cols.dst[other] if role == 0 else cols.src[other]
        if not is_transfer(cols.kind[other]) or counterparty == centre:
            continue
        service = nodes.acct_service[counterparty] <= ts
        if role == 1:
            money_in += cols.cents[other]  # what a service paid can be passed on; the service is no payer
        if service:
            continue
        if role == 0:
            payees[n_out] = counterparty
            n_out += 1
            money_out += cols.cents[other]
        else:
            payers[n_in] = counterparty
            n_in += 1
        if count < MAX_EDGES - 1:
            edges[count] = edge
            count += 1
        else:
            stopped |= CUT_FAN
    payees[n_out] = cols.dst[row]
    return count, stopped, distinct(payers, n_in), distinct(payees, n_out + 1), money_in, money_out
