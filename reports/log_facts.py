"""Facts about operators, domains and lists straight from the event log, by one pass over it."""

from __future__ import annotations

from graph.events import DomainObservation, Event, IndicatorListed, NodeKind, OperatorFact
from graph.log.protocol import LogEntry
from reports.sources import EntryReader


class LogFacts:
    """A `FactReader` over a log: reads it once, on the first question, up to `position`.

    Keeps operator facts, domain observations and listings in memory (they are few beside movements), nothing else.
    """

    def __init__(self, log: EntryReader, *, position: int) -> None:
        self._log, self._position = log, position
        self._index: dict[tuple[str, str], list[LogEntry]] | None = None

    def about(self, label: str, node_id: str) -> tuple[LogEntry, ...]:
        """Entries that mention the node, by rising offset."""
        if self._index is None:
            self._index = self._scan()
        return tuple(self._index.get((label, node_id), ()))

    def _scan(self) -> dict[tuple[str, str], list[LogEntry]]:
        index: dict[tuple[str, str], list[LogEntry]] = {}
        for entry in self._log.read(after=0, limit=self._position):
            if entry.offset > self._position:
                break
            for node in mentioned(entry.event):
                index.setdefault(node, []).append(entry)
        return index


def mentioned(event: Event) -> tuple[tuple[str, str], ...]:
    """The (label, id) nodes that a fact is about; empty for movements, accesses, attempts and labels."""
    if isinstance(event, OperatorFact):
        nodes = [
            (NodeKind.OPERATOR, event.operator),
            (NodeKind.DOMAIN, event.domain),
            (NodeKind.ACCOUNT, event.account),
        ]
    elif isinstance(event, DomainObservation):
        nodes = [(NodeKind.DOMAIN, event.domain), (NodeKind.IP, event.ip)]
    elif isinstance(event, IndicatorListed):
        nodes = [(event.entity_kind, event.entity_id)]
    else:
        return ()
    return tuple((str(kind), node_id) for kind, node_id in nodes if node_id is not None)
