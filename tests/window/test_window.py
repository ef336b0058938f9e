"""The window against its plain-Python twin, in any order, with a poisoned future, and past its capacity."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, Movement
from graph.window.cycles import CYCLES
from graph.window.features import FEATURES
from graph.window.histories import KEPT_PER_HOP
from graph.window.hits import HIT_CYCLE, HIT_LAYERED
from graph.window.kernels import DAY
from graph.window.linking import PUBLIC_DEGREE
from graph.window.paths import CHAIN_GAP, CHAINS, MIN_LAYERS
from graph.window.window import Window
from tests.window import oracle
from tests.window.worlds import START, streams

NAMES = [feature.name for feature in FEATURES]
Answer = tuple[bytes, frozenset[tuple[int, tuple[str, ...]]]]


def play(window: Window, events: Sequence[Event], *, batch: int) -> dict[str, Answer]:
    """Final answer of every movement: feature bytes and completed patterns."""
    found: dict[str, Answer] = {}
    for start in range(0, len(events), batch):
        answers = window.answer(window.apply(events[start : start + batch]))
        for i, seq in enumerate(answers.seqs.tolist()):
            hits = frozenset(
                (hit.kind, tuple(window.event_id(edge) for edge in hit.edges))
                for hit in answers.hits
                if hit.owner == seq
            )
            found[window.event_id(seq)] = (answers.features[i].tobytes(), hits)
    return found


def row(answer: Answer) -> dict[str, float]:
    return dict(zip(NAMES, np.frombuffer(answer[0]).tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(streams())
def test_features_equal_the_plain_computation(events: list[Event]) -> None:
    answers = play(Window(), events, batch=7)
    for event in events:
        if isinstance(event, Movement):
            mine = row(answers[event.event_id])
            for name, value in oracle.features(events, event).items():
                assert np.isclose(mine[name], value, rtol=1e-9, atol=1e-6), (name, mine[name], value)


@settings(max_examples=60, deadline=None)
@given(streams(), st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_and_any_batches_give_the_same_answers(events: list[Event], rng: random.Random, batch: int) -> None:
    ordered = sorted(events, key=oracle.key)
    shuffled = list(events)
    rng.shuffle(shuffled)
    assert play(Window(), ordered, batch=len(events)) == play(Window(), shuffled, batch=batch)


@settings(max_examples=40, deadline=None)
@given(streams(), st.integers(0, 59), streams(most=20))
def test_events_after_a_movement_change_nothing_about_it(events: list[Event], cut: int, poison: list[Event]) -> None:
    events = sorted(events, key=oracle.key)
    past = events[: cut + 1]
    end = past[-1].ts
    future = [
        type(event)(
            **{
                **{name: getattr(event, name) for name in event.__dataclass_fields__},
                "event_id": f"{event.event_id}-poison",
                "ts": end + 1 + event.ts - START,
            }
        )
        for event in poison
    ]
    alone, poisoned = play(Window(), past, batch=9), play(Window(), past + future, batch=9)
    assert all(poisoned[event_id] == answer for event_id, answer in alone.items())


@settings(max_examples=60, deadline=None)
@given(streams())
def test_cycles_and_chains_are_found_exactly_when_they_are_there(events: list[Event]) -> None:
    moves = {event.event_id: event for event in events if isinstance(event, Movement)}
    for event_id, (_, hits) in play(Window(), events, batch=11).items():
        tx = moves[event_id]
        found = {kind: [moves[edge] for edge in edges] for kind, edges in hits}
        for kind in (HIT_CYCLE, HIT_LAYERED):
            assert kind not in found or oracle.rises(found[kind])
        if tx.kind == "bet" or tx.source == tx.target or tx.amount_cents == 0:
            assert HIT_CYCLE not in found
            continue
        if {tx.source, tx.target} & oracle._services(events, tx.ts):
            continue
        long = oracle.back_paths(
            events, tx, hop_gap=CYCLES.span, span=CYCLES.span, kept=KEPT_PER_HOP, longest=CYCLES.hops
        )
        assert (HIT_CYCLE in found) == oracle.closes_cycle(long, tx, CYCLES.hops)
        if HIT_CYCLE not in found and oracle.features(events, tx)["pair_count_30d"] == 0:
            quick = oracle.back_paths(
                events, tx, hop_gap=CHAIN_GAP, span=CYCLES.span, kept=KEPT_PER_HOP, longest=CHAINS.hops
            )
            chain = oracle.longest_chain(quick, tx)
            assert (len(found[HIT_LAYERED]) if HIT_LAYERED in found else 0) == (chain if chain > MIN_LAYERS else 0)


def _pay(number: int, source: str, target: str, *, ts: int, cents: int = 100) -> Movement:
    return Movement(event_id=f"tx:{number}", ts=ts, source=source, target=target, amount_cents=cents)


def test_more_events_than_rows_make_room_and_lose_nothing() -> None:
    window = Window()
    events = [_pay(i, f"a{i % 50}", f"b{i % 77}", ts=START + i * 1_000) for i in range(20_000)]
    play(window, events, batch=1_000)
    assert window.end - window.first == 20_000
    assert window.event_id(0) == "tx:0"


def test_events_past_the_horizon_are_forgotten_and_memory_stays() -> None:
    window = Window()
    step = 5 * 60_000
    play(window, [_pay(i, f"a{i % 50}", f"b{i % 77}", ts=START + i * step) for i in range(30_000)], batch=500)
    size = window.bytes_used
    play(window, [_pay(i, f"a{i % 50}", f"b{i % 77}", ts=START + i * step) for i in range(30_000, 60_000)], batch=500)
    assert window.bytes_used == size
    assert window.end - window.first <= 37 * DAY // step  # the horizon, and the batch after the last clearing


def test_an_account_with_many_counterparties_becomes_public_and_one_with_few_does_not() -> None:
    window = Window()
    many = [_pay(i, f"c{i}", "shop", ts=START + i) for i in range(PUBLIC_DEGREE * 2)]
    few = [_pay(1_000 + i, f"d{i % (PUBLIC_DEGREE // 2)}", "person", ts=START + i) for i in range(500)]
    window.apply([*many, *few])
    assert window.take_public() == ["shop"]
    assert window.take_public() == []


def test_no_feature_is_ever_nan_even_for_extreme_amounts() -> None:
    window = Window()
    cents = [0, 1, 10**14, 10**14, 0]
    answers = play(window, [_pay(i, "a", "b", ts=START + i, cents=c) for i, c in enumerate(cents)], batch=2)
    assert all(np.isfinite(np.frombuffer(features)).all() for features, _ in answers.values())
