"""Compiled features of counterparties: short walks over their histories, both ways from their newest contact.

A walk starts at the newest movement with the account in question and stops before the movement T that is asked about,
so it costs the same whatever happened since T.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_LINK, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.flow import sort_amounts
from graph.window.linking import before
from graph.window.walk import OUT, Walk, kind_class

NEIGHBOURS = 6  # most recent counterparties of one account and direction
BACK_STEPS = 10  # newest incidences of a counterparty up to the contact, the contact included
FORTH_STEPS = 10  # oldest incidences after it
DAY = 24 * 3_600_000
STEPS = BACK_STEPS + FORTH_STEPS
DEGREE, SENT_SHARE, AMOUNT, AGE, RATE, OTHER_MONEY = range(6)
PROFILE = 6
SPEND_MEDIAN, SPEND_MAX, DEGREE_MAX, AMOUNT_MAX, RATE_MAX, SENT_SPREAD = 6, 7, 8, 9, 10, 11
GROUP = 12  # features of one group
# places in the sums of one profile
COUNT, OTHER, SENT, MOVED, NEWEST, OLDEST, MET, SPENT = range(8)
MIN_SPENDS = 4  # that say something about their spread


class Profiles(NamedTuple):
    """Scratch: counterparties with their histories, and the profiles of those of one direction."""

    values: NDArray[np.float64]  # float64[PROFILE + 1, NEIGHBOURS]
    sums: I64  # of one profile
    lists: NDArray[np.int64]  # other ends met and amounts spent of one profile
    found: I64  # how many there are of each direction
    account: NDArray[np.int64]  # int64[2, NEIGHBOURS], likewise the next two
    since: NDArray[np.int64]  # when each was first seen
    contact: NDArray[np.int64]  # incidence of its newest movement with the account in question
    place: NDArray[np.int64]  # int64[2 (back, forth), 2, NEIGHBOURS]: where its walks stand, likewise the next
    length: NDArray[np.int64]
    chain: NDArray[np.int64]  # int64[2, 2, NEIGHBOURS, steps]: the incidences they came by


def empty_profiles() -> Profiles:
    """Return scratch for one account."""

    def whole(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    of = (2, NEIGHBOURS)
    return Profiles(
        values=np.zeros((PROFILE + 1, NEIGHBOURS)),
        sums=whole(8),
        lists=whole(2, STEPS),
        found=whole(2),
        account=whole(*of),
        since=whole(*of),
        contact=whole(*of),
        place=whole(2, *of),
        length=whole(2, *of),
        chain=whole(2, *of, max(BACK_STEPS, FORTH_STEPS)),
    )


@kernel
def _note(cols: Columns, incidence: int, sums: I64, lists: NDArray[np.int64]) -> None:
    row = (incidence >> 1) & (len(cols.ts) - 1)
    kind = cols.kind[row]
    if kind > KIND_LINK:
        return
    way = incidence & 1
    cents, ts = cols.cents[row], cols.ts[row]
    sums[COUNT] += 1
    if kind_class(kind) == 1:
        sums[OTHER] += 1
        if way == OUT:
            lists[1, sums[SPENT]] = cents
            sums[SPENT] += 1
    sums[SENT] += cents if way == OUT else 0
    sums[MOVED] += cents
    sums[NEWEST] = max(sums[NEWEST], ts)
    sums[OLDEST] = min(sums[OLDEST], ts)
    other = cols.dst[row] if way == OUT else cols.src[row]
    for i in range(sums[MET]):
        if lists[0, i] == other:
            return
    lists[0, sums[MET]] = other
    sums[MET] += 1


@kernel
def _choose(cols: Columns, nodes: Nodes, walk: Walk, row: int, lookback: int, p: Profiles) -> None:
    """Find the most recent counterparties of the account of `walk`, of each direction."""
    ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
    for way in range(2):
        count = 0
        for entry in range(walk.tally[1]):
            account = walk.key[entry] >> 2
            if walk.key[entry] & 3 != way or account in (src, dst) or nodes.acct_service[account] <= ts:
                continue
            contact = walk.contact[entry] ^ 1
            if ts - cols.ts[(contact >> 1) & (len(cols.ts) - 1)] > lookback:
                break
            p.account[way, count], p.contact[way, count] = account, contact
            p.since[way, count] = nodes.acct_first[account]
            count += 1
            if count == NEIGHBOURS:
                break
        p.found[way] = count


@kernel
def _gather(cols: Columns, row: int, first: int, lookback: int, p: Profiles) -> None:
    """Walk the histories of all of them step by step side by side, as movement `row` finds them.

    A walk waits for memory at every step; twenty-four walks wait together, which takes a fraction of the time.
    """
    mask = len(cols.ts) - 1
    ts = cols.ts[row]
    for way in range(2):
        for k in range(p.found[way]):
            p.place[0, way, k] = p.place[1, way, k] = p.contact[way, k]
            p.length[0, way, k] = p.length[1, way, k] = 0
    for step in range(BACK_STEPS):
        for way in range(2):
            for k in range(p.found[way]):
                current = p.place[0, way, k]
                if current != NONE:
                    other = (current >> 1) & mask
                    if (current >> 1) < first or ts - cols.ts[other] > lookback:
                        p.place[0, way, k] = NONE
                    else:
                        p.chain[0, way, k, step] = current
                        p.length[0, way, k] = step + 1
                        p.place[0, way, k] = cols.prev_src[other] if (current & 1) == OUT else cols.prev_dst[other]
                current = p.place[1, way, k]
                if current != NONE and step < FORTH_STEPS:
                    other = (current >> 1) & mask
                    current = cols.next_src[other] if (current & 1) == OUT else cols.next_dst[other]
                    if current == NONE or (current >> 1) < first or not before(cols, (current >> 1) & mask, row):
                        p.place[1, way, k] = NONE
                    else:
                        p.chain[1, way, k, step] = current
                        p.length[1, way, k] = step + 1
                        p.place[1, way, k] = current


@kernel
def _profile(cols: Columns, way: int, k: int, ts: int, p: Profiles) -> None:
    """Sum up the history of one counterparty."""
    p.sums[:] = 0
    p.sums[OLDEST] = ts
    for side in range(2):
        for step in range(p.length[side, way, k]):
            _note(cols, p.chain[side, way, k, step], p.sums, p.lists)


@kernel
def _spending(amounts: I64, count: int) -> float:
    """Distance of the quartiles of the first `count` amounts / their median; -1 for too few. Sorts them in place."""
    if count < MIN_SPENDS:
        return -1.0
    sort_amounts(amounts, count)
    median = amounts[(count - 1) // 2]
    if median == 0:
        return -1.0
    return float((amounts[3 * (count - 1) // 4] - amounts[(count - 1) // 4]) / median)


@kernel
def _median(values: NDArray[np.float64], count: int) -> float:
    """Median of the first `count` values; sorts them in place."""
    for i in range(1, count):
        value = values[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
    return float((values[(count - 1) // 2] + values[count // 2]) / 2)


@kernel
def neighbour_features(
    cols: Columns,
    nodes: Nodes,
    walk: Walk,
    row: int,
    first: int,
    lookback: int,
    p: Profiles,
    o: int,
    f: NDArray[np.float64],
) -> None:
    """Fill two groups from `f[o]` on: counterparties that the account of `walk` paid, then those that paid it."""
    profiles, sums, lists = p.values, p.sums, p.lists
    ts = cols.ts[row]
    amount = max(1, cols.cents[row])
    _choose(cols, nodes, walk, row, lookback, p)
    _gather(cols, row, first, lookback, p)
    for way in range(2):
        at = o + way * GROUP
        count, spenders = p.found[way], 0
        for k in range(count):
            _profile(cols, way, k, ts, p)
            profiles[DEGREE, k] = sums[MET]
            profiles[SENT_SHARE, k] = sums[SENT] / sums[MOVED] if sums[MOVED] > 0 else 0.0
            profiles[AMOUNT, k] = sums[MOVED] / sums[COUNT] / amount
            profiles[AGE, k] = (ts - p.since[way, k]) / DAY
            profiles[RATE, k] = sums[COUNT] / max(1.0, (sums[NEWEST] - sums[OLDEST]) / DAY)
            profiles[OTHER_MONEY, k] = sums[OTHER] / sums[COUNT]
            spread = _spending(lists[1], sums[SPENT])
            if spread >= 0:
                profiles[PROFILE, spenders] = spread
                spenders += 1
        if count == 0:
            f[at : at + GROUP] = -1.0
            continue
        for i in range(PROFILE):
            f[at + i] = _median(profiles[i], count)
        f[at + SPEND_MEDIAN] = f[at + SPEND_MAX] = -1.0
        if spenders > 0:
            f[at + SPEND_MEDIAN] = _median(profiles[PROFILE], spenders)
            f[at + SPEND_MAX] = profiles[PROFILE, spenders - 1]
        f[at + DEGREE_MAX] = profiles[DEGREE, count - 1]
        f[at + AMOUNT_MAX] = profiles[AMOUNT, count - 1]
        f[at + RATE_MAX] = profiles[RATE, count - 1]
        f[at + SENT_SPREAD] = profiles[SENT_SHARE, count - 1] - profiles[SENT_SHARE, 0]
