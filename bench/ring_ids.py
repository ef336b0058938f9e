"""Do rings keep their ids when a few rows of the data change? Beside communities of Leiden matched by best overlap.

A stream is played whole, and again with a share of its movements left out. Of the rings with the same members in both
runs, how many have the same id? The rival finds communities of the same money graph (modularity) in both runs, numbers
them, and carries numbers over by best overlap, as those do who recompute at night.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from graph.events import Event, Movement
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from rings.rivals import leiden_rings
from scoring.projection import Projection

EVENTS = 40_000
SHARES = (0.01, 0.03, 0.05)
LEAST = 3


def main() -> None:
    """Print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.ring_ids", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--seed", type=int, default=1, help="seed of the world")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    world = World(seed=arguments.seed, events=arguments.events)
    events = [event for batch in world.batches(5_000) for event in batch.events]
    before, communities = rings_of(events), leiden(events)
    rows = []
    print(f"{len(events)} events, {len(before)} rings, {len(communities)} communities of Leiden")
    for share in SHARES:
        rng = random.Random(round(share * 1_000))
        kept = [event for event in events if not isinstance(event, Movement) or rng.random() >= share]
        ours, rival = kept_ids(before, rings_of(kept)), carried(communities, leiden(kept))
        rows.append({"left_out": share, "rings": ours, "leiden": rival})
        print(
            f"{share:.0%} of movements left out: {ours[0]} of {len(before)} rings have the same members, {ours[1]} of"
            f" them the same id ({_part(*ours)}); Leiden and best overlap: {rival[0]} of {len(communities)}"
            f" communities, {rival[1]} of them ({_part(*rival)})"
        )
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def rings_of(events: Sequence[Event]) -> dict[str, frozenset[str]]:
    """Members of the rings found, by id."""
    projection = Projection()
    projection.apply([LogEntry(number, event.ts, event) for number, event in enumerate(events, 1)])
    projection.ring_changes(settle=True)
    return {ring.ring_id: frozenset(member.account for member in ring.members) for ring in projection.rings()}


def kept_ids(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> tuple[int, int]:
    """(rings with the same members in both runs, those of them with the same id)."""
    ids = {members: ring_id for ring_id, members in after.items()}
    same = [ring_id for ring_id, members in before.items() if members in ids]
    return len(same), sum(ids[before[ring_id]] == ring_id for ring_id in same)


def leiden(events: Sequence[Event]) -> list[frozenset[str]]:
    """Communities of three or more accounts in the money graph."""
    weights: Counter[tuple[str, str]] = Counter()
    for event in events:
        if isinstance(event, Movement) and event.source != event.target:
            weights[min(event.source, event.target), max(event.source, event.target)] += 1
    return [frozenset(accounts) for accounts in leiden_rings(weights, services=(), smallest=LEAST).values()]


def carried(before: Sequence[frozenset[str]], after: Sequence[frozenset[str]]) -> tuple[int, int]:
    """(communities with the same members in both runs, those whose number best overlap carries over to it)."""
    holders = {account: place for place, members in enumerate(after) for account in members}
    claims: dict[int, tuple[float, int]] = {}  # after -> (overlap, before), the best claim wins
    for place, members in enumerate(before):
        counts = Counter(holders[account] for account in members if account in holders)
        for other, count in counts.items():
            jaccard = count / len(members | after[other])
            claims[other] = max(claims.get(other, (0.0, -1)), (jaccard, place))
    unchanged = {members: place for place, members in enumerate(after)}
    same = [place for place, members in enumerate(before) if members in unchanged]
    return len(same), sum(claims[unchanged[before[place]]][1] == place for place in same)


def _part(total: int, right: int) -> str:
    return "none unchanged" if not total else f"{right / total:.3f}"


if __name__ == "__main__":
    main()
