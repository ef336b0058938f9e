"""What a completed pattern is called, how it is written down, and which movements can be part of one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.window.columns import I64, KIND_BET, KIND_LINK

HIT_FAN_IN, HIT_FAN_OUT, HIT_GATHER_SCATTER, HIT_CYCLE, HIT_LAYERED, HIT_SCATTER_GATHER, HIT_OPPOSITE = range(7)

#: Movements one hit may consist of; more are not written down.
MAX_EDGES = 64


class HitTable(NamedTuple):
    """Room for hits: hit h belongs to `seqs[owner[h]]`, is of `kind[h]` and consists of `edges[h, :size[h]]`."""

    owner: I64
    kind: I64
    size: I64
    edges: NDArray[np.int64]  # int64[room, MAX_EDGES + 1]


def empty_table(room: int) -> HitTable:
    """A table for `room` hits."""
    owner, kind, size = (np.empty(room, dtype=np.int64) for _ in range(3))
    return HitTable(owner, kind, size, np.empty((room, MAX_EDGES + 1), dtype=np.int64))


@njit(cache=True)
def is_transfer(kind: int) -> bool:
    """Whether a movement of `kind` passes money on: neither a bare link nor a bet."""
    return kind < KIND_LINK and kind != KIND_BET
