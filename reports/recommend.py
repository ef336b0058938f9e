"""What the receiving authority is asked to consider; every recommendation names targets and rests on evidence.

They are proposals of measures, derived by rule from roles, lists and licences. Payers (possible victims) are never
a target of freezing, and a site is never proposed for blocking only because ring members used it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Role
from reports.exhibits import Exhibits
from reports.record import MeansRow, MemberRow, Recommendation, Statement

FREEZABLE = (Role.ORGANISER, Role.COLLECTOR, Role.CASH_OUT, Role.MULE, Role.PASS_THROUGH)
ACCOUNT, DOMAIN = str(NodeKind.ACCOUNT), str(NodeKind.DOMAIN)


def for_members(members: Sequence[MemberRow], exhibits: Exhibits) -> list[Recommendation]:
    """Freeze the accounts that move the money, investigate whoever organises it, hear and protect the payers."""
    advice: list[Recommendation] = []
    freeze = [member for member in members if member.role in FREEZABLE]
    if freeze:
        advice.append(_over(freeze, "freeze_accounts", "advise_freeze_accounts", exhibits))
    main = [member for member in members if member.role == Role.ORGANISER]
    leading = [member for member in members if member.role in (Role.COLLECTOR, Role.CASH_OUT)]
    if main:
        advice.append(_over(main, "investigate_main", "advise_investigate_organiser", exhibits))
    elif leading:
        advice.append(_over(leading, "investigate_main", "advise_investigate_leading", exhibits))
    payers = [member for member in members if member.role == Role.VICTIM]
    if payers:
        advice.append(_over(payers, "hear_payers", "advise_hear_payers", exhibits))
    return advice


def for_domains(domains: Mapping[str, tuple[str, Sequence[str]]], exhibits: Exhibits) -> list[Recommendation]:
    """`domains`: site -> (reason, event ids); reasons are "unlicensed", "listed" and "unknown" (verify first)."""
    advice: list[Recommendation] = []
    for reason, action in (
        ("unlicensed", "block_domains"),
        ("listed", "block_domains"),
        ("unknown", "verify_domains"),
    ):
        chosen = sorted(domain for domain, (own, _) in domains.items() if own == reason)
        if chosen:
            ids = [event_id for domain in chosen for event_id in domains[domain][1]]
            statement = exhibits.say(f"advise_{action}_{reason}", (("count", len(chosen)),), ids, basis="basis_graph")
            advice.append(Recommendation(action, tuple((DOMAIN, domain) for domain in chosen), statement))
    return advice


def for_means(rows: Sequence[MeansRow]) -> list[Recommendation]:
    """Ask providers to preserve and hand over records of the addresses and devices used by several accounts."""
    shared = [row for row in rows if row.account_count > 1 and row.label in (NodeKind.IP, NodeKind.DEVICE)]
    if not shared:
        return []
    ids = tuple(dict.fromkeys(event_id for row in shared for event_id in row.evidence_ids))
    params = (("count", len(shared)),)
    total = sum(row.total_events for row in shared)
    statement = (
        Statement("advise_preserve_records", params, ids[:EVIDENCE_LIMIT], max(total, len(ids)))
        if ids
        else Statement("advise_preserve_records", params, basis="basis_graph")
    )
    return [Recommendation("preserve_records", tuple((row.label, row.id) for row in shared), statement)]


def coordinate(code: str, subject: tuple[str, str], event_ids: Sequence[str], exhibits: Exhibits) -> Recommendation:
    """Take the case to the police and the financial intelligence unit; rests on everything that founded it."""
    return Recommendation("coordinate_police", (subject,), exhibits.say(code, (("id", subject[1]),), event_ids))


def _over(members: Sequence[MemberRow], action: str, code: str, exhibits: Exhibits) -> Recommendation:
    ids = [event_id for member in members for reason in member.reasons for event_id in reason.evidence_ids]
    cents = sum(max(member.in_cents, member.out_cents) for member in members)
    params = (("count", len(members)), ("amount_cents", cents))
    return Recommendation(
        action, tuple((ACCOUNT, member.account) for member in members), exhibits.say(code, params, ids)
    )
