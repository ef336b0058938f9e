"""Upkeep of rings while movements stream: processor time per batch of 128, alone, from a world with planted rings.

`python -m bench.ring_upkeep [--events N] [--out FILE]`. The world is played once through the window to get each batch's
findings and uses; then only the ring engine takes them in, and its time is measured. Steps of the rings' life are not
in it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from graph.events import Access, AuthenticationAttempt, Event, IdentifierHeld, Movement
from graph.window.window import Window
from ingest.simulator.world import World
from rings.engine import RingEngine
from rings.findings import KIND_OF_HIT, Finding, finding_of_hit

BATCH = 128
Owned = list[tuple[str, list[Finding]]]


def main() -> None:
    """Print the percentiles and the rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    batches = played(World(seed=arguments.seed, events=arguments.events))
    rings = RingEngine(listed=set[str]().__contains__)
    seconds = []
    for events, public, found in batches:
        before = time.process_time()
        for event in events:
            note(rings, event)
        for account in public:
            rings.leave_out(account)
        for owner, findings in found:
            rings.replace(owner, findings)
        rings.changes(settle=False)
        seconds.append(time.process_time() - before)
    movements = sum(isinstance(event, Movement) for events, _, _ in batches for event in events)
    told = {
        "movements": movements,
        "rings": len(rings.rings()),
        "p50_ms": round(float(np.percentile(seconds, 50)) * 1_000, 3),
        "p99_ms": round(float(np.percentile(seconds, 99)) * 1_000, 3),
        "max_ms": round(max(seconds) * 1_000, 3),
        "movements_per_s": round(movements / sum(seconds)),
    }
    for name, value in told.items():
        print(f"{name:16} {value}")
    if arguments.out:
        arguments.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def played(world: World) -> list[tuple[list[Event], list[str], Owned]]:
    """Per batch: its events, accounts that became hubs, and the findings of each movement it answered."""
    window = Window()
    batches = []
    for batch in world.batches(BATCH):
        events = list(batch.events)
        answers = window.answer(window.apply(events))
        found: dict[str, list[Finding]] = {window.event_id(seq): [] for seq in answers.seqs.tolist()}
        for hit in answers.hits:
            if hit.kind in KIND_OF_HIT:
                owner = window.movement(hit.owner)
                edges = tuple(window.movement(seq) for seq in hit.edges)
                found[owner.event_id].append(finding_of_hit(owner, hit.kind, edges))
        batches.append((events, list(window.take_public()), list(found.items())))
    return batches


def note(rings: RingEngine, event: Event) -> None:
    """Tell the engine whose devices, addresses and identifiers the event names, as the projection does."""
    key = (event.ts, event.event_id)
    if isinstance(event, Movement):
        if event.device is not None:
            rings.means.use(event.source, ("Device", event.device), key)
        if event.ip is not None:
            rings.means.use(event.source, ("Ip", event.ip), key)
        for ref in event.identifiers:
            rings.means.use(event.source if ref.holder == "source" else event.target, ("Identifier", ref.id), key)
    elif isinstance(event, Access | AuthenticationAttempt):
        if event.device is not None:
            rings.means.use(event.account, ("Device", event.device), key)
        if event.ip is not None:
            rings.means.use(event.account, ("Ip", event.ip), key)
    elif isinstance(event, IdentifierHeld):
        rings.means.use(event.account, ("Identifier", event.identifier.id), key)
    else:
        rings.operators.note(event)


if __name__ == "__main__":
    main()
