"""The hash chain over the log: every entry's hash covers the one before it, so that none can change, vanish or move.

An entry's `chain` is BLAKE2b-16 of (chain before, offset, content hash, learned at). The chain before the first entry
comes from the log's id, so that entries of two logs cannot be exchanged either.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct
from struct import error as StructError

import msgspec

from graph.codec import content_hash

HASH_BYTES = 16
_LINK = Struct(">16sq16sq")

#: (offset, learned_at, event_id, type name, canonical JSON, content hash, chain)
Row = tuple[int, int, str, str, bytes, bytes, bytes]


class _Identified(msgspec.Struct):
    event_id: str


_IDENTIFIED = msgspec.json.Decoder(_Identified)


def first_chain(log_id: str) -> bytes:
    """Return the 16 bytes that stand before the first entry of this log."""
    return blake2b(b"tarrafa log " + log_id.encode(), digest_size=HASH_BYTES).digest()


def next_chain(before: bytes, *, offset: int, content: bytes, learned_at: int) -> bytes:
    """Return the chain hash of the entry that follows `before`."""
    return blake2b(_LINK.pack(before, offset, content, learned_at), digest_size=HASH_BYTES).digest()


def fault(row: Row, *, after: int, before: bytes) -> str | None:
    """Say what is wrong with `row` as the one that follows offset `after` with chain `before`; None when nothing is."""
    offset, learned_at, _, name, data, content, chain = row
    if offset != after + 1:
        return "entry is missing"
    try:
        if content_hash(name, data) != content:
            return "content differs from its recorded hash"
        if next_chain(before, offset=offset, content=content, learned_at=learned_at) != chain:
            return "entry, its time or its place differs from what was recorded"
    except (AttributeError, TypeError, StructError) as error:  # SQLite keeps any type in any column
        return f"a column holds something else: {error}"
    return None


def misfiled(row: Row) -> str | None:
    """Say so when the entry is filed under another event id than its own; None when it is not."""
    try:
        own = _IDENTIFIED.decode(row[4]).event_id
    except msgspec.MsgspecError as error:
        return f"content is not an event: {error}"
    return None if own == row[2] else "entry is filed under another event id"


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What a walk over the whole log found.

    `entries` counts the sound ones before the first fault, `first_bad` is the offset of that fault and `problem` says
    what it is. `chain` is the hash (hex) of the last sound entry: noted elsewhere, it proves the log up to there.
    """

    entries: int
    chain: str
    first_bad: int | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """True when every entry is as it was recorded and none is missing."""
        return self.first_bad is None
