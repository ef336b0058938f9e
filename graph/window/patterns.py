"""Compiled search for money patterns that contain the newest edge: bounded, backwards in time, saying when it was cut.

`find_patterns` looks at each movement T of a batch and writes hits: which pattern, and the seqs of the movements that
make it (T among them). Every search looks only at movements before T in canonical order. Budgets: `WALK_LIMIT`
incidences per history, `STEP_BUDGET` steps per path search, `MAX_EDGES` movements per hit.

Known services (SERVICE list) never take part; an account with `HUB_DEGREE` counterparties in 72 h is a hub and forms no
fan of its own (the hit is reported as `HUB`, so that the reason can be shown).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_BET, KIND_LINK, NONE, Columns, Nodes
from graph.window.features import WALK_LIMIT
from graph.window.kernels import (
    AMOUNT,
    DAY,
    IN_SUM_72H,
    OUT_SUM_72H,
    PAIR,
    SINCE_IN,
    SOURCES_72H,
    T_SOURCES_72H,
    TARGETS_72H,
    distinct,
)

HIT_FAN_IN, HIT_FAN_OUT, HIT_GATHER_SCATTER, HIT_CYCLE, HIT_LAYERED, HIT_SCATTER_GATHER, HIT_OPPOSITE, HUB = range(8)

MIN_FAN = 5  # distinct counterparties that make a fan
MIN_PARALLEL = 4  # intermediaries of a scatter-gather
MIN_LAYERS = 3  # forwards after the first movement of a layered chain
MAX_CYCLE = 6
MAX_CHAIN = 8
HUB_DEGREE = 60
PASSED_ON_LOW, PASSED_ON_HIGH = 0.5, 1.1  # share of what came in that has gone out, this movement included
KEPT_PER_HOP = 0.15  # largest share of the amount that a hop of a cycle or chain may keep
CYCLE_SPAN = 10 * DAY
CHAIN_GAP = DAY
FAN_SPAN = 3 * DAY
BET_GAP = 15 * 60_000
BET_SIMILAR = 0.5  # smaller stake / larger stake, at least
MIN_OPPOSITE = 3  # coincidences of one pair of accounts
STEP_BUDGET = 2_000
MAX_EDGES = 64


@njit(cache=True)
def _is_transfer(kind: int) -> bool:
    return kind < KIND_LINK and kind != KIND_BET


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
        if _is_transfer(cols.kind[other]):
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
            elif role == 1:
                money_in += cols.cents[other]  # what a service paid can be passed on; the service is no payer
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    payees[n_out] = cols.dst[row]
    return count, distinct(buffer, n_in), distinct(payees, n_out + 1), money_in, money_out


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
        if role == 0 or not _is_transfer(cols.kind[other]):
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
        if role == 1 and _is_transfer(cols.kind[other]):
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
                and _is_transfer(cols.kind[other])
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


@njit(cache=True)
def _opposed(cols: Columns, a: int, b: int) -> bool:
    """Whether two bet rows are on other sides of one market, close in time, with comparable stakes."""
    small, large = min(cols.cents[a], cols.cents[b]), max(cols.cents[a], cols.cents[b])
    return (
        cols.mkt[a] == cols.mkt[b]
        and cols.side[a] != cols.side[b]
        and cols.src[a] != cols.src[b]
        and abs(cols.ts[a] - cols.ts[b]) <= BET_GAP
        and small >= large * BET_SIMILAR
    )


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
            n = 2
            steps = 0
            current = cols.prev_src[row]
            while current != NONE and (current >> 1) >= first and steps < WALK_LIMIT and n + 2 <= MAX_EDGES:
                mine = (current >> 1) & mask
                if ts - cols.ts[mine] > 30 * DAY:
                    break
                steps += 1
                role = current & 1
                if role == 0 and cols.mkt[mine] != NONE:
                    match = _bet_beside(cols, current >> 1, account, first)
                    if match != NONE:
                        edges[n], edges[n + 1] = current >> 1, match
                        n += 2
                current = cols.prev_src[mine] if role == 0 else cols.prev_dst[mine]
            steps = 0
            current = cols.prev_src[other]
            while current != NONE and (current >> 1) >= first and steps < WALK_LIMIT and n + 2 <= MAX_EDGES:
                theirs = (current >> 1) & mask
                if ts - cols.ts[theirs] > 30 * DAY:
                    break
                steps += 1
                role = current & 1
                if role == 0 and cols.mkt[theirs] != NONE:
                    match = _bet_beside(cols, current >> 1, bettor, first)
                    if match != NONE:
                        edges[n], edges[n + 1] = current >> 1, match
                        n += 2
                current = cols.prev_src[theirs] if role == 0 else cols.prev_dst[theirs]
            if n >= 2 * MIN_OPPOSITE:
                return n
        partner = cols.prev_mkt[other]
    return 0


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
            return current
        current = cols.prev_mkt[other]
    return NONE


@njit(cache=True)
def find_patterns(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    features: NDArray[np.float64],
    first: int,
    owner: I64,
    kind: I64,
    size: I64,
    edges: NDArray[np.int64],
    cut: NDArray[np.int8],
) -> int:
    """Write hits of the movements `seqs` (with their feature rows) and return how many.

    Hit h belongs to `seqs[owner[h]]`, is of `kind[h]`, and consists of the movements `edges[h, :size[h]]`.
    `cut[i]` becomes 1 where a search for movement i met its budget. Stops when `owner` is full.
    """
    mask = len(cols.ts) - 1
    buffer = np.empty(WALK_LIMIT + 1, dtype=np.int32)
    path = np.empty(max(MAX_CHAIN, MAX_CYCLE), dtype=np.int64)
    hits = 0
    for i in range(len(seqs)):
        if hits + 4 > len(owner):
            return -1
        seq = seqs[i]
        row = seq & mask
        ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
        f = features[i]
        if cols.mkt[row] != NONE:
            n = _opposite_bets(cols, seq, first, edges[hits])
            if n > 0:
                owner[hits], kind[hits], size[hits] = i, HIT_OPPOSITE, n
                hits += 1
        if (
            not _is_transfer(cols.kind[row])
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
            n, payers, payees, money_in, money_out = _flow_edges(cols, nodes, row, first, edges[hits], buffer)
            out = money_out + f[AMOUNT]
            if payers + payees > HUB_DEGREE:
                edges[hits, 0] = seq
                owner[hits], kind[hits], size[hits] = i, HUB, 1
                hits += 1
            elif PASSED_ON_LOW * money_in <= out <= PASSED_ON_HIGH * money_in:
                shape = -1
                if payers >= MIN_FAN and payees >= MIN_FAN:
                    shape = HIT_GATHER_SCATTER
                elif payers >= MIN_FAN and payees <= 3:
                    shape = HIT_FAN_IN
                elif payers <= 3 and payees >= MIN_FAN:
                    shape = HIT_FAN_OUT
                if shape >= 0:
                    edges[hits, n] = seq
                    owner[hits], kind[hits], size[hits] = i, shape, n + 1
                    hits += 1
        if f[SINCE_IN] >= 0 and f[SINCE_IN] * 1000 <= CYCLE_SPAN:
            n, stopped = back_path(cols, nodes, seq, first, True, CYCLE_SPAN, CYCLE_SPAN, MAX_CYCLE, path)
            if stopped:
                cut[i] = 1
            if n >= 3:
                edges[hits, :n] = path[:n]
                owner[hits], kind[hits], size[hits] = i, HIT_CYCLE, n
                hits += 1
            elif f[SINCE_IN] * 1000 <= CHAIN_GAP and f[PAIR] == 0:
                n, stopped = back_path(cols, nodes, seq, first, False, CHAIN_GAP, CYCLE_SPAN, MAX_CHAIN, path)
                if stopped:
                    cut[i] = 1
                if n > MIN_LAYERS:
                    edges[hits, :n] = path[:n]
                    owner[hits], kind[hits], size[hits] = i, HIT_LAYERED, n
                    hits += 1
        if f[T_SOURCES_72H] + 1 >= MIN_PARALLEL and f[SINCE_IN] >= 0:
            n = _scatter_gather(cols, nodes, seq, first, edges[hits])
            if n > 0:
                owner[hits], kind[hits], size[hits] = i, HIT_SCATTER_GATHER, n
                hits += 1
    return hits
