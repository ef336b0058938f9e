"""The summary of a ring report: who, what, where, when, why and how, with totals and what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graph.evidence import Ring, Role
from reports.exhibits import Exhibits
from reports.flow import money_links
from reports.record import Answer, MemberRow, Statement, Summary, Totals
from reports.verdict import confidence_of

#: Most important role first.
ROLE_ORDER = {
    role: place
    for place, role in enumerate(
        (
            Role.ORGANISER,
            Role.COLLECTOR,
            Role.CASH_OUT,
            Role.BRIDGE,
            Role.PASS_THROUGH,
            Role.MULE,
            Role.UNKNOWN,
            Role.VICTIM,
        )
    )
}


def ring_summary(
    ring: Ring,
    members: tuple[MemberRow, ...],
    domains: dict[str, list[str]],
    flow: tuple[Statement, ...],
    exhibits: Exhibits,
) -> Summary:
    """The six answers, the totals and how sure; `domains` are the sites that members' cited movements name."""
    founders = list(founding(ring))
    everything = [event_id for link in ring.links for event_id in link.event_ids] or founders
    sent = money_links(ring.links)
    moved, count = sum(link.sum_cents for link in sent), sum(link.count for link in sent)
    payers = {link.source[1] for link in sent} - {link.target[1] for link in sent}
    totals = Totals(
        ring.in_cents if sent else None,
        ring.out_cents if sent else None,
        ring.retained_cents if sent else None,
        moved,
        count,
        len(ring.members),
        len(payers),
        ring.first_ts,
        ring.last_ts,
    )
    roles = Counter(member.role for member in members)
    who = [exhibits.say("who_ring", (("id", ring.ring_id), ("count", len(members))), everything, total=count)]
    for role in sorted(roles, key=lambda name: ROLE_ORDER[Role(name)]):
        ids = [i for member in members if member.role == role for reason in member.reasons for i in reason.evidence_ids]
        who.append(exhibits.say("who_role", (("count", roles[role]), ("role", f"name_{role}")), ids))
    what = [exhibits.say("what_kind", (("kind", f"name_{kind}"),), founders) for kind in ring.kinds]
    what += [exhibits.state(evidence) for evidence in ring.evidence]
    if sent:
        params = (
            ("in_cents", ring.in_cents),
            ("out_cents", ring.out_cents),
            ("retained_cents", ring.retained_cents),
            ("payers", len(payers)),
        )
        money = [event_id for link in sent for event_id in link.event_ids]
        what.append(exhibits.say("what_totals", params, money, total=count))
    used = [event_id for ids in domains.values() for event_id in ids]
    where = (
        exhibits.say("where_sites", (("count", len(domains)), ("names", ", ".join(list(domains)[:5]))), used)
        if domains
        else Statement("where_unknown", basis="basis_absence")
    )
    when = exhibits.say("when_window", (("first", ring.first_ts), ("last", ring.last_ts)), everything, total=count)
    why = exhibits.say("why_score", (("score", ring.score), ("count", len(ring.contributions))), founders)
    level, reasons = confidence_of(ring, exhibits)
    return Summary(
        answers=(
            Answer("who", tuple(who)),
            Answer("what", tuple(what)),
            Answer("where", (where,)),
            Answer("when", (when,)),
            Answer("why", (why,)),
            Answer("how", flow),
        ),
        totals=totals,
        confidence=level,
        confidence_score=ring.score,
        confidence_reasons=reasons,
        unknown=tuple(_unknown(members, domains)),
    )


def _unknown(members: tuple[MemberRow, ...], domains: dict[str, list[str]]) -> Iterator[Statement]:
    yield Statement("unknown_holders", (("count", len(members)),), basis="basis_absence")
    undecided = sum(member.role == Role.UNKNOWN for member in members)
    if undecided:
        yield Statement("unknown_roles", (("count", undecided),), basis="basis_absence")
    if not any(member.role == Role.ORGANISER for member in members):
        yield Statement("unknown_organiser", basis="basis_absence")
    if not domains:
        yield Statement("unknown_sites", basis="basis_absence")
    yield Statement("unknown_destination", basis="basis_absence")


def founding(ring: Ring) -> Iterator[str]:
    """What founded the ring; where its evidence cites nothing, the events of its links."""
    cited = [event_id for evidence in ring.evidence for event_id in evidence.event_ids]
    yield from cited or (event_id for link in ring.links for event_id in link.event_ids)
