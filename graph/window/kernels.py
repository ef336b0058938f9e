"""Compiled steps over the columns: linking events into histories, and the feature row of a movement.

Each kernel has a plain-Python twin in `tests/window/oracle.py`. `first` is the oldest live seq; links to older ones
are dead. Walks stop at the horizon, at WALK_LIMIT incidences, or at a dead link.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import EPOCHS, I64, KIND_AUTH_FAILED, KIND_LINK, NEVER, NONE, WORDS, Columns, Nodes
from graph.window.features import FEATURE_INDEX, WALK_LIMIT

HOUR = 3_600_000
DAY = 24 * HOUR
LOOKBACK = 30 * DAY
LAST_MOVEMENT = KIND_LINK
#: Distinct counterparties in one epoch that make an account public: a shop, a site, an employer, an exchange.
PUBLIC_DEGREE = 60
EPOCH = 30 * DAY

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
    FAILED_24H,
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
) = range(len(FEATURE_INDEX))


@njit(cache=True)
def _before(cols: Columns, a: int, b: int) -> bool:
    """Whether event row `a` comes before row `b` in canonical order."""
    return bool(cols.ts[a] < cols.ts[b] or (cols.ts[a] == cols.ts[b] and cols.tie[a] < cols.tie[b]))


@njit(cache=True)
def _link_account(cols: Columns, head: I64, node: int, seq: int, role: int, first: int) -> None:
    """Put incidence (seq, role) into `node`'s history at its canonical place."""
    mask = len(cols.ts) - 1
    row = seq & mask
    newer = NONE
    current = head[node]
    while current != NONE and (current >> 1) >= first:
        other = (current >> 1) & mask
        if (current >> 1) == seq or _before(cols, other, row):
            break
        newer = current
        current = cols.prev_src[other] if (current & 1) == 0 else cols.prev_dst[other]
    if role == 0:
        cols.prev_src[row] = current
    else:
        cols.prev_dst[row] = current
    if newer == NONE:
        head[node] = 2 * seq + role
    elif (newer & 1) == 0:
        cols.prev_src[(newer >> 1) & mask] = 2 * seq + role
    else:
        cols.prev_dst[(newer >> 1) & mask] = 2 * seq + role


@njit(cache=True)
def _link_event(cols: Columns, prev: I64, head: I64, node: int, seq: int, first: int) -> None:
    """Put event `seq` into the history `prev`/`head` of a device, address or market at its canonical place."""
    mask = len(cols.ts) - 1
    row = seq & mask
    newer = NONE
    current = head[node]
    while current != NONE and current >= first and not _before(cols, current & mask, row):
        newer = current
        current = prev[current & mask]
    prev[row] = current
    if newer == NONE:
        head[node] = seq
    else:
        prev[newer & mask] = seq


@njit(cache=True)
def _count_counterparty(nodes: Nodes, account: int, other: int, ts: int) -> bool:
    """Mark `other` in the account's bitmap of the epoch of `ts`; True when this makes the account public.

    Linear counting (Whang et al., 1990) over 256 bits: order of arrival does not matter inside two epochs.
    """
    epoch = ts // EPOCH
    slot = account * EPOCHS + epoch % EPOCHS
    base = slot * WORDS
    if nodes.acct_epoch[slot] > epoch:
        return False
    if nodes.acct_epoch[slot] < epoch:
        nodes.acct_epoch[slot] = epoch
        nodes.acct_bits[base : base + WORDS] = 0
    place = nodes.acct_hash[other]
    word = base + (place >> 6) % WORDS
    bit = np.int64(1) << (place & 63)
    if nodes.acct_bits[word] & bit or nodes.acct_public[account]:
        return False
    nodes.acct_bits[word] |= bit
    marked = 0
    for i in range(WORDS):
        bits = nodes.acct_bits[base + i]
        for j in range(64):
            marked += (bits >> j) & 1
    size = 64 * WORDS
    if marked < size and -size * math.log(1 - marked / size) < PUBLIC_DEGREE:
        return False
    nodes.acct_public[account] = 1
    return True


@njit(cache=True)
def link_events(cols: Columns, nodes: Nodes, start: int, end: int, first: int, public: I64) -> int:
    """Link the events `start <= seq < end` (rows already filled) into every history they belong to.

    Writes accounts that became public into `public` (room for two per event) and returns how many.
    """
    mask = len(cols.ts) - 1
    became = 0
    for seq in range(start, end):
        row = seq & mask
        ts = cols.ts[row]
        src, dst, dev, ip, dom = cols.src[row], cols.dst[row], cols.dev[row], cols.ip[row], cols.dom[row]
        _link_account(cols, nodes.acct_head, src, seq, 0, first)
        nodes.acct_first[src] = min(nodes.acct_first[src], ts)
        if dst != NONE:
            _link_account(cols, nodes.acct_head, dst, seq, 1, first)
            nodes.acct_first[dst] = min(nodes.acct_first[dst], ts)
            if cols.kind[row] != KIND_LINK and src != dst:
                if _count_counterparty(nodes, src, dst, ts):
                    public[became] = src
                    became += 1
                if _count_counterparty(nodes, dst, src, ts):
                    public[became] = dst
                    became += 1
        if dev != NONE:
            _link_event(cols, cols.prev_dev, nodes.dev_head, dev, seq, first)
        if ip != NONE:
            _link_event(cols, cols.prev_ip, nodes.ip_head, ip, seq, first)
        if dom != NONE:
            nodes.dom_first[dom] = min(nodes.dom_first[dom], ts)
        if cols.mkt[row] != NONE:
            _link_event(cols, cols.prev_mkt, nodes.mkt_head, cols.mkt[row], seq, first)
    return became


@njit(cache=True)
def distinct(values: NDArray[np.int32], count: int) -> int:
    """Number of distinct values among the first `count`; sorts them in place."""
    if count == 0:
        return 0
    values[:count].sort()
    found = 1
    for i in range(1, count):
        if values[i] != values[i - 1]:
            found += 1
    return found


@njit(cache=True)
def _sharers(cols: Columns, prev: I64, seq: int, first: int, buffer: NDArray[np.int32]) -> tuple[int, float, int]:
    """Accounts on the device or address of `seq` up to and with it: (distinct, entropy in bits, cut)."""
    mask = len(cols.ts) - 1
    oldest = cols.ts[seq & mask] - LOOKBACK
    count, cut = 0, 0
    current = seq
    while current != NONE and current >= first and cols.ts[current & mask] >= oldest:
        if count == WALK_LIMIT:
            cut = 1
            break
        buffer[count] = cols.src[current & mask]
        count += 1
        current = prev[current & mask]
    found = distinct(buffer, count)
    uses = np.zeros(found, dtype=np.int64)
    place = 0
    for i in range(count):
        if i > 0 and buffer[i] != buffer[i - 1]:
            place += 1
        uses[place] += 1
    uses.sort()  # integers stand for accounts by arrival; sums of floats must not depend on that
    entropy = 0.0
    for n in uses:
        entropy -= n / count * math.log2(n / count)
    return found, entropy, cut


@njit(cache=True)
def feature_rows(cols: Columns, nodes: Nodes, seqs: I64, first: int, out: NDArray[np.float64]) -> None:
    """Fill `out[i]` (len(FEATURES) float64) with the features of movement `seqs[i]`.

    A bare link has no history: its time only orders a list.
    """
    mask = len(cols.ts) - 1
    sources = np.empty(WALK_LIMIT + 1, dtype=np.int32)
    targets = np.empty(WALK_LIMIT + 1, dtype=np.int32)
    for i in range(len(seqs)):
        seq = seqs[i]
        row = seq & mask
        ts, src, dst, dev, ip, dom, op = (
            cols.ts[row],
            cols.src[row],
            cols.dst[row],
            cols.dev[row],
            cols.ip[row],
            cols.dom[row],
            cols.op[row],
        )
        f = out[i]
        f[:] = 0.0
        f[AMOUNT] = cols.cents[row]
        f[SINCE_LAST] = f[SINCE_IN] = f[DEV_KNOWN] = f[SITE_AGE] = f[ACCOUNT_AGE] = f[TARGET_AGE] = -1.0
        if dev != NONE:
            f[DEV_KNOWN] = 0.0

        # the source's own history
        n_in, n_out, steps = 0, 0, 0
        total, squares = 0.0, 0.0
        current = NONE if cols.kind[row] == KIND_LINK else cols.prev_src[row]
        while current != NONE and (current >> 1) >= first:
            other = (current >> 1) & mask
            age = ts - cols.ts[other]
            if age > LOOKBACK:
                break
            if steps == WALK_LIMIT:
                f[TRUNCATED] = 1.0
                break
            steps += 1
            role = current & 1
            if cols.kind[other] <= LAST_MOVEMENT:
                cents = cols.cents[other]
                if role == 0:
                    if f[SINCE_LAST] < 0:
                        f[SINCE_LAST] = age / 1000.0
                    f[OUT_30D] += 1
                    total += cents
                    squares += float(cents) * cents
                    if cols.dst[other] == dst:
                        f[PAIR] += 1
                    if age <= 3 * DAY:
                        f[OUT_SUM_72H] += cents
                        targets[n_out] = cols.dst[other]
                        n_out += 1
                        if age <= DAY:
                            f[OUT_24H] += 1
                            if age <= HOUR:
                                f[OUT_1H] += 1
                else:
                    if f[SINCE_IN] < 0:
                        f[SINCE_IN] = age / 1000.0
                    if age <= 3 * DAY:
                        f[IN_SUM_72H] += cents
                        sources[n_in] = cols.src[other]
                        n_in += 1
                        if age <= DAY:
                            f[IN_24H] += 1
                            f[IN_SUM_24H] += cents
            elif cols.kind[other] == KIND_AUTH_FAILED and age <= DAY:
                f[FAILED_24H] += 1
            if role == 0 and dev != NONE and cols.dev[other] == dev:
                f[DEV_KNOWN] = 1.0
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        f[SOURCES_72H] = distinct(sources, n_in)
        f[TARGETS_72H] = distinct(targets, n_out)
        if f[OUT_30D] > 0:
            mean = total / f[OUT_30D]
            f[OUT_MEAN] = mean
            f[OUT_SD] = math.sqrt(max(0.0, squares / f[OUT_30D] - mean * mean))

        # the target's history
        n_in, steps = 0, 0
        current = NONE if cols.kind[row] == KIND_LINK else cols.prev_dst[row]
        while current != NONE and (current >> 1) >= first:
            other = (current >> 1) & mask
            if ts - cols.ts[other] > 3 * DAY:
                break
            if steps == WALK_LIMIT:
                f[TRUNCATED] = 1.0
                break
            steps += 1
            role = current & 1
            if (current >> 1) != seq and cols.kind[other] <= LAST_MOVEMENT:
                if role == 0:
                    f[T_OUT_SUM_72H] += cols.cents[other]
                else:
                    f[T_IN_SUM_72H] += cols.cents[other]
                    sources[n_in] = cols.src[other]
                    n_in += 1
            current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
        f[T_SOURCES_72H] = distinct(sources, n_in)

        # shared means
        if dev != NONE:
            found, entropy, _ = _sharers(cols, cols.prev_dev, seq, first, sources)
            f[DEV_ACCOUNTS] = found
            f[DEV_ENTROPY] = entropy
        if ip != NONE:
            found, _, _ = _sharers(cols, cols.prev_ip, seq, first, sources)
            f[IP_ACCOUNTS] = found

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
