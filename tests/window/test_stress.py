"""The worst streams: what a batch costs and holds stays bounded, answers say what was cut, and every number is finite.

Work is counted, not timed, where it can be: a feature that counts what was looked at cannot pass the walk limit, a
search writes no more than its budget. The limits of wall time are far above what is measured (docs/performance.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from graph.events import MovementKind
from graph.window.features import FEATURE_INDEX, FEATURES, WALK_LIMIT
from graph.window.hits import MAX_EDGES
from graph.window.records import Answers
from graph.window.size import array_bytes
from graph.window.window import MOVEMENT_CODES, Window
from tests.window.worlds import START

#: Wall seconds that no batch of 1,000 may take, on any machine and beside other work.
LIMIT_S = 10.0
#: Bytes of arrays per event held, when the arrays are as empty as they get (they grow by doubling), and to begin with.
BYTES_PER_EVENT, BYTES_EMPTY = 700, 8 << 20
#: Patterns of all kinds that one movement may be said to complete.
MOST_HITS = 16

Ints = NDArray[np.int64]


def pays(
    source: Ints, target: Ints, *, cents: Ints | int = 10_000, step_ms: int = 1_000, ip: Ints | None = None
) -> dict[str, Ints]:
    """Transfers `step_ms` apart as arrays."""
    count = len(source)
    place = np.arange(count, dtype=np.int64)
    rows = {
        "ts": START + place * step_ms,
        "tie": place,
        "kind": np.full(count, MOVEMENT_CODES[MovementKind.TRANSFER], dtype=np.int64),
        "src": np.asarray(source, dtype=np.int64),
        "dst": np.asarray(target, dtype=np.int64),
        "cents": np.broadcast_to(np.asarray(cents, dtype=np.int64), count),
    }
    return rows if ip is None else rows | {"ip": ip}


def play(window: Window, rows: dict[str, Ints], *, batch: int = 1_000) -> Iterator[Answers]:
    """Apply and answer batch by batch; every batch is finite, small and in time."""
    known = int(max(rows["src"].max(), rows["dst"].max())) + 1
    for number in range(len(window.accounts.names), known):
        window.accounts.intern(f"account-{number}")
    for start in range(0, len(rows["ts"]), batch):
        begun = time.perf_counter()
        part = {name: values[start : start + batch] for name, values in rows.items()}
        answers = window.answer(window.apply_rows(ids=(), **part))
        assert time.perf_counter() - begun < LIMIT_S or start == 0  # kernels may be compiled in the first
        assert np.isfinite(answers.features).all()
        assert len(answers.hits) <= MOST_HITS * len(answers.seqs)
        assert all(len(hit.edges) <= MAX_EDGES + 1 for hit in answers.hits)
        yield answers


def column(answers: Answers, name: str) -> NDArray[np.float64]:
    return answers.features[:, FEATURE_INDEX[name]]


def in_memory_bounds(window: Window) -> bool:
    events, accounts = window.end - window.first, len(window.accounts.names)
    return array_bytes(window) <= BYTES_EMPTY + BYTES_PER_EVENT * (events + accounts)


@pytest.mark.slow
def test_a_hundred_thousand_parallel_edges_on_one_pair_cost_no_more_than_the_walk_limit() -> None:
    window = Window()
    edges = np.zeros(100_000, dtype=np.int64)
    for answers in play(window, pays(edges, edges + 1, step_ms=100)):
        last = answers
    assert window.end - window.first == 100_000
    for name in ("out_count_30d", "pair_count_30d", "out_count_1h"):
        assert (column(last, name) <= WALK_LIMIT).all()
    assert (column(last, "truncated") == 1).all()
    assert (column(last, "distinct_targets_72h") == 1).all()
    assert in_memory_bounds(window)


@pytest.mark.slow
def test_one_address_shared_by_a_million_accounts_is_cut_and_said() -> None:
    window = Window()
    window.ips.intern("10.0.0.1")
    count = 1_000_000
    payers = np.arange(count, dtype=np.int64)
    rows = pays(payers, count + payers % 1_000, step_ms=1_000, ip=np.zeros(count, dtype=np.int64))
    for answers in play(window, rows, batch=10_000):
        last = answers
    assert (column(last, "ip_accounts_30d") <= WALK_LIMIT).all()
    assert (column(last, "ip_accounts_30d") > WALK_LIMIT // 2).all()
    assert (column(last, "truncated") == 1).all()
    assert in_memory_bounds(window)


@pytest.mark.slow
def test_a_clique_of_two_hundred_in_one_window_is_searched_within_budgets() -> None:
    window = Window()
    pairs = np.array([(a, b) for a in range(200) for b in range(200) if a != b])
    np.random.default_rng(1).shuffle(pairs)
    cut = found = 0
    for answers in play(window, pays(pairs[:6_000, 0], pairs[:6_000, 1]), batch=128):
        cut += int((answers.cut > 0).sum())
        found += len(answers.hits)
    assert cut > 0  # equal amounts everywhere: there are more paths than any budget
    assert found > 0
    assert in_memory_bounds(window)


def test_money_sent_to_oneself_completes_nothing_and_is_finite() -> None:
    window = Window()
    some = np.arange(2_000, dtype=np.int64) % 3
    for answers in play(window, pays(some, some)):
        assert answers.hits == ()


def test_accounts_never_seen_have_the_values_of_nothing_to_measure() -> None:
    window = Window()
    fresh = np.arange(0, 2_000, 2, dtype=np.int64)
    unknown = {feature.name: feature.unknown for feature in FEATURES}
    for answers in play(window, pays(fresh, fresh + 1)):
        for name in ("seconds_since_last", "seconds_since_in", "account_age_days", "target_age_days"):
            assert (column(answers, name) == unknown[name]).all()
        for name in ("out_count_30d", "in_sum_72h", "distinct_sources_72h", "pair_count_30d", "truncated"):
            assert (column(answers, name) == 0).all()
        assert answers.hits == ()


def test_nothing_a_cent_and_a_hundred_billion_are_summed_exactly() -> None:
    window = Window()
    cents = np.array([0, 1, 10**13] * 40, dtype=np.int64)
    zeros = np.zeros(len(cents), dtype=np.int64)
    (answers,) = play(window, pays(zeros, zeros + 1, cents=cents))
    before = np.concatenate(([0], np.cumsum(cents)[:-1]))
    assert column(answers, "out_sum_72h").tolist() == before.tolist()
    assert column(answers, "target_in_sum_72h").tolist() == before.tolist()
    assert column(answers, "amount").tolist() == cents.tolist()


def test_a_row_at_a_time_is_answered_like_a_batch() -> None:
    pairs = np.random.default_rng(2).integers(0, 30, (600, 2))
    rows = pays(pairs[:, 0], pairs[:, 1], cents=np.random.default_rng(3).choice([0, 1, 10**4, 10**13], 600))
    (whole,) = play(Window(), rows, batch=600)
    single = list(play(Window(), rows, batch=1))
    assert np.array_equal(whole.features, np.concatenate([answers.features for answers in single]))
    assert np.array_equal(whole.cut, np.concatenate([answers.cut for answers in single]))
    assert sorted(whole.hits, key=repr) == sorted((hit for answers in single for hit in answers.hits), key=repr)
