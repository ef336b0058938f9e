"""Paths and flows found hop by hop equal those of an exhaustive search in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from cypher.catalog import Catalog
from cypher.flow import Direction, FlowLink, follow_money
from cypher.paths import shortest_path
from graph.events import Movement
from tests.cypher.conftest import Load
from tests.cypher.worlds import HOUR, T0, Model, pay, random_world

EVER: dict[str, Any] = {"lo": 0, "hi": T0 + 10_000 * HOUR}
WINDOW: dict[str, Any] = {"lo": T0 + 5 * HOUR, "hi": T0 + 25 * HOUR}


def all_shortest(sent: Sequence[Movement], source: str, target: str, *, max_hops: int) -> list[tuple[str, ...]]:
    """Every shortest path by growing all walks, no cleverness."""
    after: dict[str, set[str]] = {}
    for each in sent:
        after.setdefault(each.source, set()).add(each.target)
    walks: list[tuple[str, ...]] = [(source,)]
    for _ in range(max_hops + 1):
        found = [walk for walk in walks if walk[-1] == target]
        if found:
            return found
        walks = [(*walk, following) for walk in walks for following in after.get(walk[-1], ()) if following not in walk]
    return []


def reachable(
    sent: Sequence[Movement], account: str, *, lo: int, hi: int, direction: Direction, max_hops: int
) -> set[tuple[str, str, int, int]]:
    """(source, target, count, cents) of every pair whose money can stem from the start, by enumerating all chains."""
    inside = [each for each in sent if lo <= each.ts < hi]
    used: set[str] = set()

    def grow(name: str, moment: int, hops: int) -> None:
        if hops == max_hops:
            return
        for each in inside:
            if direction is Direction.OUT and each.source == name and each.ts > moment:
                used.add(each.tx_id)
                grow(each.target, each.ts, hops + 1)
            if direction is Direction.IN and each.target == name and each.ts < moment:
                used.add(each.tx_id)
                grow(each.source, each.ts, hops + 1)

    grow(account, lo - 1 if direction is Direction.OUT else hi, 0)
    pairs: dict[tuple[str, str], list[int]] = {}
    for each in inside:
        if each.tx_id in used:
            pairs.setdefault((each.source, each.target), []).append(each.amount_cents)
    return {(*pair, len(cents), sum(cents)) for pair, cents in pairs.items()}


@pytest.mark.parametrize("seed", [11, 12])
def test_a_path_is_as_short_as_an_exhaustive_search_finds(load: Load, catalog: Catalog, seed: int) -> None:
    events = random_world(seed, movements=60, means=0)
    store, model, random = load(events), Model.of(events), Random(seed)
    names = model.ids("Account")
    found = 0
    for span in (EVER, WINDOW):
        inside = [each for each in model.sent if span["lo"] <= each.ts < span["hi"]]
        for _ in range(15):
            source, target = random.choice(names), random.choice(names)
            expected = all_shortest(inside, source, target, max_hops=4)
            result = shortest_path(catalog, store, source, target, **span, max_hops=4, max_nodes=1_000)
            assert result.found == bool(expected)
            if not expected:
                continue
            found += 1
            assert result.accounts == min(expected, key=lambda walk: walk[::-1])
            for step, (one, other) in zip(
                result.steps, zip(result.accounts, result.accounts[1:], strict=False), strict=True
            ):
                own = [each for each in inside if (each.source, each.target) == (one, other)]
                first = min(own, key=lambda each: (each.ts, each.tx_id))
                assert (step.source, step.target, step.tx_id, step.ts) == (one, other, first.tx_id, first.ts)
    assert found > 10


def test_a_path_only_counts_transactions_of_the_window(load: Load, catalog: Catalog) -> None:
    store = load([pay("1", "a", "c", hour=9), pay("2", "a", "b", hour=1), pay("3", "b", "c", hour=2)])
    whole = shortest_path(catalog, store, "a", "c", lo=T0, hi=T0 + 10 * HOUR)
    early = shortest_path(catalog, store, "a", "c", lo=T0, hi=T0 + 9 * HOUR)
    assert whole.accounts == ("a", "c")
    assert early.accounts == ("a", "b", "c")
    assert [step.tx_id for step in early.steps] == ["2", "3"]


def test_an_account_is_at_distance_zero_from_itself_and_unknown_ones_have_no_path(load: Load, catalog: Catalog) -> None:
    store = load([pay("1", "a", "b")])
    itself = shortest_path(catalog, store, "a", "a", **EVER)
    unknown = shortest_path(catalog, store, "a", "nobody", **EVER)
    backwards = shortest_path(catalog, store, "b", "a", **EVER)
    assert (itself.found, itself.accounts, itself.steps) == (True, ("a",), ())
    assert (unknown.found, unknown.truncated) == (False, ())
    assert (backwards.found, backwards.truncated) == (False, ())


def test_a_search_that_stops_at_a_budget_says_which(load: Load, catalog: Catalog) -> None:
    chain = [pay(str(number), f"c{number}", f"c{number + 1}", hour=number) for number in range(5)]
    crowd = [pay(f"x{number}", "c0", f"x{number}") for number in range(20)]
    store = load([*chain, *crowd])
    assert shortest_path(catalog, store, "c0", "c5", **EVER).found
    assert shortest_path(catalog, store, "c0", "c5", **EVER, max_hops=4).truncated == ("max_hops",)
    assert shortest_path(catalog, store, "c0", "c5", **EVER, max_nodes=10).truncated == ("max_nodes",)


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("seed", [21, 22])
def test_a_flow_holds_every_link_that_a_chain_in_time_can_use(
    load: Load, catalog: Catalog, seed: int, direction: Direction
) -> None:
    events = random_world(seed, movements=70, means=0)
    store, model = load(events), Model.of(events)
    links = 0
    for name in model.ids("Account")[:8]:
        for hops in (1, 3):
            for span in (EVER, WINDOW):
                result = follow_money(catalog, store, name, **span, direction=direction, max_hops=hops)
                expected = reachable(model.sent, name, **span, direction=direction, max_hops=hops)
                assert {(link.source, link.target, link.count, link.sum_cents) for link in result.links} == expected
                assert result.truncated == ()
                links += len(expected)
    assert links > 50


def test_a_flow_does_not_go_back_in_time(load: Load, catalog: Catalog) -> None:
    store = load([pay("1", "a", "b", hour=5), pay("2", "b", "c", hour=5), pay("3", "b", "d", hour=6)])
    result = follow_money(catalog, store, "a", **EVER)
    assert result.links == (
        FlowLink(1, "a", "b", 1, 1_000, T0 + 5 * HOUR, T0 + 5 * HOUR),
        FlowLink(2, "b", "d", 1, 1_000, T0 + 6 * HOUR, T0 + 6 * HOUR),
    )
    back = follow_money(catalog, store, "d", **EVER, direction=Direction.IN)
    assert [(link.source, link.target) for link in back.links] == [("b", "d"), ("a", "b")]


def test_a_flow_that_hits_its_budget_says_so(load: Load, catalog: Catalog) -> None:
    store = load([pay(str(number), "a", f"b{number}") for number in range(9)])
    assert follow_money(catalog, store, "a", **EVER, max_links=9).truncated == ()
    cut = follow_money(catalog, store, "a", **EVER, max_links=8)
    assert (len(cut.links), cut.truncated) == (8, ("max_links",))
