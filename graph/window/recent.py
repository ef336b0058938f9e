"""Which earlier events a signal rests on, named for whoever asks why."""

from __future__ import annotations

from numba import njit

from graph.window.columns import I64, KIND_AUTH_FAILED, NONE, Columns
from graph.window.features import WALK_LIMIT
from graph.window.kernels import DAY, LAST_MOVEMENT, LOOKBACK


@njit(cache=True)
def recent_events(cols: Columns, seq: int, first: int, look: int, found: I64) -> int:
    """Write seqs of events before `seq` that `look` (see `graph.window.window.Look`) asks for; return how many."""
    mask = len(cols.ts) - 1
    row = seq & mask
    count, steps = 0, 0
    if look >= 3 and look <= 4:
        prev = cols.prev_dev if look == 3 else cols.prev_ip
        link = prev[row]
        while link != NONE and link >= first and count < len(found) and steps < WALK_LIMIT:
            if cols.ts[row] - cols.ts[link & mask] > LOOKBACK:
                break
            steps += 1
            if cols.src[link & mask] != cols.src[row]:
                found[count] = link
                count += 1
            link = prev[link & mask]
        return count
    reach = 3 * DAY if look < 3 else DAY
    current = cols.prev_dst[row] if look == 2 else cols.prev_src[row]
    wanted = 0 if look == 0 or look == 5 else 1
    while current != NONE and (current >> 1) >= first and count < len(found) and steps < WALK_LIMIT:
        other = (current >> 1) & mask
        if cols.ts[row] - cols.ts[other] > reach:
            break
        steps += 1
        role = current & 1
        kind = cols.kind[other]
        fits = kind == KIND_AUTH_FAILED if look == 5 else kind <= LAST_MOVEMENT
        if role == wanted and fits and (current >> 1) != seq:
            found[count] = current >> 1
            count += 1
        current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
    return count
