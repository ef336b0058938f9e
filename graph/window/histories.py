"""Steps along histories that the pattern searches share: an account as of a movement, and the money that led on.

An account's own list begins at its newest event, which may lie after the movement asked about. `as_of` goes back past
those and remembers where it stopped, so that a batch answered from its newest movement to its oldest goes over each
account's later events once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from graph.window.columns import I64, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.hits import is_transfer
from graph.window.linking import before

KEPT_PER_HOP = 0.15  # largest share of the amount that an account on the way may keep
GAINED_PER_HOP = 0.02  # largest share it may add
PLACES = 256


class Cursors(NamedTuple):
    """Where the histories of some accounts stand before the movement in hand; slot = account % PLACES."""

    account: I64
    incidence: I64


@njit(cache=True)
def new_cursors() -> Cursors:
    """Cursors that remember nothing yet."""
    return Cursors(np.full(PLACES, NONE, dtype=np.int64), np.empty(PLACES, dtype=np.int64))


@kernel
def as_of(cols: Columns, nodes: Nodes, cursors: Cursors, account: int, row: int, first: int) -> int:
    """The newest incidence of `account` before event row `row`, or NONE.

    Between two calls with the same cursors `row` may only go back in canonical order; else clear them.
    """
    mask = len(cols.ts) - 1
    place = account % PLACES
    current = cursors.incidence[place] if cursors.account[place] == account else nodes.acct_head[account]
    while current != NONE and (current >> 1) >= first and not before(cols, (current >> 1) & mask, row):
        other = (current >> 1) & mask
        current = cols.prev_src[other] if current & 1 == 0 else cols.prev_dst[other]
    cursors.account[place] = account
    cursors.incidence[place] = current
    return int(current)


@kernel
def leads_on(older: int, newer: int) -> bool:
    """Whether `newer` cents can be the money of `older` cents passed on by one account."""
    return bool(older * (1.0 - KEPT_PER_HOP) <= newer <= older * (1.0 + GAINED_PER_HOP))


@kernel
def next_feeder(
    cols: Columns, nodes: Nodes, current: int, first: int, newer: int, oldest: int, ts: int, most: int
) -> tuple[int, int, int]:
    """Walk back from incidence `current` to the next transfer into its account that event row `newer` can pass on.

    Looks at `most` incidences not older than `oldest` (ms); payers that were services by `ts` never count. Returns
    (seq of the transfer or NONE, incidence to go on from, incidences looked at); the incidence is NONE at the end.
    """
    mask = len(cols.ts) - 1
    looked = 0
    while current != NONE and (current >> 1) >= first:
        edge = current >> 1
        other = edge & mask
        if cols.ts[other] < oldest:
            break
        if looked == most:
            return NONE, int(current), looked
        looked += 1
        role = current & 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        if (
            role == 1
            and is_transfer(cols.kind[other])
            and leads_on(cols.cents[other], cols.cents[newer])
            and nodes.acct_service[cols.src[other]] > ts
        ):
            return int(edge), int(current), looked
    return NONE, NONE, looked


@kernel
def can_complete(cols: Columns, nodes: Nodes, row: int) -> bool:
    """Whether the movement of row `row` can be part of a money pattern: a paid transfer, neither end a service."""
    ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
    return bool(
        is_transfer(cols.kind[row])
        and src != dst
        and cols.cents[row] > 0
        and nodes.acct_service[src] > ts
        and nodes.acct_service[dst] > ts
    )
