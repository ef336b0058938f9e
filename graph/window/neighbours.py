"""Compiled features of counterparties: short walks over their histories, both ways from their newest contact.

A walk starts at the newest movement with the account in question and stops before the movement T that is asked about,
so it costs the same whatever happened since T.
"""

from __future__ import annotations

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
Profiles = tuple[NDArray[np.float64], I64, NDArray[np.int64]]
DEGREE, SENT_SHARE, AMOUNT, AGE, RATE, OTHER_MONEY = range(6)
PROFILE = 6
SPEND_MEDIAN, SPEND_MAX, DEGREE_MAX, AMOUNT_MAX, RATE_MAX, SENT_SPREAD = 6, 7, 8, 9, 10, 11
GROUP = 12  # features of one group
# places in the sums of one profile
COUNT, OTHER, SENT, MOVED, NEWEST, OLDEST, MET, SPENT = range(8)
MIN_SPENDS = 4  # that say something about their spread


def empty_profiles() -> Profiles:
    """Scratch: profiles of counterparties, sums of one profile, other ends met and amounts spent."""
    return (
        np.zeros((PROFILE + 1, NEIGHBOURS)),
        np.zeros(8, dtype=np.int64),
        np.zeros((2, BACK_STEPS + FORTH_STEPS), dtype=np.int64),
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
def _profile(
    cols: Columns, contact: int, row: int, first: int, lookback: int, sums: I64, lists: NDArray[np.int64]
) -> None:
    """Sum up the history around incidence `contact`, as movement `row` finds it."""
    mask = len(cols.ts) - 1
    ts = cols.ts[row]
    sums[:] = 0
    sums[OLDEST] = ts
    current = contact
    for _ in range(BACK_STEPS):
        if current == NONE or (current >> 1) < first or ts - cols.ts[(current >> 1) & mask] > lookback:
            break
        _note(cols, current, sums, lists)
        other = (current >> 1) & mask
        current = cols.prev_src[other] if (current & 1) == OUT else cols.prev_dst[other]
    current = contact
    for _ in range(FORTH_STEPS):
        other = (current >> 1) & mask
        current = cols.next_src[other] if (current & 1) == OUT else cols.next_dst[other]
        if current == NONE or (current >> 1) < first or not before(cols, (current >> 1) & mask, row):
            break
        _note(cols, current, sums, lists)


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
    scratch: Profiles,
    o: int,
    f: NDArray[np.float64],
) -> None:
    """Fill two groups from `f[o]` on: counterparties that the account of `walk` paid, then those that paid it."""
    profiles, sums, lists = scratch
    ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
    amount = max(1, cols.cents[row])
    for way in range(2):
        at = o + way * GROUP
        count, spenders = 0, 0
        for entry in range(walk.tally[1]):
            account = walk.key[entry] >> 2
            if walk.key[entry] & 3 != way or account in (src, dst) or nodes.acct_service[account] <= ts:
                continue
            contact = walk.contact[entry] ^ 1
            if ts - cols.ts[(contact >> 1) & (len(cols.ts) - 1)] > lookback:
                break
            _profile(cols, contact, row, first, lookback, sums, lists)
            profiles[DEGREE, count] = sums[MET]
            profiles[SENT_SHARE, count] = sums[SENT] / sums[MOVED] if sums[MOVED] > 0 else 0.0
            profiles[AMOUNT, count] = sums[MOVED] / sums[COUNT] / amount
            profiles[AGE, count] = (ts - nodes.acct_first[account]) / DAY
            profiles[RATE, count] = sums[COUNT] / max(1.0, (sums[NEWEST] - sums[OLDEST]) / DAY)
            profiles[OTHER_MONEY, count] = sums[OTHER] / sums[COUNT]
            spread = _spending(lists[1], sums[SPENT])
            if spread >= 0:
                profiles[PROFILE, spenders] = spread
                spenders += 1
            count += 1
            if count == NEIGHBOURS:
                break
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
