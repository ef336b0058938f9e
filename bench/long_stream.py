"""Memory of `tarrafa run` against the length of its stream: `python -m bench.long_stream`.

One seeded world of 40 days is played again and again, each time 40 days later with transactions of their own, on the
embedded store with a limit on the movements it keeps. People stay the same, so whatever grows with the stream alone
shows. Each length runs in a process of its own; first everything kept and scored is counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import tempfile
from pathlib import Path
from typing import Any

from bench.apart import apart
from bench.end_to_end import COLUMNS, opened
from graph.events import Movement
from ingest.simulator.world import World
from service.bootstrap import open_service
from service.run import iso, play, progress_bar
from service.settings import load_settings

TURN_MS = 40 * 86_400_000


def main() -> None:
    """Play each length, print the peaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--events", type=int, default=60_000, help="events in one turn")
    parser.add_argument("--keep", type=int, default=60_000, help="movements that the store keeps")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    os.environ["TARRAFA_GRAPH_KEEP_MOVEMENTS"] = str(arguments.keep)
    rows = []
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        for turns in arguments.turns:
            path = write_turns(Path(folder) / f"{turns}.csv", events=arguments.events, turns=turns)
            rows.append(apart(measure, path, Path(folder) / f"home-{turns}", arguments.keep))
            print("{movements:>10,} movements: peak {peak_mib:,.0f} MiB, {stored:,} in the graph".format(**rows[-1]))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"keep": arguments.keep, "runs": rows}, indent=1) + "\n")


def write_turns(path: Path, *, events: int, turns: int) -> Path:
    """Write the movements of one world `turns` times over, one turn after the other, as a canonical file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for turn in range(turns):
            for batch in World(seed=1, events=events).batches(1_000):
                for event in batch.events:
                    if isinstance(event, Movement):
                        when = iso(event.ts + turn * TURN_MS)
                        amount = f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}"
                        means = (event.device or "", event.ip or "", event.domain or "", event.operator or "")
                        kinds = (event.kind, event.channel)
                        writer.writerow(
                            (f"{turn}-{event.tx_id}", when, event.source, event.target, amount, *kinds, *means)
                        )
    return path


def measure(path: Path, home: Path, keep: int) -> dict[str, Any]:
    """Play `path` into a new home and return counts and the peak memory of this process."""
    with open_service(load_settings(home=home), work=True) as service, progress_bar() as bar:
        play(service, opened(path, service.keys), progress=bar, resume=False)
        service.running.flush(settle=True)
        with path.open(encoding="utf-8") as file:
            movements = sum(1 for _ in file) - 1
        text = "MATCH (:Account)-[s:SENT]->(:Account) RETURN count(s) AS n"
        stored = service.store.read(text, {}, timeout_ms=60_000)[0]["n"]
        scored = service.ledger.summary().transactions
        if scored != movements or not 0.9 * min(keep, movements) < stored <= keep:
            raise SystemExit(f"wrong: {movements} movements, {scored} scored, {stored} in a graph that keeps {keep}")
        return {
            "movements": movements,
            "stored": stored,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


if __name__ == "__main__":
    main()
