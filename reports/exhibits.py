"""The exhibits of a report: cited events fetched from the log, numbered, hashed, and turned into citations."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from graph.codec import content_hash, encode_event
from graph.events import Event, Movement, tie_of
from graph.evidence import EVIDENCE_LIMIT, Evidence, Params
from graph.log.protocol import LogEntry
from reports.record import AnnexFact, AnnexTransaction, AsOf, Digest, Statement
from reports.sources import EventReader

UNAVAILABLE = "basis_unavailable"


class Exhibits:
    """Collects events by id up to the report's position; `cite` then names those that are really there.

    Call `collect` for everything that will be cited, most important first; at most `limit` movements are kept. Ids
    that the log does not know, learned after the position, or over the limit are counted, not hidden.
    """

    def __init__(self, events: EventReader, *, as_of: AsOf, limit: int) -> None:
        self._events, self._as_of, self._limit = events, as_of, limit
        self._found: dict[str, LogEntry] = {}
        self._seen: set[str] = set()
        self._movements = 0
        self.unknown: list[str] = []
        self.later = 0
        self.over_limit = 0

    def collect(self, event_ids: Iterable[str]) -> None:
        """Fetch the events not seen yet."""
        for event_id in event_ids:
            if event_id in self._seen:
                continue
            self._seen.add(event_id)
            if self._movements >= self._limit and event_id.startswith("tx:"):
                self.over_limit += 1
                continue
            entry = self._events.event(event_id)
            if entry is None:
                self.unknown.append(event_id)
            else:
                self.add(entry)

    def add(self, entry: LogEntry) -> None:
        """Keep an entry that is at hand already."""
        self._seen.add(entry.event.event_id)
        if entry.event.event_id in self._found:
            return
        if entry.offset > self._as_of.position:
            self.later += 1
            return
        self._movements += isinstance(entry.event, Movement)
        self._found[entry.event.event_id] = entry

    def movement(self, event_id: str) -> Movement | None:
        """The cited movement with this event id, if it is at hand."""
        entry = self._found.get(event_id)
        return entry.event if entry is not None and isinstance(entry.event, Movement) else None

    def movements(self) -> list[Movement]:
        """Every cited movement in canonical order."""
        return [entry.event for entry in self._ordered() if isinstance(entry.event, Movement)]

    def cite(self, event_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of `event_ids` that are in the annex, in canonical order, each once."""
        known = [self._found[event_id].event for event_id in dict.fromkeys(event_ids) if event_id in self._found]
        return tuple(event.event_id for event in sorted(known, key=_canonical))

    def say(
        self, code: str, params: Params = (), event_ids: Iterable[str] = (), *, total: int = 0, basis: str = UNAVAILABLE
    ) -> Statement:
        """A statement that cites `event_ids`; where none of them is at hand, its reason is `basis`."""
        cited = self.cite(event_ids)
        if not cited:
            return Statement(code, params, basis=basis)
        return Statement(code, params, cited[:EVIDENCE_LIMIT], max(total, len(cited)))

    def state(self, evidence: Evidence) -> Statement:
        """A piece of evidence as a statement."""
        return self.say(evidence.code, evidence.params, evidence.event_ids, total=evidence.total_events)

    def transactions(self) -> tuple[AnnexTransaction, ...]:
        """The transactions annex, in canonical order, numbered from 1."""
        rows = ((entry, entry.event) for entry in self._ordered())
        movements = [(entry, event) for entry, event in rows if isinstance(event, Movement)]
        return tuple(
            AnnexTransaction(
                number,
                event.event_id,
                event.ts,
                event.source,
                event.target,
                event.amount_cents,
                event.currency,
                str(event.kind),
                event.channel,
                event.device,
                event.ip,
                event.ip_port,
                event.domain,
                event.operator,
                entry.offset,
                entry.learned_at,
                _hash(event),
            )
            for number, (entry, event) in enumerate(movements, 1)
        )

    def facts(self) -> tuple[AnnexFact, ...]:
        """The annex of other events, in canonical order, numbered from 1."""
        entries = [entry for entry in self._ordered() if not isinstance(entry.event, Movement)]
        return tuple(
            AnnexFact(
                number,
                entry.event.event_id,
                encode_event(entry.event)[0],
                entry.event.ts,
                _content(entry.event),
                entry.offset,
                entry.learned_at,
                _hash(entry.event),
            )
            for number, entry in enumerate(entries, 1)
        )

    def digest(self) -> Digest:
        """SHA-256 over the cited events: one line `offset event_id content_hash` each, by offset."""
        hasher = sha256()
        for entry in sorted(self._found.values(), key=lambda entry: entry.offset):
            hasher.update(f"{entry.offset} {entry.event.event_id} {_hash(entry.event)}\n".encode())
        return Digest("cited_events", "sha256", hasher.hexdigest())

    def _ordered(self) -> list[LogEntry]:
        return sorted(self._found.values(), key=lambda entry: _canonical(entry.event))


def _canonical(event: Event) -> tuple[int, int, str]:
    return event.ts, tie_of(event.event_id), event.event_id


def _hash(event: Event) -> str:
    return content_hash(*encode_event(event)).hex()


def _content(event: Event) -> tuple[tuple[str, str], ...]:
    skipped = {"event_id", "ts"}
    fields = (name for cls in type(event).__mro__ for name in getattr(cls, "__annotations__", ()))
    values = ((name, getattr(event, name)) for name in dict.fromkeys(fields) if name not in skipped)
    return tuple((name, _text(value)) for name, value in values if value not in (None, "", ()))


def _text(value: object) -> str:
    return value.id if hasattr(value, "id") else str(value)
