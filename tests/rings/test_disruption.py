"""What to block: cuts against every subset of small random graphs, and plans with honest collateral."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain as chained
from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.evidence import Ring, RingLink, Role
from rings.cut import most_money, smallest_cut
from rings.disruption import Collateral, Plan, PlanKind, blockable, plans_of
from tests.rings.worlds import Notebook, collection, cycle, farm, only_ring, scatter

NAMES = "abcdefgh"


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, int]]:
    pairs = draw(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20))
    links: dict[str, list[str]] = {}
    for source, target in sorted(pairs):
        if source != target:
            links.setdefault(source, []).append(target)
    return links, {name: draw(st.integers(1, 4)) for name in NAMES[1:]}


def joined(links: dict[str, list[str]], source: str, sinks: set[str], without: set[str]) -> bool:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(NAMES)
    graph.add_edges_from((one, two) for one, targets in links.items() for two in targets)
    graph.remove_nodes_from(without)
    return any(name in graph and nx.has_path(graph, source, name) for name in sinks)


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_no_cheaper_set_of_accounts_breaks_the_flow(world: tuple[dict[str, list[str]], dict[str, int]]) -> None:
    links, costs = world
    sinks = {"g", "h"}
    found = smallest_cut(links, sources={"a"}, sinks=sinks, costs=costs)
    assert found is not None
    assert not joined(links, "a", sinks, set(found))
    subsets = chained.from_iterable(combinations(NAMES[1:], size) for size in range(len(NAMES)))
    best = min(sum(costs[one] for one in group) for group in subsets if not joined(links, "a", sinks, set(group)))
    assert sum(costs[one] for one in found) == best


def test_where_nothing_may_be_removed_there_is_no_cut() -> None:
    assert smallest_cut({"a": ["b"]}, sources={"a"}, sinks={"b"}, costs={}) is None
    assert smallest_cut({"a": ["b"]}, sources={"b"}, sinks={"a"}, costs={}) == frozenset()


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.integers(1, 50), max_size=20))
def test_the_most_money_is_that_of_networkx(amounts: dict[tuple[str, str], int]) -> None:
    amounts = {pair: cents for pair, cents in amounts.items() if pair[0] != pair[1]}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(NAMES)
    graph.add_edges_from((one, two, {"capacity": cents}) for (one, two), cents in amounts.items())
    assert most_money(amounts, sources={"a"}, sinks={"h"}) == nx.maximum_flow_value(graph, "a", "h")


def by_kind(plans: tuple[Plan, ...]) -> dict[PlanKind, Plan]:
    return {plan.kind: plan for plan in plans}


def names(plan: Plan) -> set[str]:
    return {target.node[1] for target in plan.targets}


def test_a_collection_is_broken_at_its_collector() -> None:
    book = Notebook()
    collection(book, "boss", [f"p{n}" for n in range(8)], "out")
    cycle(book, ["boss", "q", "r"], at=10_000_000)
    plans = plans_of(only_ring(book), {})
    assert names(plans[0]) == {"boss"}
    assert (plans[0].breaks, plans[0].stopped_share) == (True, 1.0)


def test_the_gentlest_plan_spares_an_account_that_honest_people_use() -> None:
    book = Notebook()
    scatter(book, "origin", ["m1", "m2", "m3", "m4"], "end")
    cycle(book, ["m1", "y", "z"], at=90_000_000)
    cycle(book, ["m1", "y", "z"], at=190_000_000)
    ring = only_ring(book)
    people = frozenset(f"honest{n}" for n in range(50))
    plans = by_kind(plans_of(ring, {("Account", "end"): Collateral(people, 5_000)}))
    assert names(plans[PlanKind.FEWEST]) == {"end"}
    assert (plans[PlanKind.FEWEST].collateral_accounts, plans[PlanKind.FEWEST].collateral_cents) == (50, 5_000)
    assert names(plans[PlanKind.GENTLEST]) == {"m1", "m2", "m3", "m4"}
    assert plans[PlanKind.GENTLEST].collateral_accounts == 0
    assert plans_of(ring, {("Account", "end"): Collateral(people, 5_000)})[0].kind is PlanKind.GENTLEST


def test_money_that_goes_round_is_broken_where_no_circle_is_left() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    cycle(book, ["c", "d", "e"], at=86_400_000)
    plans = plans_of(only_ring(book), {})
    assert names(plans[0]) == {"c"}
    assert plans[0].breaks


def test_accounts_run_from_one_device_are_stopped_by_blocking_it() -> None:
    book = Notebook()
    farm(book, ["m1", "m2", "m3", "m4"], "shared")
    scatter(book, "origin", ["m1", "m2", "m3", "m4"], "end")
    plans = by_kind(plans_of(only_ring(book), {}))
    means = plans[PlanKind.MEANS]
    assert [target.node for target in means.targets] == [("Device", "shared")]
    assert set(means.targets[0].stops) == {"m1", "m2", "m3", "m4"}
    assert (means.breaks, means.stopped_share) == (True, 1.0)


def test_a_ring_without_movements_is_taken_apart_by_what_joins_it() -> None:
    book = Notebook()
    farm(book, list("abcdef"), "shared")
    (plan,) = plans_of(only_ring(book), {})
    assert (plan.kind, [target.node for target in plan.targets]) == (PlanKind.MEANS, [("Device", "shared")])


def test_accounts_that_only_pay_are_never_named() -> None:
    book = Notebook()
    collection(book, "boss", [f"p{n}" for n in range(8)], "out")
    cycle(book, ["boss", "q", "r"], at=10_000_000)
    ring = only_ring(book)
    victims = {member.account for member in ring.members if member.role is Role.VICTIM}
    assert victims
    assert not victims & {node[1] for node in blockable(ring)}
    assert not any(victims & names(plan) for plan in plans_of(ring, {}))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=3, max_size=16))
def test_what_a_plan_says_is_true_of_the_graph(pairs: set[tuple[str, str]]) -> None:
    book = Notebook()
    cycle(book, list(NAMES))
    ring = _with_links(only_ring(book), {pair for pair in pairs if pair[0] != pair[1]})
    for plan in plans_of(ring, {}):
        graph: nx.DiGraph[str] = nx.DiGraph((one, two) for one, two in pairs if one != two)
        starts = {name for name in graph if not graph.in_degree(name)}
        ends = {name for name in graph if not graph.out_degree(name)}
        round_ = not starts or not ends
        gone = {name for target in plan.targets for name in target.stops}
        graph.remove_nodes_from(gone)
        arrives = any(
            nx.has_path(graph, one, two)
            for one in starts - gone
            for two in ends - gone
            if one in graph and two in graph
        )
        assert plan.breaks == (nx.is_directed_acyclic_graph(graph) if round_ else not arrives)
        assert (plan.stopped_cents == plan.flow_cents) == plan.breaks


def _with_links(ring: Ring, pairs: set[tuple[str, str]]) -> Ring:
    links = tuple(
        RingLink(("Account", one), ("Account", two), "SENT", 1, 100, ring.first_ts, ring.first_ts)
        for one, two in sorted(pairs)
    )
    return replace(ring, links=links)
