"""A ring's money over time adds up, whatever its movements."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from api.pages import chart
from api.ring_money import BUCKETS_MS, MAX_BUCKETS, money_over_time, movements_of
from graph.evidence import RingKind, Role
from reports.formats import Language
from tests.api.story import COLLECTION, START, make_ring, movement
from tests.api.world import make_world

moves = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**9), st.floats(0, 20_000)),
    min_size=1,
    max_size=30,
)


@given(moves)
def test_bars_add_up_to_the_movements_and_to_the_ring(rows: list[tuple[int, int, int, float]]) -> None:
    events = [movement(str(n), f"a{a}", f"a{b}", cents, hours) for n, (a, b, cents, hours) in enumerate(rows)]
    events.sort(key=lambda event: event.ts)
    roles = {account: Role.UNKNOWN for event in events for account in (event.source, event.target)}
    ring = make_ring("r", RingKind.CYCLE, events, roles, score=50)
    series = money_over_time(ring, events)
    assert len(series.buckets) <= MAX_BUCKETS
    assert sum(bucket.in_cents for bucket in series.buckets) == ring.in_cents
    assert sum(bucket.out_cents for bucket in series.buckets) == ring.out_cents
    assert (series.shown, series.total) == (len(events), len(events))
    paid, got = {event.source for event in events}, {event.target for event in events}
    inside = sum(event.amount_cents for event in events if event.source in got and event.target in paid)
    assert sum(bucket.inside_cents for bucket in series.buckets) == inside
    starts = [bucket.start for bucket in series.buckets]
    assert starts[0] <= events[0].ts
    assert events[-1].ts < starts[-1] + series.width_ms
    assert {after - before for before, after in itertools.pairwise(starts)} <= {series.width_ms}


@given(moves)
def test_the_drawing_stays_inside_its_frame_and_in_proportion(rows: list[tuple[int, int, int, float]]) -> None:
    events = [movement(str(n), f"a{a}", f"a{b}", cents, hours) for n, (a, b, cents, hours) in enumerate(rows)]
    events.sort(key=lambda event: event.ts)
    roles = {account: Role.UNKNOWN for event in events for account in (event.source, event.target)}
    series = money_over_time(make_ring("r", RingKind.CYCLE, events, roles, score=50), events)
    drawn = chart.draw(series, Language.EN)
    if drawn is None:
        assert not any(bucket.in_cents + bucket.out_cents + bucket.inside_cents for bucket in series.buckets)
        return
    parts = Counter(bar.kind for bar in drawn.bars)
    assert parts["in"] == sum(bucket.in_cents > 0 for bucket in series.buckets)
    for bar in drawn.bars:
        assert chart.LEFT - 1 <= bar.x <= bar.x + bar.width <= chart.WIDTH - chart.RIGHT + 1
        assert bar.y >= 0
        assert bar.y + bar.height <= chart.HEIGHT
        assert bar.y == drawn.axis if bar.kind == "out" else abs(bar.y + bar.height - drawn.axis) < 0.2


def test_a_day_begins_at_midnight_in_sao_paulo() -> None:
    day = BUCKETS_MS[2]
    events = [movement(str(n), "a", "b", 100, 24.0 * n) for n in range(30)]
    ring = make_ring("r", RingKind.CYCLE, events, {"a": Role.VICTIM, "b": Role.CASH_OUT}, score=50)
    series = money_over_time(ring, events)
    assert series.width_ms == day
    assert (series.buckets[0].start + day - 3 * 3_600_000) % day == 0
    assert series.buckets[0].start == START - 9 * 3_600_000


def test_the_movements_of_a_ring_come_in_canonical_order() -> None:
    world = make_world()
    found = movements_of(world.known_rings[COLLECTION], world)
    assert len(found) == 41
    assert [(event.ts, event.event_id) for event in found] == sorted((event.ts, event.event_id) for event in found)
