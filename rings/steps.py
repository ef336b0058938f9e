"""Where in the log the versions of rings lie: at steps that depend on the log alone, never on how it was batched.

A step ends after `every` entries, after something that people decided, at a new day of the events' own time when
`least` entries came since the last one, and at a new day of the log's clock (ADR 0031).
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.events import GovernanceChanged, LabelGiven
from graph.log.protocol import LogEntry
from graph.verdicts import PART

DAY_MS = 86_400_000
EVERY = 5_000
LEAST = 250


@dataclass(slots=True)
class StepClock:
    """How far the log was read, and where its last step ended.

    `ts` is the newest time of any event, but never beyond the moment at which it was learned: a wrong date in the
    future does not make everything old. What people decide and label is no sign of how far events have come. It never
    goes back.
    """

    every: int = EVERY
    least: int = LEAST
    last: int = 0  # offset of the last step
    position: int = 0
    ts: int = 0
    learned_at: int = 0

    def ends_before(self, entry: LogEntry) -> bool:
        """Whether a step ends at the entry before `entry`."""
        waiting = self.position - self.last
        if not waiting:
            return False
        if entry.learned_at // DAY_MS > self.learned_at // DAY_MS:
            return True
        return waiting >= self.least and self._come(entry) // DAY_MS > self.ts // DAY_MS

    def read(self, entry: LogEntry) -> bool:
        """Go on to `entry`; return whether a step ends with it."""
        self.position = entry.offset
        self.ts = max(self.ts, self._come(entry))
        self.learned_at = max(self.learned_at, entry.learned_at)
        judged = isinstance(entry.event, GovernanceChanged) and entry.event.part == PART
        return judged or self.position - self.last >= self.every

    def _come(self, entry: LogEntry) -> int:
        """How far the events' own time has come, by `entry` alone."""
        by_people = isinstance(entry.event, GovernanceChanged | LabelGiven)
        return self.ts if by_people else min(entry.event.ts, entry.learned_at)
