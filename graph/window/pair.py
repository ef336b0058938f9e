"""Compiled features of two accounts' history with each other, and of port numbers.

The movements between two accounts have a list of their own, so that a pair's history is found although a hub's own
history is longer than a walk. Port numbers follow Egressy et al., "Provably powerful graph neural networks for
directed multigraphs" (AAAI 2024): which counterparty, in order of first arrival.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import KIND_LINK, NONE, Columns
from graph.window.compiled import kernel
from graph.window.walk import ALL, EVER, IN, LOOKBACK, OUT, Walk, find_entry

PAIR_STEPS = 128  # newest movements of a pair that are looked at
(
    COUNT,
    SUM,
    MEAN,
    SINCE_FIRST,
    SINCE_LAST,
    TO_MEAN,
    TO_LAST,
    BACK_COUNT,
    BACK_SUM,
    BACK_SINCE_FIRST,
    BACK_SINCE_LAST,
    BACK_TO_LAST,
    RECIPROCITY,
) = range(13)
PORT_TARGET, PORT_SOURCE, BACK_PORT_TARGET, BACK_PORT_SOURCE, TARGET_SHARE, SOURCE_SHARE = range(6)
DEGREES, MUTUAL, REPEATS, NEW, SINCE_NEW = 6, 10, 12, 16, 28
DAY = 24 * 3_600_000


@kernel
def pair_features(
    cols: Columns, seq: int, first: int, lookback: int, reach: int, o: int, f: NDArray[np.float64]
) -> tuple[int, bool]:
    """Fill the pair group from `f[o]` on; return how many movements went the same way in `lookback`, and if cut."""
    mask = len(cols.ts) - 1
    row = seq & mask
    ts, src, amount = cols.ts[row], cols.src[row], cols.cents[row]
    for place in (SINCE_FIRST, SINCE_LAST, TO_MEAN, TO_LAST, BACK_SINCE_FIRST, BACK_SINCE_LAST, BACK_TO_LAST):
        f[o + place] = -1.0
    count, back, total, back_total, steps, recent = 0, 0, 0, 0, 0, 0
    cut = False
    current = NONE if cols.kind[row] == KIND_LINK else cols.prev_pair[row]
    while current != NONE and current >= first:
        other = current & mask
        age = ts - cols.ts[other]
        if age > reach:
            break
        if steps == PAIR_STEPS:
            cut = True
            break
        steps += 1
        cents = cols.cents[other]
        if cols.src[other] == src:
            if count == 0:
                f[o + SINCE_LAST] = age / 1000.0
                if cents > 0:
                    f[o + TO_LAST] = amount / cents
            f[o + SINCE_FIRST] = age / 1000.0
            count += 1
            recent += age <= lookback
            total += cents
        else:
            if back == 0:
                f[o + BACK_SINCE_LAST] = age / 1000.0
                if cents > 0:
                    f[o + BACK_TO_LAST] = amount / cents
            f[o + BACK_SINCE_FIRST] = age / 1000.0
            back += 1
            back_total += cents
        current = cols.prev_pair[other]
    f[o + COUNT], f[o + SUM], f[o + BACK_COUNT], f[o + BACK_SUM] = count, total, back, back_total
    if total > 0:
        f[o + MEAN] = total / count
        f[o + TO_MEAN] = amount * count / total
    f[o + RECIPROCITY] = min(back, count + 1) / max(back, count + 1)
    return recent, cut


@kernel
def _port(w: Walk, other: int, way: int, unknown: bool) -> int:
    """Counterparties met in direction `way` before `other` first was; all of them if it never was, or NONE."""
    mine = find_entry(w, 4 * other + way)
    if mine == NONE and unknown:
        return NONE
    port = 0
    for entry in range(w.tally[1]):
        if w.key[entry] & 3 == way and (mine == NONE or w.oldest[entry] > w.oldest[mine]):
            port += 1
    return port


@kernel
def _mutual(w: Walk) -> int:
    """Counterparties of both directions."""
    both = 0
    for entry in range(w.tally[1]):
        if w.key[entry] & 3 == OUT and find_entry(w, w.key[entry] + IN) != NONE:
            both += 1
    return both


@kernel
def port_features(source: Walk, target: Walk, src: int, dst: int, o: int, f: NDArray[np.float64]) -> None:
    """Fill the group of ports and degrees from `f[o]` on."""
    f[o + PORT_TARGET] = _port(source, dst, OUT, False)
    f[o + PORT_SOURCE] = _port(target, src, IN, False)
    f[o + BACK_PORT_TARGET] = _port(source, dst, IN, True)
    f[o + BACK_PORT_SOURCE] = _port(target, src, OUT, True)
    _newness(source, o, f)
    _newness(target, o + 2, f)
    known = find_entry(source, 4 * dst + OUT) != NONE
    f[o + TARGET_SHARE] = f[o + PORT_TARGET] / max(1.0, f[o + DEGREES] + (0.0 if known else 1.0))
    known = find_entry(target, 4 * src + IN) != NONE
    f[o + SOURCE_SHARE] = f[o + PORT_SOURCE] / max(1.0, f[o + DEGREES + 3] + (0.0 if known else 1.0))
    f[o + MUTUAL] = _mutual(source)
    f[o + MUTUAL + 1] = _mutual(target)


@kernel
def _newness(w: Walk, o: int, f: NDArray[np.float64]) -> None:
    """Degrees of an account in both directions, and how new its counterparties are."""
    for way in range(2):
        degree, day, week, month, newest = 0, 0, 0, 0, NONE
        for entry in range(w.tally[1]):
            if w.key[entry] & 3 == way:
                age = w.oldest_age[entry]
                degree += 1
                day += age <= DAY
                week += age <= 7 * DAY
                month += age <= 30 * DAY
                newest = age if newest == NONE else min(newest, age)
        f[o + DEGREES + way] = degree
        f[o + REPEATS + way] = w.counts[ALL, way, EVER] / degree if degree > 0 else -1.0
        f[o + SINCE_NEW + way] = newest / 1000.0 if degree > 0 else -1.0
        at = o + NEW + way  # three numbers for each of four histories
        f[at] = day / w.counts[ALL, way, 1] if w.counts[ALL, way, 1] > 0 else -1.0
        f[at + 4] = week / w.counts[ALL, way, 3] if w.counts[ALL, way, 3] > 0 else -1.0
        f[at + 8] = min(1.0, month / w.counts[ALL, way, LOOKBACK]) if w.counts[ALL, way, LOOKBACK] > 0 else -1.0
