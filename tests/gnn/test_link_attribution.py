"""Links that are said to have carried a network's score did: without their movements it falls more than without others.

One module: the network is trained once, on a stream where only what an account was paid before tells fraud.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gnn.dataset import Edges, Rated
from gnn.link_attribution import link_parts, score_without
from gnn.neighbours import History, history_of, movements_of, nearest_links, neighbourhoods
from gnn.network import RingNetwork
from gnn.network_inputs import Columns, Scale, Stream, stream_of
from gnn.network_training import Course, score, train_network
from tests.gnn.streams import random_edges, rated_over

COLUMNS_HERE = Columns(source=(0, 1), target=(2, 3), row=(4,))


def ready(rated: Rated) -> Stream:
    return stream_of(rated, COLUMNS_HERE, Scale(np.zeros(5, np.float32), np.ones(5, np.float32)))


def world() -> tuple[Edges, np.ndarray]:
    """Fraud is what accounts send that were paid a single cent before; a cent comes in one movement of thirty."""
    rng = np.random.default_rng(4)
    edges = random_edges(4, movements=1_200, accounts=150)
    cents = rng.integers(1_000, 100_000, 1_200)
    label, marked = np.zeros(1_200), set()
    for row, (source, target) in enumerate(zip(edges.source.tolist(), edges.target.tolist(), strict=True)):
        label[row] = source in marked
        if rng.random() < 0.03:
            cents[row] = 1
            marked.add(target)
    return replace(edges, cents=cents), label


@pytest.fixture(scope="module")
def trained() -> tuple[RingNetwork, Rated]:
    edges, label = world()
    rated = rated_over(edges, every=1, features=np.zeros((1_200, 5)), label=label)
    course = Course(epochs=6, fewest=600, batch=32)
    train, valid = np.arange(720), np.arange(720, 960)
    return train_network(ready(rated), rated.label, train, valid, seed=0, course=course), rated


def without(rated: Rated, gone: set[int], row: int) -> tuple[Rated, int]:
    """The stream in which the movements at places `gone` never happened, and where `row` stands in it."""
    kept = np.array([place for place in range(len(rated)) if place not in gone])
    names = ("source", "target", "ts", "cents", "kind")
    edges = Edges(**{name: getattr(rated.edges, name)[kept] for name in names})
    shorter = rated_over(edges, every=1, features=rated.features[kept], label=rated.label[kept])
    return shorter, int(np.searchsorted(kept, row))


def pairs(history: History, edges: np.ndarray) -> set[int]:
    return {place for edge in edges.tolist() for place in movements_of(history, edge, most=1_000).tolist()}


def test_without_the_movements_that_carried_it_a_score_falls_more_than_without_as_many_others(
    trained: tuple[RingNetwork, Rated],
) -> None:
    network, rated = trained
    stream = ready(rated)
    rng = np.random.default_rng(1)
    raw = score(network, stream, np.arange(len(rated)))[:, 0]
    fraud = [row for row in range(960, 1_200) if rated.label[row] and raw[row] > np.median(raw)]
    carried: list[float] = []
    others: list[float] = []
    for row in fraud[:25]:
        parts = link_parts(network, stream, row)
        if len(parts.part) < 6:
            continue
        best = np.argsort(-parts.part)[:2]
        for chosen, falls in ((best, carried), (rng.choice(len(parts.part), 2, replace=False), others)):
            shorter, place = without(rated, pairs(stream.history, parts.edge[chosen]), row)
            falls.append(parts.raw - score(network, ready(shorter), np.array([place]))[0, 0])
    assert len(carried) >= 8
    assert np.mean(carried) > np.mean(others) + 0.3
    assert np.mean(np.array(carried) > np.array(others)) > 0.7


def test_a_part_is_the_difference_of_two_scores_and_leaving_out_nothing_changes_nothing(
    trained: tuple[RingNetwork, Rated],
) -> None:
    network, rated = trained
    stream = ready(rated)
    for row in (400, 1_000, 1_199):
        parts = link_parts(network, stream, row)
        assert parts.raw == pytest.approx(score(network, stream, np.array([row]))[0, 0], abs=1e-4)
        assert score_without(network, stream, row, []) == pytest.approx(parts.raw, abs=1e-4)
        for link in range(0, len(parts.part), 5):
            alone = score_without(network, stream, row, [link])
            assert parts.raw - alone == pytest.approx(parts.part[link], abs=1e-4)


def test_links_are_named_by_movements_before_the_scored_one_in_the_order_of_the_sample() -> None:
    edges, _ = world()
    history = history_of(edges)
    for at in (0, 30, 700, 1_199):
        found = nearest_links(history, at)
        sampled = neighbourhoods(history, np.array([at]))
        assert len(found) == len(sampled.account1)
        assert (found < at).all()
        for edge, account, receiver in zip(found.tolist(), sampled.account1, sampled.receiver1, strict=True):
            end = (edges.source[at], edges.target[at])[receiver % 2]
            assert {int(account), int(end)} == {int(edges.source[edge]), int(edges.target[edge])}
            newest = movements_of(history, edge)
            assert newest[-1] == edge
            assert len(newest) <= 10


def test_a_movement_without_neighbours_has_no_parts(trained: tuple[RingNetwork, Rated]) -> None:
    network, rated = trained
    parts = link_parts(network, ready(rated), 0)
    assert len(parts.part) == len(parts.edge) == 0
    assert torch.isfinite(torch.tensor(parts.raw))
