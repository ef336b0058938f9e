"""The report about one betting operator: licence, sites, hosting, collection accounts, rings and gang links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from graph.events import Movement, NodeKind
from graph.evidence import Ring, RingLink, Role
from reports import closing, recommend
from reports.exhibits import Exhibits
from reports.flow import money_flow
from reports.footprint import Footprint, other_operators, pair_links, read_footprint
from reports.formats import Language
from reports.operator_summary import operator_summary
from reports.record import (
    SCHEMA,
    AsOf,
    CollectorRow,
    Connection,
    DomainRow,
    Envelope,
    MemberRow,
    OperatorSection,
    Recommendation,
    ReportRecord,
    Statement,
)
from reports.ring_report import link_row
from reports.sources import CaseFacts
from reports.technical import collect_facts, domain_row, find_means, hosting, listed_on, technical_section
from reports.verdict import blocked_by, licence_of

ACCOUNT, OPERATOR = str(NodeKind.ACCOUNT), str(NodeKind.OPERATOR)


def build_operator_report(operator_id: str, *, facts: CaseFacts, language: Language, as_of: AsOf) -> ReportRecord:
    """The record of the report on an operator as the log stood at `as_of`. Equal inputs give an equal record.

    An operator of which nothing is known gives a report that says so.
    """
    exhibits = Exhibits(facts.events, as_of=as_of, limit=facts.limits.transactions)
    footprint = read_footprint(operator_id, exhibits, facts=facts, as_of=as_of)
    collectors = sorted(footprint.collectors)
    nodes = [(ACCOUNT, account) for account in collectors]
    nodes += [(str(NodeKind.DOMAIN), domain) for domain in footprint.domains]
    collect_facts(nodes, exhibits, facts=facts)
    hosts = hosting(list(footprint.domains), exhibits, facts=facts)
    rings = {account: tuple(ids) for account, ids in sorted(facts.rings.rings_of(collectors).items())}
    known_rings = {ring_id: facts.rings.ring(ring_id) for ids in rings.values() for ring_id in ids}
    gang = other_operators(operator_id, footprint, hosts, exhibits, facts=facts)

    links = pair_links(exhibits.movements())
    flow = money_flow(links, exhibits, limit=facts.limits.hops)
    means, asked = find_means(collectors, (), exhibits, facts=facts)
    section = _section(operator_id, footprint, rings, exhibits, facts)
    ring_links = _ring_connections(rings, known_rings, exhibits)
    members = _member_rows(collectors, links, rings, known_rings, exhibits, facts)
    strongest = sorted(links, key=lambda link: (-link.sum_cents, -link.count, link.source, link.target))
    shown = sorted(strongest[: facts.limits.links], key=lambda link: (link.source, link.target))
    advice = _advice(operator_id, section, members, footprint, exhibits, facts) + recommend.for_means(means)
    limits = [
        *(Statement("limit_truncated", (("id", what),), basis="basis_method") for what in footprint.cut),
        *closing.exhibit_limits(exhibits),
        *closing.capped("limit_hops", flow.listed, len(links)),
        *closing.capped("limit_links", len(shown), len(links)),
        *closing.capped("limit_means", min(len(means), facts.limits.means), len(means)),
        *closing.capped("limit_means_accounts", len(asked), len(collectors)),
    ]
    rows = exhibits.transactions()
    times = [row.ts for row in rows] + [fact.ts for fact in exhibits.facts()]
    return closing.with_id(
        ReportRecord(
            envelope=Envelope(
                SCHEMA,
                "",
                "operator",
                operator_id,
                language,
                as_of,
                min(times, default=None),
                max(times, default=None),
                tuple(sorted(facts.versions)),
            ),
            summary=operator_summary(section, links, footprint, known_rings, flow.statements, exhibits),
            operator=section,
            members=members,
            links=tuple(link_row(link, exhibits) for link in shown),
            flow=flow,
            technical=technical_section(means, hosts, exhibits, limit=facts.limits.means),
            connections=(*ring_links, *gang),
            typologies=(),
            recommendations=tuple(advice),
            transactions=rows,
            facts=exhibits.facts(),
            method=closing.method(),
            limits=tuple(limits) or (Statement("limit_none", basis="basis_method"),),
            gaps=closing.gaps(operator=True),
            digests=(exhibits.digest(), closing.subject_digest((section, links))),
        )
    )


def _section(
    operator: str, footprint: Footprint, rings: Mapping[str, Sequence[str]], exhibits: Exhibits, facts: CaseFacts
) -> OperatorSection:
    stated = licence_of(operator, facts)
    licensed, ids = stated.licensed, stated.event_ids
    code = {True: "licence_yes", False: "licence_no", None: "licence_unknown"}[licensed]
    known = facts.graph.read("read/operator", id=operator)
    if licensed is None and known and known[0]["licensed"] is not None:
        licensed = bool(known[0]["licensed"])
        licence = Statement("licence_yes" if licensed else "licence_no", (("id", operator),), basis="basis_graph")
    else:
        licence = exhibits.say(code, (("id", operator),), ids, basis="basis_absence")
    identity: list[Statement] = []
    if stated.disputed:
        identity.append(exhibits.say("licence_conflict", (), ids))
    lists = listed_on(OPERATOR, operator, facts)
    if lists:
        listings = [entry.event.event_id for entry in facts.facts.about(OPERATOR, operator)]
        identity.append(exhibits.say("operator_listed", (("names", ", ".join(lists)),), listings))
    if not known and not footprint.domains and not footprint.collectors and not ids:
        identity.append(Statement("operator_unknown", (("id", operator),), basis="basis_absence"))
    domains = tuple(
        domain_row(domain, footprint.seen.get((str(NodeKind.DOMAIN), domain)), exhibits, facts=facts)
        for domain in footprint.domains
    )
    if len(domains) > 1:
        identity.append(_rotation(domains, exhibits))
    taken: defaultdict[str, list[Movement]] = defaultdict(list)
    for movement in exhibits.movements():
        if movement.target in footprint.collectors and movement.source not in footprint.collectors:
            taken[movement.target].append(movement)
    return OperatorSection(
        operator,
        licensed,
        licence,
        tuple(identity),
        domains,
        tuple(
            _collector(account, own, taken[account], rings, exhibits) for account, own in footprint.collectors.items()
        ),
    )


def _rotation(domains: Sequence[DomainRow], exhibits: Exhibits) -> Statement:
    """Several sites in a span of time: how fast the operator changes its address."""
    span_days = (max(row.first_ts for row in domains) - min(row.first_ts for row in domains)) / 86_400_000
    ids = [event_id for row in domains for event_id in row.source.evidence_ids]
    params = (("count", len(domains)), ("days", round(span_days, 1)))
    return exhibits.say("domain_rotation", params, ids, basis="basis_graph")


def _collector(
    account: str,
    stated: Sequence[str],
    taken: Sequence[Movement],
    rings: Mapping[str, Sequence[str]],
    exhibits: Exhibits,
) -> CollectorRow:
    ids = [*stated, *(movement.event_id for movement in taken)]
    return CollectorRow(
        account,
        len(taken),
        sum(movement.amount_cents for movement in taken),
        len({movement.source for movement in taken}),
        min((movement.ts for movement in taken), default=None),
        max((movement.ts for movement in taken), default=None),
        tuple(rings.get(account, ())),
        exhibits.say("collects_with", (("id", account),), ids, basis="basis_graph"),
    )


def _member_rows(
    collectors: Sequence[str],
    links: Sequence[RingLink],
    rings: Mapping[str, Sequence[str]],
    known: Mapping[str, Ring | None],
    exhibits: Exhibits,
    facts: CaseFacts,
) -> tuple[MemberRow, ...]:
    """The collection accounts with the role that their strongest ring gives them; collector where there is none."""
    rows: list[MemberRow] = []
    for number, account in enumerate(collectors, 1):
        own = [link for link in links if account in (link.source[1], link.target[1])]
        ids = [event_id for link in own for event_id in link.event_ids]
        found = [ring for ring_id in rings.get(account, ()) if (ring := known[ring_id]) is not None]
        found.sort(key=lambda ring: (-ring.score, ring.ring_id))
        member = next((member for ring in found for member in ring.members if member.account == account), None)
        role = member.role if member is not None else Role.COLLECTOR
        code = "role_in_ring" if member is not None else "role_collects"
        params = (("role", f"name_{role}"), *((("id", found[0].ring_id),) if found else ()))
        rows.append(
            MemberRow(
                number,
                account,
                str(role),
                member.score if member is not None else 1.0,
                sum(link.sum_cents for link in own if link.target[1] == account),
                sum(link.sum_cents for link in own if link.source[1] == account),
                min((link.first_ts for link in own), default=0),
                max((link.last_ts for link in own), default=0),
                listed_on(ACCOUNT, account, facts),
                (exhibits.say(code, params, ids, basis="basis_graph"),),
            )
        )
    return tuple(rows)


def _ring_connections(
    rings: Mapping[str, Sequence[str]], known: Mapping[str, Ring | None], exhibits: Exhibits
) -> list[Connection]:
    through: defaultdict[str, set[str]] = defaultdict(set)
    for account, ring_ids in rings.items():
        for ring_id in ring_ids:
            through[ring_id].add(account)
    found: list[Connection] = []
    for ring_id, accounts in sorted(through.items()):
        ring = known[ring_id]
        if ring is None:
            continue
        ids = [i for link in ring.links if accounts & {link.source[1], link.target[1]} for i in link.event_ids]
        exhibits.collect(ids)
        params = (("id", ring.ring_id), ("count", len(accounts)), ("kind", f"name_{ring.kind}"))
        found.append(
            Connection(
                str(NodeKind.RING),
                ring.ring_id,
                ACCOUNT,
                tuple(sorted(accounts)),
                exhibits.say("collector_in_ring", params, ids),
            )
        )
    return found


def _advice(
    operator: str,
    section: OperatorSection,
    members: tuple[MemberRow, ...],
    footprint: Footprint,
    exhibits: Exhibits,
    facts: CaseFacts,
) -> list[Recommendation]:
    reasons: dict[str, tuple[str, Sequence[str]]] = {}
    for row in section.domains:
        listed = blocked_by(NodeKind.DOMAIN, row.domain, facts)
        proof = [*section.licence.evidence_ids, *row.source.evidence_ids]
        if section.licensed is False:
            reasons[row.domain] = ("unlicensed", proof)
        elif listed:
            reasons[row.domain] = ("listed", listed)
        elif section.licensed is None:
            reasons[row.domain] = ("unknown", row.source.evidence_ids)
    advice = recommend.for_domains(reasons, exhibits)
    stated = [event_id for ids in footprint.collectors.values() for event_id in ids]
    money = [event_id for row in section.collectors for event_id in row.source.evidence_ids]
    suspect = section.licensed is False or bool(blocked_by(OPERATOR, operator, facts))
    in_rings = [
        member for member in members if any(member.account == row.account and row.rings for row in section.collectors)
    ]
    freeze = members if suspect else in_rings
    advice += recommend.for_members(freeze, exhibits)
    if suspect or in_rings:
        ids = [*section.licence.evidence_ids, *stated, *money]
        main = exhibits.say("advise_investigate_operator", (("id", operator),), ids, basis="basis_graph")
        advice = [item for item in advice if item.action != "investigate_main"]
        advice.append(Recommendation("investigate_main", ((OPERATOR, operator),), main))
        advice.append(recommend.coordinate("advise_coordinate_operator", (OPERATOR, operator), ids, exhibits))
    return advice
