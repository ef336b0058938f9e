"""What a late event changes is among what is answered again, whatever comes late and wherever it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Event, IndicatorListed, ListKind, Movement, MovementKind, NodeKind
from graph.window import patterns
from graph.window.columns import I64
from graph.window.cycles import CYCLES
from graph.window.hits import Budget
from graph.window.kernels import LAST_MOVEMENT
from graph.window.window import Window
from tests.window.worlds import HOUR, START, streams

Answer = tuple[bytes, int, frozenset[tuple[int, tuple[str, ...]]]]


@st.composite
def money(draw: st.DrawFn) -> list[Event]:
    """Quick transfers of like amounts among few accounts, so that every pattern happens; sometimes a service."""
    accounts = st.sampled_from([f"a{n}" for n in range(draw(st.integers(5, 14)))])
    events: list[Event] = [
        Movement(
            event_id=f"tx:{number}",
            ts=START + draw(st.integers(0, 60)) * HOUR,
            source=draw(accounts),
            target=draw(accounts),
            amount_cents=draw(st.sampled_from([9_800, 10_000, 10_000, 10_100])),
            kind=draw(st.sampled_from([MovementKind.TRANSFER] * 9 + [MovementKind.PAYOUT])),
        )
        for number in range(draw(st.integers(10, 60)))
    ]
    if draw(st.booleans()):
        listed = IndicatorListed(
            event_id="listed:1",
            ts=START + draw(st.integers(0, 60)) * HOUR,
            list_name="list",
            list_kind=ListKind.SERVICE,
            entity_kind=NodeKind.ACCOUNT,
            entity_id=draw(accounts),
        )
        events.insert(draw(st.integers(0, len(events))), listed)
    return events


def movements_of(window: Window) -> I64:
    """Every movement of the window in canonical order."""
    seqs = [seq for seq in range(window.first, window.end) if window.movement(seq).kind <= LAST_MOVEMENT]
    return np.array(sorted(seqs, key=window.key_of), dtype=np.int64)


def answers_of(window: Window) -> dict[str, Answer]:
    """What the window says now about every movement, bit for bit."""
    answers = window.answer(movements_of(window))
    hits: dict[int, set[tuple[int, tuple[str, ...]]]] = {}
    for hit in answers.hits:
        hits.setdefault(hit.owner, set()).add((hit.kind, tuple(window.event_id(edge) for edge in hit.edges)))
    return {
        window.event_id(seq): (answers.features[i].tobytes(), int(answers.cut[i]), frozenset(hits.get(seq, set())))
        for i, seq in enumerate(answers.seqs.tolist())
    }


def assert_only_touched_change(events: list[Event], late: int) -> None:
    window = Window()
    window.apply([*events[:late], *events[late + 1 :]])
    before = answers_of(window)
    touched = {window.event_id(seq) for seq in window.apply([events[late]]).tolist()}
    after = answers_of(window)
    assert {event_id for event_id in before if before[event_id] != after[event_id]} <= touched


@settings(max_examples=150, deadline=None)
@given(st.one_of(streams(), money()), st.data())
def test_answers_that_are_not_given_again_are_unchanged(events: list[Event], data: st.DataObject) -> None:
    assert_only_touched_change(events, data.draw(st.integers(0, len(events) - 1)))


@settings(max_examples=150, deadline=None)
@given(money(), st.data())
def test_answers_that_are_not_given_again_are_unchanged_where_searches_are_cut(
    events: list[Event], data: st.DataObject
) -> None:
    small: dict[str, Callable[[Budget], Budget]] = {
        "CYCLES": lambda budget: budget._replace(steps=24, walk=4, width=2, results=1),
        "CHAINS": lambda budget: budget._replace(steps=12, walk=4, width=2),
        "LAYERS": lambda budget: budget._replace(steps=20, walk=6, width=4),
        "SCATTERS": lambda budget: budget._replace(steps=20, walk=6, width=5),
        "FANS": lambda budget: budget._replace(walk=6),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, smaller in small.items():
            patch.setattr(patterns, name, smaller(getattr(patterns, name)))
        assert_only_touched_change(events, data.draw(st.integers(0, len(events) - 1)))


def pay(number: int, source: str, target: str, hour: int, cents: int = 10_000) -> Movement:
    return Movement(event_id=f"tx:{number}", ts=START + hour * HOUR, source=source, target=target, amount_cents=cents)


def test_a_payment_between_two_who_dealt_with_both_ends_is_touched() -> None:
    """The missing link of a bipartite lies beside the newest one: no money runs from it to there."""
    pairs = [(f"x{p}", f"y{q}") for p in range(3) for q in range(3)]
    missing, others = [("x1", "y1"), ("x2", "y1")], [pair for pair in pairs if pair not in (("x1", "y1"), ("x2", "y1"))]
    events: list[Event] = [pay(n, *pair, n) for n, pair in enumerate(sorted(others, key=lambda pair: pair[0] == "x0"))]
    changed, touched = changed_and_touched(events, replace(pay(100, *missing[0], 5), ts=START + 5 * HOUR + 1))
    assert events[-1].event_id in changed
    assert changed <= touched


def changed_and_touched(events: list[Event], late: Event) -> tuple[set[str], set[str]]:
    """Movements whose patterns the late event changes, and those that are answered again."""
    window = Window()
    window.apply(events)
    before = answers_of(window)
    touched = {window.event_id(seq) for seq in window.apply([late]).tolist()}
    after = answers_of(window)
    return {name for name in before if before[name][1:] != after[name][1:]}, touched


def test_a_service_listed_late_touches_the_chains_that_led_through_it() -> None:
    names = "abcde"
    chain: list[Event] = [pay(n, one, two, n) for n, (one, two) in enumerate(pairwise(names))]
    listed = IndicatorListed(
        event_id="listed:1",
        ts=START + 2 * HOUR,
        list_name="list",
        list_kind=ListKind.SERVICE,
        entity_kind=NodeKind.ACCOUNT,
        entity_id="a",
    )
    changed, touched = changed_and_touched(chain, listed)
    assert changed == {"tx:3"}
    assert changed <= touched


def test_a_payment_that_crowds_out_a_way_round_touches_the_cycle() -> None:
    names = ["t", "v1", "v2", "x", "s", "t"]
    cycle: list[Event] = [pay(n, one, two, 10 * n) for n, (one, two) in enumerate(pairwise(names))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "CYCLES", CYCLES._replace(width=1))
        changed, touched = changed_and_touched(cycle, pay(100, "v2", "elsewhere", 25))
    assert changed == {"tx:4"}
    assert changed <= touched


def test_an_event_among_strangers_touches_nothing_else() -> None:
    window = Window()
    window.apply([pay(n, f"a{n % 5}", f"b{n % 7}", n) for n in range(40)])
    late = window.apply([pay(100, "stranger", "other", 0)]).tolist()
    assert [window.event_id(seq) for seq in late] == ["tx:100"]
