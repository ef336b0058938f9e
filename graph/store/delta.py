"""What a run of log entries adds to the graph, aggregated per node and per link.

`graph.links.touches` defines what one event adds; this module sums it over many events, with the path for movements
written out because every transaction takes it. Ids become small integers first, so that a node or link costs tens of
bytes and not hundreds. Nothing here depends on the order of the entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from graph.events import Movement, NodeKind
from graph.links import BET_AT, FROM_IP, HAS_IDENTIFIER, LINK_KINDS, OWNS, USED_DEVICE, LinkKind, NodeTouch, touches
from graph.log.protocol import LogEntry

Row: TypeAlias = dict[str, object]
Extra: TypeAlias = dict[str, object]

#: Node kinds that events create; rings come from ring finding.
EVENT_NODES: Final[tuple[NodeKind, ...]] = tuple(kind for kind in NodeKind if kind is not NodeKind.RING)


@dataclass(frozen=True, slots=True)
class Family:
    """Aggregated links of one kind between two node kinds; all of one family are written by one statement."""

    link: LinkKind
    source: NodeKind
    target: NodeKind


FAMILIES: Final = tuple(
    Family(link, source, target) for link in LINK_KINDS.values() if link.aggregated for source, target in link.ends
)
_FAMILY_OF: Final = {(family.link.name, family.source): family for family in FAMILIES}


#: Attributes of a movement that its SENT link carries, null where there is none.
_OF_BETS: Final = ("market", "side")


class NodeIds:
    """Small integers (slots) for the ids of one node kind, given in order of first sight."""

    __slots__ = ("names", "slots")

    def __init__(self) -> None:
        self.slots: dict[str, int] = {}
        self.names: list[str] = []

    def slot(self, name: str) -> int:
        """Return the slot of `name`, giving it one when it is new."""
        found = self.slots.get(name)
        if found is None:
            found = self.slots[name] = len(self.names)
            self.names.append(name)
        return found


Slots: TypeAlias = dict[NodeKind, NodeIds]


def new_slots() -> Slots:
    """Return empty id tables for every node kind that events create."""
    return {kind: NodeIds() for kind in EVENT_NODES}


class Delta:
    """Sums over some entries.

    `nodes[kind][slot]` is [first_seen, last_seen]; `links[family][source slot << 32 | target slot]` is
    [count, sum_cents, first_seen, last_seen]; `extras[kind][slot]` are stated properties (smallest value wins);
    `sent` are (ts, complete row), one per movement. Times are epoch ms.
    """

    __slots__ = ("extras", "links", "nodes", "sent")

    def __init__(self) -> None:
        self.nodes: dict[NodeKind, dict[int, list[int]]] = {kind: {} for kind in EVENT_NODES}
        self.links: dict[Family, dict[int, list[int]]] = {family: {} for family in FAMILIES}
        self.extras: dict[NodeKind, dict[int, Extra]] = {kind: {} for kind in EVENT_NODES}
        self.sent: list[tuple[int, Row]] = []


def aggregate(entries: Iterable[LogEntry], slots: Slots) -> Delta:
    """Return the sums over `entries`; new ids get slots in `slots`, which says nothing of what any store holds."""
    delta = Delta()
    movements: list[Movement] = []
    for entry in entries:
        event = entry.event
        if type(event) is Movement:
            movements.append(event)
            continue
        for touch in touches(event):
            if isinstance(touch, NodeTouch):
                slot = slots[touch.kind].slot(touch.id)
                _see(delta.nodes[touch.kind], slot, event.ts)
                if touch.extra:
                    merge_extra(delta.extras[touch.kind].setdefault(slot, {}), touch.extra)
            else:
                family = _FAMILY_OF[touch.kind.name, touch.source_kind]
                key = slots[touch.source_kind].slot(touch.source) << 32 | slots[touch.target_kind].slot(touch.target)
                _count(delta.links[family], key, touch.amount_cents, event.ts)
    _add_movements(delta, slots, movements)
    return delta


def merge_extra(into: Extra, stated: Iterable[tuple[str, object]]) -> bool:
    """Merge stated properties into `into`, the smallest value winning; return whether anything changed."""
    changed = False
    for name, value in stated:
        known = into.get(name)
        if known is None or value < known:  # type: ignore[operator]  # one property has one type, all of them ordered
            into[name] = value
            changed = True
    return changed


def _see(nodes: dict[int, list[int]], slot: int, ts: int) -> None:
    seen = nodes.get(slot)
    if seen is None:
        nodes[slot] = [ts, ts]
    elif ts < seen[0]:
        seen[0] = ts
    elif ts > seen[1]:
        seen[1] = ts


def _count(links: dict[int, list[int]], key: int, cents: int, ts: int) -> None:
    sums = links.get(key)
    if sums is None:
        links[key] = [1, cents, ts, ts]
        return
    sums[0] += 1
    sums[1] += cents
    if ts < sums[2]:
        sums[2] = ts
    elif ts > sums[3]:
        sums[3] = ts


def _add_movements(delta: Delta, slots: Slots, movements: Iterable[Movement]) -> None:
    """Add `touches(movement)` and the SENT row of each movement, without the records in between."""
    nodes, sent = delta.nodes, delta.sent
    accounts, devices, ips = (nodes[NodeKind.ACCOUNT], nodes[NodeKind.DEVICE], nodes[NodeKind.IP])
    domains, operators, identifiers = (nodes[NodeKind.DOMAIN], nodes[NodeKind.OPERATOR], nodes[NodeKind.IDENTIFIER])
    kinds = delta.extras[NodeKind.IDENTIFIER]
    used, came, bets, owns, holds = (
        delta.links[_FAMILY_OF[link.name, link.ends[0][0]]]
        for link in (USED_DEVICE, FROM_IP, BET_AT, OWNS, HAS_IDENTIFIER)
    )
    account_slot, device_slot, ip_slot = (slots[kind].slot for kind in (NodeKind.ACCOUNT, NodeKind.DEVICE, NodeKind.IP))
    domain_slot, operator_slot, identifier_slot = (
        slots[kind].slot for kind in (NodeKind.DOMAIN, NodeKind.OPERATOR, NodeKind.IDENTIFIER)
    )
    for event in movements:
        ts, cents, name, other = (event.ts, event.amount_cents, event.source, event.target)
        source = account_slot(name)
        target = account_slot(other)
        _see(accounts, source, ts)
        _see(accounts, target, ts)
        if event.device is not None:
            slot = device_slot(event.device)
            _see(devices, slot, ts)
            _count(used, source << 32 | slot, cents, ts)
        if event.ip is not None:
            slot = ip_slot(event.ip)
            _see(ips, slot, ts)
            _count(came, source << 32 | slot, cents, ts)
        if event.operator is not None:
            operator = operator_slot(event.operator)
            _see(operators, operator, ts)
        if event.domain is not None:
            slot = domain_slot(event.domain)
            _see(domains, slot, ts)
            _count(bets, source << 32 | slot, cents, ts)
            if event.operator is not None:
                _count(owns, operator << 32 | slot, cents, ts)
        for ref in event.identifiers:
            slot = identifier_slot(ref.id)
            _see(identifiers, slot, ts)
            merge_extra(kinds.setdefault(slot, {}), (("kind", ref.kind.value),))
            _count(holds, (source if ref.holder == "source" else target) << 32 | slot, cents, ts)
        row: Row = {
            "source": name,
            "target": other,
            "tx_id": event.event_id[3:],
            "ts": ts,
            "amount_cents": cents,
            "currency": event.currency,
            "kind": event.kind.value,
            "channel": event.channel,
            "market": None,
            "side": None,
        }
        for name, value in event.attributes:
            if name in _OF_BETS:
                row[name] = value
        sent.append((ts, row))
