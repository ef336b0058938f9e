"""The window's memory: one row of numpy columns per event, linked into per-node histories.

Events are numbered by arrival (`seq`); row = seq % capacity (a power of two), so old rows are reused. An account's
history is a linked list of *incidences* (`2 * seq + role`, role 0 = source or actor, 1 = target) in canonical order
`(ts, tie)`; devices, addresses and betting markets have such lists of events. A list is walked backwards from an
event's own predecessor, which makes every answer "as of" that event, however late it arrived.
"""

from __future__ import annotations

from typing import NamedTuple

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
    prev_dev: I64
    prev_ip: I64
    prev_mkt: I64


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
    dom_first: I64
    dom_registered: I64
    dom_observed: I64
    dom_block: I64
    dom_watch: I64
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
    i8, i32, i64 = np.int8, np.int32, np.int64
    types = {"kind": i8} | dict.fromkeys(("src", "dst", "dev", "ip", "dom", "op", "mkt", "side", "mark", "ctx"), i32)
    return Columns._make(np.zeros(capacity, dtype=types.get(name, i64)) for name in Columns._fields)


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
