"""What a report needs to read, as small abilities; the service hands in the log, the ledger and the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph.evidence import Ring
from graph.log.protocol import LogEntry


class EventReader(Protocol):
    """Read events by id. Guarantee: an unknown id gives None, never an error."""

    def event(self, event_id: str) -> LogEntry | None: ...


class EntryReader(Protocol):
    """Read the log in order. Guarantee: entries come by rising offset, a bounded number in memory."""

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[LogEntry]: ...


class RingReader(Protocol):
    """Read rings.

    Guarantees: an unknown id gives None; a ring merged away gives its survivor; `rings_of` names the rings of each
    account that is in one.
    """

    def ring(self, ring_id: str) -> Ring | None: ...

    def rings_of(self, accounts: Sequence[str]) -> Mapping[str, Sequence[str]]: ...


class GraphReads(Protocol):
    """Run a catalogued read such as `read/account_means`; columns and limits are those of its file."""

    def read(self, name: str, **params: object) -> list[dict[str, Any]]: ...


class FactReader(Protocol):
    """Statements about operators, domains and lists.

    Guarantees: entries that mention the node `(label, id)`, by rising offset, none past the report's position; nothing
    mentioned gives an empty tuple.
    """

    def about(self, label: str, node_id: str) -> tuple[LogEntry, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budgets of one report; what they cut off is said in its limits section."""

    transactions: int = 5_000  # cited movements in the annex
    hops: int = 200  # rows of the money flow table, largest first
    links: int = 400  # rows of the links table, strongest first
    means: int = 200  # devices, addresses, sites and identifiers
    means_accounts: int = 25  # accounts whose means are asked of the graph
    footprint: int = 500  # rows of an operator's footprint
    rows_per_read: int = 2_000  # movements read per collection account


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Everything a report is made from, and the versions that decided it.

    `versions` are (part, version) pairs for rules, features and model. Reads happen while other work goes on: events
    learned after the report's position are left out, and graph aggregates are marked as such.
    """

    events: EventReader
    rings: RingReader
    graph: GraphReads
    facts: FactReader
    versions: tuple[tuple[str, str], ...]
    limits: Limits = Limits()
