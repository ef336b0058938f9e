"""Components of bare links, against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import ListKind
from rings.growth import MIN_RING
from rings.links import HUB_DEGREE, components
from tests.rings.worlds import Notebook, accounts_of, rings_of, shuffled


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_every_node_is_labelled_with_the_smallest_node_it_is_joined_to(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    count, links = drawn
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(links)
    expected = {node: min(part) for part in nx.connected_components(graph) for node in part}
    a, b = (np.array([link[end] for link in links], dtype=np.int64) for end in (0, 1))
    assert dict(enumerate(components(a, b, count).tolist())) == expected


@pytest.mark.parametrize("seed", range(12))
def test_rings_of_a_link_list_are_its_components_without_hubs_and_services(seed: int) -> None:
    generator = np.random.default_rng(seed)
    drawn = nx.gnm_random_graph(150, 110, seed=seed)
    book = Notebook()
    pairs = [(f"n{a}", f"n{b}") for a, b in drawn.edges]
    pairs += [("hub", f"n{n}") for n in range(HUB_DEGREE + 1)] + [("service", f"n{n}") for n in range(5)]
    for one, two in pairs:
        book.link(one, two, int(generator.integers(1_000)))
    book.link("n0", "n0")
    book.list("service", ListKind.SERVICE)
    book.events = shuffled(book.events, seed)
    graph: nx.Graph[str] = nx.Graph(pairs)
    graph.remove_nodes_from(["hub", "service"])
    expected = {frozenset(part) for part in nx.connected_components(graph) if len(part) >= MIN_RING}
    assert {frozenset(accounts_of(ring)) for ring in rings_of(book)} == expected


def test_one_neighbour_less_is_no_hub() -> None:
    book = Notebook()
    for n in range(HUB_DEGREE):
        book.link("centre", f"n{n}", n)
    (ring,) = rings_of(book)
    assert len(ring.members) == HUB_DEGREE + 1


def test_a_link_given_twice_or_backwards_counts_once() -> None:
    book = Notebook()
    for n in range(9):
        book.link(f"n{n}", f"n{n + 1}", n)
        book.link(f"n{n + 1}", f"n{n}", n + 100)
    (ring,) = rings_of(book)
    assert sum(link.count for link in ring.links) == 9
