"""Layers of the money flow, checked against networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from reports.exhibits import Exhibits
from reports.flow import layers_of, money_flow
from tests.reports.case import FakeLog, as_of, movement, mule_case, sent

PAIRS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] != p[1]), min_size=1, max_size=25
)


@given(PAIRS)
def test_layers_are_shortest_distances_from_the_accounts_that_only_pay(pairs: list[tuple[int, int]]) -> None:
    links = sent([movement(n, f"a{s}", f"a{t}", 100) for n, (s, t) in enumerate(pairs)])
    layer = layers_of(links)
    graph = networkx.DiGraph((f"a{s}", f"a{t}") for s, t in pairs)
    assert set(layer) == set(graph)
    sources = {node for node in graph if graph.in_degree(node) == 0}
    if sources:
        for node, distance in networkx.multi_source_dijkstra_path_length(graph, sources, weight=None).items():
            assert layer[node] == distance
    assert min(layer.values()) == 0


def test_a_circuit_starts_at_the_account_that_pays_first() -> None:
    links = sent([movement(5, "b", "c", 1), movement(1, "a", "b", 1), movement(9, "c", "a", 1)])
    assert layers_of(links) == {"a": 0, "b": 1, "c": 2}


def test_a_payment_to_oneself_does_not_hang_or_vanish() -> None:
    assert layers_of(sent([movement(1, "a", "a", 7)])) == {"a": 0}


def test_the_mule_case_has_four_layers_with_the_money_of_each() -> None:
    log, ring = mule_case()
    exhibits = Exhibits(log, as_of=as_of(log), limit=1000)
    exhibits.collect(event_id for link in ring.links for event_id in link.event_ids)
    flow = money_flow(ring.links, exhibits, limit=100)
    assert [(layer.accounts, layer.in_cents, layer.out_cents) for layer in flow.layers] == [
        (9, 0, 271_296),
        (1, 271_296, 210_003),
        (3, 210_003, 207_003),
        (1, 207_003, 0),
    ]
    assert [hop.first_ts for hop in flow.hops] == sorted(hop.first_ts for hop in flow.hops)
    assert flow.layers[1].largest == ("acc-collector",)


def test_a_limit_keeps_the_largest_hops_and_still_shows_them_in_order_of_time() -> None:
    movements = [movement(n, f"a{n}", "z", 100 * (n % 4)) for n in range(12)]
    exhibits = Exhibits(FakeLog(list(movements)), as_of=as_of(FakeLog(list(movements))), limit=100)
    flow = money_flow(sent(movements), exhibits, limit=3)
    assert [hop.sum_cents for hop in flow.hops] == [300, 300, 300]
    assert [hop.source for hop in flow.hops] == ["a3", "a7", "a11"]
