"""Training on a log: `python -m bench.train`.

A seeded world of `--events` events, and labels that its planted rings give its movements, are put into the log of a
fresh home; then `tarrafa train` runs on it in a process of its own. Told are its wall and CPU seconds, its peak memory,
and how a second run after a kill goes on: it must not train again what was finished.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.apart import apart
from graph.events import Event, LabelGiven, Movement
from graph.log.sqlite import SqliteEventLog
from ingest.simulator.world import World
from service.home import HomePaths

REACH_SECONDS, REACH_MIB = 600, 6 * 1024
BATCH = 5_000


def main() -> None:
    """Fill a home, train on it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=700_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="hybrid")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        home = Path(folder) / "home"
        told = apart(fill, str(home), arguments.events, arguments.seed)
        resumed = killed_and_gone_on(home, arguments.model)
        told |= trained(home, arguments.model)
    told["same_after_a_kill"] = resumed == told["version"]
    reached = told["seconds"] <= REACH_SECONDS and told["peak_mib"] <= REACH_MIB and told["same_after_a_kill"]
    print("| events | movements | labels | s | CPU s | peak MiB | same model after a kill | reached |")
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {told['events']:,} | {told['movements']:,} | {told['labels']:,} | {told['seconds']:.0f} "
        f"| {told['cpu_seconds']:.0f} | {told['peak_mib']:,.0f} | {'yes' if told['same_after_a_kill'] else 'NO'} "
        f"| {'yes' if reached else 'no'} |"
    )
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def fill(home: str, count: int, seed: int) -> dict[str, Any]:
    """Write the log of a home: a world, and a label for each movement."""
    paths = HomePaths(Path(home))
    paths.root.mkdir(parents=True)
    log = SqliteEventLog(paths.log)
    movements = labels = 0
    for events in _labelled(count, seed):
        log.append(events, learned_at=events[-1].ts)
        movements += sum(isinstance(event, Movement) for event in events)
        labels += sum(isinstance(event, LabelGiven) for event in events)
    head = log.head()
    log.close()
    return {"events": head, "movements": movements, "labels": labels}


def _labelled(count: int, seed: int) -> Iterator[list[Event]]:
    """A world with a label for each movement, given when it was; fraud are the movements of planted rings."""
    world = World(seed=seed, events=count)
    member = {tx_id: ring.ring_id for ring in world.planted() for tx_id in ring.transactions}
    for batch in world.batches(BATCH):
        events: list[Event] = list(batch.events)
        for event in batch.events:
            if isinstance(event, Movement):
                ring = member.get(event.tx_id, "")
                events.append(
                    LabelGiven(
                        event_id=f"label:{event.tx_id}",
                        ts=event.ts,
                        subject="tx",
                        subject_id=event.tx_id,
                        label=int(bool(ring)),
                        ring=ring,
                    )
                )
        yield events


def killed_and_gone_on(home: Path, model: str) -> str:
    """Kill a training when its first stage is done, let it go on, and take the model away again; return its version."""
    process = _train(home, model)
    stage = home / "models" / ".training"
    while process.poll() is None and not list(stage.glob("*/boosted_features")):
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    told = trained(home, model)
    if "training: boosted features" in told["said"]:
        sys.exit("wrong: what was finished before the kill was trained again")
    for path in sorted((home / "models" / told["version"]).iterdir()):
        path.unlink()
    (home / "models" / told["version"]).rmdir()
    (home / "models" / "canary.json").unlink(missing_ok=True)  # or the second one would learn without its movements
    return str(told["version"])


def trained(home: Path, model: str) -> dict[str, Any]:
    """Train to the end; what it took, and the version it made."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    process = _train(home, model)
    said, complained = process.communicate()
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    version = re.search(r"saved (m-[0-9a-f]+)", said)
    if version is None:
        sys.exit(f"wrong: nothing was trained: {said}{complained}")
    return {
        "seconds": seconds,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mib": after.ru_maxrss / 1024,
        "version": version[1],
        "said": said + complained,
    }


def _train(home: Path, model: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "service", "train", "--home", str(home), "--model", model]
    command += ["--label-delay-days", "0"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


if __name__ == "__main__":
    main()
