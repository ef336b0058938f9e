"""Every job finds exactly what brute force finds in small random worlds, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.catalog import Catalog
from cypher.job import EVER_MS, JobResult
from cypher.jobs import run_job
from graph.store.protocol import GraphStore
from tests.cypher import oracle_jobs
from tests.cypher.conftest import Load
from tests.cypher.worlds import HOUR, T0, Model, random_world

SEEDS = [31, 32, 33]
SPANS: list[dict[str, Any]] = [
    {"lo": 0, "hi": EVER_MS, "kind": None},
    {"lo": T0 + 10 * HOUR, "hi": T0 + 35 * HOUR, "kind": None},
    {"lo": 0, "hi": EVER_MS, "kind": "transfer"},
]


@pytest.fixture(params=SEEDS)
def world(request: pytest.FixtureRequest, load: Load) -> tuple[GraphStore, Model]:
    """A random world in the store and as a model."""
    events = random_world(request.param, accounts=12, movements=140, means=200)
    return load(events), Model.of(events)


def run(name: str, store: GraphStore, catalog: Catalog, **params: Any) -> JobResult:
    """Run a job that must come to its end, twice, with the same answer."""
    result = run_job(name, store, catalog, params)
    assert result.truncated == ()
    assert run_job(name, store, catalog, params) == result
    assert len(result.rows) == len(result.findings)
    return result


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("shared_device", "Device"),
        ("shared_ip", "Ip"),
        ("shared_identifier", "Identifier"),
        ("shared_domain", "Domain"),
    ],
)
def test_shared_means_are_those_brute_force_finds(
    world: tuple[GraphStore, Model], catalog: Catalog, name: str, label: str
) -> None:
    store, model = world
    sizes: set[int] = set()
    for span in SPANS[:2]:
        for least, most in ((2, 3), (2, 100), (4, 6)):
            asked = {"lo": span["lo"], "hi": span["hi"], "min_accounts": least, "max_accounts": most}
            result = run(name, store, catalog, **asked)
            expected = oracle_jobs.shared(model, label=label, **asked)
            assert {(row["id"], tuple(row["accounts"])) for row in result.rows} == expected
            sizes |= {len(accounts) for _, accounts in expected}
            hubs = oracle_jobs.shared(model, label=label, **{**asked, "min_accounts": most + 1, "max_accounts": 10**9})
            assert {dict(each.params)["id"] for each in result.suppressed} == {thing for thing, _ in hubs}
    assert len(sizes) > 1


@pytest.mark.parametrize("name", ["fan_in", "fan_out"])
def test_fans_are_those_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog, name: str) -> None:
    store, model = world
    found = 0
    for span in SPANS:
        own = oracle_jobs.moved(model, **span)
        for window, least in ((2 * HOUR, 2), (8 * HOUR, 4), (100 * HOUR, 5)):
            result = run(name, store, catalog, **span, window_ms=window, min_others=least)
            expected = oracle_jobs.fan(own, inward=name == "fan_in", window_ms=window, min_others=least)
            assert {(row["id"], len(row["others"])) for row in result.rows} == expected
            found += len(expected)
    assert found


def test_rising_cycles_are_those_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    found = 0
    for span in SPANS[:2]:
        own = oracle_jobs.moved(model, **span)
        for window, least, tolerance in ((12 * HOUR, 0, None), (30 * HOUR, 600, 1_000)):
            asked: dict[str, Any] = {"window_ms": window, "min_cents": least, "tolerance_bp": tolerance}
            result = run("rising_cycle", store, catalog, **span, **asked, min_length=3, max_length=6)
            expected = oracle_jobs.cycles(own, lengths=range(3, 7), **asked)
            assert {
                (tuple(row["accounts"]), tuple(row["transactions"]), row["times"]) for row in result.rows
            } == expected
            found += len(expected)
    assert found


def test_pass_through_accounts_are_those_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    found = 0
    for span in SPANS:
        own = oracle_jobs.moved(model, **span)
        for window, least, times in ((4 * HOUR, 1, 1), (10 * HOUR, 3_000, 1), (3 * HOUR, 1, 2)):
            asked = {"window_ms": window, "min_cents": least, "min_times": times}
            asked |= {"min_share_bp": 8_000, "max_share_bp": 12_000}
            result = run("pass_through", store, catalog, **span, **asked)
            expected = oracle_jobs.pass_through(own, **asked)
            assert {(row["id"], row["times"], row["in_cents"], row["out_cents"]) for row in result.rows} == expected
            found += len(expected)
    assert found


def test_operator_footprints_are_those_brute_force_finds(world: tuple[GraphStore, Model], catalog: Catalog) -> None:
    store, model = world
    for least, most in ((2, 10), (2, 2), (3, 4)):
        result = run("operator_footprint", store, catalog, min_operators=least, max_operators=most)
        rows = {(row["footprint"], row["label"], row["id"], tuple(row["operators"])) for row in result.rows}
        assert rows == oracle_jobs.operators(model, min_operators=least, max_operators=most)
    assert run("operator_footprint", store, catalog).rows
