"""The bound of memory: when the window would hold more than `max_events`, the oldest events go before their time.

The window looks to its bound at fixed places of the log (every `span_of` entries) and drops by time of the event, so
what is dropped is a function of the log up to there, whatever the batches, restarts or rebuilds. A dropped event gets
a time before every lookback: each walk ends there, and its row is used again once it is the oldest arrival. Movements
that arrived before the last drop are not answered again, since what they looked at may be gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.window.columns import Columns

LOOKS: Final = 32  # looks to the bound while as many events arrive as the window may hold
SPARE: Final = 4  # looks that a drop makes room for


@dataclass(frozen=True, slots=True)
class Bound:
    """Where the bound stands: events before `since_ms` were dropped, `dropped` of them inside the horizon."""

    since_ms: int = 0
    dropped: int = 0
    settled: int = 0  # movements with smaller seqs are not answered again
    span: int = -1  # number of the log's span that was looked at last


def span_of(most: int) -> int:
    """Log entries between two looks, for a window of at most `most` events."""
    return max(1, most // LOOKS)


def trimmed(bound: Bound, cols: Columns, position: int, *, first: int, end: int, oldest: int, most: int) -> Bound:
    """Return the bound before the log entry `position`; drops events of `cols` (seqs first <= seq < end) if need be.

    Events before `oldest` (ms) are beyond the horizon: they do not count.
    """
    step = span_of(most)
    span = position // step
    if span == bound.span:
        return bound
    if end - first <= most - step:
        return Bound(bound.since_ms, bound.dropped, bound.settled, span)
    rows = np.arange(first, end, dtype=np.int64) & (len(cols.ts) - 1)
    times = cols.ts[rows]
    held = times >= max(oldest, bound.since_ms)
    count = int(held.sum())
    if count <= most - step:
        return Bound(bound.since_ms, bound.dropped, bound.settled, span)
    inside = np.sort(times[held])
    since = int(inside[count - (most - SPARE * step)])
    if since == inside[0]:  # one moment holds them all: it goes, whole
        since += 1
    cols.ts[rows[times < since]] = 0
    return Bound(since, bound.dropped + int((inside < since).sum()), end, span)
