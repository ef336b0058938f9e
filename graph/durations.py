"""How long steps took, counted between bounds: enough for a chart, and nothing is kept of any single one."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

#: Upper bounds, seconds: from an answer nobody notices to a store that is hardly there.
BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Durations:
    """Counts by `BOUNDS_S` and the sum. One thread adds at a time; any may read."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_S) + 1)  # the last one for whatever took longer
        self.sum_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one step that took `seconds`."""
        self._counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_seconds += seconds

    def up_to(self) -> list[tuple[float, int]]:
        """How many took at most so long, for every bound; the last one is infinite."""
        return list(zip((*BOUNDS_S, float("inf")), accumulate(self._counts), strict=True))
