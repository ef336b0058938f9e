"""Small worlds for statements and jobs, and the same graph as plain Python for the oracles to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graph.events import (
    Access,
    DomainObservation,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import Member, Ring, RingKind, Role
from graph.links import LinkTouch, NodeTouch, touches

T0 = 1_750_000_000_000
HOUR = 3_600_000
Node = tuple[str, str]


def pay(tx: str, source: str, target: str, *, hour: float = 0, cents: int = 1_000, **more: Any) -> Movement:
    """A movement `hour` hours after T0."""
    ts = T0 + int(hour * HOUR)
    return Movement(event_id=f"tx:{tx}", ts=ts, source=source, target=target, amount_cents=cents, **more)


def use(number: int, account: str, *, hour: float = 0, **means: Any) -> Access:
    """An account used from a device, address or site."""
    return Access(event_id=f"access:{number}", ts=T0 + int(hour * HOUR), account=account, **means)


def hold(number: int, account: str, identifier: str, kind: IdentifierKind = IdentifierKind.DOCUMENT) -> IdentifierHeld:
    """An account belongs to the holder of an identifier."""
    return IdentifierHeld(
        event_id=f"held:{number}", ts=T0, account=account, identifier=IdentifierRef(kind=kind, id=identifier)
    )


def collects(number: int, operator: str, account: str) -> OperatorFact:
    """An operator takes money through an account."""
    return OperatorFact(
        event_id=f"fact:{number}", ts=T0, operator=operator, fact=OperatorFactKind.COLLECTS_WITH, account=account
    )


def owns(number: int, operator: str, domain: str) -> OperatorFact:
    """An operator runs a site."""
    return OperatorFact(
        event_id=f"fact:{number}", ts=T0, operator=operator, fact=OperatorFactKind.OWNS_DOMAIN, domain=domain
    )


def listed(number: int, account: str, kind: ListKind = ListKind.BLOCK) -> IndicatorListed:
    """An account is on a list."""
    return IndicatorListed(
        event_id=f"list:{number}",
        ts=T0,
        list_name=f"l-{kind}",
        list_kind=kind,
        entity_kind=NodeKind.ACCOUNT,
        entity_id=account,
    )


def resolves(number: int, domain: str, ip: str) -> DomainObservation:
    """A site was served from an address."""
    return DomainObservation(event_id=f"seen:{number}", ts=T0, domain=domain, ip=ip)


def _bet(odds: Random) -> tuple[tuple[str, str], ...]:
    """What a bet says of itself: mostly its market and side, sometimes nothing."""
    market, side = f"m{odds.randrange(4)}", odds.choice(["home", "away", "draw"])
    return (("market", market), ("side", side)) if odds.random() < 0.8 else ()


def random_world(
    seed: int,
    *,
    accounts: int = 24,
    movements: int = 160,
    means: int = 60,
    kinds: Sequence[MovementKind] | None = None,
) -> list[Event]:
    """Payments, means, sites, operators and lists among few enough names that everything meets everything."""
    random, odds = Random(seed), Random(seed + 1_000)
    names = [f"a{number:02}" for number in range(accounts)]
    events: list[Event] = []
    for number in range(movements):
        source, target = random.choice(names), random.choice(names[: accounts // 2])
        if random.random() < 0.5:
            source, target = target, source
        session: dict[str, Any] = {}
        if random.random() < 0.3:
            session = {
                "device": f"d{random.randrange(6)}",
                "ip": f"10.0.0.{random.randrange(4)}",
                "domain": f"site{random.randrange(5)}.example",
                "operator": f"op{random.randrange(4)}",
            }
        events.append(
            pay(
                f"t{number:03}",
                source,
                target,
                hour=random.randrange(200) / 4,
                cents=random.choice([500, 1_000, 1_900, 2_000, 50_000]),
                kind=(moved := random.choice(list(MovementKind) if kinds is None else list(kinds))),
                channel=random.choice(["", "pix"]),
                attributes=_bet(odds) if moved is MovementKind.BET else (),
                **session,
            )
        )
    for number in range(means):
        account, choice = random.choice(names), random.randrange(6)
        person = random.randrange(6)
        kind = list(IdentifierKind)[person % 5]
        if choice == 0:
            events.append(use(number, account, hour=number, device=f"d{random.randrange(6)}"))
        elif choice == 1:
            events.append(use(number, account, hour=number, ip=f"10.0.0.{random.randrange(4)}"))
        elif choice == 2:
            events.append(hold(number, account, f"{kind}:k1:{person}", kind))
        elif choice == 3:
            events.append(collects(number, f"op{random.randrange(4)}", account))
        elif choice == 4:
            events.append(resolves(number, f"site{random.randrange(5)}.example", f"10.0.0.{random.randrange(4)}"))
        else:
            label, name = random.choice([(NodeKind.ACCOUNT, account), (NodeKind.IP, "10.0.0.1")])
            events.append(
                IndicatorListed(
                    event_id=f"list:{number}",
                    ts=T0,
                    list_name=f"l{random.randrange(3)}",
                    list_kind=random.choice(list(ListKind)),
                    entity_kind=label,
                    entity_id=name,
                )
            )
    return events


def ring_of(ring_id: str, accounts: Sequence[str], *, score: float = 70.0) -> Ring:
    """A ring of these accounts, alike in everything else."""
    members = tuple(
        Member(account, Role.MULE, round(1 / (2 + place), 3), 10, 5, T0, T0 + HOUR)
        for place, account in enumerate(sorted(accounts))
    )
    kinds = (RingKind.FAN_IN,)
    return Ring(ring_id, kinds[0], kinds, score, members, (), 10, 5, 5, T0, T0 + HOUR, (), ())


@dataclass
class Model:
    """The graph of some events in dictionaries: nodes, transactions, and aggregated links with their four numbers."""

    nodes: dict[Node, dict[str, Any]] = field(default_factory=dict)
    sent: list[Movement] = field(default_factory=list)
    links: dict[tuple[str, Node, Node], dict[str, int]] = field(default_factory=dict)
    rings: Sequence[Ring] = ()

    @classmethod
    def of(cls, events: Iterable[Event], rings: Sequence[Ring] = ()) -> Model:
        """Add up what every event touches."""
        model = cls(rings=rings)
        for event in events:
            if isinstance(event, Movement):
                model.sent.append(event)
            for touch in touches(event):
                if isinstance(touch, NodeTouch):
                    model._node(touch, event.ts)
                else:
                    model._link(touch, event.ts)
        return model

    def _node(self, touch: NodeTouch, ts: int) -> None:
        node = self.nodes.setdefault((str(touch.kind), touch.id), {"first_seen": ts, "last_seen": ts})
        node["first_seen"], node["last_seen"] = min(node["first_seen"], ts), max(node["last_seen"], ts)
        for name, value in touch.extra:
            node[name] = min(node.get(name, value), value)

    def _link(self, touch: LinkTouch, ts: int) -> None:
        key = (touch.kind.name, (str(touch.source_kind), touch.source), (str(touch.target_kind), touch.target))
        link = self.links.setdefault(key, {"count": 0, "sum_cents": 0, "first_seen": ts, "last_seen": ts})
        link["count"] += 1
        link["sum_cents"] += touch.amount_cents
        link["first_seen"], link["last_seen"] = min(link["first_seen"], ts), max(link["last_seen"], ts)

    def ids(self, label: str) -> list[str]:
        """Every id of a label, sorted."""
        return sorted(name for kind, name in self.nodes if kind == label)
