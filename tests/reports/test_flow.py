"""Layers of the money flow, checked against networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from reports import view_tables
from reports.cells import Writer
from reports.diagram import flow_svg
from reports.exhibits import Exhibits
from reports.flow import layers_of, money_flow
from reports.formats import Language
from reports.ring_report import build_ring_report
from reports.sources import Limits
from tests.reports.case import FakeLog, as_of, case_of, movement, mule_case, sent

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


def test_a_limit_lists_the_largest_hops_in_order_of_time_and_the_record_keeps_all() -> None:
    log, ring = mule_case()
    made = build_ring_report(
        ring, facts=case_of(log, ring, limits=Limits(hops=3)), language=Language.EN, as_of=as_of(log)
    )
    assert len(made.flow.hops) == 15
    assert made.flow.listed == 3
    tables = [block for block in view_tables.flow(made, Writer.of(made)) if block["type"] == "table"]
    assert [row["cells"][5]["text"] for row in tables[1]["rows"]] == [
        "BRL\u00a0700.00",
        "BRL\u00a0700.01",
        "BRL\u00a0700.02",
    ]


def test_the_drawing_holds_all_the_money_even_where_the_table_is_cut() -> None:
    movements = [movement(n, f"a{n}", "z", 1_000) for n in range(30)]
    log = FakeLog(list(movements))
    exhibits = Exhibits(log, as_of=as_of(log), limit=100)
    exhibits.collect(event.event_id for event in movements)
    drawing = flow_svg(money_flow(sent(movements), exhibits, limit=2), (), Language.EN)
    assert "received BRL\u00a0300.00" in drawing
    assert "26 other accounts" in drawing
