"""A small case to report on: a mule collection ring at an unlicensed operator, with readers that hold it in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.events import (
    DomainObservation,
    Event,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import Evidence, Member, Ring, RingKind, RingLink, Role, Signal
from graph.log.protocol import LogEntry
from reports.log_facts import LogFacts
from reports.record import AsOf
from reports.sources import CaseFacts, Limits

START = 1_767_225_600_000  # 2026-01-01 00:00 UTC
MINUTE = 60_000
VERSIONS = (("rules", "1.4.0"), ("features", "3"), ("model", "absent"))


@dataclass
class FakeLog:
    """Events by offset and by id."""

    events: list[Event] = field(default_factory=list)

    def entries(self) -> list[LogEntry]:
        return [LogEntry(offset, event.ts + 5_000, event) for offset, event in enumerate(self.events, 1)]

    def event(self, event_id: str) -> LogEntry | None:
        return next((entry for entry in self.entries() if entry.event.event_id == event_id), None)

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[LogEntry]:
        rows = [entry for entry in self.entries() if entry.offset > after]
        yield from rows if limit is None else rows[:limit]


@dataclass
class FastLog(FakeLog):
    """A log of many events with an index by id."""

    index: dict[str, LogEntry] = field(default_factory=dict)

    def event(self, event_id: str) -> LogEntry | None:
        if not self.index:
            self.index = {entry.event.event_id: entry for entry in self.entries()}
        return self.index.get(event_id)


@dataclass
class FakeRings:
    """Rings by id."""

    held: dict[str, Ring] = field(default_factory=dict)

    def ring(self, ring_id: str) -> Ring | None:
        return self.held.get(ring_id)

    def rings_of(self, accounts: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for ring in self.held.values():
            for member in ring.members:
                if member.account in accounts:
                    found.setdefault(member.account, []).append(ring.ring_id)
        return found


@dataclass
class FakeGraph:
    """Answers catalogued reads from a table of (name, id) -> rows; everything else is empty."""

    rows: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    log: FakeLog | None = None

    def read(self, name: str, **params: object) -> list[dict[str, Any]]:
        if name == "read/account_transactions" and self.log is not None:
            return [
                {"tx_id": event.tx_id, "ts": event.ts}
                for event in self.log.events
                if isinstance(event, Movement) and params["id"] in (event.source, event.target)
            ][: int(str(params["limit"]))]
        return self.rows.get((name, str(params["id"])), [])


def movement(number: int, source: str, target: str, cents: int, **more: Any) -> Movement:
    return Movement(
        event_id=f"tx:E2E{number:05d}",
        ts=START + number * MINUTE,
        source=source,
        target=target,
        amount_cents=cents,
        **more,
    )


def sent(movements: Sequence[Movement]) -> tuple[RingLink, ...]:
    """Money links of movements, one per pair."""
    pairs: dict[tuple[str, str], list[Movement]] = {}
    for event in movements:
        pairs.setdefault((event.source, event.target), []).append(event)
    return tuple(
        RingLink(
            ("Account", source),
            ("Account", target),
            "SENT",
            len(own),
            sum(event.amount_cents for event in own),
            min(event.ts for event in own),
            max(event.ts for event in own),
            tuple(event.event_id for event in own),
        )
        for (source, target), own in sorted(pairs.items())
    )


def mule_case() -> tuple[FakeLog, Ring]:
    """Nine payers, one collector, three mules, an organiser; 22 movements through one unlicensed operator's site."""
    payers = [f"acc-payer-{n:02d}" for n in range(1, 10)]
    mules = [f"acc-mule-{n}" for n in (1, 2, 3)]
    more = {"domain": "aposta-facil-777.example", "operator": "op-sorte", "ip": "100.64.12.7"}
    events: list[Movement] = []
    for n, payer in enumerate(payers):
        events.append(movement(n, payer, "acc-collector", 15_000 + 1_234 * n, ip_port=40_000 + n, **more))
        events.append(movement(10 + n, payer, "acc-collector", 9_900 + 77 * n, **more))
    for n, mule in enumerate(mules):
        events.append(
            movement(
                30 + n,
                "acc-collector",
                mule,
                70_000 + n,
                device="dev-7f3a",
                identifiers=(IdentifierRef(kind=IdentifierKind.PHONE, id="phone:k1:5d41402abc4b2a76b9719d911017c592"),),
            )
        )
        events.append(movement(60 + n, mule, "acc-boss", 69_000 + n, device="dev-7f3a", ip="203.0.113.9"))
    facts: list[Event] = [
        OperatorFact(
            event_id="fact:lic",
            ts=START - 86_400_000,
            operator="op-sorte",
            fact=OperatorFactKind.LICENCE,
            licensed=False,
        ),
        OperatorFact(
            event_id="fact:dom",
            ts=START - 80_000_000,
            operator="op-sorte",
            fact=OperatorFactKind.OWNS_DOMAIN,
            domain="aposta-facil-777.example",
        ),
        OperatorFact(
            event_id="fact:dom2",
            ts=START - 70_000_000,
            operator="op-sorte",
            fact=OperatorFactKind.OWNS_DOMAIN,
            domain="aposta-facil-778.example",
        ),
        OperatorFact(
            event_id="fact:col",
            ts=START - 60_000_000,
            operator="op-sorte",
            fact=OperatorFactKind.COLLECTS_WITH,
            account="acc-collector",
        ),
        OperatorFact(
            event_id="fact:col-other",
            ts=START - 50_000_000,
            operator="op-azar",
            fact=OperatorFactKind.COLLECTS_WITH,
            account="acc-collector",
        ),
        DomainObservation(
            event_id="dns:1",
            ts=START - 40_000_000,
            domain="aposta-facil-777.example",
            ip="198.51.100.23",
            registered_ts=START - 12 * 86_400_000,
        ),
        DomainObservation(event_id="dns:2", ts=START - 39_000_000, domain="azar-bet.example", ip="198.51.100.23"),
        OperatorFact(
            event_id="fact:azar",
            ts=START - 38_000_000,
            operator="op-azar",
            fact=OperatorFactKind.OWNS_DOMAIN,
            domain="azar-bet.example",
        ),
        IndicatorListed(
            event_id="list:1",
            ts=START - 30_000_000,
            list_name="spa-bloqueados",
            list_kind=ListKind.BLOCK,
            entity_kind=NodeKind.DOMAIN,
            entity_id="aposta-facil-777.example",
        ),
        IndicatorListed(
            event_id="list:2",
            ts=START - 20_000_000,
            list_name="watch",
            list_kind=ListKind.WATCH,
            entity_kind=NodeKind.ACCOUNT,
            entity_id="acc-boss",
        ),
    ]
    log = FakeLog([*facts, *events])
    ids = tuple(event.event_id for event in events)
    links = sent(events) + tuple(
        RingLink(
            ("Account", mule),
            ("Device", "dev-7f3a"),
            "USED_DEVICE",
            1,
            69_000 + n,
            START,
            START,
            (f"tx:E2E{60 + n:05d}",),
        )
        for n, mule in enumerate(mules)
    )
    paid = sum(event.amount_cents for event in events[:18])
    kept = sum(event.amount_cents for event in events if event.target == "acc-boss")

    def member(account: str, role: Role, *cited: str) -> Member:
        own = [event for event in events if account in (event.source, event.target)]
        reason = Evidence(f"role_{role}", (("count", len(own)), ("amount_cents", 12_345)), cited or ids[:2], len(own))
        return Member(
            account,
            role,
            0.92,
            sum(event.amount_cents for event in own if event.target == account),
            sum(event.amount_cents for event in own if event.source == account),
            min(event.ts for event in own),
            max(event.ts for event in own),
            (reason,),
        )

    members = [member(payer, Role.VICTIM, f"tx:E2E{n:05d}") for n, payer in enumerate(payers)]
    members += [member(mule, Role.MULE, f"tx:E2E{60 + n:05d}") for n, mule in enumerate(mules)]
    members += [
        member("acc-collector", Role.COLLECTOR, *ids[:18]),
        member("acc-boss", Role.ORGANISER, "tx:E2E00060", "tx:E2E00061", "tx:E2E00062"),
    ]
    found = Evidence(
        "ring_fan_in",
        (("count", 9), ("id", "acc-collector"), ("hours", 0.5), ("amount_cents", paid), ("limit", 5)),
        ids[:18],
        18,
    )
    speed = Evidence("ring_speed", (("hours", 1.5), ("share", 0.93)), ids[18:], 6)
    return log, Ring(
        ring_id="R-3f9ac2d1e0b74c55",
        kind=RingKind.FAN_IN,
        kinds=(RingKind.FAN_IN, RingKind.LAYERED),
        score=81.5,
        members=tuple(sorted(members, key=lambda m: m.account)),
        links=tuple(sorted(links, key=lambda link: (link.kind, link.source, link.target))),
        in_cents=paid,
        out_cents=kept,
        retained_cents=paid - kept,
        first_ts=START,
        last_ts=START + 62 * MINUTE,
        contributions=(Signal("ring_fan_in", 9.0, 55.0, found), Signal("ring_speed", 1.5, 26.5, speed)),
        evidence=(found,),
        suppressed=(Evidence("hub_suppressed", (("id", "100.64.12.7"), ("count", 812), ("limit", 50)), ids[:3], 812),),
        truncated=("cycle search: 5 hops",),
    )


def as_of(log: FakeLog, position: int | None = None) -> AsOf:
    return AsOf("log-8c1f", len(log.events) if position is None else position, START + 100 * MINUTE)


def case_of(log: FakeLog, *rings: Ring, graph: FakeGraph | None = None, limits: Limits | None = None) -> CaseFacts:
    return CaseFacts(
        events=log,
        rings=FakeRings({ring.ring_id: ring for ring in rings}),
        graph=graph or FakeGraph(log=log),
        facts=LogFacts(log, position=len(log.events)),
        versions=VERSIONS,
        limits=limits or Limits(),
    )
