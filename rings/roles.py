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
#: Rings of more findings are not searched for bridges: each account at their cores would be tried.
MOST_FINDINGS = 60
#: Accounts on either side of a bridge.
LEAST_PART = 3


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
    starts = _starts(findings)
    bridges = _bridges(findings, core & flows.keys())
    members = []
    for account, flow in sorted(flows.items()):
        role, share = _role(flow, kinds[account], collectors, core, starts)
        if account in bridges and role in (Role.MULE, Role.PASS_THROUGH):
            role = Role.BRIDGE
        events = sorted(flow.events) or [proofs.get(account, findings[0].key)]
        sure = _certainty(role, flow, seen[account], in_core=account in core)
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
                role_certainty=sure,
            )
        )
    return tuple(members)


def _starts(findings: Sequence[Finding]) -> set[str]:
    """Where the money of circles and chains begins: the payer of the first movement of most of them."""
    begun: dict[RingKind, dict[str, int]] = {}
    for finding in findings:
        if finding.kind in (RingKind.CYCLE, RingKind.LAYERED) and finding.edges:
            counts = begun.setdefault(finding.kind, {})
            counts[finding.edges[0].source] = counts.get(finding.edges[0].source, 0) + 1
    return {min(counts, key=lambda account: (-counts[account], account)) for counts in begun.values()}


def _bridges(findings: Sequence[Finding], core: Collection[str]) -> set[str]:
    """Core accounts without which the findings fall into parts of three or more others each."""
    if not 2 <= len(findings) <= MOST_FINDINGS:
        return set()
    candidates = [account for account in core if sum(account in finding.core for finding in findings) > 1]
    return {account for account in candidates if len(_parts_without(findings, account)) > 1}


def _parts_without(findings: Sequence[Finding], account: str) -> list[set[str]]:
    parts: list[set[str]] = []
    for finding in findings:
        joined = set(finding.core - {account})
        apart = []
        for part in parts:
            if part & joined:
                joined |= part
            else:
                apart.append(part)
        parts = [*apart, joined] if joined else apart
    return [part for part in parts if len(part) >= LEAST_PART]


def _certainty(role: Role, flow: Flow, seen: int, *, in_core: bool) -> float:
    """How sure the role is, 0 to 1: more reasons, more payers (payees) than needed and a place at the core raise it."""
    if role is Role.UNKNOWN:
        return 0.0
    base = {Role.VICTIM: 0.5, Role.MULE: 0.55, Role.BRIDGE: 0.55}.get(role, 0.65)
    width = max(len(flow.payers), len(flow.payees))
    return round(min(0.95, base + 0.1 * in_core + 0.03 * min(5, seen - 1) + 0.02 * max(0, min(5, width - MANY))), 2)


def _role(
    flow: Flow, kinds: set[RingKind], collectors: set[str], core: Collection[str], starts: set[str]
) -> tuple[Role, float]:
    """(role, share of what came in that went out)."""
    share = flow.out_cents / flow.in_cents if flow.in_cents else 0.0
    if not flow.payers and not flow.payees:
        operating = RingKind.OPERATOR in kinds
        return (Role.COLLECTOR if operating else Role.MULE), share
    if kinds <= LAYERS:
        return (Role.MULE if not flow.payers else Role.PASS_THROUGH if flow.payees else Role.CASH_OUT), share
    if len(flow.payers) >= MANY:
        return Role.COLLECTOR, share
    if flow.account in starts:  # the money of a circle or chain begins here
        return Role.ORGANISER, share
    if not flow.payers:
        if len(flow.payees) >= MANY or (flow.account in core and RingKind.SCATTER_GATHER in kinds):
            return Role.ORGANISER, share
        return (Role.MULE if flow.account in core else Role.VICTIM), share
    if not flow.payees:
        if flow.payers & collectors and len(flow.payers) >= 2:
            return Role.ORGANISER, share
        spread = RingKind.FAN_OUT in kinds and not kinds & {RingKind.GATHER_SCATTER, RingKind.LAYERED}
        return (Role.MULE if spread and len(flow.payers) == 1 else Role.CASH_OUT), share
    if len(flow.payees) >= MANY:
        return Role.ORGANISER, share
    chained = bool(kinds & {RingKind.CYCLE, RingKind.LAYERED})
    middle = RingKind.SCATTER_GATHER in kinds and not chained  # one of several ways from one end to the other
    return (Role.PASS_THROUGH if flow.account in core and not middle else Role.MULE), share
