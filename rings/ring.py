"""A ring from its findings: links, money, roles, score - one pure function."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Ring, RingKind, RingLink, Signal
from graph.window.kernels import DAY
from graph.window.linking import PUBLIC_DEGREE
from graph.window.records import Edge
from rings.findings import Finding
from rings.means import SharedMeans
from rings.roles import Flow, members_of

#: What a shape says by itself. Fans are common in honest life and need more than their shape to make a ring.
BASE_POINTS: dict[RingKind, float] = {
    RingKind.FAN_IN: 25.0,
    RingKind.FAN_OUT: 25.0,
    RingKind.CYCLE: 45.0,
    RingKind.SCATTER_GATHER: 35.0,
    RingKind.GATHER_SCATTER: 35.0,
    RingKind.BIPARTITE: 35.0,
    RingKind.STACK: 45.0,
    RingKind.LAYERED: 45.0,
    RingKind.SHARED_MEANS: 45.0,
    RingKind.OPPOSITE_BETS: 45.0,
    RingKind.OPERATOR: 45.0,
    RingKind.LINKED: 45.0,
    RingKind.ALIKE: 35.0,
}
#: Shapes of link lists: the time of such a finding is not when the ring did something.
TIMELESS = {RingKind.LINKED, RingKind.ALIKE}
MAX_SUPPRESSED = 20
LINK_OF_MEANS = {"Device": "USED_DEVICE", "Identifier": "HAS_IDENTIFIER", "Ip": "FROM_IP"}


def build_ring(
    ring_id: str,
    findings: Sequence[Finding],
    accounts: Collection[str],
    *,
    public: Collection[str],
    means: SharedMeans,
    listed: Callable[[str], bool],
    truncated: tuple[str, ...],
) -> Ring:
    """The ring that `findings` (in key order, the founding one first) make of `accounts`.

    Movements from and to `public` accounts count as money in and out, but those accounts are no members.
    """
    edges = sorted(
        {edge.event_id: edge for finding in findings for edge in finding.edges}.values(),
        key=lambda edge: (edge.ts, edge.event_id),
    )
    core = frozenset().union(*(finding.core for finding in findings)) & frozenset(accounts)
    flows = _flows(accounts, edges)
    money = _money(flows)
    links = [*_sent_links(edges), *_means_links(findings, accounts, core, means)]
    links.sort(key=lambda link: (link.kind, link.source, link.target))
    times = [edge.ts for edge in edges] or [finding.key[0] for finding in findings]
    joined = _joined(core, accounts, means)
    contributions = _contributions(findings, edges, sorted(core), joined, money[2], listed)
    return Ring(
        ring_id=ring_id,
        kind=_main_kind({finding.kind for finding in findings}),
        kinds=tuple(sorted({finding.kind for finding in findings})),
        score=round(sum(signal.points for signal in contributions), 2),
        members=members_of({account: flows[account] for account in sorted(accounts)}, findings, core),
        links=tuple(links),
        in_cents=money[0],
        out_cents=money[1],
        retained_cents=money[0] - money[1],
        first_ts=min(times),
        last_ts=max(times),
        contributions=contributions,
        evidence=tuple(_evidence(finding) for finding in _telling(findings)),
        suppressed=_suppressed(sorted(core), sorted(public), means),
        truncated=truncated,
    )


def _main_kind(kinds: Collection[RingKind]) -> RingKind:
    """The most telling shape; what the money did says more than what was shared."""
    return min(kinds, key=lambda kind: (kind is RingKind.SHARED_MEANS, -BASE_POINTS[kind], kind))


def _flows(accounts: Collection[str], edges: Sequence[Edge]) -> dict[str, Flow]:
    """Flow of every account of the ring's movements, members or not, and of members without any."""
    flows = {account: Flow(account) for account in accounts}
    for edge in edges:
        flows.setdefault(edge.source, Flow(edge.source)).sent(edge)
        flows.setdefault(edge.target, Flow(edge.target)).received(edge)
    return flows


def _money(flows: dict[str, Flow]) -> tuple[int, int, int]:
    """(brought in by net payers, taken out by accounts that only receive, sum of all movements), cents.

    What came in is either out or retained by those in between, so out never exceeds in.
    """
    brought = sum(max(0, flow.out_cents - flow.in_cents) for flow in flows.values())
    left = sum(flow.in_cents for flow in flows.values() if not flow.out_cents)
    return brought, left, sum(flow.out_cents for flow in flows.values())


def _sent_links(edges: Sequence[Edge]) -> list[RingLink]:
    pairs: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        pairs[edge.source, edge.target].append(edge)
    return [
        RingLink(
            source=("Account", source),
            target=("Account", target),
            kind="SENT",
            count=len(sent),
            sum_cents=sum(edge.amount_cents for edge in sent),
            first_ts=sent[0].ts,
            last_ts=sent[-1].ts,
            event_ids=tuple(edge.event_id for edge in sent[:EVIDENCE_LIMIT]),
        )
        for (source, target), sent in pairs.items()
    ]


def _joined(core: Collection[str], accounts: Collection[str], means: SharedMeans) -> dict[tuple[str, str], list[str]]:
    """Personal things that a core account shares with another member, and the members on each."""
    joined = {}
    for account in sorted(core):
        for thing, others in means.personal(account):
            together = [other for other in others if other in accounts]
            if together:
                joined[thing] = sorted({account, *together})
    return joined


def _means_links(
    findings: Sequence[Finding], accounts: Collection[str], core: Collection[str], means: SharedMeans
) -> list[RingLink]:
    """First use of every thing that joins members: farm devices, and personal things of core accounts."""
    things = {thing for finding in findings if finding.kind is RingKind.SHARED_MEANS for thing in finding.means}
    things.update(_joined(core, accounts, means))
    return [
        RingLink(
            source=("Account", account),
            target=thing,
            kind=LINK_OF_MEANS[thing[0]],
            count=1,
            sum_cents=0,
            first_ts=first[0],
            last_ts=first[0],
            event_ids=(first[1],),
        )
        for thing in sorted(things)
        for account, first in means.first_uses(thing)
        if account in accounts
    ]


def _telling(findings: Sequence[Finding]) -> list[Finding]:
    """The founding finding and, of each kind and core, the widest: repeats of one shape add nothing to read."""
    widest: dict[tuple[RingKind, frozenset[str]], Finding] = {}
    for finding in findings:
        known = widest.get((finding.kind, finding.core))
        if known is None or (len(finding.edges), len(finding.core)) > (len(known.edges), len(known.core)):
            widest[finding.kind, finding.core] = finding
    chosen = {finding.name: finding for finding in (findings[0], *widest.values())}
    return sorted(chosen.values(), key=lambda finding: (finding.key, finding.name))[:EVIDENCE_LIMIT]


def _evidence(finding: Finding) -> Evidence:
    ids = tuple(edge.event_id for edge in finding.edges) or finding.events
    span = (finding.edges[-1].ts - finding.edges[0].ts) / 3_600_000 if finding.edges else 0.0
    count, cents, centre = _counted(finding)
    params: Params = (
        ("accounts", len(finding.core | finding.others)),
        *((("amount_cents", cents), ("hours", round(span, 1))) if cents else ()),
        ("count", count),
        *((("id", centre),) if centre is not None else ()),
        *((("operators", ", ".join(finding.operators)),) if finding.operators else ()),
    )
    nodes = tuple(("Account", account) for account in sorted(finding.core)) + finding.means
    nodes += tuple(("Operator", operator) for operator in finding.operators)
    return Evidence(f"ring_{finding.kind}", params, ids[:EVIDENCE_LIMIT], len(ids), nodes)


def _counted(finding: Finding) -> tuple[int, int, str | None]:
    """(what the words of its kind count, money it is about in cents, account or thing in the middle)."""
    cents = sum(edge.amount_cents for edge in finding.edges)
    accounts = finding.core | finding.others
    if finding.kind is RingKind.FAN_IN:
        (centre,) = finding.core
        paid = [edge for edge in finding.edges if edge.target == centre]
        return len({edge.source for edge in paid}), sum(edge.amount_cents for edge in paid), centre
    if finding.kind is RingKind.FAN_OUT:
        (centre,) = finding.core
        spread = [edge for edge in finding.edges if edge.source == centre]
        return len({edge.target for edge in spread}), sum(edge.amount_cents for edge in spread), centre
    if finding.kind is RingKind.GATHER_SCATTER:
        return len(finding.others), cents, None
    if finding.kind is RingKind.SCATTER_GATHER:
        return len(accounts) - 2, cents, None  # without the two ends
    if finding.kind is RingKind.OPPOSITE_BETS:
        return len(finding.edges), cents, None
    if finding.kind is RingKind.OPERATOR:
        return len(finding.core), 0, None
    return len(accounts), cents, finding.means[0][1] if finding.means else None


def _contributions(
    findings: Sequence[Finding],
    edges: Sequence[Edge],
    core: Sequence[str],
    joined: dict[tuple[str, str], list[str]],
    cents: int,
    listed: Callable[[str], bool],
) -> tuple[Signal, ...]:
    """Signed parts of the ring's score; they add up to it."""
    signals: list[Signal] = []
    first_of: dict[RingKind, Finding] = {}
    for finding in findings:
        first_of.setdefault(finding.kind, finding)
    strongest = max(BASE_POINTS[kind] for kind in first_of)
    for kind, finding in sorted(first_of.items()):
        points = BASE_POINTS[kind] if BASE_POINTS[kind] == strongest else BASE_POINTS[kind] / 2
        signals.append(Signal(f"ring_{kind}", 1.0, points, _evidence(finding)))
    proof = tuple(edge.event_id for edge in edges[:EVIDENCE_LIMIT]) or findings[0].events[:EVIDENCE_LIMIT]
    total = len(edges) or len(findings[0].events)

    def add(name: str, value: float, points: float, params: Params, events: tuple[str, ...] = proof) -> None:
        if points:
            signals.append(Signal(name, float(value), round(points, 2), Evidence(name, params, events, total)))

    add("ring_size", len(core), min(15.0, 2.5 * max(0, len(core) - 2)), (("count", len(core)),))
    if cents:
        add("ring_amount", cents, min(10.0, 2.0 * max(0.0, math.log10(cents / 100) - 2)), (("amount_cents", cents),))
    if RingKind.SHARED_MEANS not in first_of:
        devices = {account for thing, users in joined.items() if thing[0] != "Ip" for account in users}
        add("ring_joined", len(devices), min(30.0, 10.0 * max(0, len(devices) - 1)), (("count", len(devices)),))
    if RingKind.ALIKE in first_of:
        alike = len(first_of[RingKind.ALIKE].core | first_of[RingKind.ALIKE].others)
        add("ring_together", alike, min(25.0, 10.0 + alike), (("count", alike),), first_of[RingKind.ALIKE].events)
    days = len({finding.key[0] // DAY for finding in findings if finding.kind not in TIMELESS}) or 1
    add("ring_repeats", days, min(10.0, 5.0 * (days - 1)), (("count", days),))
    flagged = [account for account in core if listed(account)]
    add("ring_listed", len(flagged), min(20.0, 10.0 * len(flagged)), (("count", len(flagged)),))
    over = sum(signal.points for signal in signals) - 100
    if over > 0:
        add("cap", over + 100, -over, (("score", round(over + 100, 2)),))
    return tuple(sorted(signals, key=lambda signal: (-abs(signal.points), signal.name)))


def _suppressed(core: Sequence[str], public: Sequence[str], means: SharedMeans) -> tuple[Evidence, ...]:
    """Hubs around the ring that were not counted: accounts that deal with everybody, things that everybody uses."""
    hubs = [(("Account", account), ("counterparties", PUBLIC_DEGREE)) for account in public]
    things = sorted({thing for account in core for thing in means.hubs(account)})
    hubs += [(thing, ("limit", means.limit)) for thing in things]
    return tuple(
        Evidence("hub_suppressed", (("id", node[1]), limit), (), 0, (node,)) for node, limit in hubs[:MAX_SUPPRESSED]
    )
