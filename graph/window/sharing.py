"""Compiled features of what accounts share: device, address, identifiers, site and operator."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_AUTH_FAILED, NONE, Columns, Nodes
from graph.window.compiled import kernel
from graph.window.holdings import OWN, Holdings, holders
from graph.window.walk import (
    ADDRESS_SEEN,
    ADDRESSES,
    CUT,
    DEVICES,
    FAILED_7D,
    FAILED_24H,
    Walk,
    add_entry,
    clear_set,
    find_entry,
)

DAY = 24 * 3_600_000
NEWCOMER = 7 * DAY
SHARE_STEPS = 128  # newest events of a device, address, site or operator that are looked at

(
    DEVICE_WEIGHT,
    DEVICE_OWN,
    DEVICE_TARGET,
    DEVICE_FAILED,
    IP_ENTROPY,
    IP_WEIGHT,
    IP_OWN,
    IP_TARGET,
    IP_FAILED,
    IP_KNOWN,
    N_DEVICES,
    N_ADDRESSES,
    N_IDENTIFIERS,
    IDENTIFIER_ACCOUNTS,
    IDENTIFIER_WEIGHT,
    IDENTIFIERS_TARGET,
    TARGET_IDENTIFIER_ACCOUNTS,
    TARGET_IDENTIFIER_WEIGHT,
) = range(18)
ACTED_FAILED_7D, TARGET_FAILED, SITE_LISTED, OPERATOR_LISTED, ON_SITE, AT_OPERATOR = 0, 1, 2, 3, 4, 7


@kernel
def weight(accounts: int) -> float:
    """What sharing between so many accounts says."""
    return 1.0 / math.log2(2.0 + accounts) if accounts > 1 else 0.0


@kernel
def _collect(cols: Columns, prev: I64, seq: int, first: int, lookback: int, w: Walk) -> None:
    """Collect the accounts of the history `prev` up to and with event `seq` as entries of `w`."""
    clear_set(w)
    w.whole[CUT] = w.whole[FAILED_24H] = 0
    mask = len(cols.ts) - 1
    now = cols.ts[seq & mask]
    steps = 0
    current = seq
    while current != NONE and current >= first:
        row = current & mask
        age = now - cols.ts[row]
        if age > lookback:
            break
        if steps == SHARE_STEPS:
            w.whole[CUT] = 1
            break
        steps += 1
        entry = add_entry(w, int(cols.src[row]))
        w.oldest_age[entry] = age
        if cols.kind[row] == KIND_AUTH_FAILED and age <= DAY:
            w.whole[FAILED_24H] += 1
        current = prev[row]


@kernel
def _entropy(w: Walk) -> float:
    """Shannon entropy in bits of the entries' uses, summed in order of last use."""
    total = 0
    for entry in range(w.tally[1]):
        total += w.uses[entry]
    entropy = 0.0
    for entry in range(w.tally[1]):
        share = w.uses[entry] / total
        entropy -= share * math.log2(share)
    return entropy


@kernel
def _own_share(w: Walk, src: int) -> float:
    total = 0
    for entry in range(w.tally[1]):
        total += w.uses[entry]
    return float(w.uses[find_entry(w, src)] / total)


@kernel
def device_features(
    cols: Columns, seq: int, first: int, lookback: int, w: Walk, o: int, f: NDArray[np.float64]
) -> tuple[int, float, bool]:
    """Fill the device's part from `f[o]` on; return (accounts on it, entropy of their use, cut)."""
    row = seq & (len(cols.ts) - 1)
    f[o + DEVICE_OWN] = -1.0
    if cols.dev[row] == NONE:
        return 0, 0.0, False
    _collect(cols, cols.prev_dev, seq, first, lookback, w)
    f[o + DEVICE_WEIGHT] = weight(w.tally[1])
    f[o + DEVICE_OWN] = _own_share(w, int(cols.src[row]))
    if cols.src[row] != cols.dst[row]:
        f[o + DEVICE_TARGET] = 1.0 if find_entry(w, int(cols.dst[row])) != NONE else 0.0
    f[o + DEVICE_FAILED] = w.whole[FAILED_24H]
    return w.tally[1], _entropy(w), w.whole[CUT] == 1


@kernel
def address_features(
    cols: Columns, seq: int, first: int, lookback: int, source: Walk, w: Walk, o: int, f: NDArray[np.float64]
) -> tuple[int, bool]:
    """Fill the address's part and what else the source acted from; return (accounts on the address, cut)."""
    row = seq & (len(cols.ts) - 1)
    f[o + N_DEVICES], f[o + N_ADDRESSES] = source.whole[DEVICES], source.whole[ADDRESSES]
    f[o + IP_OWN] = f[o + IP_KNOWN] = -1.0
    if cols.ip[row] == NONE:
        return 0, False
    f[o + IP_KNOWN] = source.whole[ADDRESS_SEEN]
    _collect(cols, cols.prev_ip, seq, first, lookback, w)
    f[o + IP_ENTROPY] = _entropy(w)
    f[o + IP_WEIGHT] = weight(w.tally[1])
    f[o + IP_OWN] = _own_share(w, int(cols.src[row]))
    if cols.src[row] != cols.dst[row]:
        f[o + IP_TARGET] = 1.0 if find_entry(w, int(cols.dst[row])) != NONE else 0.0
    f[o + IP_FAILED] = w.whole[FAILED_24H]
    return w.tally[1], w.whole[CUT] == 1


@kernel
def _identifiers(h: Holdings, account: int, ts: int) -> tuple[int, int, float]:
    """(identifiers the account holds by `ts`, most holders of one, sum of weights)."""
    count, most, total = 0, 0, 0.0
    while count < OWN and h.own_since[account * OWN + count] <= ts:
        shared = holders(h, h.own[account * OWN + count], ts)
        most = max(most, shared)
        total += weight(shared)
        count += 1
    return count, most, total


@kernel
def identifier_features(h: Holdings, src: int, dst: int, ts: int, o: int, f: NDArray[np.float64]) -> None:
    """Fill the identifiers' part from `f[o]` on. Accounts beyond the table hold none."""
    if src < len(h.hash):
        f[o + N_IDENTIFIERS], f[o + IDENTIFIER_ACCOUNTS], f[o + IDENTIFIER_WEIGHT] = _identifiers(h, src, ts)
    if dst < len(h.hash):
        _, f[o + TARGET_IDENTIFIER_ACCOUNTS], f[o + TARGET_IDENTIFIER_WEIGHT] = _identifiers(h, dst, ts)
    if src != dst and max(src, dst) < len(h.hash):
        both = 0
        for i in range(src * OWN, (src + 1) * OWN):
            for j in range(dst * OWN, (dst + 1) * OWN):
                both += h.own_since[i] <= ts and h.own_since[j] <= ts and h.own[i] == h.own[j]
        f[o + IDENTIFIERS_TARGET] = both


@kernel
def site_features(
    cols: Columns,
    nodes: Nodes,
    seq: int,
    first: int,
    lookback: int,
    source: Walk,
    target: Walk,
    w: Walk,
    o: int,
    f: NDArray[np.float64],
) -> bool:
    """Fill the group of attempts, site and operator from `f[o]` on; return whether cut."""
    row = seq & (len(cols.ts) - 1)
    ts, dom, op = cols.ts[row], cols.dom[row], cols.op[row]
    f[o + ACTED_FAILED_7D], f[o + TARGET_FAILED] = source.whole[FAILED_7D], target.whole[FAILED_24H]
    f[o + ON_SITE + 1] = f[o + AT_OPERATOR + 1] = -1.0
    cut = False
    if dom != NONE:
        f[o + SITE_LISTED] = 1.0 if min(nodes.dom_block[dom], nodes.dom_watch[dom]) <= ts else 0.0
        _collect(cols, cols.prev_dom, seq, first, lookback, w)
        cut = _place(w, o + ON_SITE, f)
    if op != NONE:
        f[o + OPERATOR_LISTED] = 1.0 if min(nodes.op_block[op], nodes.op_watch[op]) <= ts else 0.0
        _collect(cols, cols.prev_op, seq, first, lookback, w)
        cut = _place(w, o + AT_OPERATOR, f) or cut
    return cut


@kernel
def _place(w: Walk, o: int, f: NDArray[np.float64]) -> bool:
    newcomers = 0
    for entry in range(w.tally[1]):
        newcomers += w.oldest_age[entry] <= NEWCOMER
    f[o] = w.tally[1]
    f[o + 1] = newcomers / w.tally[1]
    f[o + 2] = _entropy(w)
    return bool(w.whole[CUT] == 1)
