"""Found rings with the truth about them, from seeded worlds: what the ring head learns from and is measured on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from gnn.ring_examples import RingExamples, told_apart
from graph.evidence import Role
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from scoring.policy import Bands
from scoring.projection import Projection
from scoring.standard import standard_judging
from service.bootstrap import window_settings
from service.settings import Settings

BATCH = 2_000
#: Shapes of this score and more are collected: what a ring has to tell itself apart from.
LEAST = 20.0


def examples_of_world(
    seed: int, events: int, settings: Settings, keys: IdentifierKeys, *, progress: Callable[[int], None] | None = None
) -> RingExamples:
    """Play the world `seed` through the service's own projection and tell its rings apart by what was planted."""
    world = World(seed=seed, events=events)
    bands = Bands(approve=settings.scoring.approve, review=settings.scoring.review)
    projection = Projection(
        window=window_settings(settings), judging=standard_judging(bands, keys), least_ring_score=LEAST
    )
    scores: dict[str, float] = {}
    for entries in _entries(world):
        for score in projection.apply(entries).scores:
            scores[f"tx:{score.tx_id}"] = score.value
        if progress is not None:
            progress(len(entries))
    projection.ring_changes(settle=True)
    truth = {
        ring.ring_id: frozenset(account for account, role in ring.roles.items() if role is not Role.VICTIM)
        for ring in world.planted()
    }
    return told_apart(projection.rings(), truth, scores)


def _entries(world: World) -> Iterator[list[LogEntry]]:
    events = (event for batch in world.batches(BATCH) for event in batch.events)
    offset = 0
    while part := list(islice(events, BATCH)):
        yield [LogEntry(offset + place + 1, event.ts, event) for place, event in enumerate(part)]
        offset += len(part)
