"""FinBench-derived reads answer what brute force over the plain files answers, also beside the insert stream; the
read-writes keep what is clean and undo what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.finbench import check, inserting, load, questions, says_something, window_of
from bench.finbench_oracle import Oracle
from bench.finbench_queries import Reads
from bench.finbench_window import ANSWERED, WindowReads
from bench.finbench_world import FinBench, Money
from bench.finbench_writes import Writes
from cypher.catalog import Catalog
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink

pytestmark = pytest.mark.slow
T0 = 1_600_000_000_000
EACH = 6


@pytest.fixture(scope="module")
def world(shared_data: Callable[[str], Path]) -> FinBench:
    """The small set, once."""
    return FinBench.read(shared_data("finbench-small"))


@pytest.fixture(scope="module")
def filled(engine: GraphStore, catalog: Catalog, world: FinBench) -> tuple[GraphStore, GraphSink, int]:
    """Each engine with the snapshot in it, and the sink that wrote it."""
    engine.clear()
    events = list(world.events())
    return engine, load(catalog, engine, events), len(events)


def test_every_read_answers_what_brute_force_answers_also_beside_the_insert_stream(
    filled: tuple[GraphStore, GraphSink, int], catalog: Catalog, world: FinBench
) -> None:
    store, sink, count = filled
    asked, oracle, reads = questions(world, EACH), Oracle(world), Reads(catalog, store)
    expected = {name: [getattr(oracle, name)(*each) for each in own] for name, own in asked.items()}
    assert {name for name, answers in expected.items() if not any(map(says_something, answers))} == set()
    check(store.name, reads, asked, expected)
    with inserting(sink, world, start=count) as stream:
        check(store.name, reads, asked, expected)
    assert stream.written


def test_the_window_answers_what_it_can_the_same_way(world: FinBench) -> None:
    asked, oracle = questions(world, EACH), Oracle(world)
    own = {name: asked[name] for name in ANSWERED}
    expected = {name: [getattr(oracle, name)(*each) for each in asks] for name, asks in own.items()}
    check("window", WindowReads(window_of(list(world.events()))), own, expected)


def small() -> FinBench:
    """a paid b, b paid c; p guarantees q, who has a loan of 900.00."""
    world = FinBench(transfers=[Money("a", "b", T0, 100), Money("b", "c", T0 + 1, 100), Money("x", "c", T0 + 1, 5)])
    world.owns["person:p"].append("a")
    world.owns["person:q"].append("b")
    world.owns["person:r"].append("c")
    world.loans["loan:1"] = ("person:q", T0, 90_000, 1)
    return world


@pytest.fixture
def writes(engine: GraphStore, catalog: Catalog) -> tuple[Writes, Callable[[str], list[tuple[bool, bool]]]]:
    """The read-writes over a small world, and a way to ask whether an account is blocked."""
    engine.clear()
    events = list(small().events())
    sink = load(catalog, engine, events)
    return Writes(catalog, engine, sink, len(events)), Reads(catalog, engine).tsr1


def test_a_transfer_that_closes_a_ring_is_undone_and_its_ends_are_blocked(
    engine: GraphStore, writes: tuple[Writes, Callable[[str], list[tuple[bool, bool]]]]
) -> None:
    own, blocked = writes
    span = {"lo": T0, "hi": T0 + 100}
    assert own.trw1("open", Money("c", "x", T0 + 2, 1), **span)
    assert blocked("c") == [(True, False)]
    assert not own.trw1("closing", Money("c", "a", T0 + 3, 50), **span)
    assert blocked("c") == blocked("a") == [(True, True)]
    text = "MATCH (a:Account {id: 'c'})-[s:SENT]->(b:Account) RETURN s.tx_id AS tx_id ORDER BY tx_id"
    assert [row["tx_id"] for row in engine.read(text, {})] == ["open"]


def test_a_transfer_between_accounts_that_pass_money_through_is_undone(
    writes: tuple[Writes, Callable[[str], list[tuple[bool, bool]]]],
) -> None:
    own, blocked = writes
    assert own.trw2("first", Money("c", "x", T0 + 2, 10), lo=T0, hi=T0 + 100, least=-1, ratio=99.0)
    assert own.trw2("kept", Money("b", "c", T0 + 3, 1), lo=T0, hi=T0 + 100, least=-1, ratio=1.0)
    assert blocked("b") == [(True, False)]
    assert not own.trw2("undone", Money("b", "c", T0 + 4, 1), lo=T0, hi=T0 + 100, least=-1, ratio=0.9)
    assert blocked("b") == blocked("c") == [(True, True)]


def test_a_guarantee_is_undone_when_the_loans_along_the_chain_are_too_much(
    writes: tuple[Writes, Callable[[str], list[tuple[bool, bool]]]],
) -> None:
    own, blocked = writes
    span = {"lo": T0, "hi": T0 + 100}
    assert own.trw3("light", Money("person:r", "person:p", T0 + 1, 0), **span, most_cents=50_000)
    assert not own.trw3("heavy", Money("person:p", "person:q", T0 + 2, 0), **span, most_cents=50_000)
    assert blocked("person:p") == [(True, True)]
    assert own.trw3("allowed", Money("person:r", "person:q", T0 + 3, 0), **span, most_cents=90_000)
