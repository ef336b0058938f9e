"""Devices, addresses, sites and identifiers behind the accounts of a report, and where the sites are hosted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.events import DomainObservation, Event, IndicatorListed, NodeKind, OperatorFact
from graph.evidence import EVIDENCE_LIMIT, RingLink
from graph.log.protocol import LogEntry
from reports.exhibits import Exhibits
from reports.record import DomainRow, MeansRow, Statement, Technical
from reports.sources import CaseFacts

MEANS_LABELS = (NodeKind.DEVICE, NodeKind.IP, NodeKind.DOMAIN, NodeKind.IDENTIFIER)
ACCOUNTS_SHOWN = 12
DAY_MS = 86_400_000


@dataclass(slots=True)
class _Means:
    """What is gathered about one thing while rows are read."""

    accounts: set[str] = field(default_factory=set)
    event_ids: dict[str, None] = field(default_factory=dict)
    ports: set[int] = field(default_factory=set)
    linked: int = 0  # observations according to ring links
    graphed: int = 0  # and according to the graph; the sources overlap, so the largest count stands
    first_ts: int | None = None
    last_ts: int | None = None

    def seen(self, first_ts: int, last_ts: int) -> None:
        self.first_ts = first_ts if self.first_ts is None else min(self.first_ts, first_ts)
        self.last_ts = last_ts if self.last_ts is None else max(self.last_ts, last_ts)


def find_means(
    accounts: Sequence[str], links: Sequence[RingLink], exhibits: Exhibits, *, facts: CaseFacts
) -> tuple[tuple[MeansRow, ...], tuple[str, ...]]:
    """Rows for everything that `accounts` used, most shared first, and the accounts that the graph was asked about.

    Three sources, strongest first: cited movements, shared-means links of the ring, and `read/account_means`.
    """
    wanted = set(accounts)
    found: dict[tuple[str, str], _Means] = {}
    for movement in exhibits.movements():
        if movement.source not in wanted:
            continue
        for label, means_id in (
            (NodeKind.DEVICE, movement.device),
            (NodeKind.IP, movement.ip),
            (NodeKind.DOMAIN, movement.domain),
            *((NodeKind.IDENTIFIER, ref.id) for ref in movement.identifiers if ref.holder == "source"),
        ):
            if means_id is not None:
                means = found.setdefault((str(label), means_id), _Means())
                means.accounts.add(movement.source)
                means.event_ids[movement.event_id] = None
                means.seen(movement.ts, movement.ts)
                if label is NodeKind.IP and movement.ip_port is not None:
                    means.ports.add(movement.ip_port)
    for link in links:
        for account, thing in ((link.source, link.target), (link.target, link.source)):
            if account[0] == NodeKind.ACCOUNT and thing[0] in MEANS_LABELS:
                _join(found.setdefault(thing, _Means()), account[1], link)
    asked = tuple(accounts[: facts.limits.means_accounts])
    for holder in asked:
        _read_graph(found, holder, facts)
    rows = [_row(label, means_id, means, exhibits, facts) for (label, means_id), means in found.items()]
    rows.sort(key=lambda row: (-row.account_count, -row.count, row.label, row.id))
    return tuple(rows), asked


def listed_on(label: str, node_id: str, facts: CaseFacts) -> tuple[str, ...]:
    """Names of the lists (`kind: name`) that hold the node, as stated by listings in the log."""
    entries = facts.facts.about(label, node_id)
    events = [entry.event for entry in entries if isinstance(entry.event, IndicatorListed)]
    return tuple(sorted({f"{event.list_kind}: {event.indicator_id}" for event in events}))


def fact_ids(entries: Iterable[LogEntry], kind: type[Event]) -> list[str]:
    """Event ids of those entries that are of one kind."""
    return [entry.event.event_id for entry in entries if isinstance(entry.event, kind)]


def collect_facts(nodes: Iterable[tuple[str, str]], exhibits: Exhibits, *, facts: CaseFacts) -> None:
    """Put every fact about the nodes among the exhibits."""
    for label, node_id in nodes:
        for entry in facts.facts.about(label, node_id):
            exhibits.add(entry)


def domain_row(domain: str, seen: tuple[int, int] | None, exhibits: Exhibits, *, facts: CaseFacts) -> DomainRow:
    """What is known about a site: registration, age at first sight, lists; `seen` is what the graph says, if any."""
    entries = facts.facts.about(NodeKind.DOMAIN, domain)
    cited = [movement for movement in exhibits.movements() if movement.domain == domain]
    times = [entry.event.ts for entry in entries] + [movement.ts for movement in cited] + list(seen or ())
    registered = [
        entry.event.registered_ts
        for entry in entries
        if isinstance(entry.event, DomainObservation) and entry.event.registered_ts is not None
    ]
    born = min(registered, default=None)
    first, last = min(times, default=0), max(times, default=0)
    ids = fact_ids(entries, OperatorFact) + fact_ids(entries, DomainObservation) + [event.event_id for event in cited]
    return DomainRow(
        domain,
        born,
        max(0, (first - born) // DAY_MS) if born is not None and times else None,
        first,
        last,
        listed_on(NodeKind.DOMAIN, domain, facts),
        exhibits.say("domain_seen", (("id", domain),), ids, basis="basis_graph"),
    )


def hosting(domains: Sequence[str], exhibits: Exhibits, *, facts: CaseFacts) -> dict[str, dict[str, list[str]]]:
    """Address -> site -> ids of the observations that saw the site served from it, for the given sites."""
    found: dict[str, dict[str, list[str]]] = {}
    for domain in domains:
        for entry in facts.facts.about(NodeKind.DOMAIN, domain):
            event = entry.event
            if isinstance(event, DomainObservation) and event.ip is not None:
                exhibits.add(entry)
                found.setdefault(event.ip, {}).setdefault(domain, []).append(event.event_id)
    return found


def technical_section(
    rows: tuple[MeansRow, ...], hosts: dict[str, dict[str, list[str]]], exhibits: Exhibits, *, limit: int
) -> Technical:
    """The technical analysis: what is shared and by how many, which addresses serve the sites."""
    statements: list[Statement] = []
    for label in MEANS_LABELS:
        own = [row for row in rows if row.label == label]
        shared = [row for row in own if row.account_count > 1]
        if own:
            ids = [event_id for row in (shared or own) for event_id in row.evidence_ids]
            params = (("count", len(own)), ("shared", len(shared)))
            statements.append(exhibits.say(f"means_{label.value.lower()}", params, ids, basis="basis_graph"))
    for ip, sites in sorted(hosts.items()):
        ids = [event_id for observed in sites.values() for event_id in observed]
        statements.append(exhibits.say("hosting_ip", (("id", ip), ("count", len(sites))), ids))
    if not statements:
        statements.append(Statement("means_none", basis="basis_absence"))
    return Technical(rows[:limit], tuple(statements))


def _join(means: _Means, account: str, link: RingLink) -> None:
    means.accounts.add(account)
    means.event_ids.update(dict.fromkeys(link.event_ids))
    means.linked += link.count
    means.seen(link.first_ts, link.last_ts)


def _read_graph(found: dict[tuple[str, str], _Means], account: str, facts: CaseFacts) -> None:
    for row in facts.graph.read("read/account_means", id=account, limit=facts.limits.means):
        key = (str(row["label"]), str(row["id"]))
        if key[0] not in MEANS_LABELS:
            continue
        means = found.setdefault(key, _Means())
        means.accounts.add(account)
        means.graphed += int(row["count"])
        means.seen(int(row["first_seen"]), int(row["last_seen"]))


def _row(label: str, means_id: str, means: _Means, exhibits: Exhibits, facts: CaseFacts) -> MeansRow:
    cited = exhibits.cite(means.event_ids)
    basis = "" if cited else ("basis_graph" if means.graphed else "basis_unavailable")
    accounts = tuple(sorted(means.accounts))
    return MeansRow(
        label,
        means_id,
        accounts[:ACCOUNTS_SHOWN],
        len(accounts),
        max(len(means.event_ids), means.linked, means.graphed),
        means.first_ts or 0,
        means.last_ts or 0,
        tuple(sorted(means.ports)),
        listed_on(label, means_id, facts),
        cited[:EVIDENCE_LIMIT],
        len(means.event_ids) if cited else 0,
        basis,
    )
