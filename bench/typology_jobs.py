"""How long each typology job takes over a million movements: `python -m bench.typology_jobs --stores kglite neo4j`.

A seeded world of payments (accounts drawn from a Pareto law) with a planted group of each shape. Before any time is
told every job must find what was planted for it. Wall seconds and this process' processor seconds stand side by side:
on a busy machine only the latter says something, and Neo4j's own work is in the wall time alone.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.stores import open_store
from cypher.catalog import Catalog
from cypher.job import JobResult
from cypher.jobs import run_job
from graph.events import Movement, MovementKind
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink

T0, HOUR = 1_750_000_000_000, 3_600_000
DAYS = 30
FLUSH = 20_000
BUDGET_MS = 300_000
#: Job, its parameters, and the account that must be in what it finds.
JOBS: tuple[tuple[str, dict[str, object], str], ...] = (
    ("fan_in", {"min_others": 40}, "fan-hub"),
    ("fan_out", {"min_others": 40}, "out-hub"),
    ("rising_cycle", {"min_length": 3, "max_length": 6, "tolerance_bp": 500, "min_cents": 700_000}, "round-0"),
    ("scatter_gather", {"min_middle": 6}, "scatter-end"),
    ("gather_scatter", {"min_payers": 30, "min_payees": 30}, "mid"),
    ("bipartite", {"min_payers": 4, "min_payees": 4}, "payer-0"),
    ("stack", {"min_layer": 4}, "layer-0-0"),
    ("pass_through", {"min_cents": 40_000_000}, "mule"),
    ("structuring", {"threshold_cents": 1_000_000, "margin_bp": 10, "min_times": 8}, "smurf"),
    ("dormant_then_active", {"dormant_ms": 20 * 24 * HOUR, "min_count": 5, "min_cents": 10_000_000}, "sleeper"),
    ("deposit_withdraw", {"min_cents": 1_000_000}, "washer"),
)


def main() -> None:
    """Load, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=("kglite", "neo4j"), default=["kglite"])
    parser.add_argument("--movements", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    catalog = Catalog.load()
    results = []
    for name in arguments.stores:
        with ExitStack() as stack:
            if name == "neo4j":
                from deploy.servers import neo4j, place  # one at a time: everything in that database is removed

                stack.enter_context(place.held(neo4j.NAME, "database"))
            store = open_store(name)
            stack.callback(store.close)
            stack.callback(store.clear)
            load(store, catalog, arguments.movements)
            for job, params, planted in JOBS:
                results.append({"store": name, **measured(store, catalog, job, params, planted)})
                print(line(results[-1]), flush=True)
    print(f"{arguments.movements:,} movements; every job found what was planted for it and none was cut short")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(results, indent=1) + "\n")


def load(store: GraphStore, catalog: Catalog, count: int) -> None:
    """Write the world through the sink."""
    sink = GraphSink(store, catalog.statements("ingest"), "bench")
    batch: list[LogEntry] = []
    for offset, event in enumerate(world(count), start=1):
        batch.append(LogEntry(offset, 0, event))
        if len(batch) == FLUSH:
            sink.write(batch)
            batch = []
    sink.write(batch)


def measured(
    store: GraphStore, catalog: Catalog, job: str, params: dict[str, object], planted: str
) -> dict[str, object]:
    """Run a job once; end the benchmark when it missed what was planted or met a budget."""
    wall, busy = time.perf_counter(), time.process_time()
    result = run_job(job, store, catalog, params, row_budget=100_000, time_budget_ms=BUDGET_MS)
    seconds, processor = time.perf_counter() - wall, time.process_time() - busy
    if result.truncated or planted not in accounts(result):
        raise SystemExit(f"{job} missed {planted}, or was cut short: {result.truncated}")
    return {"job": job, "seconds": round(seconds, 2), "processor_s": round(processor, 2), "rows": len(result.rows)}


def accounts(result: JobResult) -> set[str]:
    """Every account of what was found."""
    return {name for finding in result.findings for _, name in finding.nodes}


def line(row: dict[str, object]) -> str:
    """One row of the table."""
    times = f"{row['seconds']:>8} s {row['processor_s']:>8} s of processor"
    return f"{row['store']:8} {row['job']:20} {times} {row['rows']:>7} rows"


def world(count: int) -> Iterator[Movement]:
    """Ordinary payments with the planted ones spread among them, in time order of the ordinary ones."""
    chance = random.Random(1)
    planted = list(shapes())
    every = max(1, (count - len(planted)) // len(planted))
    people = max(1_000, count // 8)
    step = DAYS * 24 * HOUR // count
    for number in range(count - len(planted)):
        one = int(chance.paretovariate(1.2) * 50) % people
        other = chance.randrange(people)
        ends = (f"a{one:07}", f"a{other:07}") if number % 2 else (f"a{other:07}", f"a{one:07}")
        cents = int(chance.lognormvariate(8.5, 1.2)) % 600_000
        yield movement(f"w{number:08}", ends, T0 + number * step, cents)
        if number % every == 0 and planted:
            yield planted.pop()
    yield from planted


def shapes() -> Iterator[Movement]:
    """One of each shape, all within days 10 and 11."""
    at = T0 + 10 * 24 * HOUR

    def pay(
        tag: str, one: str, other: str, minute: int, cents: int, kind: MovementKind = MovementKind.TRANSFER
    ) -> Movement:
        return movement(f"p-{tag}", (one, other), at + minute * 60_000, cents, kind)

    for n in range(60):
        yield pay(f"in{n}", f"victim-{n}", "fan-hub", n, 50_000)
        yield pay(f"out{n}", "out-hub", f"runner-{n}", n, 50_000)
        yield pay(f"ga{n}", f"giver-{n}", "mid", n, 50_000)
        yield pay(f"sc{n}", "mid", f"taker-{n}", 100 + n, 40_000)
    for n in range(6):
        yield pay(f"ro{n}", f"round-{n}", f"round-{(n + 1) % 6}", n * 10, 900_000 - n * 1_000)
    for n in range(8):
        yield pay(f"si{n}", "scatter-start", f"way-{n}", n, 300_000)
        yield pay(f"so{n}", f"way-{n}", "scatter-end", 60 + n, 290_000)
        yield pay(f"sm{n}", "smurf", f"shop-{n}", n * 30, 999_500)
        yield pay(f"aw{n}", "sleeper", f"friend-{n}", n, 2_000_000)
    for one in range(5):
        for other in range(5):
            yield pay(f"bi{one}{other}", f"payer-{one}", f"payee-{other}", one * 5 + other, 70_000)
            yield pay(f"l1{one}{other}", f"layer-0-{one}", f"layer-1-{other}", one * 5 + other, 70_000)
            yield pay(f"l2{one}{other}", f"layer-1-{one}", f"layer-2-{other}", 60 + one * 5 + other, 60_000)
    yield pay("m1", "source", "mule", 0, 50_000_000)
    yield pay("m2", "mule", "sink", 90, 48_000_000)
    yield movement("p-old", ("friend-0", "sleeper"), at - 9 * 24 * HOUR - 20 * 24 * HOUR, 100)
    yield pay("d1", "washer", "house", 0, 2_000_000, MovementKind.DEPOSIT)
    yield pay("d2", "house", "washer", 200, 1_900_000, MovementKind.PAYOUT)


def movement(
    tx: str, ends: tuple[str, str], ts: int, cents: int, kind: MovementKind = MovementKind.TRANSFER
) -> Movement:
    """A movement of the world."""
    return Movement(event_id=f"tx:{tx}", ts=ts, source=ends[0], target=ends[1], amount_cents=cents, kind=kind)


if __name__ == "__main__":
    main()
