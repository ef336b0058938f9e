"""When people are active: a span of days with a daily and a weekly rhythm, and moments drawn from it.

Honest and planted events take their hour from the same rhythm, so that the time of day tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LOCAL_OFFSET_MS = -3 * HOUR_MS  # Brasilia, which has no summer time since 2019

#: Relative activity by local hour: quiet nights, a noon shoulder, an evening peak with the matches.
_BY_HOUR = (30, 18, 11, 8, 8, 12, 24, 42, 58, 66, 72, 80, 92, 84, 78, 80, 86, 98, 116, 134, 140, 126, 92, 56)
#: Relative activity by weekday, Monday first: matches are played midweek and at the weekend.
_BY_WEEKDAY = (90, 92, 104, 96, 102, 124, 128)
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Calendar:
    """A span of whole days from `start_ms` (UTC epoch ms).

    `shares` (float64, one per hour boundary) is the part of all activity that lies before that hour; `of_day` (25
    values) the same within one local day.
    """

    start_ms: int
    days: int
    shares: NDArray[np.float64]
    of_day: NDArray[np.float64]

    @classmethod
    def spanning(cls, start_ms: int, days: int) -> Calendar:
        hours = np.arange(days * 24, dtype=np.int64) + (start_ms + LOCAL_OFFSET_MS) // HOUR_MS
        weekday = (hours // 24 + 3) % 7  # 1970-01-01 was a Thursday
        activity = np.asarray(_BY_HOUR, dtype=np.float64)[hours % 24] * np.asarray(_BY_WEEKDAY)[weekday]
        shares = np.concatenate(([0.0], np.cumsum(activity) / activity.sum()))
        of_day = np.concatenate(([0.0], np.cumsum(_BY_HOUR) / sum(_BY_HOUR)))
        return cls(start_ms, days, shares, of_day)

    @property
    def end_ms(self) -> int:
        """First moment after the span."""
        return self.start_ms + self.days * DAY_MS

    def moment_of(self, share: float) -> int:
        """As `moments`, for one share."""
        return int(self.moments(np.asarray([share]))[0])

    def moments(self, shares: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the times (epoch ms) at which the given parts of all activity, each in [0, 1), have passed."""
        hours = np.interp(shares, self.shares, np.arange(len(self.shares), dtype=np.float64))
        return self.start_ms + (hours * HOUR_MS).astype(np.int64)

    def after(self, ts: int, delay_ms: float) -> int:
        """Return the moment that comes `delay_ms` of average activity after `ts`: nights pass slowly, evenings fast.

        May lie past the end of the span.
        """
        hours = np.arange(len(self.shares), dtype=np.float64)
        share = float(np.interp((ts - self.start_ms) / HOUR_MS, hours, self.shares)) + delay_ms / (self.days * DAY_MS)
        if share >= 1.0:
            return self.end_ms + int((share - 1.0) * self.days * DAY_MS)
        return self.moment_of(share)

    def moment(self, day: int, quantile: float) -> int:
        """Return the time on local day `day` of the span when the part `quantile` of the day's activity has passed."""
        midnight = (self.start_ms + LOCAL_OFFSET_MS) // DAY_MS * DAY_MS - LOCAL_OFFSET_MS
        hour = float(np.interp(quantile, self.of_day, np.arange(25, dtype=np.float64)))
        return max(midnight + day * DAY_MS + int(hour * HOUR_MS), self.start_ms)

    def day_of(self, ts: int) -> int:
        """Return the number of the local day since 1970."""
        return (ts + LOCAL_OFFSET_MS) // DAY_MS


def even_quantiles(first: float) -> Iterator[float]:
    """Yield quantiles in [0, 1) that cover the day evenly however few are taken (golden-ratio sequence)."""
    current = first % 1.0
    while True:
        yield current
        current = (current + GOLDEN) % 1.0
