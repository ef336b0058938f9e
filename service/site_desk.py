"""Operators and sites of an open service: who stands behind whom, and which blocked site came back."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.errors import RejectedRecord
from graph.events import DomainObservation, Event, IndicatorListed, ListKind, Movement, NodeKind, OperatorFact
from graph.listings import EntryKind
from rings.continuity import LEAST, Shared, Site, Tied, continuity_of, tie_of
from service.bootstrap import Service

#: A site with so many accounts is a popular one: its accounts are not compared.
MOST_ACCOUNTS = 500
#: Rows of what operators share.
MOST_SHARED = 2_000
Firsts = dict[str, dict[str, str]]  # name -> thing -> first event that says so


@dataclass(slots=True)
class _Facts:
    """What the log says of sites and operators, up to `position`."""

    position: int = 0
    first_ts: dict[str, int] = field(default_factory=dict)
    owners: Firsts = field(default_factory=lambda: defaultdict(dict))  # site -> operator
    hosts: Firsts = field(default_factory=lambda: defaultdict(dict))
    certificates: Firsts = field(default_factory=lambda: defaultdict(dict))
    collectors: Firsts = field(default_factory=lambda: defaultdict(dict))  # operator -> account
    blocked: dict[str, int] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if isinstance(event, DomainObservation):
            self._seen(event.domain, event)
            if event.ip is not None:
                self.hosts[event.domain].setdefault(event.ip, event.event_id)
            if event.certificate:
                self.certificates[event.domain].setdefault(event.certificate, event.event_id)
        elif isinstance(event, OperatorFact):
            if event.domain is not None:
                self._seen(event.domain, event)
                self.owners[event.domain].setdefault(event.operator, event.event_id)
            if event.account is not None:
                self.collectors[event.operator].setdefault(event.account, event.event_id)
        elif isinstance(event, Movement):
            if event.domain is not None:
                self._seen(event.domain, event)
                if event.operator is not None:
                    self.owners[event.domain].setdefault(event.operator, event.event_id)
        elif (
            isinstance(event, IndicatorListed)
            and event.list_kind is ListKind.BLOCK
            and event.entity_kind is NodeKind.DOMAIN
        ):
            self.blocked[event.entity_id] = min(event.ts, self.blocked.get(event.entity_id, event.ts))

    def _seen(self, domain: str, event: Event) -> None:
        self.first_ts[domain] = min(event.ts, self.first_ts.get(domain, event.ts))


class SiteDesk:
    """Links between operators and returns of blocked sites; reads only.

    The log is read once and then only what is new. Guarantees: an unknown operator is refused by name; links come by
    falling score with their reasons and innocent explanations.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._facts = _Facts()
        self._reading = threading.Lock()

    def links(self, operator_id: str) -> tuple[Tied, ...]:
        """Operators that share collection accounts, their devices and identifiers, addresses or certificates."""
        read = self._service.catalog.read
        if not read(self._service.store, "read/operator", id=operator_id):
            raise RejectedRecord("unknown_operator", field="operator", value=operator_id, cure="list the operators")
        facts = self._known()
        shared: dict[str, list[Shared]] = defaultdict(list)
        codes = {"collector": "collector", "hosting": "host", "means": "means"}
        for row in read(self._service.store, "read/operators_joined", id=operator_id, limit=MOST_SHARED):
            code, other = codes[row["kind"]], row["other"]
            held = row["operators"] + (row["kind"] != "collector")  # these count the others only
            events = tuple(
                event
                for name in (operator_id, other)
                if code == "collector" and (event := facts.collectors.get(name, {}).get(row["means_id"]))
            )
            shared[other].append(Shared(code, row["label"], row["means_id"], max(2, held), events))
        for certificate, owners in _by_certificate(facts).items():
            if operator_id in owners:
                for other in sorted(owners.keys() - {operator_id}):
                    events = (owners[operator_id], owners[other])
                    shared[other].append(Shared("certificate", "Domain", certificate, len(owners), events))
        found = [tie_of(operator_id, other, things) for other, things in sorted(shared.items())]
        return tuple(sorted((tie for tie in found if tie is not None), key=lambda tie: (-tie.score, tie.other)))

    def returns(self, *, least: float = LEAST, domain: str | None = None) -> tuple[Tied, ...]:
        """Sites that look like blocked ones under a new name, surest first; of one blocked site where it is named."""
        facts = self._known()
        blocked = self._blocked(facts)
        if domain is not None:
            blocked = {name: ts for name, ts in blocked.items() if name == domain}
        holders = _holders(facts)
        found: list[Tied] = []
        sites = {name: self._site(name, facts) for name in sorted(facts.first_ts)} if blocked else {}
        for name, ts in sorted(blocked.items()):
            site = sites.get(name)
            if site is None:
                continue
            for other in sites.values():
                if other.domain in blocked or other.first_ts < site.first_ts:
                    continue
                tie = continuity_of(site, ts, other, holders=holders)
                if tie is not None and tie.score >= least:
                    found.append(tie)
        return tuple(sorted(found, key=lambda tie: (-tie.score, tie.one, tie.other)))

    def _blocked(self, facts: _Facts) -> dict[str, int]:
        found = dict(facts.blocked)
        after: str | None = None
        while True:
            page = self._service.ledger.list_entries(ListKind.BLOCK, kind=EntryKind.DOMAIN, after=after, limit=500)
            for entry in page.items:
                found[entry.value] = min(entry.added_ts, found.get(entry.value, entry.added_ts))
            if page.next is None:
                return found
            after = page.next

    def _site(self, domain: str, facts: _Facts) -> Site:
        operators = facts.owners.get(domain, {})
        collectors = {
            account: event
            for operator in sorted(operators)
            for account, event in sorted(facts.collectors.get(operator, {}).items())
        }
        rows = self._service.catalog.read(
            self._service.store, "read/holders", label="Domain", id=domain, limit=MOST_ACCOUNTS
        )
        return Site(
            domain=domain,
            first_ts=facts.first_ts[domain],
            operators=operators,
            hosts=facts.hosts.get(domain, {}),
            certificates=facts.certificates.get(domain, {}),
            collectors=collectors,
            accounts=frozenset(row["id"] for row in rows) if len(rows) < MOST_ACCOUNTS else frozenset(),
        )

    def _known(self) -> _Facts:
        with self._reading:
            facts, head = self._facts, self._service.log.head()
            if facts.position < head:
                for entry in self._service.log.read(after=facts.position, limit=head - facts.position):
                    facts.take(entry.event)
                    facts.position = entry.offset
            return facts


def _by_certificate(facts: _Facts) -> dict[str, dict[str, str]]:
    """Operators whose sites stand under each certificate, with the event that says so."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for domain, certificates in facts.certificates.items():
        for certificate, event in certificates.items():
            for operator in facts.owners.get(domain, ()):
                found[certificate].setdefault(operator, event)
    return found


def _holders(facts: _Facts) -> Mapping[tuple[str, str], int]:
    """How many sites (of a collector: operators) have each thing."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for code, table in (
        ("operator", facts.owners),
        ("host", facts.hosts),
        ("certificate", facts.certificates),
        ("collector", facts.collectors),
    ):
        for things in table.values():
            for thing in things:
                found[code, thing] += 1
    return found
