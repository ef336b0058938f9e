"""The summary of an operator report: who, what, where, when, why and how, with totals and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph.evidence import Ring, RingLink
from reports.exhibits import Exhibits
from reports.footprint import Footprint
from reports.record import Answer, OperatorSection, Statement, Summary, Totals
from reports.verdict import level_of


def operator_summary(
    section: OperatorSection,
    links: Sequence[RingLink],
    footprint: Footprint,
    rings: Mapping[str, Ring | None],
    flow: tuple[Statement, ...],
    exhibits: Exhibits,
) -> Summary:
    """The six answers, the totals and how sure; money in is what collectors took from accounts that are not such."""
    inward = [
        link for link in links if link.target[1] in footprint.collectors and link.source[1] not in footprint.collectors
    ]
    outward = [
        link for link in links if link.source[1] in footprint.collectors and link.target[1] not in footprint.collectors
    ]
    taken, paid = sum(link.sum_cents for link in inward), sum(link.sum_cents for link in outward)
    count, payers = sum(link.count for link in inward), len({link.source[1] for link in inward})
    money = [event_id for link in inward for event_id in link.event_ids]
    known = bool(links)
    first, last = (
        min((link.first_ts for link in links), default=None),
        max((link.last_ts for link in links), default=None),
    )
    totals = Totals(
        taken if known else None,
        paid if known else None,
        taken - paid if known else None,
        sum(link.sum_cents for link in links),
        sum(link.count for link in links),
        len(footprint.collectors),
        payers,
        first,
        last,
    )
    scores = [ring.score for ring in rings.values() if ring is not None]
    sites = [event_id for row in section.domains for event_id in row.source.evidence_ids]
    named = (("count", len(section.domains)), ("names", ", ".join(row.domain for row in section.domains[:5])))
    collected = (
        exhibits.say(
            "collected_total", (("count", count), ("amount_cents", taken), ("payers", payers)), money, total=count
        )
        if inward
        else Statement("collected_none", basis="basis_absence")
    )
    who = exhibits.say(
        "who_operator",
        (("id", section.operator), ("count", len(footprint.collectors))),
        [event_id for row in section.collectors for event_id in row.source.evidence_ids],
        basis="basis_graph",
    )
    where = (
        exhibits.say("where_sites", named, sites, basis="basis_graph")
        if named[0][1]
        else Statement("where_unknown", basis="basis_absence")
    )
    when = (
        exhibits.say("when_window", (("first", first), ("last", last)), [i for link in links for i in link.event_ids])
        if first is not None and last is not None
        else Statement("when_unknown", basis="basis_absence")
    )
    why = [section.licence, *section.identity]
    ring_ids = [
        i for ring in rings.values() if ring is not None for evidence in ring.evidence for i in evidence.event_ids
    ]
    if scores:
        why.append(
            exhibits.say("why_operator_rings", (("count", len(scores)), ("score", max(scores))), [*ring_ids, *money])
        )
    unknown = [Statement("unknown_holders", (("count", len(footprint.collectors)),), basis="basis_absence")]
    if section.licensed is None:
        unknown.append(Statement("unknown_licence", basis="basis_absence"))
    unknown.append(Statement("unknown_destination", basis="basis_absence"))
    reasons = [section.licence] if section.licensed is False else []
    reasons += why[-1:] if scores else []
    return Summary(
        answers=(
            Answer("who", (who,)),
            Answer("what", (collected,)),
            Answer("where", (where,)),
            Answer("when", (when,)),
            Answer("why", tuple(why)),
            Answer("how", flow),
        ),
        totals=totals,
        confidence=level_of(max(scores)) if scores else "low",
        confidence_score=max(scores) if scores else None,
        confidence_reasons=tuple(reasons) or (Statement("confidence_unreasoned", basis="basis_absence"),),
        unknown=tuple(unknown),
    )
