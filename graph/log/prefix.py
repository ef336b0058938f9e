"""The log as it was: its first entries up to a position, for reading only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.errors import StopWork
from graph.events import Event
from graph.log.protocol import Appended, Conflict, EventLog, LogEntry


class LogPrefix:
    """`graph.log.protocol.EventLog` over the entries of `log` up to offset `until`; what came later is not there.

    It is the same log: same id, same chain. `append` refuses. `until` must be between 1 and the head of the log.
    """

    def __init__(self, log: EventLog, until: int) -> None:
        if not 1 <= until <= log.head():
            raise ValueError(f"the log has no entry {until}")
        self._log, self._until = log, until
        self._learned_at = next(log.read(after=until - 1, limit=1)).learned_at

    @property
    def log_id(self) -> str:
        """Id of the whole log."""
        return self._log.log_id

    def append(self, events: Sequence[Event], *, learned_at: int, **_source: str | int | None) -> Appended:
        """Refuse: what was known at an earlier moment stands."""
        del events, learned_at
        raise StopWork("what was known at an earlier moment cannot be changed", cure="do it without --as-known-on")

    def source_position(self, source: str) -> int | None:  # noqa: ARG002
        """None: where a source stood is kept only for the whole log."""
        return None

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[LogEntry]:
        """Yield the entries of the prefix with offset > `after`, oldest first."""
        left = max(0, self._until - after)
        return self._log.read(after=after, limit=left if limit is None else min(limit, left))

    def event(self, event_id: str) -> LogEntry | None:
        """The entry with this event id, or None when it is not in the prefix."""
        found = self._log.event(event_id)
        return None if found is None or found.offset > self._until else found

    def head(self) -> int:
        """Offset of the newest entry of the prefix."""
        return self._until

    def chain_at(self, offset: int) -> str:
        """Hash of the entry at `offset` of the prefix."""
        if offset > self._until:
            raise ValueError(f"the prefix ends at {self._until}")
        return self._log.chain_at(offset)

    def conflicts(self) -> Iterator[Conflict]:
        """Yield the conflicts with entries of the prefix that were recorded by the time of its newest entry."""
        return (
            one
            for one in self._log.conflicts()
            if one.first_offset <= self._until and one.learned_at <= self._learned_at
        )

    def close(self) -> None:
        """Nothing: the whole log is closed by whoever opened it."""
