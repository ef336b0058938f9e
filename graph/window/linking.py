"""Compiled steps that put events into the histories they belong to, each at its canonical place.

`first` is the oldest live seq; links to older ones are dead. An event that arrives in order is linked in constant
time; one that arrives late walks past what lies after it.
"""

from __future__ import annotations

import math

import numpy as np

from graph.window.columns import EPOCHS, I64, KIND_LINK, NONE, WORDS, Columns, Nodes, Pairs, empty_pairs
from graph.window.compiled import kernel

#: Distinct counterparties in one epoch that make an account public: a shop, a site, an employer, an exchange.
PUBLIC_DEGREE = 60
EPOCH = 30 * 24 * 3_600_000
HASH = np.int64(0x9E3779B97F4A7C15 - (1 << 64))  # Fibonacci hashing: 2^64 / golden ratio


@kernel
def before(cols: Columns, a: int, b: int) -> bool:
    """Whether event row `a` comes before row `b` in canonical order."""
    return bool(cols.ts[a] < cols.ts[b] or (cols.ts[a] == cols.ts[b] and cols.tie[a] < cols.tie[b]))


@kernel
def _link_account(cols: Columns, head: I64, node: int, seq: int, role: int, first: int) -> None:
    """Put incidence (seq, role) into `node`'s history, to be walked both ways."""
    mask = len(cols.ts) - 1
    row = seq & mask
    mine = 2 * seq + role
    newer = NONE
    older = head[node]
    while older != NONE and (older >> 1) >= first:
        other = (older >> 1) & mask
        if (older >> 1) == seq or before(cols, other, row):
            break
        newer = older
        older = cols.prev_src[other] if (older & 1) == 0 else cols.prev_dst[other]
    if older != NONE and (older >> 1) < first:
        older = NONE
    if role == 0:
        cols.prev_src[row], cols.next_src[row] = older, newer
    else:
        cols.prev_dst[row], cols.next_dst[row] = older, newer
    if newer == NONE:
        head[node] = mine
    elif (newer & 1) == 0:
        cols.prev_src[(newer >> 1) & mask] = mine
    else:
        cols.prev_dst[(newer >> 1) & mask] = mine
    if older != NONE:
        if (older & 1) == 0:
            cols.next_src[(older >> 1) & mask] = mine
        else:
            cols.next_dst[(older >> 1) & mask] = mine


@kernel
def _link_event(cols: Columns, prev: I64, head: I64, node: int, seq: int, first: int) -> None:
    """Put event `seq` into the history `prev`/`head` of whatever is not an account."""
    mask = len(cols.ts) - 1
    row = seq & mask
    newer = NONE
    current = head[node]
    while current != NONE and current >= first and not before(cols, current & mask, row):
        newer = current
        current = prev[current & mask]
    prev[row] = current
    if newer == NONE:
        head[node] = seq
    else:
        prev[newer & mask] = seq


@kernel
def _cell(pairs: Pairs, key: int) -> int:
    """Cell of `key`, or the free one where it belongs."""
    mask = len(pairs.key) - 1
    at = ((key * HASH) >> 20) & mask
    while pairs.key[at] != NONE and pairs.key[at] != key:
        at = (at + 1) & mask
    return int(at)


@kernel
def _link_pair(cols: Columns, pairs: Pairs, seq: int, first: int) -> None:
    """Put movement `seq` among those between its two accounts."""
    row = seq & (len(cols.ts) - 1)
    src, dst = int(cols.src[row]), int(cols.dst[row])
    key = (min(src, dst) << 32) | max(src, dst)
    cell = _cell(pairs, key)
    if pairs.key[cell] == NONE:
        pairs.key[cell] = key
        pairs.used[0] += 1
    _link_event(cols, cols.prev_pair, pairs.head, cell, seq, first)


@kernel
def _copy_live(old: Pairs, new: Pairs, first: int) -> None:
    for at in range(len(old.key)):
        if old.key[at] != NONE and old.head[at] >= first:
            cell = _cell(new, old.key[at])
            new.key[cell], new.head[cell] = old.key[at], old.head[at]
            new.used[0] += 1


def with_room(pairs: Pairs, *, more: int, first: int) -> Pairs:
    """Return a table with room for `more` keys at half load at most; pairs whose movements all expired are left out."""
    capacity = len(pairs.key)
    if 2 * (int(pairs.used[0]) + more) <= capacity:
        return pairs
    live = int(((pairs.key != NONE) & (pairs.head >= first)).sum())
    size = 1 << 12
    while size < 4 * (live + more):
        size *= 2
    new = empty_pairs(size)
    _copy_live(pairs, new, first)
    return new


@kernel
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
        while bits != 0:
            bits &= bits - 1
            marked += 1
    size = 64 * WORDS
    if marked < size and -size * math.log(1 - marked / size) < PUBLIC_DEGREE:
        return False
    nodes.acct_public[account] = 1
    return True


@kernel
def link_events(cols: Columns, nodes: Nodes, pairs: Pairs, start: int, end: int, first: int, public: I64) -> int:
    """Link the events `start <= seq < end` (rows already filled) into every history they belong to.

    Writes accounts that became public into `public` (room for two per event) and returns how many.
    """
    mask = len(cols.ts) - 1
    became = 0
    for seq in range(start, end):
        row = seq & mask
        ts = cols.ts[row]
        src, dst = cols.src[row], cols.dst[row]
        _link_account(cols, nodes.acct_head, src, seq, 0, first)
        nodes.acct_first[src] = min(nodes.acct_first[src], ts)
        if dst != NONE:
            _link_account(cols, nodes.acct_head, dst, seq, 1, first)
            _link_pair(cols, pairs, seq, first)
            nodes.acct_first[dst] = min(nodes.acct_first[dst], ts)
            if cols.kind[row] != KIND_LINK and src != dst:
                if _count_counterparty(nodes, src, dst, ts):
                    public[became] = src
                    became += 1
                if _count_counterparty(nodes, dst, src, ts):
                    public[became] = dst
                    became += 1
        if cols.dev[row] != NONE:
            _link_event(cols, cols.prev_dev, nodes.dev_head, cols.dev[row], seq, first)
        if cols.ip[row] != NONE:
            _link_event(cols, cols.prev_ip, nodes.ip_head, cols.ip[row], seq, first)
        if cols.dom[row] != NONE:
            nodes.dom_first[cols.dom[row]] = min(nodes.dom_first[cols.dom[row]], ts)
            _link_event(cols, cols.prev_dom, nodes.dom_head, cols.dom[row], seq, first)
        if cols.op[row] != NONE:
            _link_event(cols, cols.prev_op, nodes.op_head, cols.op[row], seq, first)
        if cols.mkt[row] != NONE:
            _link_event(cols, cols.prev_mkt, nodes.mkt_head, cols.mkt[row], seq, first)
    return became
