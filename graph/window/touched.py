"""Which answers an event that arrived late may change.

The answer about T = s -> t looks at

- the histories of s and t, of T's device, address, site, operator and market, and, on rising paths backwards, at those
  of accounts up to `HOPS` away: one pass forwards in canonical order over what lies after the event finds these;
- the histories of accounts that s or t dealt with (features of counterparties, bipartites, stacks), and of accounts
  that t paid and these paid on (cycles are searched forwards from t): the accounts around the event are marked first;
- whether any account on the way is a known service: a listing that arrives late touches all that lies after it.

The set is a superset: answering again costs time, never correctness.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, NEVER, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.cycles import CYCLES
from graph.window.hits import is_transfer
from graph.window.kernels import LAST_MOVEMENT
from graph.window.paths import CHAINS

HOPS = CHAINS.hops
FACT_TIE = -1


class Marks(NamedTuple):
    """Hops from a late event by node (HOPS: far), one spare cell each for NONE."""

    accounts: NDArray[np.int8]
    devices: NDArray[np.int8]
    ips: NDArray[np.int8]
    domains: NDArray[np.int8]
    operators: NDArray[np.int8]
    markets: NDArray[np.int8]


class Around(NamedTuple):
    """Accounts beside those of late events, bool with a spare cell: who dealt with them, who paid them."""

    contact: NDArray[np.bool_]
    payer: NDArray[np.bool_]


def touched_by(
    seeds: I64, cols: Columns, nodes: Nodes, *, sizes: tuple[int, ...], lookback: int, first: int, end: int
) -> I64:
    """Return seqs of the movements whose answers may change.

    `seeds`: int64[n, 9], one row per late event, in canonical order: ts, tie (FACT_TIE for facts), account, other
    account, device, address, domain, operator, market (interned, NONE where absent). `sizes`: how many accounts,
    devices, addresses, domains, operators, markets there are; answers look `lookback` ms back.
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
    marks = Marks(*(np.full(size + 1, HOPS, dtype=np.int8) for size in sizes))
    around = Around(*(np.zeros(sizes[0] + 1, dtype=np.bool_) for _ in range(2)))
    paid = _mark_around(cols, nodes, seeds, lookback, first, around)
    services = seeds[(seeds[:, 1] == FACT_TIE) & (seeds[:, 2] != NONE)]
    services = services[nodes.acct_service[services[:, 2]] == services[:, 0]]
    all_since = int(services[:, 0].min()) if len(services) else NEVER
    touched = np.zeros(len(tail), dtype=np.bool_)
    _spread(cols, tail, seeds, first, marks, around, paid, all_since, touched)
    found: I64 = tail[touched]
    return found


@kernel
def _mark_around(cols: Columns, nodes: Nodes, seeds: I64, lookback: int, first: int, around: Around) -> bool:
    """Mark the accounts beside the accounts of `seeds`; say whether any of them paid one."""
    mask = len(cols.ts) - 1
    paid = False
    for i in range(len(seeds)):
        for column in range(2, 4):
            account = seeds[i, column]
            if account == NONE or (column == 3 and account == seeds[i, 2]):
                continue
            current = nodes.acct_head[account]
            while current != NONE and (current >> 1) >= first:
                row, role = (current >> 1) & mask, current & 1
                if cols.ts[row] < seeds[i, 0] - lookback:
                    break
                other = cols.dst[row] if role == 0 else cols.src[row]
                around.contact[other] |= other != NONE
                if role == 1 and is_transfer(cols.kind[row]):
                    around.payer[other] = paid = True
                current = cols.prev_src[row] if role == 0 else cols.prev_dst[row]
    return paid


@kernel
def _spread(
    cols: Columns,
    tail: I64,
    seeds: I64,
    first: int,
    marks: Marks,
    around: Around,
    paid: bool,
    all_since: int,
    touched: NDArray[np.bool_],
) -> None:
    """Mark in `touched` the movements of `tail` that a seed before them may change. NONE (-1) indexes the spare last
    cell."""
    mask = len(cols.ts) - 1
    accounts, markets = marks.accounts, marks.markets
    used = 0
    for i in range(len(tail)):
        row = tail[i] & mask
        ts, tie = cols.ts[row], cols.tie[row]
        while used < len(seeds) and (seeds[used, 0] < ts or (seeds[used, 0] == ts and seeds[used, 1] <= tie)):
            _start(seeds[used], marks)
            used += 1
        src, dst, mkt = cols.src[row], cols.dst[row], cols.mkt[row]
        near = min(accounts[src], marks.devices[cols.dev[row]], marks.ips[cols.ip[row]], marks.domains[cols.dom[row]])
        near = min(near, marks.operators[cols.op[row]], accounts[dst], markets[mkt])
        if near < HOPS:
            accounts[src] = min(accounts[src], near + 1)
            if dst != NONE:
                accounts[dst] = min(accounts[dst], near + 1)
            if mkt != NONE:
                markets[mkt] = min(markets[mkt], near + 1)
        if used > 0 and cols.kind[row] <= LAST_MOVEMENT:
            touched[i] = (
                near < HOPS
                or ts >= all_since
                or around.contact[src]
                or around.contact[dst]
                or (paid and is_transfer(cols.kind[row]) and _target_paid(cols, row, first, around.payer))
            )


@kernel
def _start(seed: I64, marks: Marks) -> None:
    """Mark the nodes of a seed as those of the event itself."""
    if seed[2] != NONE:
        marks.accounts[seed[2]] = 0
    if seed[3] != NONE:
        marks.accounts[seed[3]] = 0
    if seed[4] != NONE:
        marks.devices[seed[4]] = 0
    if seed[5] != NONE:
        marks.ips[seed[5]] = 0
    if seed[6] != NONE:
        marks.domains[seed[6]] = 0
    if seed[7] != NONE:
        marks.operators[seed[7]] = 0
    if seed[8] != NONE:
        marks.markets[seed[8]] = 0


@kernel
def _target_paid(cols: Columns, row: int, first: int, payer: NDArray[np.bool_]) -> bool:
    """Whether the target of event row `row` paid one of `payer` before, as far back as cycles are searched."""
    mask = len(cols.ts) - 1
    current = cols.prev_dst[row]
    looked = 0
    while current != NONE and (current >> 1) >= first and looked < CYCLES.walk:
        other, role = (current >> 1) & mask, current & 1
        if cols.ts[other] < cols.ts[row] - CYCLES.span:
            return False
        looked += 1
        if role == 0 and is_transfer(cols.kind[other]) and payer[cols.dst[other]]:
            return True
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    return False
