"""Which movements a store keeps one by one: the newest, as many as it is told to hold.

The rule names a set of movements and nothing about how they came: from the newest hour backwards, whole hours for as
long as together they hold no more than `keep` movements (the newest hour always). So any order and any batches end in
the same graph. The rest is in the log, and in the sums on nodes and aggregated links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

HOUR_MS: Final = 3_600_000


class KeptMovements:
    """Counts per hour of the movements that belong in the store; `keep` None keeps all."""

    def __init__(self, keep: int | None) -> None:
        self._keep = keep
        self._hours: Counter[int] = Counter()
        self.count = 0  # movements that belong in the store
        self.left = 0  # movements that were counted before and belong there no longer
        self.since_ms = 0  # the oldest moment that is kept

    def state(self) -> tuple[dict[int, int], int, int, int]:
        """Everything counted, for `restored`."""
        return dict(self._hours), self.count, self.left, self.since_ms

    @classmethod
    def restored(cls, keep: int | None, state: tuple[dict[int, int], int, int, int]) -> KeptMovements:
        """The counts that `state` gave."""
        kept = cls(keep)
        kept._hours = Counter(state[0])
        kept.count, kept.left, kept.since_ms = state[1:]
        return kept

    def add(self, times: Iterable[int]) -> None:
        """Count movements at `times` (epoch ms); those before `since_ms` never belong."""
        since = self.since_ms
        hours = Counter(ts // HOUR_MS for ts in times if ts >= since)
        self._hours.update(hours)
        self.count += hours.total()
        if self._keep is None or self.count <= self._keep:
            return
        for hour in sorted(self._hours):
            if self.count <= self._keep or len(self._hours) == 1:
                break
            gone = self._hours.pop(hour)
            self.count -= gone
            self.left += gone
            self.since_ms = (hour + 1) * HOUR_MS
