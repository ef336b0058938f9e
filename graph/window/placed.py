"""Movements as plain columns: ends, time, place in the canonical order, amount and kind."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I32, I64
from graph.window.kernels import LAST_MOVEMENT
from graph.window.window import Window


class Placed(NamedTuple):
    """Columns of n movements: `ts` (epoch ms) and `tie` are their place in the canonical order."""

    ts: I64
    tie: I64
    source: I32
    target: I32
    cents: I64
    kind: I32

    def at(self, rows: NDArray[Any]) -> Placed:
        """Some of them: by place or by mask."""
        return Placed(*(column[rows] for column in self))


def placed(window: Window, seqs: I64) -> Placed:
    """The movements `seqs`, which must still be in the window, in their order."""
    cols, at = window._cols, seqs & window._mask
    return Placed(cols.ts[at], cols.tie[at], cols.src[at], cols.dst[at], cols.cents[at], cols.kind[at].astype(np.int32))


def standing(window: Window) -> I64:
    """All movements that the window holds now, in canonical order; what lies before its horizon is forgotten first."""
    window._expire()
    seqs = np.arange(window.first, window.end, dtype=np.int64)
    at = seqs & window._mask
    kept = (window._cols.kind[at] <= LAST_MOVEMENT) & (window._cols.ts[at] > 0)  # what the bound dropped has no time
    seqs, at = seqs[kept], at[kept]
    found: I64 = seqs[np.lexsort((window._cols.tie[at], window._cols.ts[at]))]
    return found


def answerable(window: Window, seqs: I64) -> I64:
    """Those of `seqs` that the window still answers about."""
    found: I64 = seqs[seqs >= max(window.first, window._bound.settled)]
    return found


def cut_before(window: Window) -> int:
    """Time (epoch ms) before which the bound of memory dropped movements at fixed places of the log."""
    return int(window._bound.since_ms)


def oldest_mark(window: Window) -> int | None:
    """The smallest mark that a movement in the window can carry; None while it is empty."""
    if window.first == window.end:
        return None
    return int(window._cols.mark[window.first & window._mask])
