"""Read a whole source into one value that tests can look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from graph.events import Event, IndicatorListed, LabelGiven, Movement
from graph.identity import IdentifierKeys
from graph.set_aside import SetAside
from ingest.formats import open_source
from ingest.loaders.loading import FileSource

KEYS = IdentifierKeys("k1", bytes(range(32)))
NOW_MS = 1_793_000_000_000  # 2026-10-26


@dataclass
class Reading:
    """Everything a source gave, in order."""

    source: FileSource
    events: list[Event] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    @property
    def movements(self) -> list[Movement]:
        return [event for event in self.events if isinstance(event, Movement)]

    @property
    def labels(self) -> list[LabelGiven]:
        return [event for event in self.events if isinstance(event, LabelGiven)]

    @property
    def listed(self) -> list[IndicatorListed]:
        return [event for event in self.events if isinstance(event, IndicatorListed)]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(row.line, row.reason) for row in self.set_aside]

    def movement(self, tx_id: str) -> Movement:
        (found,) = (movement for movement in self.movements if movement.tx_id == tx_id)
        return found


def read(path: Path, *, form: str | None = None, size: int = 1_000, now_ms: int = NOW_MS) -> Reading:
    """Read the path; check on the way what every source guarantees about batches."""
    source = open_source(path, format=form, keys=KEYS, now_ms=now_ms)
    result = Reading(source)
    position = 0
    for batch in source.batches(size):
        assert batch.position >= position
        assert batch.rows <= size or not batch.events
        position = batch.position
        result.events += batch.events
        result.set_aside += batch.set_aside
        result.dropped.update(dict(batch.dropped))
        result.rows += batch.rows
    times = [event.ts for event in result.events]
    assert times == sorted(times), "events come in time order"
    return result
