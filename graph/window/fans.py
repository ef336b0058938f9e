"""Compiled search for fans: many pay one who passes it on, one who is paid and spreads it, and money that is spread
over several accounts and gathered again.

An account with `HUB_DEGREE` counterparties in 72 h is a hub and forms no fan of its own. The thresholds live beside
the code that uses them because numba recompiles a file only when that file changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.features import WALK_LIMIT
from graph.window.hits import (
    HIT_FAN_IN,
    HIT_FAN_OUT,
    HIT_GATHER_SCATTER,
    HIT_SCATTER_GATHER,
    MAX_EDGES,
    HitTable,
    is_transfer,
)
from graph.window.kernels import (
    AMOUNT,
    DAY,
    IN_SUM_72H,
    OUT_SUM_72H,
    SINCE_IN,
    SOURCES_72H,
    T_SOURCES_72H,
    TARGETS_72H,
    distinct,
)

MIN_FAN = 5  # distinct counterparties that make a fan
MIN_PARALLEL = 4  # intermediaries of a scatter-gather
HUB_DEGREE = 60
PASSED_ON_LOW, PASSED_ON_HIGH = 0.5, 1.1  # share of what came in that has gone out, this movement included
FAN_SPAN = 3 * DAY


@njit(cache=True)
def find_fans(
    cols: Columns, nodes: Nodes, seqs: I64, features: NDArray[np.float64], first: int, table: HitTable
) -> int:
    """Write the fans and scatter-gathers that the movements `seqs` complete; return how many, or -1 if room ran out."""
    mask = len(cols.ts) - 1
    buffer = np.empty(WALK_LIMIT + 1, dtype=np.int32)
    hits = 0
    for i in range(len(seqs)):
        if hits + 2 > len(table.owner):
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
        ):
            continue
        wide_in = f[SOURCES_72H] >= MIN_FAN
        wide_out = f[TARGETS_72H] + 1 >= MIN_FAN
        passed_on = (f[OUT_SUM_72H] + f[AMOUNT]) >= PASSED_ON_LOW * f[IN_SUM_72H]
        if (wide_in or wide_out) and f[IN_SUM_72H] > 0 and passed_on:
            n, payers, payees, money_in, money_out = _flow_edges(cols, nodes, row, first, table.edges[hits], buffer)
            out = money_out + f[AMOUNT]
            if payers + payees <= HUB_DEGREE and PASSED_ON_LOW * money_in <= out <= PASSED_ON_HIGH * money_in:
                shape = -1
                if payers >= MIN_FAN and payees >= MIN_FAN:
                    shape = HIT_GATHER_SCATTER
                elif payers >= MIN_FAN and payees <= 3:
                    shape = HIT_FAN_IN
                elif payers <= 3 and payees >= MIN_FAN:
                    shape = HIT_FAN_OUT
                if shape >= 0:
                    table.edges[hits, n] = seq
                    table.owner[hits], table.kind[hits], table.size[hits] = i, shape, n + 1
                    hits += 1
        if f[T_SOURCES_72H] + 1 >= MIN_PARALLEL and f[SINCE_IN] >= 0:
            n = _scatter_gather(cols, nodes, seq, first, table.edges[hits])
            if n > 0:
                table.owner[hits], table.kind[hits], table.size[hits] = i, HIT_SCATTER_GATHER, n
                hits += 1
    return hits


@njit(cache=True)
def _flow_edges(
    cols: Columns, nodes: Nodes, row: int, first: int, edges: I64, buffer: NDArray[np.int32]
) -> tuple[int, int, int, float, float]:
    """Transfers through the source in 72 h, newest first, services left out except for the sum that came in.

    Returns (edges written, distinct payers, distinct payees before T, sum in, sum out).
    """
    mask = len(cols.ts) - 1
    payees = np.empty(WALK_LIMIT + 1, dtype=np.int32)
    ts = cols.ts[row]
    count, n_in, n_out, steps = 0, 0, 0, 0
    money_in, money_out = 0.0, 0.0
    current = cols.prev_src[row]
    while current != NONE and (current >> 1) >= first and steps < WALK_LIMIT:
        other = (current >> 1) & mask
        if ts - cols.ts[other] > FAN_SPAN:
            break
        steps += 1
        role = current & 1
        if is_transfer(cols.kind[other]):
            counterparty = cols.dst[other] if role == 0 else cols.src[other]
            if nodes.acct_service[counterparty] > ts and counterparty != cols.src[row]:
                if role == 0:
                    payees[n_out] = counterparty
                    n_out += 1
                    money_out += cols.cents[other]
                else:
                    buffer[n_in] = counterparty
                    n_in += 1
                    money_in += cols.cents[other]
                if count < MAX_EDGES - 1:
                    edges[count] = current >> 1
                    count += 1
            elif role == 1 and counterparty != cols.src[row]:
                money_in += cols.cents[other]  # what a service paid can be passed on; the service is no payer
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    payees[n_out] = cols.dst[row]
    return count, distinct(buffer, n_in), distinct(payees, n_out + 1), money_in, money_out


@njit(cache=True)
def _scatter_gather(cols: Columns, nodes: Nodes, seq: int, first: int, edges: I64) -> int:
    """One payer whose money reached the target of `seq` through MIN_PARALLEL or more accounts in 72 h, or 0 edges."""
    mask = len(cols.ts) - 1
    row = seq & mask
    ts, target = cols.ts[row], cols.dst[row]
    limit = 32
    gather = np.empty(limit, dtype=np.int64)
    middle = np.empty(limit, dtype=np.int32)
    count = 0
    current = 2 * seq + 1
    steps = 0
    while current != NONE and (current >> 1) >= first and count < limit and steps < WALK_LIMIT:
        other = (current >> 1) & mask
        if ts - cols.ts[other] > FAN_SPAN:
            break
        steps += 1
        role = current & 1
        if role == 1 and is_transfer(cols.kind[other]):
            payer = cols.src[other]
            seen = nodes.acct_service[payer] <= ts
            for i in range(count):
                if middle[i] == payer:
                    seen = True
            if not seen:
                gather[count] = current >> 1
                middle[count] = payer
                count += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    if count < MIN_PARALLEL:
        return 0
    width = 16
    origin = np.full(count * width, NONE, dtype=np.int32)
    scatter = np.empty(count * width, dtype=np.int64)
    for i in range(count):
        n, steps = 0, 0
        start = gather[i] & mask
        current = cols.prev_src[start]
        while current != NONE and (current >> 1) >= first and n < width and steps < WALK_LIMIT // 2:
            other = (current >> 1) & mask
            if ts - cols.ts[other] > FAN_SPAN:
                break
            steps += 1
            role = current & 1
            payer = cols.src[other]
            # money that is passed on: of the order of what leaves the intermediary
            if (
                role == 1
                and is_transfer(cols.kind[other])
                and payer != target
                and nodes.acct_service[payer] > ts
                and cols.cents[other] * 1.02 >= cols.cents[start]
                and cols.cents[other] * 0.5 <= cols.cents[start]
            ):
                new = True
                for k in range(n):
                    if origin[i * width + k] == payer:
                        new = False
                if new:
                    origin[i * width + n] = payer
                    scatter[i * width + n] = current >> 1
                    n += 1
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    # the payer common to most intermediaries of which T's source is one; ties to the smaller tie hash
    best_payer, best_count = NONE, 0
    for k in range(width):
        payer = origin[k]  # gather[0] is T itself, so only its payers can make a pattern that contains T
        if payer == NONE:
            continue
        reached = 0
        for i in range(count):
            for j in range(width):
                if origin[i * width + j] == payer:
                    reached += 1
        if reached > best_count:
            best_payer, best_count = payer, reached
    if best_count < MIN_PARALLEL:
        return 0
    n = 0
    for i in range(count):
        for j in range(width):
            if origin[i * width + j] == best_payer and n + 2 <= MAX_EDGES:
                edges[n] = gather[i]
                edges[n + 1] = scatter[i * width + j]
                n += 2
    return n
