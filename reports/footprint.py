"""What belongs to a betting operator: sites, collection accounts, their movements, and who else uses the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graph.events import DomainObservation, Movement, NodeKind, OperatorFact, OperatorFactKind
from graph.evidence import RingLink
from reports.exhibits import Exhibits
from reports.record import AsOf, Connection
from reports.sources import CaseFacts

ACCOUNT, DOMAIN, IP, DEVICE = map(str, (NodeKind.ACCOUNT, NodeKind.DOMAIN, NodeKind.IP, NodeKind.DEVICE))
OPERATOR = str(NodeKind.OPERATOR)


@dataclass(frozen=True, slots=True)
class Footprint:
    """Domains and collectors with the event ids that state them and when the graph saw them (first, last)."""

    domains: dict[str, list[str]]
    collectors: dict[str, list[str]]
    seen: dict[tuple[str, str], tuple[int, int]]
    cut: tuple[str, ...]  # reads that came back full


def read_footprint(operator: str, exhibits: Exhibits, *, facts: CaseFacts, as_of: AsOf) -> Footprint:
    """Sites and collection accounts from `read/operator_footprint` and from the operator facts in the log.

    Movements of the collectors are put among the exhibits.
    """
    domains: defaultdict[str, list[str]] = defaultdict(list)
    collectors: defaultdict[str, list[str]] = defaultdict(list)
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    cut: list[str] = []
    rows = facts.graph.read("read/operator_footprint", id=operator, limit=facts.limits.footprint)
    if len(rows) >= facts.limits.footprint:
        cut.append("read/operator_footprint")
    for row in rows:
        label, node_id = str(row["label"]), str(row["id"])
        if label == DOMAIN:
            domains[node_id] += []
        elif label == ACCOUNT:
            collectors[node_id] += []
        seen[label, node_id] = (int(row["first_seen"]), int(row["last_seen"]))
    for entry in facts.facts.about(OPERATOR, operator):
        exhibits.add(entry)
        event = entry.event
        if isinstance(event, OperatorFact) and event.fact is OperatorFactKind.OWNS_DOMAIN and event.domain:
            domains[event.domain].append(event.event_id)
        if isinstance(event, OperatorFact) and event.fact is OperatorFactKind.COLLECTS_WITH and event.account:
            collectors[event.account].append(event.event_id)
    for account in sorted(collectors):
        if _read_movements(account, exhibits, facts, as_of):
            cut.append(f"read/account_transactions {account}")
    return Footprint(dict(sorted(domains.items())), dict(sorted(collectors.items())), seen, tuple(cut))


def pair_links(movements: Iterable[Movement]) -> list[RingLink]:
    """Movements summed per (source, target) pair, as money links."""
    pairs: defaultdict[tuple[str, str], list[Movement]] = defaultdict(list)
    for movement in movements:
        pairs[movement.source, movement.target].append(movement)
    return [
        RingLink(
            (ACCOUNT, source),
            (ACCOUNT, target),
            "SENT",
            len(own),
            sum(movement.amount_cents for movement in own),
            min(movement.ts for movement in own),
            max(movement.ts for movement in own),
            tuple(movement.event_id for movement in own),
        )
        for (source, target), own in sorted(pairs.items())
    ]


def other_operators(
    operator: str, footprint: Footprint, hosts: dict[str, dict[str, list[str]]], exhibits: Exhibits, *, facts: CaseFacts
) -> list[Connection]:
    """Operators that share collection accounts, hosting addresses or collectors' devices with `operator`."""
    found: defaultdict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)  # (other, label) -> thing -> ids
    for account, own in footprint.collectors.items():
        for other, ids in _operators_of(ACCOUNT, account, exhibits, facts).items():
            found[other, ACCOUNT].setdefault(account, [*own]).extend(ids)
    for ip, sites in hosts.items():
        for entry in facts.facts.about(IP, ip):
            event = entry.event
            if isinstance(event, DomainObservation) and event.domain not in footprint.domains:
                for other, ids in _operators_of(DOMAIN, event.domain, exhibits, facts).items():
                    exhibits.add(entry)
                    own = [event_id for observed in sites.values() for event_id in observed]
                    found[other, IP].setdefault(ip, own).extend([event.event_id, *ids])
    for account in footprint.collectors:
        for row in facts.graph.read("read/shared_means", id=account, limit=facts.limits.means):
            for other, ids in _operators_of(ACCOUNT, str(row["other"]), exhibits, facts).items():
                found[other, str(row["label"])].setdefault(str(row["means_id"]), []).extend(ids)
    for movement in exhibits.movements():
        if movement.operator not in (None, operator) and movement.target in footprint.collectors:
            found[str(movement.operator), ACCOUNT].setdefault(movement.target, []).append(movement.event_id)
    return [
        Connection(
            OPERATOR,
            other,
            label,
            tuple(sorted(things)),
            exhibits.say(
                f"shared_with_operator_{label.lower()}",
                (("id", other), ("count", len(things))),
                [event_id for ids in things.values() for event_id in ids],
                basis="basis_graph",
            ),
        )
        for (other, label), things in sorted(found.items())
        if other != operator and label in (ACCOUNT, IP, DEVICE)
    ]


def _operators_of(label: str, node_id: str, exhibits: Exhibits, facts: CaseFacts) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entry in facts.facts.about(label, node_id):
        if isinstance(entry.event, OperatorFact):
            exhibits.add(entry)
            found[entry.event.operator].append(entry.event.event_id)
    return found


def _read_movements(account: str, exhibits: Exhibits, facts: CaseFacts, as_of: AsOf) -> bool:
    """Cite the movements of a collection account; True when the read came back full."""
    limit = facts.limits.rows_per_read
    rows: list[dict[str, Any]] = facts.graph.read(
        "read/account_transactions", id=account, lo=0, hi=as_of.ts + 1, limit=limit
    )
    exhibits.collect(f"tx:{row['tx_id']}" for row in sorted(rows, key=lambda row: (int(row["ts"]), str(row["tx_id"]))))
    return len(rows) >= limit
