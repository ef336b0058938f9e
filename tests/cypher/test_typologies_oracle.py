"""Every typology job finds exactly what brute force finds in small random worlds, on both engines."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from cypher.catalog import Catalog
from cypher.job import EVER_MS
from graph.events import DomainObservation, Event, MovementKind
from graph.store.protocol import GraphStore
from tests.cypher import oracle_jobs
from tests.cypher import oracle_typologies as oracle
from tests.cypher.conftest import Load
from tests.cypher.test_jobs_oracle import SPANS, run
from tests.cypher.worlds import HOUR, T0, Model, listed, random_world, use

SEEDS = [41, 42]


@pytest.fixture(params=SEEDS)
def world(request: pytest.FixtureRequest, load: Load) -> tuple[GraphStore, Model]:
    """A random world in the store and as a model."""
    events = random_world(request.param, accounts=12, movements=150, means=150)
    return load(events), Model.of(events)


@pytest.fixture(params=SEEDS)
def betting(request: pytest.FixtureRequest, load: Load) -> tuple[GraphStore, Model]:
    """A random world of little else than betting."""
    kinds = [MovementKind.BET] * 3 + [MovementKind.DEPOSIT, MovementKind.PAYOUT, MovementKind.WITHDRAWAL]
    events = random_world(request.param, accounts=10, movements=160, means=0, kinds=kinds)
    return load(events), Model.of(events)


def names_suppressed(result: Any) -> set[str]:
    """Ids of the hubs that a result left out."""
    return {str(dict(each.params)["id"]) for each in result.suppressed}


def test_scattered_and_gathered_money_is_what_brute_force_finds(
    world: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = world
    found = 0
    for span, (window, degree) in product(SPANS, ((8 * HOUR, 100), (40 * HOUR, 100), (40 * HOUR, 9))):
        own = oracle_jobs.moved(model, **span)
        crowded = oracle.hubs(own, max_degree=degree)
        result = run("scatter_gather", store, catalog, **span, window_ms=window, min_middle=2, max_degree=degree)
        expected = oracle.scatter_gather(oracle.without(own, crowded), window_ms=window, min_middle=2)
        assert {(row["source"], row["target"], len(row["accounts"])) for row in result.rows} == expected
        assert names_suppressed(result) == crowded
        found += len(expected)
    assert found > 20


def test_gathered_and_scattered_money_is_what_brute_force_finds(
    world: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = world
    found = 0
    for span, (window, payers, payees, degree) in product(
        SPANS, ((10 * HOUR, 2, 2, 100), (30 * HOUR, 3, 3, 100), (30 * HOUR, 2, 3, 9))
    ):
        own = oracle_jobs.moved(model, **span)
        crowded = oracle.hubs(own, max_degree=degree)
        asked = {"window_ms": window, "min_payers": payers, "min_payees": payees}
        result = run("gather_scatter", store, catalog, **span, **asked, max_degree=degree)
        expected = {row for row in oracle.gather_scatter(own, **asked) if row[0] not in crowded}
        assert {(row["id"], len(row["payees"])) for row in result.rows} == expected
        found += len(expected)
    assert found > 10


def test_groups_that_pay_groups_are_what_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    found = 0
    for span, (window, payers, payees, degree) in product(SPANS[:2], ((20 * HOUR, 2, 2, 100), (100 * HOUR, 3, 2, 8))):
        own = oracle_jobs.moved(model, **span)
        asked = {"window_ms": window, "min_payers": payers, "min_payees": payees, "max_degree": degree}
        result = run("bipartite", store, catalog, **span, **asked)
        expected = oracle.bipartite(own, **asked)
        assert {(tuple(row["payers"]), tuple(row["payees"])) for row in result.rows} == expected
        found += len(expected)
    assert found > 10


def test_groups_in_a_row_are_what_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    found = 0
    for window, degree in ((30 * HOUR, 100), (60 * HOUR, 8)):
        own = oracle_jobs.moved(model, **SPANS[0])
        asked = {"window_ms": window, "min_layer": 2, "max_degree": degree}
        result = run("stack", store, catalog, **SPANS[0], **asked)
        expected = oracle.stack(own, **asked)
        assert {(tuple(row["payers"]), tuple(row["middle"]), tuple(row["payees"])) for row in result.rows} == expected
        found += len(expected)
    assert found


def test_payments_below_a_threshold_are_what_brute_force_finds(
    world: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = world
    found = 0
    for span, (threshold, margin, window, times) in product(
        SPANS, ((2_000, 1_000, 20 * HOUR, 2), (2_001, 600, 50 * HOUR, 4), (50_001, 1, 9 * HOUR, 2))
    ):
        asked = {"threshold_cents": threshold, "margin_bp": margin, "window_ms": window, "min_times": times}
        result = run("structuring", store, catalog, **span, **asked)
        expected = oracle.structuring(oracle_jobs.moved(model, **span), **asked)
        assert {(row["id"], row["side"], row["count"]) for row in result.rows} == expected
        found += len(expected)
    assert found > 10


def test_accounts_that_wake_are_those_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    found = 0
    for span, (still, window, count, cents) in product(
        SPANS, ((3 * HOUR, 4 * HOUR, 2, 0), (6 * HOUR, 10 * HOUR, 3, 5_000), (4 * HOUR, HOUR, 1, 40_000))
    ):
        asked = {"dormant_ms": still, "window_ms": window, "min_count": count, "min_cents": cents}
        result = run("dormant_then_active", store, catalog, **span, **asked)
        expected = oracle.dormant(oracle_jobs.moved(model, **span), **asked)
        assert {(row["id"], row["count"], row["sum_cents"], row["first_ts"]) for row in result.rows} == expected
        found += len(expected)
    assert found > 10


def test_money_paid_in_and_taken_out_is_what_brute_force_finds(
    betting: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = betting
    found = 0
    for span, (window, cents, share, bets) in product(
        SPANS[:2], ((20 * HOUR, 1, 3_000, 20_000), (40 * HOUR, 2_000, 9_000, 10_000), (15 * HOUR, 1, 1, 0))
    ):
        asked = {"window_ms": window, "min_cents": cents, "min_share_bp": share, "max_bet_share_bp": bets}
        result = run("deposit_withdraw", store, catalog, **span, **asked)
        expected = oracle.deposit_withdraw(oracle_jobs.moved(model, **span), **asked)
        assert {(row["id"], row["in_cents"], row["out_cents"], row["bet_cents"]) for row in result.rows} == expected
        found += len(expected)
    assert found > 5


def test_bets_against_each_other_are_what_brute_force_finds(
    betting: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = betting
    found = 0
    for span, (gap, similar, times) in product(
        ({"lo": 0, "hi": EVER_MS}, {"lo": T0 + 10 * HOUR, "hi": T0 + 40 * HOUR}),
        ((2 * HOUR, 5_000, 1), (8 * HOUR, 9_000, 2), (0, 1, 1)),
    ):
        asked = {**span, "gap_ms": gap, "min_similar_bp": similar, "min_times": times}
        result = run("opposite_bets", store, catalog, **asked)
        rows = {(tuple(row["accounts"]), tuple(row["markets"])) for row in result.rows}
        assert rows == oracle.opposite_bets(model, **asked)
        found += len(rows)
    assert found > 10


def test_what_blocked_accounts_have_in_common_is_what_brute_force_finds(load: Load, catalog: Catalog) -> None:
    blocked = [listed(900 + number, f"a{number:02}") for number in range(0, 12, 3)]
    events = [*random_world(43, accounts=12, movements=120, means=20), *blocked]
    store, model = load(events), Model.of(events)
    found = 0
    for span, least in product(SPANS, (1, 2)):
        result = run("upstream_of_blocked", store, catalog, **span, min_blocked=least)
        expected = oracle.upstream(model, oracle_jobs.moved(model, **span), min_blocked=least)
        rows = {(row["id"], tuple(row["blocked"]), row["count"], row["sum_cents"]) for row in result.rows}
        assert rows == expected
        found += len(expected)
    assert found


def test_money_followed_with_a_share_is_what_brute_force_finds(
    world: tuple[GraphStore, Model], catalog: Catalog
) -> None:
    store, model = world
    found = 0
    for account, share in product(model.ids("Account"), (0, 2_500)):
        for lo, hi in ((0, EVER_MS), (T0 + 10 * HOUR, T0 + 35 * HOUR)):
            asked = {"lo": lo, "hi": hi, "max_hops": 3, "min_share_bp": share}
            result = run("flow_trace", store, catalog, account=account, **asked)
            rows = {(row["hop"], row["source"], row["target"], row["count"], row["sum_cents"]) for row in result.rows}
            assert rows == oracle.flow(model.sent, account, **asked)
            found += len(rows)
    assert found > 100


def test_the_shortest_link_is_as_short_as_widening_everything_says(load: Load, catalog: Catalog) -> None:
    events = random_world(51, accounts=40, movements=25, means=40)
    store, model, random = load(events), Model.of(events), Random(51)
    joined = oracle.links(model, lo=0, hi=EVER_MS, max_holders=6)
    lengths = []
    names = model.ids("Account")
    for _ in range(40):
        source, target = random.sample(names, 2)
        result = run("shortest_link", store, catalog, source=source, target=target, max_holders=6, max_hops=12)
        expected = oracle.distance(joined, source, target, max_hops=12)
        assert len(result.rows) == (expected or 0)
        at = source
        for row in result.rows:
            assert (at, row["target"], row["how"], row["thing"]) in joined
            at = row["target"]
        assert at == (target if expected else source)
        lengths.append(expected or 0)
    assert max(lengths) > 2
    assert min(lengths) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_sites_that_follow_one_another_are_those_brute_force_finds(load: Load, catalog: Catalog, seed: int) -> None:
    random = Random(seed)
    events: list[Event] = []
    for site in range(14):
        name, begin = f"s{site}.example", random.randrange(200)
        for hour in (begin, begin + random.randrange(60)):
            events.append(use(len(events), "visitor", hour=hour, domain=name, operator=f"op{random.randrange(3)}"))
        seen = DomainObservation(
            event_id=f"seen:{site}", ts=T0 + begin * HOUR, domain=name, ip=f"10.0.0.{random.randrange(3)}"
        )
        events.append(seen)
    store, model = load(events), Model.of(events)
    found = 0
    for overlap, gap, least in ((HOUR, 3 * HOUR, 2), (60 * HOUR, 60 * HOUR, 2), (60 * HOUR, 60 * HOUR, 3)):
        result = run("domain_rotation", store, catalog, overlap_ms=overlap, gap_ms=gap, min_domains=least)
        longest = oracle.rotation(model, overlap_ms=overlap, gap_ms=gap)
        expected = {(*thing, length) for thing, length in longest.items() if length >= least}
        assert {(row["label"], row["id"], len(row["domains"])) for row in result.rows} == expected
        found += len(expected)
    assert found
