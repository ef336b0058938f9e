"""Plays a seeded world into a home and, on demand, dies at a stage of the path: `python -m tests.service.player`.

Arguments: HOME STORE EVENTS BATCH STAGE NTH. With STAGE "-" it plays to the end and prints the state hash.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from graph.events import Event
from ingest.simulator.world import World
from service.bootstrap import open_service
from service.settings import load_settings

SEED = 5


def world_events(count: int) -> list[Event]:
    """The events of the test world, in time order."""
    return [event for batch in World(seed=SEED, events=count).batches(1_000) for event in batch.events]


def play(home: Path, store: str, events: list[Event], *, batch: int, stage: str = "-", nth: int = 0) -> str:
    """Play `events` and return the state hash; die at the `nth` time that `stage` is reached."""
    seen = 0

    def observe(reached: str, _position: int) -> None:
        nonlocal seen
        if reached == stage:
            seen += 1
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings(home=home, store=store)
    settings = settings.model_copy(update={"pipeline": settings.pipeline.model_copy(update={"flush_events": 400})})
    with open_service(settings, work=True, on_stage=observe) as service:
        for start in range(0, len(events), batch):
            service.running.submit(events[start : start + batch])
        return service.state_hash()


def shuffled(events: list[Event], *, within: int, seed: int) -> list[Event]:
    """`events` with each moved by up to `within` places."""
    rng = random.Random(seed)
    return [event for _, event in sorted(enumerate(events), key=lambda item: item[0] + rng.uniform(0, within))]


if __name__ == "__main__":
    home_arg, store_arg, count_arg, batch_arg, stage_arg, nth_arg = sys.argv[1:]
    print(
        play(
            Path(home_arg),
            store_arg,
            world_events(int(count_arg)),
            batch=int(batch_arg),
            stage=stage_arg,
            nth=int(nth_arg),
        )
    )
