"""How many events a second `tarrafa run` takes from file to stores, and its memory: `python -m bench.end_to_end`.

A seeded world is written as a canonical CSV file and played through the whole path - parse, log, window with scores
and rings, embedded graph, ledger - in a process of its own for each size. The rival, in the same run, is what a first
version does: one statement per transaction into the same engine, with no log, score or ring. First of all the same
beginning of the file, played in smaller batches, must end in the same state.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.apart import apart
from bench.rivals import one_by_one
from bench.stores import open_store
from graph.events import Movement
from graph.identity.keys import IdentifierKeys
from graph.log.protocol import LogEntry
from ingest.formats import open_source
from ingest.simulator.world import World
from ingest.source import Batch, Source
from service.bootstrap import Service, now_ms, open_service
from service.garbage import collect_rarely
from service.run import iso, play, progress_bar
from service.settings import load_settings

COLUMNS = ("tx_id", "ts", "source", "target", "amount", "kind", "channel", "device", "ip", "domain", "operator")
PREFIX = 6_000
SMALL_BATCH = 170
RIVAL_EVENTS = 20_000
WARM_EVENTS = 1_000  # compiled kernels are loaded before the clock starts


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[60_000, 240_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        root = Path(folder)
        files = {
            events: write_world(root / f"{events}.csv", seed=arguments.seed, events=events)
            for events in arguments.events
        }
        warm = beginning(files[arguments.events[0]], WARM_EVENTS)
        check(beginning(files[arguments.events[0]], PREFIX), root)
        rows = [apart(measure, files[events], root / f"home-{events}", warm) for events in arguments.events]
        rival = apart(measure_rival, files[arguments.events[0]])
    report(rows, rival)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"seed": arguments.seed, "runs": rows, "rival": rival}, indent=1) + "\n")


def write_world(path: Path, *, seed: int, events: int) -> Path:
    """Write the money movements of a world as a canonical file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for batch in World(seed=seed, events=events).batches(1_000):
            for event in batch.events:
                if isinstance(event, Movement):
                    amount = f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}"
                    means = (event.device or "", event.ip or "", event.domain or "", event.operator or "")
                    row = (event.tx_id, iso(event.ts), event.source, event.target, amount, event.kind, event.channel)
                    writer.writerow((*row, *means))
    return path


def beginning(path: Path, rows: int) -> Path:
    """Write the first `rows` rows beside `path`."""
    part = path.with_name(f"first-{rows}.csv")
    with path.open(encoding="utf-8") as whole, part.open("w", encoding="utf-8") as file:
        file.writelines(islice(whole, rows + 1))
    return part


def check(path: Path, root: Path) -> None:
    """Raise SystemExit unless batches of another size end in the same state."""
    hashes = set()
    for batch_rows, flush in ((1_000, 5_000), (SMALL_BATCH, 3 * SMALL_BATCH)):
        settings = load_settings(home=root / f"check-{batch_rows}")
        pipeline = settings.pipeline.model_copy(update={"batch_rows": batch_rows, "flush_events": flush})
        with open_service(settings.model_copy(update={"pipeline": pipeline}), work=True) as service:
            with progress_bar() as bar:
                play(service, opened(path, service.keys), progress=bar, resume=False)
            hashes.add(service.state_hash())
    if len(hashes) != 1:
        raise SystemExit("wrong: smaller batches end in another state; a speed would mean nothing")


def opened(path: Path, keys: IdentifierKeys) -> Source:
    """The file as a source."""
    return open_source(path, keys=keys, now_ms=now_ms())


def measure(path: Path, home: Path, warm: Path) -> dict[str, Any]:
    """Play `path` into a new home; time by stage, and peak memory of this process (MiB)."""
    collect_rarely()  # as the command line does
    warm_home = load_settings(home=home.with_name(f"{home.name}-warm"))
    with open_service(warm_home, work=True) as service, progress_bar() as bar:
        play(service, opened(warm, service.keys), progress=bar, resume=False)
    stages = Stages()
    with open_service(load_settings(home=home), work=True, on_stage=stages.reached) as service, progress_bar() as bar:
        source = opened(path, service.keys)
        started_cpu = time.process_time()
        stages.start()
        played = play(service, Parsed(source, stages), progress=bar, resume=False)
        cpu_seconds = time.process_time() - started_cpu
        wrong = differences(service, path)
        if wrong:
            raise SystemExit(f"wrong: {wrong}")
        return {
            "events": played.accepted,
            "seconds": played.seconds,
            "events_per_s": played.events_per_second,
            "cpu_us_per_event": cpu_seconds / played.accepted * 1e6,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "stages_s": dict(stages.seconds),
        }


def differences(service: Service, path: Path) -> str:
    """What the stores hold otherwise than the file says; empty when all is there."""
    with path.open(encoding="utf-8") as file:
        rows = sum(1 for _ in file) - 1
    scored = service.ledger.summary().transactions
    text = "MATCH (:Account)-[s:SENT]->(:Account) RETURN count(s) AS n"
    stored = service.store.read(text, {}, timeout_ms=60_000)[0]["n"]
    return "" if rows == scored == stored else f"{rows} rows, {scored} scores, {stored} links"


class Stages:
    """Wall seconds per stage. `parse`, `log`, `apply` share the calling thread; `write` is beside them."""

    def __init__(self) -> None:
        self.seconds = {"parse": 0.0, "log": 0.0, "apply": 0.0, "write": 0.0}
        self._lock = threading.Lock()
        self._last = self._applied = self._written = 0.0

    def start(self) -> None:
        """Start the clock."""
        self._last = self._written = time.perf_counter()

    def parsed(self) -> None:
        """A batch was read and made into events."""
        self._pass("parse")

    def handed_back(self) -> None:
        """The caller asks for the next batch: what passed since the last stage was waiting and progress."""
        self._last = time.perf_counter()

    def reached(self, stage: str, _position: int) -> None:
        """Observe the pipeline."""
        if stage == "logged":
            self._pass("log")
        elif stage == "applied":
            self._pass("apply")
            self._applied = time.perf_counter()
        elif stage == "recorded":
            # A batch is written from when the one before it was, or from when it was handed over at the earliest.
            with self._lock:
                now = time.perf_counter()
                self.seconds["write"] += now - max(self._written, min(self._applied, now))
                self._written = now

    def _pass(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] += now - self._last
        self._last = now


class Parsed:
    """A source whose batches are timed."""

    def __init__(self, source: Source, stages: Stages) -> None:
        self._source, self._stages = source, stages
        self.name, self.total_rows = source.name, source.total_rows

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """The batches of the source."""
        for batch in self._source.batches(size, after=after):
            self._stages.parsed()
            yield batch
            self._stages.handed_back()

    def as_given(self, account: str) -> str:
        """As the source says."""
        return self._source.as_given(account)


def measure_rival(path: Path) -> dict[str, Any]:
    """Write the first movements of `path` one statement each; parsing is not counted."""
    batches = opened(path, IdentifierKeys.from_secret(b"bench" * 8)).batches(1_000)
    events = [event for batch in batches for event in batch.events]
    whole = [e for e in events if isinstance(e, Movement) and e.device and e.ip and e.domain][:RIVAL_EVENTS]
    entries = [LogEntry(offset, now_ms(), event) for offset, event in enumerate(whole, 1)]
    store = open_store("kglite")
    started = time.perf_counter()
    one_by_one(store, entries)
    seconds = time.perf_counter() - started
    stored = store.read("MATCH (:Account)-[s:SENT]->(:Account) RETURN count(s) AS n", {}, timeout_ms=60_000)[0]["n"]
    if stored != len(entries):
        raise SystemExit(f"wrong: the rival holds {stored} of {len(entries)}")
    store.close()
    return {"events": len(entries), "seconds": seconds, "events_per_s": len(entries) / seconds}


def report(rows: list[dict[str, Any]], rival: dict[str, Any]) -> None:
    """Print the table."""
    print("smaller batches end in the same state; every row is scored and stored")
    names = tuple(rows[0]["stages_s"])
    print(f"{'events':>9} {'events/s':>9} {'CPU us':>7} {'peak MiB':>9}  " + " ".join(f"{n + ' s':>8}" for n in names))
    for row in rows:
        stages = " ".join(f"{row['stages_s'][name]:8.1f}" for name in names)
        line = f"{row['events']:9,} {row['events_per_s']:9,.0f} {row['cpu_us_per_event']:7.0f} {row['peak_mib']:9.0f}"
        print(f"{line}  {stages}")
    print(f"peak memory of the largest is {rows[-1]['peak_mib'] / rows[0]['peak_mib']:.2f} times that of the smallest")
    ratio = rows[0]["events_per_s"] / rival["events_per_s"]
    print(
        f"one statement per transaction, nothing else: {rival['events_per_s']:,.0f} events/s, {ratio:.1f} times slower"
    )


if __name__ == "__main__":
    main()
