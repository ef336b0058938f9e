"""Which events came later than the bound: how far behind the newest event of the log they happened."""

from __future__ import annotations

from collections.abc import Sequence

from graph.events import GovernanceChanged, LabelGiven
from graph.log.protocol import LogEntry
from ledger.records import LateEvent

MINUTE_MS = 60_000


class Lateness:
    """Follows the log entry by entry. Lateness is a fact about the log: the same at any replay and any cut of batches.

    Inside the bound events may come in any order and the result is simply the result; beyond it, what they change was
    given before and is a correction.
    """

    def __init__(self, bound_ms: int) -> None:
        self._bound_ms, self._newest = bound_ms, 0

    def begin(self, newest_ts: int) -> None:
        """Go on behind entries of which the newest happened at `newest_ts` (UTC epoch ms)."""
        self._newest = newest_ts

    def late(self, entries: Sequence[LogEntry]) -> tuple[LateEvent, ...]:
        """Return those of the next entries that came late; labels and what people govern never do."""
        found = []
        for entry in entries:
            event = entry.event
            if isinstance(event, LabelGiven | GovernanceChanged):
                continue
            behind = self._newest - event.ts
            if behind > self._bound_ms:
                found.append(LateEvent(event.event_id, event.ts, behind))
            elif behind < 0:
                self._newest = event.ts
        return tuple(found)
