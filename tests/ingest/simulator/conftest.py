"""The demo world, played once: its events, its truth and its movements."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from graph.events import Event, Movement
from ingest.simulator import World
from ingest.simulator.script import Planted


@dataclass(frozen=True, slots=True)
class Played:
    """A world with everything that came out of it."""

    world: World
    events: tuple[Event, ...]
    rings: tuple[Planted, ...]

    @property
    def movements(self) -> list[Movement]:
        return [event for event in self.events if isinstance(event, Movement)]

    @property
    def planted_transactions(self) -> set[str]:
        return {tx for ring in self.rings for tx in ring.transactions}


def play(world: World) -> Played:
    return Played(
        world, tuple(event for batch in world.batches(4_096) for event in batch.events), tuple(world.planted())
    )


@pytest.fixture(scope="session")
def demo() -> Played:
    """The world of `tarrafa demo`."""
    return play(World(seed=1, events=60_000))
