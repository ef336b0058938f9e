"""The feature row of a movement, compiled: walks over the histories it belongs to, then one group after the other.

Each group has a plain-Python twin in `tests/window`. `first` is the oldest live seq; links to older ones are dead.
Walks stop at the lookback, at a number of steps, or at a dead link.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_LINK, NEVER, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.flow import flow_features, kind_features
from graph.window.history import SIDE, history_features, spread
from graph.window.holdings import Holdings
from graph.window.neighbours import GROUP, Profiles, empty_profiles, neighbour_features
from graph.window.pair import pair_features, port_features
from graph.window.sharing import address_features, device_features, identifier_features, site_features
from graph.window.walk import (
    ALL,
    CUT,
    DEVICE_SEEN,
    FAILED_24H,
    IN,
    OUT,
    OUT_BASE,
    OUT_OFFSET,
    OUT_SQUARES,
    SINCE_OUT,
    STEP_LIMIT,
    Walk,
    empty_walk,
    walk_account,
)
from graph.window.walk import (
    SINCE_IN as SINCE_RECEIVED,
)

HOUR = 3_600_000
DAY = 24 * HOUR
LOOKBACK = 30 * DAY
LAST_MOVEMENT = KIND_LINK

(
    AMOUNT,
    SINCE_LAST,
    OUT_1H,
    OUT_24H,
    OUT_SUM_72H,
    IN_24H,
    IN_SUM_24H,
    IN_SUM_72H,
    SOURCES_72H,
    TARGETS_72H,
    OUT_30D,
    OUT_MEAN,
    OUT_SD,
    PAIR,
    SINCE_IN,
    FAILED,
    DEV_KNOWN,
    DEV_ACCOUNTS,
    DEV_ENTROPY,
    IP_ACCOUNTS,
    IP_REPUTATION,
    SITE_AGE,
    ACCOUNT_AGE,
    TARGET_AGE,
    T_SOURCES_72H,
    T_IN_SUM_72H,
    T_OUT_SUM_72H,
    BLOCKED,
    WATCHED,
    ALLOWED,
    UNLICENSED,
    TRUNCATED,
) = range(32)


class Scratch(NamedTuple):
    """What the kernels work in, used again for every movement."""

    source: Walk
    target: Walk
    sharers: Walk
    profiles: Profiles
    places: I64  # where histories that are read ahead stand, two for each movement of a turn


#: Movements whose histories are read ahead together.
TURN = 8


def empty_scratch() -> Scratch:
    """Return scratch for one thread."""
    return Scratch(empty_walk(), empty_walk(), empty_walk(), empty_profiles(), np.zeros(2 * TURN, dtype=np.int64))


@kernel
def distinct(values: NDArray[np.int32], count: int) -> int:
    """Number of distinct values among the first `count` (a walk's worth); sorts them in place."""
    if count == 0:
        return 0
    for gap in (57, 23, 10, 4, 1):  # Shell's method with Ciura's gaps
        for i in range(gap, count):
            value, at = values[i], i
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value
    found = 1
    for i in range(1, count):
        if values[i] != values[i - 1]:
            found += 1
    return found


@kernel
def feature_rows(
    cols: Columns,
    nodes: Nodes,
    holdings: Holdings,
    seqs: I64,
    first: int,
    lookback: int,
    reach: int,
    bases: I64,
    scratch: Scratch,
    out: NDArray[np.float64],
) -> None:
    """Fill `out[i]` (len(FEATURES) float64) with the features of movement `seqs[i]`; group g begins at `bases[g]`.

    A bare link has no history: its time only orders a list. `lookback` and, for what
    counterparties ever did, `reach` are in ms.
    """
    mask = len(cols.ts) - 1
    source, target, sharers, profiles, places = scratch
    for i in range(len(seqs)):
        if i % TURN == 0:
            _read_ahead(cols, seqs, i, min(i + TURN, len(seqs)), first, reach, places)
        seq = seqs[i]
        row = seq & mask
        ts, src, dst, cents = cols.ts[row], int(cols.src[row]), int(cols.dst[row]), cols.cents[row]
        link = cols.kind[row] == KIND_LINK
        f = out[i]
        f[:] = 0.0
        walk_account(cols, NONE if link else cols.prev_src[row], seq, first, lookback, reach, True, source)
        walk_account(cols, NONE if link else cols.prev_dst[row], seq, first, lookback, reach, False, target)
        _walked(source, target, f)
        _node_features(cols, nodes, row, f)
        history_features(source, ts, cents, bases[1], f)
        history_features(target, ts, cents, bases[1] + 2 * SIDE, f)
        f[PAIR], cut = pair_features(cols, seq, first, lookback, reach, bases[2], f)
        port_features(source, target, src, dst, bases[3], f)
        flow_features(source, target, cents, src == dst, bases[4], f)
        kind_features(source, target, cents, bases[5], f)
        means = bases[6]
        f[DEV_ACCOUNTS], f[DEV_ENTROPY], device_cut = device_features(cols, seq, first, lookback, sharers, means, f)
        f[IP_ACCOUNTS], ip_cut = address_features(cols, seq, first, lookback, source, sharers, means, f)
        identifier_features(holdings, src, dst, ts, means, f)
        place_cut = site_features(cols, nodes, seq, first, lookback, source, target, sharers, bases[7], f)
        neighbour_features(cols, nodes, source, row, first, lookback, profiles, bases[8], f)
        neighbour_features(cols, nodes, target, row, first, lookback, profiles, bases[8] + 2 * GROUP, f)
        f[AMOUNT] = cents
        f[DEV_KNOWN] = -1.0 if cols.dev[row] == NONE else source.whole[DEVICE_SEEN]
        if cut or device_cut or ip_cut or place_cut or source.whole[CUT] or target.whole[CUT]:
            f[TRUNCATED] = 1.0


@kernel
def _read_ahead(cols: Columns, seqs: I64, start: int, end: int, first: int, reach: int, places: I64) -> None:
    """Read the histories of the movements `start <= i < end` of `seqs` step by step side by side.

    It answers nothing: a walk waits for memory at every step, and after this one the walks find the rows in the cache.
    Sixteen histories wait for memory together.
    """
    mask = len(cols.ts) - 1
    for i in range(start, end):
        row = seqs[i] & mask
        places[2 * (i - start)], places[2 * (i - start) + 1] = cols.prev_src[row], cols.prev_dst[row]
    for _ in range(STEP_LIMIT):
        alive = False
        for k in range(2 * (end - start)):
            current = places[k]
            if current == NONE:
                continue
            other = (current >> 1) & mask
            if (current >> 1) < first or cols.ts[seqs[start + k // 2] & mask] - cols.ts[other] > reach:
                places[k] = NONE
            else:
                places[k] = cols.prev_src[other] if current & 1 == 0 else cols.prev_dst[other]
                alive = True
        if not alive:
            return


@kernel
def _walked(source: Walk, target: Walk, f: NDArray[np.float64]) -> None:
    """The first features that come from the walks over source and target."""
    g = source.whole
    f[SINCE_LAST] = g[SINCE_OUT] / 1000.0 if g[SINCE_OUT] >= 0 else -1.0
    f[SINCE_IN] = g[SINCE_RECEIVED] / 1000.0 if g[SINCE_RECEIVED] >= 0 else -1.0
    f[OUT_1H], f[OUT_24H], f[OUT_30D] = (
        source.counts[ALL, OUT, 0],
        source.counts[ALL, OUT, 1],
        source.counts[ALL, OUT, 4],
    )
    f[OUT_SUM_72H] = source.money[ALL, OUT, 2]
    f[IN_24H] = source.counts[ALL, IN, 1]
    f[IN_SUM_24H], f[IN_SUM_72H] = source.money[ALL, IN, 1], source.money[ALL, IN, 2]
    f[SOURCES_72H], f[TARGETS_72H] = source.distinct[ALL, IN, 2], source.distinct[ALL, OUT, 2]
    f[FAILED] = g[FAILED_24H]
    n = source.counts[ALL, OUT, 4]
    if n > 0:
        f[OUT_MEAN] = g[OUT_BASE] + g[OUT_OFFSET] / n
        f[OUT_SD] = spread(n, g[OUT_OFFSET], source.part[OUT_SQUARES])
    f[T_SOURCES_72H] = target.distinct[ALL, IN, 2]
    f[T_IN_SUM_72H], f[T_OUT_SUM_72H] = target.money[ALL, IN, 2], target.money[ALL, OUT, 2]


@kernel
def _node_features(cols: Columns, nodes: Nodes, row: int, f: NDArray[np.float64]) -> None:
    """Ages and listings of the movement's nodes."""
    ts, src, dst = cols.ts[row], cols.src[row], cols.dst[row]
    dev, ip, dom, op = cols.dev[row], cols.ip[row], cols.dom[row], cols.op[row]
    f[SITE_AGE] = f[ACCOUNT_AGE] = f[TARGET_AGE] = -1.0
    # ages: only sights before this movement count
    if nodes.acct_first[src] < ts:
        f[ACCOUNT_AGE] = (ts - nodes.acct_first[src]) / DAY
    if nodes.acct_first[dst] < ts:
        f[TARGET_AGE] = (ts - nodes.acct_first[dst]) / DAY
    if dom != NONE:
        born = min(nodes.dom_first[dom], ts)
        if nodes.dom_observed[dom] <= ts and nodes.dom_registered[dom] != NEVER:
            born = min(nodes.dom_registered[dom], ts)
        f[SITE_AGE] = (ts - born) / DAY

    # lists
    blocked = int(nodes.acct_block[src] <= ts) + int(nodes.acct_block[dst] <= ts)
    watched = int(nodes.acct_watch[src] <= ts) + int(nodes.acct_watch[dst] <= ts)
    if dev != NONE:
        blocked += int(nodes.dev_block[dev] <= ts)
        watched += int(nodes.dev_watch[dev] <= ts)
    if ip != NONE:
        blocked += int(nodes.ip_block[ip] <= ts)
        watched += int(nodes.ip_watch[ip] <= ts)
        if nodes.ip_block[ip] <= ts:
            f[IP_REPUTATION] = -2.0
        elif nodes.ip_watch[ip] <= ts:
            f[IP_REPUTATION] = -1.0
        elif nodes.ip_allow[ip] <= ts:
            f[IP_REPUTATION] = 1.0
    if dom != NONE:
        blocked += int(nodes.dom_block[dom] <= ts)
        watched += int(nodes.dom_watch[dom] <= ts)
    if op != NONE:
        blocked += int(nodes.op_block[op] <= ts)
        watched += int(nodes.op_watch[op] <= ts)
        f[UNLICENSED] = 1.0 if nodes.op_unlicensed[op] <= ts else 0.0
    f[BLOCKED] = blocked
    f[WATCHED] = watched
    f[ALLOWED] = int(nodes.acct_allow[src] <= ts) + int(nodes.acct_allow[dst] <= ts)
