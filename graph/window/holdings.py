"""Which accounts are stated to hold which identifiers, since when: facts that do not expire.

Each identifier keeps its `HOLDERS` earliest accounts and each account its `OWN` earliest identifiers, ordered by time
and hash. The earliest few of a set are the same in whatever order its members arrive, and what is kept stays small
however many accounts share an identifier.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I32, I64, NEVER, NONE
from graph.window.compiled import kernel

HOLDERS = 16
OWN = 4


class Holdings(NamedTuple):
    """Cells i * HOLDERS.. of the next two belong to identifier i, i * OWN.. of the last two to account i.

    Unused cells are NEVER and NONE.
    """

    hash: I64  # of the identifier's id, the same in every process
    since: I64
    account: I32
    own_since: I64
    own: I32


def empty_holdings(capacity: int) -> Holdings:
    """Return holdings of nobody, with room for `capacity` identifiers and as many accounts."""
    since, own_since = (np.full(width * capacity, NEVER, dtype=np.int64) for width in (HOLDERS, OWN))
    account, own = (np.full(width * capacity, NONE, dtype=np.int32) for width in (HOLDERS, OWN))
    return Holdings(np.zeros(capacity, dtype=np.int64), since, account, own_since, own)


def grown_holdings(old: Holdings, capacity: int) -> Holdings:
    """Return `old` extended to `capacity`."""
    new = empty_holdings(capacity)
    pairs: tuple[tuple[NDArray[np.generic], NDArray[np.generic]], ...] = tuple(zip(old, new, strict=True))
    for before, after in pairs:
        after[: len(before)] = before
    return new


@kernel
def _keep_earliest(since: I64, who: I32, ts: int, number: int, hashes: I64) -> bool:
    """Put `number` since `ts` among the earliest; False if nothing changed."""
    at = len(since) - 1  # the cell to be overwritten: the old place of `number`, or the last
    known = False
    for i in range(len(since)):
        if who[i] == number:
            at, known = i, True
            break
    full = not known and since[at] != NEVER
    if (known and since[at] <= ts) or (
        full and (since[at] < ts or (since[at] == ts and hashes[who[at]] <= hashes[number]))
    ):
        return False
    while at > 0 and (since[at - 1] > ts or (since[at - 1] == ts and hashes[who[at - 1]] > hashes[number])):
        since[at], who[at] = since[at - 1], who[at - 1]
        at -= 1
    since[at], who[at] = ts, number
    return True


@kernel
def note_holding(h: Holdings, account: int, identifier: int, ts: int, accounts: I64) -> bool:
    """Note that `account` holds `identifier` since `ts`; False if that changes nothing. `accounts` are hashes."""
    i, j = identifier * HOLDERS, account * OWN
    kept = _keep_earliest(h.since[i : i + HOLDERS], h.account[i : i + HOLDERS], ts, account, accounts)
    owned = _keep_earliest(h.own_since[j : j + OWN], h.own[j : j + OWN], ts, identifier, h.hash)
    return kept or owned


@kernel
def holders(h: Holdings, identifier: int, ts: int) -> int:
    """Accounts that held `identifier` by `ts`, at most HOLDERS."""
    count = 0
    while count < HOLDERS and h.since[identifier * HOLDERS + count] <= ts:
        count += 1
    return count
