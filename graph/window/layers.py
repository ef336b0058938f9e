"""Compiled search for layers: a group that pays a group (bipartite), and groups in a row (stack).

The newest movement T = s -> t must be the first payment of its pair in the span. The payees of s and the payers of t
are the candidates; accounts with the smallest share of links are left out, all with the same share at once, until
`DENSE` of all links are there and everybody has `EACH` of his. A group that also deals with many outside it (shops,
sites, employers, families in the middle of life) is no layer: most of what the payers sent and of what the payees
received must lie inside.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.histories import Cursors, as_of, can_complete, new_cursors
from graph.window.hits import (
    CUT_HUB,
    CUT_LAYERS,
    HIT_BIPARTITE,
    HIT_STACK,
    MAX_EDGES,
    T_SOURCES,
    TARGETS,
    Budget,
    HitTable,
    is_transfer,
)
from graph.window.kernels import DAY
from graph.window.linking import before
from graph.window.stacks import DENSE, EACH, MIN_SIDE, SIDES, Above, layer_before, write_links

INSIDE = 50  # per cent of the money of both groups that must have moved between them
LAYERS = Budget(hops=3, span=3 * DAY, steps=1_500, walk=128, width=SIDES - 1, results=1)


@njit(cache=True)
def find_layers(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """Write the bipartites and stacks that the movements `seqs` complete; return how many, or -1 if room ran out.

    Sets bits of `cut[i]` where the search for movement i met the budget or a hub.
    """
    side, square = np.empty((5, SIDES), dtype=np.int64), np.empty((4, SIDES, SIDES), dtype=np.int64)
    return _search(cols, nodes, seqs, gates, first, budget, new_cursors(), side, square, table, cut)


@kernel
def _search(
    cols: Columns,
    nodes: Nodes,
    seqs: I64,
    gates: NDArray[np.float64],
    first: int,
    budget: Budget,
    cursors: Cursors,
    side: NDArray[np.int64],
    square: NDArray[np.int64],
    table: HitTable,
    cut: NDArray[np.int8],
) -> int:
    """`find_layers` with room to work in."""
    mask = len(cols.ts) - 1
    payers, payees, sent = side[0], side[1], side[2]
    links, money = square[0], square[1]  # newest movement of payer p to payee q, or NONE; what it sent there
    hits, last = 0, NONE
    for i in range(len(seqs) - 1, -1, -1):
        if hits + 1 > len(table.owner):
            return -1
        row = seqs[i] & mask
        if gates[i, TARGETS] + 1 < MIN_SIDE or gates[i, T_SOURCES] + 1 < MIN_SIDE or not can_complete(cols, nodes, row):
            continue
        if last != NONE and before(cols, last, row):
            cursors.account[:] = NONE
        last = row
        n_q, hub = _partners(cols, nodes, row, 0, first, budget, payees)
        n_p, busy = _partners(cols, nodes, row, 1, first, budget, payers) if n_q >= MIN_SIDE else (0, 0)
        stopped = hub | busy
        n_p, n_q = _apart(payers, n_p, payees, n_q)
        if n_p >= MIN_SIDE and n_q >= MIN_SIDE:
            stopped |= _fill_links(
                cols, nodes, cursors, seqs[i], first, budget, payers, n_p, payees, n_q, links, money, sent
            )
            left, right = _dense(links, n_p, n_q, side[3], side[4])
            if left and _closed_group(cols, nodes, cursors, row, first, budget, payees, n_q, money, sent, left, right):
                edges = table.edges[hits]
                below = write_links(links, left, right, edges, 0)
                above = Above(side[3], side[4], square[2], square[3])
                n, more = layer_before(
                    cols, nodes, row, first, budget, payers, payees, links, money, left, right, above, edges, below
                )
                stopped |= more | (CUT_LAYERS if n > MAX_EDGES else 0)
                table.owner[hits], table.size[hits] = i, min(n, MAX_EDGES)
                table.kind[hits] = HIT_STACK if n > below else HIT_BIPARTITE
                hits += 1
        cut[i] |= stopped
    return hits


@kernel
def _partners(
    cols: Columns, nodes: Nodes, row: int, side: int, first: int, budget: Budget, found: I64
) -> tuple[int, int]:
    """Write the accounts that T's source paid (side 0: T's target first) or that paid T's target (side 1).

    Returns (how many, bits for a hub); 0 where T repeats a payment of the span. Newest first.
    """
    mask = len(cols.ts) - 1
    ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
    found[0] = dst if side == 0 else src
    count, looked = 1, 0
    current = cols.prev_src[row] if side == 0 else cols.prev_dst[row]
    while current != NONE and (current >> 1) >= first:
        other, role = (current >> 1) & mask, current & 1
        if cols.ts[other] < ts - budget.span:
            break
        if looked == budget.walk:
            return count, CUT_HUB
        looked += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        if role != side or not is_transfer(cols.kind[other]):
            continue
        partner = cols.dst[other] if side == 0 else cols.src[other]
        if partner == found[0]:
            return 0, 0
        if partner in (src, dst) or nodes.acct_service[partner] <= ts:
            continue
        known = False
        for k in range(count):
            known |= found[k] == partner
        if not known:
            if count > budget.width:
                return count, CUT_HUB
            found[count] = partner
            count += 1
    return count, 0


@kernel
def _apart(payers: I64, n_p: int, payees: I64, n_q: int) -> tuple[int, int]:
    """Leave out accounts that are on both sides; returns how many stay on each."""
    kept_p = 0
    for p in range(n_p):
        both = False
        for q in range(n_q):
            if payees[q] == payers[p]:
                both = True
                for k in range(q, n_q - 1):
                    payees[k] = payees[k + 1]
                n_q -= 1
                break
        if not both:
            payers[kept_p] = payers[p]
            kept_p += 1
    return kept_p, n_q


@kernel
def _fill_links(
    cols: Columns,
    nodes: Nodes,
    cursors: Cursors,
    seq: int,
    first: int,
    budget: Budget,
    payers: I64,
    n_p: int,
    payees: I64,
    n_q: int,
    links: NDArray[np.int64],
    money: NDArray[np.int64],
    sent: I64,
) -> int:
    """Fill the links and the money between both sides, and what each payer sent in the span; bits for what was cut.

    A payer with more history than the budget walks is a hub and has no links.
    """
    mask = len(cols.ts) - 1
    row = seq & mask
    oldest = cols.ts[row] - budget.span
    links[:n_p, :n_q] = NONE
    money[:n_p, :n_q] = 0
    sent[:n_p] = 0
    links[0, 0], money[0, 0], sent[0] = seq, cols.cents[row], cols.cents[row]
    steps, stopped, joined = 0, 0, 0
    for p in range(n_p):
        if joined + n_p - max(p, 1) < MIN_SIDE - 1:
            break  # too few are left that could pay more than T's target
        current = cols.prev_src[row] if p == 0 else as_of(cols, nodes, cursors, payers[p], row, first)
        looked = 0
        while current != NONE and (current >> 1) >= first:
            edge, other, role = current >> 1, (current >> 1) & mask, current & 1
            if cols.ts[other] < oldest:
                break
            if steps == budget.steps:
                return stopped | CUT_LAYERS
            if looked == budget.walk:
                stopped |= CUT_HUB
                if p > 0:
                    links[p, :n_q] = NONE
                break
            looked += 1
            steps += 1
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
            if role == 1 or not is_transfer(cols.kind[other]) or cols.dst[other] == payers[p]:
                continue
            sent[p] += cols.cents[other]
            for q in range(n_q):
                if payees[q] == cols.dst[other]:
                    money[p, q] += cols.cents[other]
                    if links[p, q] == NONE:
                        links[p, q] = edge
        pays_more = False
        for q in range(1, n_q):
            pays_more |= links[p, q] != NONE
        joined += p > 0 and pays_more
    return stopped


@kernel
def _dense(links: NDArray[np.int64], n_p: int, n_q: int, of_p: I64, of_q: I64) -> tuple[int, int]:
    """Bit sets of the payers and payees that make a layer with T (payer 0, payee 0), or (0, 0).

    Counts the links of each in `of_p` and `of_q`.
    """
    left, right = (1 << n_p) - 1, (1 << n_q) - 1
    while True:
        of_p[:], of_q[:] = 0, 0
        size_p, size_q, total = 0, 0, 0
        for p in range(n_p):
            size_p += (left >> p) & 1
        for q in range(n_q):
            size_q += (right >> q) & 1
        if size_p < MIN_SIDE or size_q < MIN_SIDE:
            return 0, 0
        for p in range(n_p):
            for q in range(n_q):
                if (left >> p) & 1 and (right >> q) & 1 and links[p, q] != NONE:
                    of_p[p] += 1
                    of_q[q] += 1
                    total += 1
        least = size_p * size_q + 1  # smallest share of links, times size_p * size_q
        for p in range(1, n_p):
            if (left >> p) & 1:
                least = min(least, of_p[p] * size_p)
        for q in range(1, n_q):
            if (right >> q) & 1:
                least = min(least, of_q[q] * size_q)
        if 100 * total >= DENSE * size_p * size_q and 100 * least >= EACH * size_p * size_q:
            return left, right
        for p in range(1, n_p):
            if (left >> p) & 1 and of_p[p] * size_p == least:
                left &= ~(1 << p)
        for q in range(1, n_q):
            if (right >> q) & 1 and of_q[q] * size_q == least:
                right &= ~(1 << q)


@kernel
def _closed_group(
    cols: Columns,
    nodes: Nodes,
    cursors: Cursors,
    row: int,
    first: int,
    budget: Budget,
    payees: I64,
    n_q: int,
    money: NDArray[np.int64],
    sent: I64,
    left: int,
    right: int,
) -> bool:
    """Whether INSIDE of what the payers sent and of what the payees received in the span moved between them.

    Of a payee with more history than the budget walks, what it received in its newest movements counts.
    """
    mask = len(cols.ts) - 1
    inside, out, into = 0, 0, cols.cents[row]
    for p in range(SIDES):
        if (left >> p) & 1:
            out += sent[p]
            for q in range(n_q):
                if (right >> q) & 1:
                    inside += money[p, q]
    if 100 * inside < INSIDE * out:
        return False
    for q in range(n_q):
        if not (right >> q) & 1:
            continue
        current = cols.prev_dst[row] if q == 0 else as_of(cols, nodes, cursors, payees[q], row, first)
        looked = 0
        while current != NONE and (current >> 1) >= first and looked < budget.walk:
            other, role = (current >> 1) & mask, current & 1
            if cols.ts[other] < cols.ts[row] - budget.span:
                break
            looked += 1
            if role == 1 and is_transfer(cols.kind[other]) and cols.src[other] != payees[q]:
                into += cols.cents[other]
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    return bool(100 * inside >= INSIDE * into)
