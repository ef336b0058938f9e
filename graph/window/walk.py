"""Compiled walk over one account's history: one pass backwards collects all that the feature groups ask for.

Sums of money and counts are integers; sums of fractions run from the newest event to the oldest. Neither depends on
arrival, nor on the numbers that stand for accounts. Nothing is allocated in a walk: a `Walk` is used again and again.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import (
    I64,
    KIND_AUTH_FAILED,
    KIND_BET,
    KIND_DEPOSIT,
    KIND_LINK,
    KIND_PAYOUT,
    KIND_TRANSFER,
    NONE,
    Columns,
)
from graph.window.compiled import kernel

STEP_LIMIT = 128  # newest incidences of an account that are looked at; the registry's WALK_LIMIT
HOUR = 3_600_000
DAY = 24 * HOUR
SLOTS = 1024  # cells of the scratch set, at most half full
SLOT_BITS = 10
LATER = 16  # outflows after an inflow that may be the inflow passed on
PASSED_LOW, PASSED_HIGH = 85, 102  # per cent of an inflow that an outflow must be to be it
HASH = np.int64(0x9E3779B97F4A7C15 - (1 << 64))

WINDOWS = 6  # 1 h, 24 h, 72 h, 7 d, the lookback, and all that is known of counterparties
LOOKBACK, EVER = 4, 5
ALL, ALIKE = 0, 1  # movements of every kind; those of the kind class of the movement in question
OUT, IN, DEVICE, ADDRESS = 0, 1, 2, 3  # what an entry of the set is

# Walk.per: integers by direction, of movements alike
(N, BASE, OFFSET, LARGEST, BELOW, EQUAL, NEAR, NEWEST, OLDEST, FIRST_GAP, GAP_OFFSET, LEAST_GAP, LATEST) = range(13)
# Walk.real: fractions by direction, of movements alike; ALL_* of all kinds
SQUARES, GAP_SQUARES, DECAYED_1D, DECAYED_7D = range(4)
# Walk.whole: integers of the account
(
    CUT,
    FAILED_24H,
    FAILED_7D,
    SINCE_OUT,
    SINCE_IN,
    LAST_IN,
    OUT_BASE,
    OUT_OFFSET,
    RECEIVED_UNSENT,
    MATCHES,
    MATCH_DELAY,
    PASSED,
    PASSED_OF,
    PASSED_DELAY,
    SPENDS,
    FIRST_SPEND,
    LAST_SPEND,
    INCOMES,
    INCOME,
    BETS,
    DEVICES,
    ADDRESSES,
    DEVICE_SEEN,
    ADDRESS_SEEN,
) = range(24)
OUT_SQUARES, MATCH = 0, 1  # Walk.part: fractions of the account


class Walk(NamedTuple):
    """Scratch and result of one walk. Entry e of the set is counterparty, device or address `key[e] >> 2`."""

    slot: I64
    tally: I64  # generation of the set, number of entries
    key: I64
    uses: I64
    oldest: I64  # step of the oldest incidence with it
    oldest_age: I64  # ms
    contact: I64  # newest incidence with it
    alike: I64  # 1 once met in a movement alike
    counts: NDArray[np.int64]  # int64[2 (all, alike), 2 (out, in), WINDOWS], likewise the next two
    money: NDArray[np.int64]
    distinct: NDArray[np.int64]
    per: NDArray[np.int64]  # int64[2 (out, in), 13]
    real: NDArray[np.float64]  # float64[2 (out, in), 4]
    whole: I64
    part: NDArray[np.float64]
    spends: I64  # amounts of money spent, newest first
    later_cents: I64
    later_ts: I64


def empty_walk() -> Walk:
    """Return scratch for one account."""

    def whole(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    entries = SLOTS // 2
    return Walk(
        slot=whole(SLOTS),
        tally=np.array([1, 0]),
        key=whole(entries),
        uses=whole(entries),
        oldest=whole(entries),
        oldest_age=whole(entries),
        contact=whole(entries),
        alike=whole(entries),
        counts=whole(2, 2, WINDOWS),
        money=whole(2, 2, WINDOWS),
        distinct=whole(2, 2, WINDOWS),
        per=whole(2, 13),
        real=np.zeros((2, 4)),
        whole=whole(24),
        part=np.zeros(2),
        spends=whole(STEP_LIMIT),
        later_cents=whole(LATER),
        later_ts=whole(LATER),
    )


@kernel
def kind_class(kind: int) -> int:
    """0 for money between accounts, 1 for other money (bets, cards, cash, income), 2 for bare links."""
    if kind == KIND_TRANSFER:
        return 0
    return 1 if kind < KIND_LINK else 2


@kernel
def clear_set(w: Walk) -> None:
    """Forget all entries."""
    w.tally[0] += 1
    w.tally[1] = 0


@kernel
def find_entry(w: Walk, key: int) -> int:
    """Entry of `key`, or NONE."""
    at = ((key * HASH) >> 40) & (SLOTS - 1)
    while (w.slot[at] >> SLOT_BITS) == w.tally[0]:
        entry = w.slot[at] & (SLOTS - 1)
        if w.key[entry] == key:
            return int(entry)
        at = (at + 1) & (SLOTS - 1)
    return NONE


@kernel
def add_entry(w: Walk, key: int) -> int:
    """Entry of `key`, made if needed; `uses` counts the calls."""
    at = ((key * HASH) >> 40) & (SLOTS - 1)
    while (w.slot[at] >> SLOT_BITS) == w.tally[0]:
        entry = w.slot[at] & (SLOTS - 1)
        if w.key[entry] == key:
            w.uses[entry] += 1
            return int(entry)
        at = (at + 1) & (SLOTS - 1)
    entry = w.tally[1]
    w.tally[1] += 1
    w.slot[at] = (w.tally[0] << SLOT_BITS) | entry
    w.key[entry], w.uses[entry], w.alike[entry] = key, 1, 0
    return int(entry)


@kernel
def _clear(w: Walk) -> None:
    clear_set(w)
    w.counts[:] = 0
    w.money[:] = 0
    w.distinct[:] = 0
    w.per[:] = 0
    w.real[:] = 0.0
    w.whole[:] = 0
    w.part[:] = 0.0
    w.whole[SINCE_OUT] = w.whole[SINCE_IN] = w.whole[LAST_IN] = w.whole[MATCH_DELAY] = NONE
    w.part[MATCH] = -1.0


@kernel
def _note_alike(w: Walk, way: int, cents: int, ts: int, age: int, amount: int) -> None:
    """Moments, ranks, gaps and decayed sums of a movement alike."""
    p, x = w.per[way], w.real[way]
    if p[N] == 0:
        p[BASE], p[NEWEST], p[LATEST] = cents, ts, cents
    else:
        gap = p[OLDEST] - ts
        if p[N] == 1:
            p[FIRST_GAP] = p[LEAST_GAP] = gap
        p[LEAST_GAP] = min(p[LEAST_GAP], gap)
        offset = gap - p[FIRST_GAP]
        p[GAP_OFFSET] += offset
        x[GAP_SQUARES] += float(offset) * offset
    p[OLDEST] = ts
    p[N] += 1
    offset = cents - p[BASE]
    p[OFFSET] += offset
    x[SQUARES] += float(offset) * offset
    p[LARGEST] = max(p[LARGEST], cents)
    p[BELOW] += cents < amount
    p[EQUAL] += cents == amount
    p[NEAR] += abs(cents - amount) * 50 <= amount
    weight = math.exp(-age * (math.log(2.0) / (7 * DAY)))
    x[DECAYED_7D] += cents * weight
    squared = weight * weight
    x[DECAYED_1D] += cents * (squared * squared * squared * weight)


@kernel
def _note_flow(w: Walk, way: int, cents: int, ts: int, age: int, amount: int, outs: int) -> int:
    """What came in and how much of it went on; returns how many outflows are remembered."""
    g = w.whole
    if way == OUT:
        if g[SINCE_OUT] == NONE:
            g[SINCE_OUT] = age
            g[OUT_BASE] = cents
        offset = cents - g[OUT_BASE]
        g[OUT_OFFSET] += offset
        w.part[OUT_SQUARES] += float(offset) * offset
        w.later_cents[outs % LATER], w.later_ts[outs % LATER] = cents, ts
        return outs + 1
    if g[SINCE_IN] == NONE:
        g[SINCE_IN], g[LAST_IN] = age, cents
    if g[SINCE_OUT] == NONE:
        g[RECEIVED_UNSENT] += cents
    if cents > 0:
        g[PASSED_OF] += 1
        for i in range(min(outs, LATER)):
            at = (outs - 1 - i) % LATER
            delay = w.later_ts[at] - ts
            if delay > 3 * DAY:
                break
            if cents * PASSED_LOW <= w.later_cents[at] * 100 <= cents * PASSED_HIGH:
                g[PASSED] += 1
                g[PASSED_DELAY] += delay
                break
        if age <= 3 * DAY and amount > 0:
            difference = abs(cents - amount) / max(cents, amount)
            if difference <= 0.05:
                g[MATCHES] += 1
            if w.part[MATCH] < 0 or difference < w.part[MATCH]:
                w.part[MATCH] = difference
                g[MATCH_DELAY] = age
    return outs


@kernel
def _note_kind(w: Walk, way: int, kind: int, cents: int, ts: int) -> None:
    g = w.whole
    if way == OUT and kind_class(kind) == 1:
        if g[SPENDS] == 0:
            g[LAST_SPEND] = ts
        g[FIRST_SPEND] = ts
        w.spends[g[SPENDS]] = cents
        g[SPENDS] += 1
        if kind == KIND_BET:
            g[BETS] += cents
    elif way == IN and kind in (KIND_DEPOSIT, KIND_PAYOUT):
        g[INCOMES] += 1
        g[INCOME] += cents


@kernel
def _note_means(cols: Columns, w: Walk, other: int, dev: int, ip: int) -> None:
    """Devices and addresses the account acted from, and whether the movement's own are among them."""
    g = w.whole
    if cols.dev[other] != NONE:
        entry = add_entry(w, 4 * int(cols.dev[other]) + DEVICE)
        g[DEVICES] += w.uses[entry] == 1
        if cols.dev[other] == dev:
            g[DEVICE_SEEN] = 1
    if cols.ip[other] != NONE:
        entry = add_entry(w, 4 * int(cols.ip[other]) + ADDRESS)
        g[ADDRESSES] += w.uses[entry] == 1
        if cols.ip[other] == ip:
            g[ADDRESS_SEEN] = 1


@kernel
def walk_account(
    cols: Columns, start: int, seq: int, first: int, lookback: int, reach: int, acting: bool, w: Walk
) -> None:
    """Collect into `w` the history that ends with incidence `start`, as movement `seq` finds it.

    Past `lookback` only counterparties are noted, up to `reach`, both in ms.
    `acting`: the account is the source of `seq`, so its devices and addresses are collected too.
    """
    _clear(w)
    mask = len(cols.ts) - 1
    row = seq & mask
    now, amount, mine = cols.ts[row], cols.cents[row], kind_class(cols.kind[row])
    dev, ip = cols.dev[row], cols.ip[row]
    steps, outs, window = 0, 0, 0
    current = start
    while current != NONE and (current >> 1) >= first:
        other = (current >> 1) & mask
        age = now - cols.ts[other]
        if age > reach:
            break
        if steps == STEP_LIMIT:
            w.whole[CUT] = 1
            break
        steps += 1
        way = current & 1
        if (current >> 1) != seq:
            kind = cols.kind[other]
            if age > lookback:
                window = EVER
            while window < LOOKBACK and age > (HOUR if window == 0 else DAY if window == 1 else (4 * window - 5) * DAY):
                window += 1
            if kind <= KIND_LINK:
                cents = cols.cents[other]
                w.counts[ALL, way, window] += 1
                w.money[ALL, way, window] += cents
                entry = add_entry(w, 4 * int(cols.dst[other] if way == OUT else cols.src[other]) + way)
                if w.uses[entry] == 1:
                    w.distinct[ALL, way, window] += 1
                    w.contact[entry] = current
                w.oldest[entry], w.oldest_age[entry] = steps, age
                if window < EVER:
                    outs = _note_flow(w, way, cents, cols.ts[other], age, amount, outs)
                    if kind != KIND_TRANSFER:
                        _note_kind(w, way, kind, cents, cols.ts[other])
                    if kind_class(kind) == mine:
                        w.counts[ALIKE, way, window] += 1
                        w.money[ALIKE, way, window] += cents
                        if w.alike[entry] == 0:
                            w.alike[entry] = 1
                            w.distinct[ALIKE, way, window] += 1
                        _note_alike(w, way, cents, cols.ts[other], age, amount)
            elif kind == KIND_AUTH_FAILED:
                w.whole[FAILED_24H] += age <= DAY
                w.whole[FAILED_7D] += age <= 7 * DAY
            if acting and way == OUT and window < EVER:
                _note_means(cols, w, other, dev, ip)
        current = cols.prev_src[other] if way == OUT else cols.prev_dst[other]
    for which in range(2):
        for way in range(2):
            for i in range(1, WINDOWS):
                w.counts[which, way, i] += w.counts[which, way, i - 1]
                w.money[which, way, i] += w.money[which, way, i - 1]
                w.distinct[which, way, i] += w.distinct[which, way, i - 1]
