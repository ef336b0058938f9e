"""The window's memory: one row of numpy columns per event, linked into per-node histories.

Events are numbered by arrival (`seq`); row = seq % capacity (a power of two), so old rows are reused. An account's
history is a linked list of *incidences* (`2 * seq + role`, role 0 = source or actor, 1 = target) in canonical order
`(ts, tie)`; devices, addresses and betting markets have such lists of events. A list is walked backwards from an
event's own predecessor, which makes every answer "as of" that event, however late it arrived. Accounts' histories can
be walked forwards as well, and the movements between two accounts (either way) have a list of their own.

What a walk reads of an event lies in one cache line: columns are fields of two record arrays, `HOT` and the rest.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NONE = -1
NEVER = np.iinfo(np.int64).max
EPOCHS = 2  # bitmaps kept per account, so that a late event still finds its own
WORDS = 4  # 64-bit words per bitmap

I8 = NDArray[np.int8]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

# Event kind codes; the first eight are movements in the order of graph.events.MovementKind.
KIND_TRANSFER, KIND_BET, KIND_DEPOSIT, KIND_WITHDRAWAL, KIND_PAYOUT, KIND_REFUND, KIND_CARD, KIND_LINK = range(8)
KIND_ACCESS, KIND_AUTH_OK, KIND_AUTH_FAILED = 8, 9, 10

#: Columns that walks read: 64 bytes a row.
HOT = ("ts", "cents", "prev_src", "prev_dst", "next_src", "next_dst", "src", "dst", "dev", "kind")


class Columns(NamedTuple):
    """Rows of the window. Ids are interned integers, NONE where absent; `prev_*` are the list links."""

    ts: I64
    tie: I64
    kind: I8
    src: I32
    dst: I32
    cents: I64
    dev: I32
    ip: I32
    dom: I32
    op: I32
    mkt: I32
    side: I32
    mark: I32  # a number of the caller's, kept with the event
    ctx: I32  # number of its `Context`
    peak: I64  # greatest ts of this and all earlier arrivals
    prev_src: I64  # incidence before (seq, 0) in the source's history
    prev_dst: I64  # incidence before (seq, 1) in the target's history
    next_src: I64  # incidence after (seq, 0) in the source's history
    next_dst: I64  # incidence after (seq, 1) in the target's history
    prev_dev: I64
    prev_ip: I64
    prev_dom: I64
    prev_op: I64
    prev_mkt: I64
    prev_pair: I64  # movement before this one between the same two accounts, either way


class Pairs(NamedTuple):
    """Open-addressing table from two accounts (smaller number first) to their newest movement."""

    key: I64  # smaller << 32 | larger; NONE while free
    head: I64
    used: I64  # int64[1]: cells that are not free


class Nodes(NamedTuple):
    """Per-node columns, grown by doubling: heads of histories, first sight, and times of listings (NEVER if not)."""

    acct_head: I64
    acct_first: I64
    acct_block: I64
    acct_watch: I64
    acct_allow: I64
    acct_service: I64
    dev_head: I64
    dev_block: I64
    dev_watch: I64
    ip_head: I64
    ip_block: I64
    ip_watch: I64
    ip_allow: I64
    dom_head: I64
    dom_first: I64
    dom_registered: I64
    dom_observed: I64
    dom_block: I64
    dom_watch: I64
    op_head: I64
    op_unlicensed: I64
    op_block: I64
    op_watch: I64
    mkt_head: I64
    acct_hash: I64  # hash of the account's id, the same in every process
    acct_public: I64  # 1 once the account had PUBLIC_DEGREE counterparties in one epoch, else 0
    acct_epoch: I64  # two per account: the epochs its two bitmaps are of, NONE while empty
    acct_bits: I64  # eight words per account: two 256-bit maps of counterparties


def empty_columns(capacity: int) -> Columns:
    """Return zeroed columns for `capacity` events (a power of two)."""
    types = dict.fromkeys(Columns._fields, "i8") | {"kind": "i1"}
    types |= dict.fromkeys(("src", "dst", "dev", "ip", "dom", "op", "mkt", "side", "mark", "ctx"), "i4")
    cold = sorted((name for name in Columns._fields if name not in HOT), key=types.__getitem__, reverse=True)
    fields: dict[str, NDArray[Any]] = {}
    for names, size in ((list(HOT), 64), (cold, 8 * -(-sum(int(types[name][1]) for name in cold) // 8))):
        offsets = np.cumsum([0, *(int(types[name][1]) for name in names)])[:-1].tolist()
        record = np.dtype(
            {"names": names, "formats": [types[name] for name in names], "offsets": offsets, "itemsize": size}
        )
        rows = np.zeros(capacity, dtype=record)
        fields |= {name: rows[name] for name in names}
    return Columns(**fields)


def empty_pairs(capacity: int) -> Pairs:
    """Return a table for `capacity` cells (a power of two), all free."""
    key, head = (np.full(capacity, NONE, dtype=np.int64) for _ in range(2))
    return Pairs(key, head, np.zeros(1, dtype=np.int64))


def moved_columns(old: Columns, *, first: int, end: int, capacity: int) -> Columns:
    """Return columns of `capacity` rows holding the events `first <= seq < end` of `old`."""
    new = empty_columns(capacity)
    seqs = np.arange(first, end)
    source, target = seqs & (len(old.ts) - 1), seqs & (capacity - 1)
    columns: tuple[tuple[NDArray[np.generic], NDArray[np.generic]], ...] = tuple(zip(old, new, strict=True))
    for before, after in columns:
        after[target] = before[source]
    return new


def empty_nodes(capacity: int) -> Nodes:
    """Return node columns for `capacity` nodes of each kind: no history, never seen, never listed."""
    fill = {name: NONE for name in Nodes._fields if name.endswith(("_head", "_epoch"))}
    fill |= {"acct_hash": 0, "acct_public": 0, "acct_bits": 0}
    width = {"acct_epoch": EPOCHS, "acct_bits": EPOCHS * WORDS}
    return Nodes(
        *(np.full(width.get(name, 1) * capacity, fill.get(name, NEVER), dtype=np.int64) for name in Nodes._fields)
    )


def grown_nodes(old: Nodes, capacity: int) -> Nodes:
    """Return `old` extended to `capacity` nodes."""
    new = empty_nodes(capacity)
    for before, after in zip(old, new, strict=True):
        after[: len(before)] = before
    return new
