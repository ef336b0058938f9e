"""The event log: the one place where facts arrive, and the only truth; everything else is a projection of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.events import Event


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event with its place in the log (dense, from 1) and when we learned it (UTC epoch ms)."""

    offset: int
    learned_at: int
    event: Event


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same event id came again with other content: the first stands, the other is kept here as evidence."""

    event_id: str
    first_offset: int
    first_hash: str
    other_hash: str
    other: Event
    learned_at: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of the events given to `append`."""

    entries: tuple[LogEntry, ...]
    repeats: int
    conflicts: tuple[Conflict, ...]


class EventLog(Protocol):
    """Append-only log of events.

    Guarantees: offsets are dense and start at 1; an event id appears once; appending the same event again changes
    nothing; the same id with other content keeps the first and records a conflict; a batch is appended whole or not
    at all; what `append` returned survives a killed process; entries read back equal those appended; an altered
    entry is detected when read.
    """

    @property
    def log_id(self) -> str:
        """Random id given when the log was created; stores carry it so that they are never mixed up."""
        ...

    def append(
        self, events: Sequence[Event], *, learned_at: int, source: str = "", source_position: int | None = None
    ) -> Appended:
        """Append events in the given order; with `source`, its position is stored in the same transaction."""
        ...

    def source_position(self, source: str) -> int | None:
        """Last position stored for `source`, or None."""
        ...

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[LogEntry]:
        """Yield entries with offset > `after` in order, holding a bounded number in memory."""
        ...

    def event(self, event_id: str) -> LogEntry | None:
        """The entry with this event id, or None."""
        ...

    def head(self) -> int:
        """Offset of the newest entry; 0 when empty."""
        ...

    def chain_at(self, offset: int) -> str:
        """Hash (hex) of the entry at `offset`, which covers all before it; of the log itself for 0."""
        ...

    def conflicts(self) -> Iterator[Conflict]:
        """Yield every recorded conflict, oldest first."""
        ...

    def close(self) -> None: ...
