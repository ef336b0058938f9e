"""Temporal neighbourhoods: what a plain reading of the definition finds, and nothing from the future."""

from __future__ import annotations

from math import exp, log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.dataset import Edges
from gnn.neighbours import LINK_COLUMNS, Neighbourhoods, history_of, neighbourhoods
from tests.gnn.streams import DAY_MS, poisoned, random_edges

ARRAYS = Neighbourhoods.__slots__


def counterparties(
    edges: Edges, account: int, outward: bool, before: int, wide: int, walk: int, avoid: int = -1
) -> list[int]:
    """The newest movement of each of the account's newest pairs in one direction, by reading the stream backwards."""
    own, other = (edges.source, edges.target) if outward else (edges.target, edges.source)
    mine = [edge for edge in range(before) if own[edge] == account][-walk:]
    found: list[int] = []
    seen: set[int] = set()
    for edge in reversed(mine):
        if int(other[edge]) not in seen and other[edge] != avoid and len(found) < wide:
            found.append(edge)
        seen.add(int(other[edge]))
    return found


def link_of(edges: Edges, e: int, edge: int, outward: bool) -> dict[str, float]:
    """The numbers of a link that follow from the pair's own movements."""
    pair = [i for i in range(e) if edges.source[i] == edges.source[edge] and edges.target[i] == edges.target[edge]]
    amounts = [float(edges.cents[i]) for i in pair]
    mean = sum(amounts) / len(amounts)
    days = (edges.ts[e] - edges.ts[edge]) / DAY_MS
    payees = list(dict.fromkeys(int(edges.target[i]) for i in range(e) if edges.source[i] == edges.source[edge]))
    payers = list(dict.fromkeys(int(edges.source[i]) for i in range(e) if edges.target[i] == edges.target[edge]))
    amount = float(edges.cents[e]) + 1
    return {
        "newest_to_amount": log((edges.cents[edge] + 1) / amount),
        "mean_to_amount": log((mean + 1) / amount),
        "spread": sqrt(sum((a - mean) ** 2 for a in amounts) / len(amounts)) / (mean + 1),
        "count": log1p(len(pair)),
        "age": log1p(days),
        "age_7d": exp(-days / 7),
        "gap": log1p((edges.ts[edge] - edges.ts[pair[0]]) / DAY_MS / max(len(pair) - 1, 1)),
        "port_payee": log1p(payees.index(int(edges.target[edge]))),
        "port_payer": log1p(payers.index(int(edges.source[edge]))),
        "outward": float(outward),
    }


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), wide=st.integers(1, 5), far=st.integers(1, 3), walk=st.integers(3, 40))
def test_sampled_links_are_those_of_a_plain_reading_of_the_stream(seed: int, wide: int, far: int, walk: int) -> None:
    edges = random_edges(seed)
    at = np.array([0, 20, 41, 59])
    got = neighbourhoods(history_of(edges), at, wide=wide, far=far, walk=walk)
    receivers, accounts, links, farther = [], [], [], []
    for row, e in enumerate(at.tolist()):
        ends = int(edges.source[e]), int(edges.target[e])
        for end in (0, 1):
            for outward in (True, False):
                for edge in counterparties(edges, ends[end], outward, e, wide, walk):
                    neighbour = int((edges.target if outward else edges.source)[edge])
                    receivers.append(2 * row + end)
                    accounts.append(neighbour)
                    links.append(link_of(edges, e, edge, outward))
                    for way in (True, False):
                        for second in counterparties(edges, neighbour, way, e, far, walk, ends[end]):
                            farther.append((len(receivers) - 1, link_of(edges, e, second, way)))
    assert got.receiver1.tolist() == receivers
    assert got.account1.tolist() == accounts
    assert got.receiver2.tolist() == [place for place, _ in farther]
    for rows, table in ((links, got.link1), ([link for _, link in farther], got.link2)):
        for name in rows[0] if rows else ():
            column = table[:, LINK_COLUMNS.index(name)]
            assert column == pytest.approx(np.array([row[name] for row in rows]), abs=2e-3), name
    assert np.all(np.diff(got.receiver2) >= 0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), e=st.integers(0, 58))
def test_nothing_newer_than_the_movement_changes_its_neighbourhood(seed: int, e: int) -> None:
    edges = random_edges(seed)
    whole = neighbourhoods(history_of(edges), np.array([e]))
    other = neighbourhoods(history_of(poisoned(edges, e)), np.array([e]))
    for name in ARRAYS:
        assert np.array_equal(getattr(whole, name), getattr(other, name)), name


def test_ego_marks_say_who_is_the_other_end_and_who_dealt_with_both() -> None:
    # 0 paid 2, 1 paid 2, 0 paid 1 before; now 0 pays 1 again
    edges = Edges(
        source=np.array([0, 1, 0, 0], dtype=np.int32),
        target=np.array([2, 2, 1, 1], dtype=np.int32),
        ts=np.arange(4, dtype=np.int64) * DAY_MS,
        cents=np.full(4, 100, dtype=np.int64),
        kind=np.zeros(4, dtype=np.int32),
    )
    got = neighbourhoods(history_of(edges), np.array([3]))
    marks = got.link1[:, [LINK_COLUMNS.index("other_end"), LINK_COLUMNS.index("shared")]].tolist()
    # end, neighbour: source -> 1, source -> 2, target -> 2, target <- 0
    assert list(zip(got.receiver1.tolist(), got.account1.tolist(), marks, strict=True)) == [
        (0, 1, [1.0, 0.0]),
        (0, 2, [0.0, 1.0]),
        (1, 2, [0.0, 1.0]),
        (1, 0, [1.0, 0.0]),
    ]
