"""A wide pass over a bare link list: rings of a million links beside networkx components, answers checked first.

`python -m bench.wide_pass [--links N] [--out FILE]`. Both get the links as they are held: our list as noted, networkx's
graph built before the clock starts. Our time covers numbering, hubs, growth and the making of findings; `kernel_s` is
the time of the components alone, on numbered links.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import networkx as nx
import numpy as np

from graph.events import Movement, MovementKind
from rings.growth import MIN_RING
from rings.links import HUB_DEGREE, BareLinks, components

START_MS = 1_750_000_000_000


def links_between(accounts: int, count: int, seed: int) -> list[tuple[str, str]]:
    """Distinct links that leave components of many sizes: few enough that no single one swallows the list."""
    random = np.random.default_rng(seed)
    one = random.integers(0, accounts, 2 * count)
    two = one + random.geometric(0.02, 2 * count)
    pairs = np.unique(np.stack((one, np.minimum(two, accounts - 1)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    chosen = random.permutation(len(pairs))[:count]
    return [(f"a{a}", f"a{b}") for a, b in pairs[chosen].tolist()]


def main() -> None:
    """Print both times; status 1 when the rings differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    pairs = links_between(4 * arguments.links, arguments.links, arguments.seed)
    _ours(pairs[:1_000])  # kernels are compiled before the clock starts
    ours, our_seconds = _ours(pairs)
    theirs, their_seconds = _networkx(pairs)
    kernel_seconds = _kernel(pairs)
    same = ours == theirs
    told = {
        "links": len(pairs),
        "rings": len(ours),
        "equal": same,
        "ours_s": round(our_seconds, 3),
        "kernel_s": round(kernel_seconds, 4),
        "networkx_s": round(their_seconds, 3),
        "times_faster": round(their_seconds / our_seconds, 2),
        "kernel_times_faster": round(their_seconds / kernel_seconds, 1),
    }
    for name, value in told.items():
        print(f"{name:14} {value}")
    if arguments.out:
        arguments.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    if not same:
        sys.exit(1)


def _ours(pairs: list[tuple[str, str]]) -> tuple[set[frozenset[str]], float]:
    links = BareLinks()
    for number, (one, two) in enumerate(pairs):
        kind = MovementKind.LINK
        links.note(Movement(event_id=f"tx:{number}", ts=START_MS, source=one, target=two, amount_cents=0, kind=kind))
    before = time.process_time()
    changed = links.take_changed(settle=True)
    seconds = time.process_time() - before
    return {finding.core for _, finding in changed if finding is not None}, seconds


def _kernel(pairs: list[tuple[str, str]]) -> float:
    number: dict[str, int] = {}
    rows = np.array([[number.setdefault(name, len(number)) for name in pair] for pair in pairs], np.int64)
    one, two = rows[:, 0].copy(), rows[:, 1].copy()
    components(one[:1_000], two[:1_000], len(number))
    before = time.process_time()
    components(one, two, len(number))
    return time.process_time() - before


def _networkx(pairs: list[tuple[str, str]]) -> tuple[set[frozenset[str]], float]:
    graph: nx.Graph[str] = nx.Graph(pairs)
    before = time.process_time()
    graph.remove_nodes_from([name for name, degree in graph.degree() if degree > HUB_DEGREE])
    rings = {frozenset(part) for part in nx.connected_components(graph) if len(part) >= MIN_RING}
    return rings, time.process_time() - before


if __name__ == "__main__":
    main()
