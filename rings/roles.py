"""Which part each account plays in a ring, from its place in the flow of the ring's own movements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from graph.evidence import EVIDENCE_LIMIT, Evidence, Member, Params, RingKind, Role
from graph.window.records import Edge
from rings.findings import Finding

#: Distinct payers (payees) that make a collector (a spreader).
MANY = 4
#: Shapes in which everybody has many payers or payees, so that the place in the row of groups says the role.
LAYERS = {RingKind.BIPARTITE, RingKind.STACK}


@dataclass(slots=True)
class Flow:
    """What an account sent and received inside the ring."""

    account: str
    in_cents: int = 0
    out_cents: int = 0
    payers: set[str] = field(default_factory=set)
    payees: set[str] = field(default_factory=set)
    events: list[tuple[int, str]] = field(default_factory=list)

    def sent(self, edge: Edge) -> None:
        self.out_cents += edge.amount_cents
        self.payees.add(edge.target)
        self.events.append((edge.ts, edge.event_id))

    def received(self, edge: Edge) -> None:
        self.in_cents += edge.amount_cents
        self.payers.add(edge.source)
        self.events.append((edge.ts, edge.event_id))


def members_of(flows: dict[str, Flow], findings: Sequence[Finding], core: Collection[str]) -> tuple[Member, ...]:
    """Members with roles, sorted by account; `flows` has one entry per member."""
    seen: dict[str, int] = {}
    kinds: dict[str, set[RingKind]] = {}
    proofs: dict[str, tuple[int, str]] = {}
    for finding in findings:
        for account in (finding.core | finding.others) & flows.keys():
            seen[account] = seen.get(account, 0) + 1
            kinds.setdefault(account, set()).add(finding.kind)
            if finding.events:
                proofs.setdefault(account, (finding.key[0], finding.events[0]))
    collectors = {flow.account for flow in flows.values() if len(flow.payers) >= MANY}
    members = []
    for account, flow in sorted(flows.items()):
        role, share = _role(flow, kinds[account], collectors, core)
        events = sorted(flow.events) or [proofs.get(account, findings[0].key)]
        counted: Params = (
            ("amount_cents", flow.in_cents + flow.out_cents),
            ("payees", len(flow.payees)),
            ("payers", len(flow.payers)),
            ("share", round(share, 2)),
        )
        params = tuple(pair for pair in counted if pair[1])  # a part without money has no amount to name
        ids = tuple(event_id for _, event_id in events[:EVIDENCE_LIMIT])
        strength = 0.9 if account in core else 0.5
        members.append(
            Member(
                account=account,
                role=role,
                score=round(min(1.0, strength + 0.02 * (seen[account] - 1)), 2),
                in_cents=flow.in_cents,
                out_cents=flow.out_cents,
                first_ts=events[0][0],
                last_ts=events[-1][0],
                reasons=(Evidence(f"role_{role}", params, ids, len(events)),),
            )
        )
    return tuple(members)


def _role(flow: Flow, kinds: set[RingKind], collectors: set[str], core: Collection[str]) -> tuple[Role, float]:
    """(role, share of what came in that went out)."""
    share = flow.out_cents / flow.in_cents if flow.in_cents else 0.0
    if not flow.payers and not flow.payees:
        operating = RingKind.OPERATOR in kinds
        return (Role.COLLECTOR if operating else Role.MULE), share
    if kinds <= LAYERS:
        return (Role.MULE if not flow.payers else Role.PASS_THROUGH if flow.payees else Role.CASH_OUT), share
    if len(flow.payers) >= MANY:
        return Role.COLLECTOR, share
    if not flow.payers:
        if len(flow.payees) >= MANY or (flow.account in core and RingKind.SCATTER_GATHER in kinds):
            return Role.ORGANISER, share
        return (Role.MULE if flow.account in core else Role.VICTIM), share
    if not flow.payees:
        if flow.payers & collectors and len(flow.payers) >= 2:
            return Role.ORGANISER, share
        return Role.CASH_OUT, share
    if len(flow.payees) >= MANY:
        return Role.ORGANISER, share
    return (Role.PASS_THROUGH if flow.account in core else Role.MULE), share
