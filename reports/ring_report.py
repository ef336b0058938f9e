"""The report about one ring: who belongs, where the money went, what ties them together, and what to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Member, Ring, RingLink
from reports import breaking, closing, recommend
from reports.exhibits import Exhibits
from reports.flow import money_flow, money_links
from reports.formats import Language
from reports.phrases import known_codes
from reports.record import (
    SCHEMA,
    AsOf,
    Connection,
    Envelope,
    LinkRow,
    MemberRow,
    ReportRecord,
    Statement,
    Typology,
)
from reports.ring_summary import ROLE_ORDER, founding, ring_summary
from reports.sources import CaseFacts
from reports.technical import collect_facts, find_means, hosting, listed_on, technical_section
from reports.verdict import domain_reasons

ACCOUNT, OPERATOR, RING = str(NodeKind.ACCOUNT), str(NodeKind.OPERATOR), str(NodeKind.RING)


def build_ring_report(ring: Ring, *, facts: CaseFacts, language: Language, as_of: AsOf) -> ReportRecord:
    """The record of the report on `ring` as the log stood at `as_of`. Equal inputs give an equal record."""
    exhibits = Exhibits(facts.events, as_of=as_of, limit=facts.limits.transactions)
    exhibits.collect(_event_ids(ring))
    accounts = [member.account for member in _by_importance(ring.members)]
    collect_facts([(ACCOUNT, account) for account in accounts], exhibits, facts=facts)
    domains = _used(ring, exhibits, "domain")
    operators = _used(ring, exhibits, "operator")
    collect_facts([(str(NodeKind.DOMAIN), domain) for domain in domains], exhibits, facts=facts)
    collect_facts([(OPERATOR, operator) for operator in operators], exhibits, facts=facts)
    hosts = hosting(sorted(domains), exhibits, facts=facts)
    connections = _ring_connections(ring, exhibits, facts) + _operator_connections(operators, exhibits)

    means, asked = find_means(accounts, ring.links, exhibits, facts=facts)
    members = tuple(_members(ring, exhibits, facts))
    links = sorted(ring.links, key=lambda link: (-link.sum_cents, -link.count, link.kind, link.source, link.target))
    shown = sorted(links[: facts.limits.links], key=lambda link: (link.kind, link.source, link.target))
    flow = money_flow(ring.links, exhibits, limit=facts.limits.hops)
    typologies = tuple(
        Typology(signal.name, signal.value, signal.points, exhibits.state(signal.evidence), signal.missing)
        for signal in sorted(ring.contributions, key=lambda signal: (-signal.points, signal.name))
    )
    advice = recommend.for_members(members, exhibits)
    advice += recommend.for_domains(domain_reasons(domains, operators, exhibits, facts=facts), exhibits)
    advice += recommend.for_means(means)
    advice += breaking.for_plans(ring, breaking.plans_for(ring, graph=facts.graph, rings=facts.rings), exhibits)
    advice.append(recommend.coordinate("advise_coordinate_ring", (RING, ring.ring_id), list(founding(ring)), exhibits))
    limits = [
        *_ring_limits(ring, exhibits),
        *closing.exhibit_limits(exhibits),
        *closing.capped("limit_hops", flow.listed, len(money_links(ring.links))),
        *closing.capped("limit_links", len(shown), len(links)),
        *closing.capped("limit_means", min(len(means), facts.limits.means), len(means)),
        *closing.capped("limit_means_accounts", len(asked), len(accounts)),
    ]
    rows = exhibits.transactions()
    times = [row.ts for row in rows] + [fact.ts for fact in exhibits.facts()]
    return closing.with_id(
        ReportRecord(
            envelope=Envelope(
                SCHEMA,
                "",
                "ring",
                ring.ring_id,
                language,
                as_of,
                min(times, default=None),
                max(times, default=None),
                tuple(sorted(facts.versions)),
            ),
            summary=ring_summary(ring, members, domains, flow.statements, exhibits),
            operator=None,
            members=members,
            links=tuple(link_row(link, exhibits) for link in shown),
            flow=flow,
            technical=technical_section(means, hosts, exhibits, limit=facts.limits.means),
            connections=tuple(connections),
            typologies=typologies,
            recommendations=tuple(advice),
            transactions=rows,
            facts=exhibits.facts(),
            method=closing.method(),
            limits=tuple(limits) or (Statement("limit_none", basis="basis_method"),),
            gaps=closing.gaps(operator=False),
            digests=(exhibits.digest(), closing.subject_digest(ring)),
        )
    )


def link_row(link: RingLink, exhibits: Exhibits) -> LinkRow:
    """A ring link as a row of the report."""
    cited = exhibits.cite(link.event_ids)
    return LinkRow(
        link.kind,
        link.source,
        link.target,
        link.count,
        link.sum_cents,
        link.first_ts,
        link.last_ts,
        cited[:EVIDENCE_LIMIT],
        max(link.count, len(cited)) if cited else 0,
        "" if cited else "basis_unavailable",
    )


def _event_ids(ring: Ring) -> Iterator[str]:
    yield from founding(ring)
    for signal in ring.contributions:
        yield from signal.evidence.event_ids
    for evidence in ring.suppressed:
        yield from evidence.event_ids
    for member in _by_importance(ring.members):
        for reason in member.reasons:
            yield from reason.event_ids
    for link in ring.links:
        yield from link.event_ids


def _by_importance(members: Iterable[Member]) -> list[Member]:
    return sorted(
        members, key=lambda member: (ROLE_ORDER[member.role], -max(member.in_cents, member.out_cents), member.account)
    )


def _used(ring: Ring, exhibits: Exhibits, field: str) -> dict[str, list[str]]:
    """Sites or operators of the cited movements of ring members -> ids of those movements."""
    accounts = {member.account for member in ring.members}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for movement in exhibits.movements():
        value = getattr(movement, field)
        if value is not None and movement.source in accounts:
            found[value].append(movement.event_id)
    return dict(sorted(found.items()))


def _members(ring: Ring, exhibits: Exhibits, facts: CaseFacts) -> Iterator[MemberRow]:
    own: defaultdict[str, list[str]] = defaultdict(list)
    for link in ring.links:
        for end in (link.source, link.target):
            if end[0] == ACCOUNT:
                own[end[1]].extend(link.event_ids)
    for number, member in enumerate(_by_importance(ring.members), 1):
        reasons = tuple(exhibits.state(reason) for reason in member.reasons)
        yield MemberRow(
            number,
            member.account,
            str(member.role),
            member.score,
            member.in_cents,
            member.out_cents,
            member.first_ts,
            member.last_ts,
            listed_on(ACCOUNT, member.account, facts),
            reasons or (exhibits.say("role_by_links", (("role", f"name_{member.role}"),), own[member.account]),),
        )


def _ring_connections(ring: Ring, exhibits: Exhibits, facts: CaseFacts) -> list[Connection]:
    shared: defaultdict[str, set[str]] = defaultdict(set)
    accounts = [member.account for member in ring.members]
    for account, ring_ids in facts.rings.rings_of(accounts).items():
        for ring_id in ring_ids:
            if ring_id != ring.ring_id:
                shared[ring_id].add(account)
    found: list[Connection] = []
    for ring_id, through in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0])):
        other = facts.rings.ring(ring_id)
        if other is None or other.ring_id == ring.ring_id:
            continue
        ids = [
            event_id
            for link in other.links
            if link.source[1] in through or link.target[1] in through
            for event_id in link.event_ids[:EVIDENCE_LIMIT]
        ]
        exhibits.collect(ids)
        params = (("id", other.ring_id), ("count", len(through)), ("kind", f"name_{other.kind}"))
        statement = exhibits.say("connected_ring", params, ids)
        found.append(Connection(RING, other.ring_id, ACCOUNT, tuple(sorted(through)), statement))
    return found


def _operator_connections(operators: dict[str, list[str]], exhibits: Exhibits) -> list[Connection]:
    return [
        Connection(
            OPERATOR,
            operator,
            ACCOUNT,
            tuple(sorted({event.source for i in ids if (event := exhibits.movement(i)) is not None})),
            exhibits.say("connected_operator", (("id", operator), ("count", len(ids))), ids),
        )
        for operator, ids in operators.items()
    ]


def _ring_limits(ring: Ring, exhibits: Exhibits) -> Iterator[Statement]:
    for evidence in ring.suppressed:
        yield exhibits.say(
            evidence.code, evidence.params, evidence.event_ids, total=evidence.total_events, basis="basis_method"
        )
    for what in ring.truncated:
        yield Statement("limit_truncated", (("id", what),), basis="basis_method")
    for signal in ring.contributions:
        if signal.missing is not None:
            params = (("id", signal.name), ("cause", signal.missing))
            yield Statement("limit_signal_missing", params, basis="basis_absence")
    partial = [link for link in ring.links if 0 < len(exhibits.cite(link.event_ids)) < link.count]
    if partial:
        counts = (("count", len(partial)), ("total", sum(link.count for link in partial)))
        yield Statement("limit_link_events", counts, basis="basis_method")
    differing = [link for link in money_links(ring.links) if _differs(link, exhibits)]
    if differing:
        ids = [event_id for link in differing for event_id in link.event_ids]
        yield exhibits.say("limit_totals_differ", (("count", len(differing)),), ids)
    reasons = [reason.code for member in ring.members for reason in member.reasons]
    codes = {evidence.code for evidence in ring.evidence} | set(reasons)
    for code in sorted((codes | {signal.evidence.code for signal in ring.contributions}) - known_codes()):
        yield Statement("limit_unworded", (("id", code),), basis="basis_method")


def _differs(link: RingLink, exhibits: Exhibits) -> bool:
    """Whether the cited movements, all there, do not add up to what the ring says."""
    movements = [exhibits.movement(event_id) for event_id in link.event_ids]
    amounts = [movement.amount_cents for movement in movements if movement is not None]
    return len(amounts) == link.count and sum(amounts) != link.sum_cents
