"""Memory depends on how many people live at once, never on how many events come."""

from __future__ import annotations

import tracemalloc
from itertools import islice

import pytest

from ingest.simulator import World

LIMIT_BYTES = 32_000_000


@pytest.mark.parametrize("events", [10_000, 300_000, 10_000_000])
def test_playing_a_world_holds_little_in_memory(events: int) -> None:
    tracemalloc.start()
    try:
        for _ in islice(World(seed=3, events=events).batches(1_000), 10):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LIMIT_BYTES


def test_memory_stops_growing_once_the_first_scenes_are_over() -> None:
    """Days of 500 events: scenes last 20 days at most, so by the middle as many end as begin."""
    world = World(seed=3, events=20_000)
    tracemalloc.start()
    try:
        batches = world.batches(1_000)
        for _ in islice(batches, 10):
            pass
        tracemalloc.reset_peak()
        middle, _ = tracemalloc.get_traced_memory()
        for _ in batches:
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < middle + 1_500_000
