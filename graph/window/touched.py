"""Which answers an event that arrived late may change.

An answer depends on the histories of its two accounts, its device, address, site, operator and market, and - through
patterns - on movements up to `HOPS` accounts away on rising paths. So the answers a late event can change are found by
one pass forward in canonical order over the events that lie after it. The set is a superset: answering again costs
time, never correctness.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, NONE, Columns
from graph.window.kernels import LAST_MOVEMENT
from graph.window.paths import CHAINS

HOPS = CHAINS.hops


def touched_by(seeds: I64, cols: Columns, *, sizes: tuple[int, ...], first: int, end: int) -> I64:
    """Return seqs of the movements whose answers may change.

    `seeds`: int64[n, 9], one row per late event, in canonical order: ts, tie, account, other account, device, address,
    domain, operator, market (interned, NONE where absent). `sizes`: how many accounts,
    devices, addresses, domains, operators, markets there are.
    """
    mask = len(cols.ts) - 1
    low, high = first, end
    while low < high:  # first arrival whose peak lies after the earliest seed: all later events arrived from there on
        middle = (low + high) // 2
        if cols.peak[middle & mask] > seeds[0, 0] - 1:
            high = middle
        else:
            low = middle + 1
    tail = np.arange(low, end, dtype=np.int64)
    rows = tail & mask
    tail = tail[np.lexsort((cols.tie[rows], cols.ts[rows]))]
    marks = [np.full(size + 1, HOPS, dtype=np.int8) for size in sizes]
    return tail[_spread(cols, tail, seeds, *marks)]


@njit(cache=True)
def _spread(
    cols: Columns,
    tail: I64,
    seeds: I64,
    accounts: NDArray[np.int8],
    devices: NDArray[np.int8],
    ips: NDArray[np.int8],
    domains: NDArray[np.int8],
    operators: NDArray[np.int8],
    markets: NDArray[np.int8],
) -> NDArray[np.bool_]:
    """Mark the movements of `tail` within HOPS of a seed before them. NONE (-1) indexes the spare last cell."""
    mask = len(cols.ts) - 1
    touched = np.zeros(len(tail), dtype=np.bool_)
    used = 0
    for i in range(len(tail)):
        row = tail[i] & mask
        ts, tie = cols.ts[row], cols.tie[row]
        while used < len(seeds) and (seeds[used, 0] < ts or (seeds[used, 0] == ts and seeds[used, 1] <= tie)):
            for column, marks in ((2, accounts), (3, accounts), (4, devices), (5, ips), (6, domains), (7, operators)):
                if seeds[used, column] != NONE:
                    marks[seeds[used, column]] = 0
            if seeds[used, 8] != NONE:
                markets[seeds[used, 8]] = 0
            used += 1
        src, dst, mkt = cols.src[row], cols.dst[row], cols.mkt[row]
        near = min(accounts[src], devices[cols.dev[row]], ips[cols.ip[row]], domains[cols.dom[row]])
        near = min(near, operators[cols.op[row]], accounts[dst], markets[mkt])
        if near < HOPS:
            if cols.kind[row] <= LAST_MOVEMENT:
                touched[i] = True
            accounts[src] = min(accounts[src], near + 1)
            if dst != NONE:
                accounts[dst] = min(accounts[dst], near + 1)
            if mkt != NONE:
                markets[mkt] = min(markets[mkt], near + 1)
    return touched
