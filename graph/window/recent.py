"""Which earlier events a signal rests on, named for whoever asks why."""

from __future__ import annotations

from typing import NamedTuple

from graph.window.columns import I8, I32, I64, KIND_AUTH_FAILED, NONE
from graph.window.compiled import kernel
from graph.window.features import WALK_LIMIT
from graph.window.kernels import DAY, LAST_MOVEMENT, LOOKBACK


class Trail(NamedTuple):
    """The columns that a look back reads; `prev_other` is the history of devices or of addresses."""

    ts: I64
    src: I32
    kind: I8
    prev_src: I64
    prev_dst: I64
    prev_other: I64


@kernel
def recent_events(trail: Trail, seqs: I64, first: int, look: int, found: I64, counts: I64) -> None:
    """Write into `found[i, :counts[i]]` seqs of events before `seqs[i]` that `look` (`graph.window.records.Look`) asks
    for, newest first."""
    for i in range(len(seqs)):
        if look == 3 or look == 4:
            counts[i] = _others(trail, seqs[i], first, found[i])
        else:
            counts[i] = _own(trail, seqs[i], first, look, found[i])


@kernel
def _others(trail: Trail, seq: int, first: int, found: I64) -> int:
    """Uses of the movement's device or address by other accounts."""
    mask = len(trail.ts) - 1
    row = seq & mask
    count, steps = 0, 0
    link = trail.prev_other[row]
    while link != NONE and link >= first and count < len(found) and steps < WALK_LIMIT:
        if trail.ts[row] - trail.ts[link & mask] > LOOKBACK:
            break
        steps += 1
        if trail.src[link & mask] != trail.src[row]:
            found[count] = link
            count += 1
        link = trail.prev_other[link & mask]
    return count


@kernel
def _own(trail: Trail, seq: int, first: int, look: int, found: I64) -> int:
    """Events of the source's history, or of the target's."""
    mask = len(trail.ts) - 1
    row = seq & mask
    count, steps = 0, 0
    reach = 3 * DAY if look < 3 else DAY
    current = trail.prev_dst[row] if look == 2 else trail.prev_src[row]
    wanted = 0 if look == 0 or look == 5 else 1
    while current != NONE and (current >> 1) >= first and count < len(found) and steps < WALK_LIMIT:
        other = (current >> 1) & mask
        if trail.ts[row] - trail.ts[other] > reach:
            break
        steps += 1
        role = current & 1
        kind = trail.kind[other]
        fits = kind == KIND_AUTH_FAILED if look == 5 else kind <= LAST_MOVEMENT
        if role == wanted and fits and (current >> 1) != seq:
            found[count] = current >> 1
            count += 1
        current = trail.prev_src[other] if role == 0 else trail.prev_dst[other]
    return count
