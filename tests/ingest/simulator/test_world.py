"""The world keeps the promises of a source: the same every time, in time order, whatever the batch size."""

from __future__ import annotations

from hashlib import blake2b

import pytest

from graph.codec import encode_event
from graph.errors import ConfigurationError
from graph.events import Event, tie_of
from ingest.simulator import World
from ingest.simulator.calendar import DAY_MS
from ingest.simulator.world import START_MS
from tests.ingest.simulator.conftest import Played


def digest(events: list[Event]) -> str:
    total = blake2b(digest_size=16)
    for event in events:
        name, data = encode_event(event)
        total.update(name.encode() + data)
    return total.hexdigest()


def events_of(world: World, size: int, *, after: int = 0) -> list[Event]:
    return [event for batch in world.batches(size, after=after) for event in batch.events]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first = digest(events_of(World(seed=5, events=4_000), 500))
    assert digest(events_of(World(seed=5, events=4_000), 500)) == first
    assert digest(events_of(World(seed=6, events=4_000), 500)) != first


def test_a_world_can_be_played_again_from_its_start() -> None:
    world = World(seed=5, events=3_000)
    assert events_of(world, 700) == events_of(world, 700)


@pytest.mark.parametrize("size", [1, 37, 1_999, 100_000])
def test_the_batch_size_changes_nothing(size: int) -> None:
    world = World(seed=8, events=3_000)
    batches = list(world.batches(size))
    assert [event for batch in batches for event in batch.events] == events_of(world, 512)
    assert all(batch.rows == len(batch.events) for batch in batches)
    assert all(batch.rows == size for batch in batches[:-1])


@pytest.mark.parametrize("after", [0, 1, 2_500, 2_999, 3_000])
def test_reading_goes_on_behind_a_position(after: int) -> None:
    world = World(seed=8, events=3_000)
    assert events_of(world, 100, after=after) == events_of(world, 100)[after:]
    positions = [batch.position for batch in world.batches(100, after=after)]
    assert positions == sorted(set(positions))
    assert not positions or positions[-1] == 3_000


def test_events_come_in_canonical_order_inside_the_span_with_unique_ids(demo: Played) -> None:
    keys = [(event.ts, tie_of(event.event_id)) for event in demo.events]
    assert keys == sorted(keys)
    assert keys[0][0] >= START_MS
    assert keys[-1][0] < START_MS + 40 * DAY_MS
    assert keys[-1][0] - keys[0][0] > 39 * DAY_MS
    assert len({event.event_id for event in demo.events}) == len(demo.events)


@pytest.mark.parametrize("events", [1_000, 2_500, 10_000])
def test_as_many_events_come_as_were_asked_for(events: int) -> None:
    world = World(seed=2, events=events)
    assert sum(batch.rows for batch in world.batches(1_000)) == world.total_rows == events


def test_a_world_that_starts_at_noon_keeps_its_order_and_truth() -> None:
    start = START_MS + DAY_MS // 2 + 12_345
    world = World(seed=4, events=6_000, start_ms=start)
    events = events_of(world, 1_000)
    keys = [(event.ts, tie_of(event.event_id)) for event in events]
    assert keys == sorted(keys)
    assert keys[0][0] >= start
    assert {f"tx:{tx}" for ring in world.planted() for tx in ring.transactions} <= {event.event_id for event in events}


@pytest.mark.parametrize("events", [0, 999, 100_000_001])
def test_a_size_that_makes_no_world_is_refused(events: int) -> None:
    with pytest.raises(ConfigurationError, match="ask for"):
        World(events=events)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="seed"):
        World(seed=-1, events=2_000)
