"""Rings worked out from scratch: all facts at once, plain sets, networkx for who is joined to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import networkx as nx

from graph.events import (
    Access,
    AuthenticationAttempt,
    Event,
    IdentifierHeld,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import RingKind
from graph.window.window import Window
from rings.findings import KIND_OF_HIT, Key, finding_of_hit

PERSONAL = {"Device": 15, "Identifier": 6, "Ip": 15}

#: kind, key, accounts that join, further members
Reason = tuple[RingKind, Key, frozenset[str], frozenset[str]]
Users = dict[tuple[str, str], dict[str, Key]]


#: members, kinds, and the accounts at the core of each reason that founds it
Component = tuple[frozenset[str], frozenset[RingKind], list[frozenset[str]]]


def components(events: Sequence[Event]) -> list[Component]:
    """Everything that could be a ring, whatever its score."""
    users = _users(events)
    reasons = [*_patterns(events), *_farms(users), *_operators(events), *_linked(events)]
    farmed = {account for kind, _, core, _ in reasons if kind is RingKind.SHARED_MEANS for account in core}
    graph: nx.Graph[object] = nx.Graph()
    for number, (_, _, core, _) in enumerate(reasons):
        graph.add_edges_from((number, account) for account in core)
    joining = {account for _, _, core, _ in reasons for account in core}
    for (label, _), firsts in users.items():
        if 2 <= len(firsts) <= PERSONAL[label]:
            for one, two in combinations(sorted(firsts.keys() & joining), 2):
                if label != "Ip" or {one, two} <= farmed:
                    graph.add_edge(one, two)
    found = []
    for together in nx.connected_components(graph):
        mine = [reasons[node] for node in together if isinstance(node, int)]
        first = min(key for _, key, _, _ in mine)
        members = frozenset().union(*(core | others for _, _, core, others in mine))
        founding = [core for _, key, core, _ in mine if key == first]
        found.append((members, frozenset(kind for kind, *_ in mine), founding))
    return found


def _users(events: Sequence[Event]) -> Users:
    users: Users = defaultdict(dict)

    def use(account: str, label: str, thing: str | None, event: Event) -> None:
        if thing is not None:
            key = (event.ts, event.event_id)
            users[label, thing][account] = min(key, users[label, thing].get(account, key))

    for event in events:
        if isinstance(event, Movement):
            use(event.source, "Device", event.device, event)
            use(event.source, "Ip", event.ip, event)
            for ref in event.identifiers:
                use(event.source if ref.holder == "source" else event.target, "Identifier", ref.id, event)
        elif isinstance(event, Access | AuthenticationAttempt):
            use(event.account, "Device", event.device, event)
            use(event.account, "Ip", event.ip, event)
        elif isinstance(event, IdentifierHeld):
            use(event.account, "Identifier", event.identifier.id, event)
    return users


def _patterns(events: Sequence[Event]) -> list[Reason]:
    """Patterns as the window finds them when it is told everything at once (its own tests prove those)."""
    window = Window()
    reasons = []
    for hit in window.answer(window.apply(events)).hits:
        if hit.kind in KIND_OF_HIT:
            edges = tuple(window.movement(seq) for seq in hit.edges)
            finding = finding_of_hit(window.movement(hit.owner), hit.kind, edges)
            reasons.append((finding.kind, finding.key, finding.core, finding.others))
    return reasons


def _farms(users: Users) -> list[Reason]:
    devices = {thing: firsts for (label, thing), firsts in users.items() if label == "Device"}
    reasons = []
    for thing, firsts in devices.items():
        visitors = [
            account for account in firsts if any(account in devices[other] for other in devices if other != thing)
        ]
        if len(visitors) >= 3 and len(firsts) <= PERSONAL["Device"]:
            reasons.append((RingKind.SHARED_MEANS, min(firsts.values()), frozenset(firsts), frozenset[str]()))
    return reasons


def _operators(events: Sequence[Event]) -> list[Reason]:
    facts = [e for e in events if isinstance(e, OperatorFact) and e.fact is OperatorFactKind.COLLECTS_WITH]
    accounts: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        accounts[fact.operator].add(str(fact.account))
    reasons = []
    for one, two in combinations(sorted(accounts), 2):
        shared = accounts[one] & accounts[two]
        proofs = [(f.ts, f.event_id) for f in facts if f.account in shared and f.operator in (one, two)]
        if proofs:
            others = (accounts[one] | accounts[two]) - shared
            reasons.append((RingKind.OPERATOR, min(proofs), frozenset(shared), frozenset(others)))
    return reasons


def _linked(events: Sequence[Event]) -> list[Reason]:
    graph: nx.Graph[str] = nx.Graph()
    links = [e for e in events if isinstance(e, Movement) and e.kind is MovementKind.LINK and e.source != e.target]
    graph.add_edges_from((link.source, link.target) for link in links)
    hubs = [account for account, degree in graph.degree() if degree > 100]
    graph.remove_nodes_from(
        [*hubs, *(e.entity_id for e in events if isinstance(e, IndicatorListed) and e.list_kind is ListKind.SERVICE)]
    )
    reasons = []
    for accounts in nx.connected_components(graph):
        if len(accounts) >= 8:
            inside = [(e.ts, e.event_id) for e in links if {e.source, e.target} <= accounts]
            reasons.append((RingKind.LINKED, min(inside), frozenset(accounts), frozenset[str]()))
    return reasons
