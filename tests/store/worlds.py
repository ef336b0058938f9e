"""Small random worlds, and what a store must hold after them, worked out with plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from graph.events import (
    Access,
    DomainObservation,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    LabelGiven,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import Member, Ring, RingKind, Role
from graph.links import LINK_KINDS, NODE_PROPERTIES, NodeTouch, touches
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphReader

NOW = 1_750_000_000_000
World = dict[tuple[str, ...], dict[str, Any]]

_times = st.integers(NOW, NOW + 50)
_accounts = st.sampled_from(["a", "b", "ação", "漢字", 'o\'hara "x"', "e\u0301"])
_devices = st.sampled_from(["d1", "d2"])
_ips = st.sampled_from(["10.0.0.1", "2001:db8::1"])
_domains = st.sampled_from(["bet.example", "x.example"])
_operators = st.sampled_from(["op1", "op2"])
_refs = st.builds(
    IdentifierRef,
    kind=st.sampled_from(list(IdentifierKind)),
    id=st.sampled_from(["h:1", "h:2"]),
    holder=st.sampled_from(["source", "target"]),
)


@lru_cache
def _events(number: int) -> st.SearchStrategy[Event]:
    name = f"e{number}"
    return st.one_of(
        st.builds(
            Movement,
            event_id=st.just(f"tx:{name}"),
            ts=_times,
            source=_accounts,
            target=_accounts,
            amount_cents=st.integers(0, 10**14),
            kind=st.sampled_from(list(MovementKind)),
            channel=st.sampled_from(["", "pix"]),
            device=st.none() | _devices,
            ip=st.none() | _ips,
            domain=st.none() | _domains,
            operator=st.none() | _operators,
            identifiers=st.lists(_refs, max_size=2).map(tuple),
            attributes=st.sampled_from([(), (("market", "m1"), ("side", "home"), ("other", "x"))]),
        ),
        st.builds(
            Access,
            event_id=st.just(name),
            ts=_times,
            account=_accounts,
            device=st.none() | _devices,
            ip=st.none() | _ips,
            domain=st.none() | _domains,
            operator=st.none() | _operators,
        ),
        st.builds(IdentifierHeld, event_id=st.just(name), ts=_times, account=_accounts, identifier=_refs),
        st.builds(
            DomainObservation,
            event_id=st.just(name),
            ts=_times,
            domain=_domains,
            ip=st.none() | _ips,
            registered_ts=st.none() | st.integers(1, 9),
        ),
        st.builds(
            OperatorFact,
            event_id=st.just(name),
            ts=_times,
            operator=_operators,
            fact=st.sampled_from(list(OperatorFactKind)),
            domain=_domains,
            account=_accounts,
            licensed=st.booleans(),
        ),
        st.builds(
            IndicatorListed,
            event_id=st.just(name),
            ts=_times,
            list_name=st.sampled_from(["l1", "l2"]),
            list_kind=st.sampled_from(list(ListKind)),
            entity_kind=st.sampled_from([NodeKind.IP, NodeKind.DOMAIN, NodeKind.ACCOUNT]),
            entity_id=st.sampled_from(["10.0.0.1", "a"]),
        ),
        st.builds(
            LabelGiven,
            event_id=st.just(name),
            ts=_times,
            subject=st.just("account"),
            subject_id=_accounts,
            label=st.sampled_from([0, 1]),
        ),
    )


@st.composite
def logs(draw: st.DrawFn, *, max_size: int = 25) -> list[LogEntry]:
    """A log of random events over few ids, so that repeats, self loops and overlaps are common."""
    size = draw(st.integers(1, max_size))
    return [LogEntry(offset, NOW, draw(_events(offset))) for offset in range(1, size + 1)]


def movement(offset: int, source: str = "a", target: str = "b", **fields: Any) -> LogEntry:
    """Return a log entry with a movement of 100 cents."""
    values: dict[str, Any] = {"event_id": f"tx:{offset}", "ts": NOW + offset, "amount_cents": 100} | fields
    return LogEntry(offset, NOW, Movement(source=source, target=target, **values))


def ring(ring_id: str, accounts: Sequence[str], *, score: float = 50.0, role: Role = Role.MULE) -> Ring:
    """Return a ring of `accounts`."""
    members = tuple(
        Member(account, role, score=0.5, in_cents=1, out_cents=1, first_ts=NOW, last_ts=NOW + 1)
        for account in sorted(accounts)
    )
    return Ring(
        ring_id=ring_id,
        kind=RingKind.FAN_IN,
        kinds=(RingKind.FAN_IN,),
        score=score,
        members=members,
        links=(),
        in_cents=3,
        out_cents=2,
        retained_cents=1,
        first_ts=NOW,
        last_ts=NOW + 1,
        contributions=(),
        evidence=(),
    )


def expected(entries: Iterable[LogEntry], rings: Iterable[Ring] = ()) -> World:
    """Return every node and link that these entries and rings must give, folded one touch at a time."""
    world: World = {}
    for entry in entries:
        event = entry.event
        for touch in touches(event):
            if isinstance(touch, NodeTouch):
                key: tuple[str, ...] = (touch.kind.value, touch.id)
                blank: dict[str, Any] = {name: None for name, _ in NODE_PROPERTIES[touch.kind]}
                for name, value in touch.extra:
                    known = world.get(key, blank)[name]
                    blank[name] = value if known is None else min(known, value)
            else:
                key = (touch.kind.name, touch.source_kind.value, touch.source, touch.target_kind.value, touch.target)
                blank = {"count": 0, "sum_cents": 0}
            old = world.get(key, blank)
            new = {**old, **{name: value for name, value in blank.items() if value is not None and name in _EXTRAS}}
            new["first_seen"] = min(event.ts, old.get("first_seen") or event.ts)
            new["last_seen"] = max(event.ts, old.get("last_seen") or event.ts)
            if "count" in blank:
                new["count"] = old["count"] + 1
                new["sum_cents"] = old["sum_cents"] + touch.amount_cents  # type: ignore[union-attr]  # a LinkTouch here
            world[key] = new
        if isinstance(event, Movement):
            world["SENT", "Account", event.source, "Account", event.target, event.tx_id] = {
                "tx_id": event.tx_id,
                "ts": event.ts,
                "amount_cents": event.amount_cents,
                "currency": event.currency,
                "kind": event.kind.value,
                "channel": event.channel,
                "market": dict(event.attributes).get("market"),
                "side": dict(event.attributes).get("side"),
            }
    for each in rings:
        world["Ring", each.ring_id] = {
            "first_seen": each.first_ts,
            "last_seen": each.last_ts,
            "kind": each.kind.value,
            "score": each.score,
            "size": len(each.members),
            "in_cents": each.in_cents,
            "out_cents": each.out_cents,
            "retained_cents": each.retained_cents,
        }
        for member in each.members:
            world["MEMBER_OF", "Account", member.account, "Ring", each.ring_id] = {
                "role": member.role.value,
                "score": member.score,
                "since": member.first_ts,
                "until": member.last_ts,
            }
    return world


_EXTRAS = {name for properties in NODE_PROPERTIES.values() for name, _ in properties[2:]}


def stored(store: GraphReader) -> World:
    """Read everything a store holds; a link that is there twice is an error."""
    world: World = {}
    for kind, properties in NODE_PROPERTIES.items():
        columns = ", ".join(f"n.{name} AS {name}" for name, _ in properties)
        for row in store.read(f"MATCH (n:{kind}) RETURN n.id AS id, {columns}", {}):
            world[kind.value, row.pop("id")] = row
    for link in LINK_KINDS.values():
        columns = ", ".join(f"k.{name} AS {name}" for name, _ in link.properties)
        for source, target in link.ends:
            text = f"MATCH (a:{source})-[k:{link.name}]->(b:{target}) RETURN a.id AS a, b.id AS b, {columns}"
            for row in store.read(text, {}):
                key: tuple[str, ...] = (link.name, source.value, row.pop("a"), target.value, row.pop("b"))
                if link.name == "SENT":
                    key += (row["tx_id"],)
                assert key not in world, f"{key} is there twice"
                world[key] = row
    return world
