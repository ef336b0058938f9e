"""The earlier movements that carried what a trail says of a movement: the most suspicious ones around its two ends."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.propagation import DAY_MS, NEWEST, Trail

I64 = NDArray[np.int64]

MOST: Final = 3  # movements of one group
REACH_MS: Final = 30 * DAY_MS  # what every window that answers still holds
GROUPS: Final = 4  # payees and payers of the source, payees and payers of the target, as in `gnn.propagation`


def carried(trail: Trail, place: int, groups: NDArray[np.bool_]) -> I64:
    """Places of the MOST movements with the highest scores in each of the `groups` (bool[GROUPS]) that the movement at
    `place` looks back on, rising and each once; all lie before `place`, and not more than REACH_MS.
    """
    found = np.full((GROUPS, MOST), -1, dtype=np.int64)
    for group in np.flatnonzero(groups).tolist():
        _strongest(trail, place, group, found[group])
    chosen: I64 = np.unique(found[found >= 0])
    return chosen


@njit(cache=True)
def _strongest(trail: Trail, place: int, group: int, found: I64) -> None:
    """Fill `found` with places, highest score first; of equal scores the newest."""
    outward = group % 2 == 0
    end = trail.source[place] if group < 2 else trail.target[place]
    earlier = trail.newest_out[end] if outward else trail.newest_in[end]
    while earlier >= place:  # what came after it
        earlier = trail.before_out[earlier] if outward else trail.before_in[earlier]
    seen = 0
    while earlier >= 0 and seen < NEWEST and trail.ts[place] - trail.ts[earlier] < REACH_MS:
        at, slot = earlier, 0
        while slot < len(found):
            if found[slot] < 0 or trail.score[at] > trail.score[found[slot]]:
                found[slot], at = at, found[slot]
                if at < 0:
                    break
            slot += 1
        seen += 1
        earlier = trail.before_out[earlier] if outward else trail.before_in[earlier]
