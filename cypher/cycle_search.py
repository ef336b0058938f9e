"""Compiled search for rising cycles in a table of movements: every hop later than the one before, all within a window.

For each movement a -> b the accounts that pay a (late enough, within the window) are marked with the latest moment at
which they do so, and those that pay them likewise; the search forward from b then only follows hops from which the
remaining ones can lead back. An account with too many counterparties takes no part: whoever calls says which.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

I64 = NDArray[np.int64]

LONGEST = 6
STEPS = 200_000  # hops tried for one first movement
NEVER = np.int64(-(2**62))


@njit(cache=True)
def _first_after(times: I64, low: int, high: int, moment: int) -> int:
    """First place in times[low:high] with a time above `moment`."""
    while low < high:
        middle = (low + high) // 2
        if times[middle] > moment:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def _mark(
    account: int, after: int, until: int, by_target: I64, starts: I64, source: I64, times: I64, late: I64, marked: I64
) -> int:
    """Set late[x] to the latest moment in (after, until] at which x pays `account`; return how many were marked.

    `times` are those of `by_target`'s movements.
    """
    count = 0
    place = _first_after(times, starts[account], starts[account + 1], after)
    while place < starts[account + 1] and times[place] <= until:
        payer = source[by_target[place]]
        if late[payer] == NEVER:
            marked[count] = payer
            count += 1
        if times[place] > late[payer]:
            late[payer] = times[place]
        place += 1
    return count


@njit(cache=True)
def find_cycles(
    source: I64,
    target: I64,
    ts: I64,
    cents: I64,
    by_source: I64,
    source_starts: I64,
    by_target: I64,
    target_starts: I64,
    left_out: NDArray[np.bool_],
    first: int,
    last: int,
    lengths: tuple[int, int],
    window_ms: int,
    tolerance_bp: int,
    found: I64,
) -> tuple[int, int, int]:
    """Write the cycles that begin with movements first..last-1 as rows of `found` (-1 beyond a cycle's length).

    Returns (how many, the movement to go on with, how many first movements met the step budget); the second is below
    `last` when `found` was full. `tolerance_bp` below 0: amounts do not matter. All arrays are int64, movements in time
    order; `by_source` and `by_target` are places grouped by account, in time order.
    """
    accounts = len(source_starts) - 1
    late1 = np.full(accounts, NEVER, dtype=np.int64)
    late2 = np.full(accounts, NEVER, dtype=np.int64)
    marked1 = np.empty(accounts, dtype=np.int64)
    marked2 = np.empty(accounts, dtype=np.int64)
    out_times, in_times = ts[by_source], ts[by_target]
    path = np.empty(LONGEST, dtype=np.int64)
    at = np.empty(LONGEST, dtype=np.int64)
    shortest, longest = lengths
    count, cut = 0, 0
    for start in range(first, last):
        home, moment = source[start], ts[start]
        until = moment + window_ms
        if left_out[home] or left_out[target[start]]:
            continue
        before = count
        n1 = _mark(home, moment, until, by_target, target_starts, source, in_times, late1, marked1)
        if n1 == 0:
            continue
        n2 = 0
        if longest > 3:
            for index in range(n1):
                payer = marked1[index]
                if left_out[payer]:
                    continue
                place = _first_after(in_times, target_starts[payer], target_starts[payer + 1], moment)
                while place < target_starts[payer + 1] and in_times[place] < late1[payer]:
                    who = source[by_target[place]]
                    if late2[who] == NEVER:
                        marked2[n2] = who
                        n2 += 1
                    if in_times[place] > late2[who]:
                        late2[who] = in_times[place]
                    place += 1
        depth, steps, full = 1, 0, False
        path[0] = start
        at[0] = _first_after(out_times, source_starts[target[start]], source_starts[target[start] + 1], moment)
        while depth > 0 and not full:
            here = target[path[depth - 1]]
            place = at[depth - 1]
            if place >= source_starts[here + 1] or out_times[place] > until:
                depth -= 1
                continue
            at[depth - 1] = place + 1
            steps += 1
            if steps > STEPS:
                cut += 1
                break
            edge = by_source[place]
            if tolerance_bp >= 0:
                known = cents[path[depth - 1]]
                if abs(cents[edge] - known) * 10_000 > known * tolerance_bp:
                    continue
            there = target[edge]
            if there == home:
                if depth + 1 >= shortest:
                    if count == len(found):
                        full = True
                        break
                    for index in range(depth):
                        found[count, index] = path[index]
                    found[count, depth] = edge
                    for index in range(depth + 1, LONGEST):
                        found[count, index] = -1
                    count += 1
                continue
            left = longest - depth - 1  # hops after this one
            if left < 1 or left_out[there]:
                continue
            if left == 1 and late1[there] <= ts[edge]:
                continue
            if left == 2 and late1[there] <= ts[edge] and late2[there] <= ts[edge]:
                continue
            seen = False
            for index in range(depth):
                if target[path[index]] == there:
                    seen = True
            if seen:
                continue
            path[depth] = edge
            at[depth] = _first_after(out_times, source_starts[there], source_starts[there + 1], ts[edge])
            depth += 1
        for index in range(n1):
            late1[marked1[index]] = NEVER
        for index in range(n2):
            late2[marked2[index]] = NEVER
        if full:
            return before, start, cut
    return count, last, cut
