"""Compiled search for the layer above a bipartite: a stack is groups in a row, the middle one passing the money on.

Sizes and density are those of both searches, `graph.window.layers` and this one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.hits import CUT_HUB, MAX_EDGES, Budget, is_transfer
from graph.window.linking import before

MIN_SIDE = 3  # accounts of a layer, at least
SIDES = 16  # accounts of a layer, at most
DENSE = 80  # per cent of the links between two layers that must be there
EACH = 60  # per cent of the links of one account that must be there
PASSED_LOW, PASSED_HIGH = 50, 110  # per cent of what the middle of a stack received that it passes on


@kernel
def write_links(links: NDArray[np.int64], left: int, right: int, edges: I64, n: int) -> int:
    """Append one movement per link, as many as there is room for; return how many there would be."""
    for p in range(SIDES):
        for q in range(SIDES):
            if (left >> p) & 1 and (right >> q) & 1 and links[p, q] != NONE:
                if n < MAX_EDGES:
                    edges[n] = links[p, q]
                n += 1
    return n


class Above(NamedTuple):
    """What the search works in."""

    payers: I64  # accounts of the layer
    paid: I64  # links of each middle account
    above: NDArray[np.int64]  # newest payment of layer account a to middle m, or NONE
    received: NDArray[np.int64]  # money of all of them


@kernel
def layer_before(
    cols: Columns,
    nodes: Nodes,
    row: int,
    first: int,
    budget: Budget,
    middles: I64,
    payees: I64,
    links: NDArray[np.int64],
    money: NDArray[np.int64],
    left: int,
    right: int,
    room: Above,
    edges: I64,
    n: int,
) -> tuple[int, int]:
    """Append the layer that paid the payers of a bipartite before they paid on.

    Returns the new count of movements and bits for hubs.
    Each of its payments comes before the newest link of the account it pays, and what the middle sent on is
    PASSED_LOW to PASSED_HIGH per cent of what it received from the layer.
    """
    mask = len(cols.ts) - 1
    payers, paid, above, received = room
    above[:] = NONE
    received[:] = 0
    count, out, stopped = 0, 0, 0
    for m in range(SIDES):
        if not (left >> m) & 1:
            continue
        newest = NONE
        for q in range(SIDES):
            if (right >> q) & 1 and links[m, q] != NONE:
                out += money[m, q]
                if newest == NONE or before(cols, newest & mask, links[m, q] & mask):
                    newest = links[m, q]
        current = cols.prev_src[newest & mask]
        looked = 0
        while current != NONE and (current >> 1) >= first:
            edge, other, role = current >> 1, (current >> 1) & mask, current & 1
            if cols.ts[other] < cols.ts[row] - budget.span:
                break
            if looked == budget.walk:
                stopped |= CUT_HUB
                break
            looked += 1
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
            payer = cols.src[other]
            if (
                role == 0
                or not is_transfer(cols.kind[other])
                or nodes.acct_service[payer] <= cols.ts[row]
                or _among(middles, left, payer)
                or _among(payees, right, payer)
            ):
                continue
            a = 0
            while a < count and payers[a] != payer:
                a += 1
            if a == SIDES:
                stopped |= CUT_HUB
                continue
            payers[a] = payer
            count = max(count, a + 1)
            received[a, m] += cols.cents[other]
            if above[a, m] == NONE:
                above[a, m] = edge
    layer = _dense_above(above, count, left, paid)
    into = 0
    for a in range(count):
        if (layer >> a) & 1:
            for m in range(SIDES):
                into += received[a, m]
    if not layer or 100 * out < PASSED_LOW * into or 100 * out > PASSED_HIGH * into:
        return n, stopped
    return write_links(above, layer, left, edges, n), stopped


@kernel
def _among(accounts: I64, members: int, account: int) -> bool:
    """Whether `account` is one of `accounts` whose bit is set."""
    met = False
    for k in range(SIDES):
        met |= ((members >> k) & 1 == 1) & (accounts[k] == account)
    return met


@kernel
def _dense_above(above: NDArray[np.int64], count: int, middles: int, paid: I64) -> int:
    """Bit set of the accounts that pay at least so many of the middle: the smallest such number that is dense, or 0."""
    width = 0
    for m in range(SIDES):
        width += (middles >> m) & 1
    for need in range(1, width + 1):
        if 100 * need < EACH * width:
            continue
        chosen, size, total = 0, 0, 0
        paid[:] = 0
        for a in range(count):
            degree = 0
            for m in range(SIDES):
                degree += (middles >> m) & 1 and above[a, m] != NONE
            if degree >= need:
                chosen |= 1 << a
                size += 1
                total += degree
                for m in range(SIDES):
                    paid[m] += (middles >> m) & 1 and above[a, m] != NONE
        weak = False
        for m in range(SIDES):
            weak |= (middles >> m) & 1 == 1 and 100 * paid[m] < EACH * size
        if size >= MIN_SIDE and 100 * total >= DENSE * size * width and not weak:
            return chosen
    return 0
