"""What to block so that a ring's money no longer arrives: ranked alternatives, each with who else it would hit.

The money graph of a ring are its own movements, from accounts that only pay in to accounts that only receive. Where
money goes round (no such ends), the flow is broken when no circle is left. Accounts that only pay are not blocked:
they may be victims. Blocking a device or identifier stops the accounts that are run from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from graph.evidence import Ring, Role
from rings.cut import most_money, smallest_cut

Node = tuple[str, str]  # (label, id)

#: Things tried in every combination of up to `MOST_TOGETHER`; beyond that the best one is taken again and again.
MOST_THINGS = 16
MOST_TOGETHER = 3
#: Accounts tried one by one for what blocking it alone would stop.
MOST_SINGLE = 24
#: Members above which only accounts with the largest flows are looked at one by one.
MOST_MEMBERS = 5_000


class PlanKind(StrEnum):
    """What a plan is good at."""

    FEWEST = "fewest_accounts"
    GENTLEST = "least_collateral"
    MEANS = "means"  # devices, identifiers, payment keys, domains, with accounts where these do not suffice
    SINGLE = "single"  # the one account that stops most


@dataclass(frozen=True, slots=True)
class Collateral:
    """Honest ones whom blocking a node would hit: counterparties or users outside any ring, and their money."""

    accounts: frozenset[str] = frozenset()
    cents: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Something to block: the money through it inside the ring, the members it stops, whom it would hit besides."""

    node: Node
    role: Role | None
    through_cents: int
    stops: tuple[str, ...]
    collateral_accounts: int
    collateral_cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets to block together. `breaks` when no money arrives any more; `stopped_cents` of `flow_cents` that can.

    `truncated` names what was not looked at whole.
    """

    kind: PlanKind
    targets: tuple[Target, ...]
    breaks: bool
    stopped_cents: int
    flow_cents: int
    collateral_accounts: int
    collateral_cents: int
    truncated: tuple[str, ...] = ()

    @property
    def stopped_share(self) -> float:
        """Share of the money that would no longer arrive, 0 to 1."""
        return self.stopped_cents / self.flow_cents if self.flow_cents else 0.0


@dataclass(frozen=True, slots=True)
class _Money:
    """A ring's money graph: who pays whom how much, where it starts and ends."""

    amounts: Mapping[tuple[str, str], int]
    sources: frozenset[str]
    sinks: frozenset[str]
    through: Mapping[str, int]
    members: frozenset[str]

    def links(self, without: Collection[str] = ()) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for source, target in self.amounts:
            if source not in without and target not in without:
                found[source].append(target)
        return found

    @property
    def round(self) -> bool:
        """Whether money only goes round: it neither starts nor ends anywhere."""
        return not self.sources or not self.sinks

    def flow(self, without: Collection[str] = ()) -> int:
        """Cents that can arrive (of a circle: that are moved within one)."""
        left = {pair: cents for pair, cents in self.amounts.items() if not set(pair) & set(without)}
        if self.round:
            inside = _circled(self.links(without))
            return sum(cents for pair, cents in left.items() if set(pair) <= inside)
        return most_money(left, sources=self.sources - set(without), sinks=self.sinks - set(without))

    def broken(self, without: Collection[str]) -> bool:
        if self.round:
            return not _circled(self.links(without))
        return not _reaches(self.links(without), self.sources - set(without), self.sinks - set(without))


def things_of(ring: Ring) -> dict[Node, tuple[str, ...]]:
    """Devices, identifiers and the like that the ring's links name, with the members on each."""
    found: dict[Node, set[str]] = defaultdict(set)
    for link in ring.links:
        if link.kind != "SENT" and link.target[0] != "Ip":  # an address is not blocked for what some of its users did
            found[link.target].add(link.source[1])
    return {node: tuple(sorted(found[node])) for node in sorted(found)}


def blockable(ring: Ring) -> list[Node]:
    """Everything that a plan may name, for which `plans_of` wants to know the collateral."""
    money = _money(ring)
    accounts = money.members - money.sources if not money.round else money.members
    busiest = sorted(accounts, key=lambda name: (-money.through.get(name, 0), name))[:MOST_MEMBERS]
    return [*(("Account", name) for name in sorted(busiest)), *things_of(ring)]


def plans_of(ring: Ring, collateral: Mapping[Node, Collateral]) -> tuple[Plan, ...]:
    """Alternatives, best first: those that break the flow, then fewest honest ones hit, then fewest targets.

    Without movements in the ring the plans block what joins its members. Ties are broken by collateral, then id.
    """
    money, things = _money(ring), things_of(ring)
    roles = {member.account: member.role for member in ring.members}
    may = sorted(money.members - money.sources if not money.round else money.members)
    cut = ("members",) if len(may) > MOST_MEMBERS else ()
    hit = {name: collateral.get(("Account", name), Collateral()) for name in may}
    found: list[tuple[PlanKind, tuple[Node, ...]]] = []
    if money.amounts:
        scale = 1 + sum(len(one.accounts) for one in hit.values())
        fewest = _breaking(money, {name: scale + len(hit[name].accounts) for name in may})
        gentlest = _breaking(money, {name: 1 + len(may) * len(hit[name].accounts) for name in may})
        for kind, accounts in ((PlanKind.FEWEST, fewest), (PlanKind.GENTLEST, gentlest)):
            if accounts:
                found.append((kind, tuple(("Account", name) for name in sorted(accounts))))
        single = _single(money, may, hit)
        if single is not None:
            found.append((PlanKind.SINGLE, (("Account", single),)))
    means = _means(money, things, may, hit)
    if means:
        found.append((PlanKind.MEANS, means))
    plans: dict[tuple[Node, ...], Plan] = {}
    for kind, nodes in found:
        if nodes not in plans:
            plans[nodes] = _plan(kind, nodes, money, things, roles, collateral, cut)
    return tuple(
        sorted(
            plans.values(),
            key=lambda plan: (
                not plan.breaks,
                -plan.stopped_share if not plan.breaks else 0.0,
                plan.collateral_accounts,
                len(plan.targets),
                [target.node for target in plan.targets],
            ),
        )
    )


def _money(ring: Ring) -> _Money:
    members = frozenset(member.account for member in ring.members)
    amounts = {
        (link.source[1], link.target[1]): max(1, link.sum_cents)
        for link in ring.links
        if link.kind == "SENT" and link.source != link.target
    }
    paying, paid = {source for source, _ in amounts}, {target for _, target in amounts}
    through: dict[str, int] = defaultdict(int)
    for (source, target), cents in amounts.items():
        through[source] += cents
        through[target] += cents
    return _Money(amounts, frozenset(paying - paid), frozenset(paid - paying), through, members)


def _breaking(money: _Money, costs: Mapping[str, int]) -> frozenset[str]:
    """The cheapest accounts that break the flow; empty where no choice of accounts does."""
    if not money.round:
        return smallest_cut(money.links(), sources=money.sources, sinks=money.sinks, costs=costs) or frozenset()
    return _circle_breakers(money, costs)


def _circle_breakers(money: _Money, costs: Mapping[str, int]) -> frozenset[str]:
    """Accounts without which no money goes round: the cheapest up to three, else one by one where most circles meet."""
    chosen: set[str] = set()
    while inside := _circled(money.links(chosen)) & costs.keys():
        links = money.links(chosen)
        if len(inside) <= MOST_SINGLE and not chosen:
            options = [
                set(group) for size in range(1, MOST_TOGETHER + 1) for group in combinations(sorted(inside), size)
            ]
            good = [group for group in options if not _circled(money.links(group))]
            if good:
                return frozenset(min(good, key=lambda group: (sum(costs[one] for one in group), sorted(group))))
        back: dict[str, int] = defaultdict(int)
        for source in links:
            for target in links[source]:
                back[target] += source in inside
        ways = {name: sum(target in inside for target in links.get(name, ())) * back[name] for name in inside}
        chosen.add(min(inside, key=lambda name: (-ways[name] / costs[name], name)))
    return frozenset(chosen)


def _single(money: _Money, may: Sequence[str], hit: Mapping[str, Collateral]) -> str | None:
    """The one account without which least money arrives."""
    busiest = sorted(may, key=lambda name: (-money.through.get(name, 0), name))[:MOST_SINGLE]
    return min(busiest, key=lambda name: (money.flow((name,)), len(hit[name].accounts), name), default=None)


def _means(
    money: _Money, things: Mapping[Node, tuple[str, ...]], may: Sequence[str], hit: Mapping[str, Collateral]
) -> tuple[Node, ...]:
    """The fewest things that break the flow, or join the ring's members where no money moves; with accounts added
    where things do not suffice."""
    useful = sorted(things, key=lambda node: (-len(things[node]), node))[:MOST_THINGS]
    if not useful:
        return ()
    if not money.amounts:
        return _covering(things, useful)

    def stopped(nodes: Collection[Node]) -> set[str]:
        return {name for node in nodes for name in things[node]}

    for size in range(1, MOST_TOGETHER + 1):
        for group in combinations(useful, size):
            if money.broken(stopped(group)):
                return tuple(sorted(group))
    chosen: list[Node] = []
    left = money.flow()
    for _ in useful:
        best = min((node for node in useful if node not in chosen), key=lambda n: money.flow(stopped([*chosen, n])))
        now = money.flow(stopped([*chosen, best]))
        if now >= left:
            break
        chosen.append(best)
        left = now
    if not chosen:
        return ()
    gone = stopped(chosen)
    rest = _Money(
        {pair: cents for pair, cents in money.amounts.items() if not set(pair) & gone},
        money.sources - gone,
        money.sinks - gone,
        money.through,
        money.members - gone,
    )
    costs = {name: 1 + len(hit[name].accounts) for name in may if name not in gone}
    more = _breaking(rest, costs) if rest.amounts and not money.broken(gone) else frozenset()
    return (*sorted(chosen), *(("Account", name) for name in sorted(more)))


def _covering(things: Mapping[Node, tuple[str, ...]], useful: Sequence[Node]) -> tuple[Node, ...]:
    """Things that together are used by every member that uses any, the widest first."""
    left = {name for node in useful for name in things[node]}
    chosen: list[Node] = []
    while left:
        best = min(useful, key=lambda node: (-len(left & set(things[node])), node))
        chosen.append(best)
        left -= set(things[best])
    return tuple(sorted(chosen))


def _plan(
    kind: PlanKind,
    nodes: tuple[Node, ...],
    money: _Money,
    things: Mapping[Node, tuple[str, ...]],
    roles: Mapping[str, Role],
    collateral: Mapping[Node, Collateral],
    cut: tuple[str, ...],
) -> Plan:
    stops = {node: things.get(node, (node[1],)) for node in nodes}
    gone = {name for names in stops.values() for name in names}
    hits = [collateral.get(node, Collateral()) for node in nodes]
    before = money.flow() if money.amounts else 0
    targets = tuple(
        Target(
            node=node,
            role=roles.get(node[1]) if node[0] == "Account" else None,
            through_cents=sum(money.through.get(name, 0) for name in stops[node]),
            stops=stops[node],
            collateral_accounts=len(found.accounts),
            collateral_cents=found.cents,
        )
        for node, found in zip(nodes, hits, strict=True)
    )
    partly = cut + (("collateral",) if any(found.truncated for found in hits) else ())
    return Plan(
        kind=kind,
        targets=targets,
        breaks=money.broken(gone) if money.amounts else True,
        stopped_cents=before - money.flow(gone) if money.amounts else 0,
        flow_cents=before,
        collateral_accounts=len(frozenset().union(*(found.accounts for found in hits))),
        collateral_cents=sum(found.cents for found in hits),
        truncated=partly,
    )


def _reaches(links: Mapping[str, Sequence[str]], sources: Collection[str], sinks: Collection[str]) -> bool:
    seen, waiting = set(sources), list(sources)
    while waiting:
        name = waiting.pop()
        if name in sinks:
            return True
        new = [target for target in links.get(name, ()) if target not in seen]
        seen.update(new)
        waiting.extend(new)
    return False


def _circled(links: Mapping[str, Sequence[str]]) -> set[str]:
    """Nodes left when those that nothing enters or nothing leaves are taken away again and again: all circles."""
    forward: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    for source, targets in links.items():
        for target in targets:
            forward[source].add(target)
            back[target].add(source)
    nodes = forward.keys() | back.keys()
    waiting = [name for name in nodes if not forward.get(name) or not back.get(name)]
    gone: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in gone:
            continue
        gone.add(name)
        for here, there in ((forward, back), (back, forward)):
            for other in here.get(name, ()):
                there[other].discard(name)
                if not there[other]:
                    waiting.append(other)
    return set(nodes) - gone
