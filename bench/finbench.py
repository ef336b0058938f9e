"""FinBench-derived reads on both stores and the window, beside each other: `python -m bench.finbench`.

Not LDBC results: see docs/finbench.md for the mapping. finbench-small is written through the sink; every read is asked
with seeded parameters, each answer is compared with brute force over the plain files before any time is taken, and then
again while transfers of the insert stream are being written. p50, p99 and the winner of each read are told.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.finbench_oracle import Oracle
from bench.finbench_queries import Answer, Reads
from bench.finbench_window import ANSWERED, WindowReads
from bench.finbench_world import FinBench, movement
from bench.stores import open_store
from cypher.catalog import Catalog
from graph.events import Event, MovementKind
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink
from graph.window.records import WindowSettings
from graph.window.window import Window

FLUSH = 5_000
STREAM_BATCH = 50
TRIES = 150
DAY = 86_400_000
READS = (*(f"tcr{n}" for n in range(1, 13)), *(f"tsr{n}" for n in range(1, 7)))
Asked = dict[str, list[tuple[Any, ...]]]


def main() -> None:
    """Load, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=("kglite", "neo4j"), default=["kglite", "neo4j"])
    parser.add_argument("--each", type=int, default=60, help="questions per read")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    world = FinBench.read(data())
    events = list(world.events())
    asked, oracle, catalog = questions(world, arguments.each), Oracle(world), Catalog.load()
    expected = {name: [getattr(oracle, name)(*each) for each in own] for name, own in asked.items()}
    times: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        for name in arguments.stores:
            if name == "neo4j":
                from deploy.servers import neo4j, place  # one at a time: everything in that database is removed

                stack.enter_context(place.held(neo4j.NAME, "database"))
            store = open_store(name)
            stack.callback(store.close)
            stack.callback(store.clear)
            sink = load(catalog, store, events)
            reads = Reads(catalog, store)
            check(name, reads, asked, expected)
            with inserting(sink, world, start=len(events)):
                check(f"{name} beside the insert stream", reads, asked, expected)
            times[name] = measured(reads, asked, arguments.rounds)
        reads = WindowReads(window_of(events))
        asked_of_window = {name: asked[name] for name in ANSWERED}
        check("window", reads, asked_of_window, expected)
        times["window"] = measured(reads, asked_of_window, arguments.rounds)
    show(times)
    if arguments.out is not None:
        found = {
            place: {read: {"p50": at(own, 50), "p99": at(own, 99)} for read, own in reads.items()}
            for place, reads in times.items()
        }
        arguments.out.write_text(json.dumps(found, indent=1) + "\n")


def data() -> Path:
    """The folder with finbench-small."""
    base = Path(os.environ.get("TARRAFA_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    return base / "finbench-small"


def load(catalog: Catalog, store: GraphStore, events: Sequence[Event]) -> GraphSink:
    """Write the snapshot through the sink."""
    sink = GraphSink(store, catalog.statements("ingest"), "bench")
    entries = [LogEntry(offset, 0, event) for offset, event in enumerate(events, start=1)]
    for start in range(0, len(entries), FLUSH):
        sink.write(entries[start : start + FLUSH])
    return sink


def window_of(events: Sequence[Event]) -> Window:
    """A window that holds the whole snapshot, in time order."""
    window = Window(WindowSettings(horizon_days=1_500))
    ordered = sorted(events, key=lambda event: event.ts)
    for start in range(0, len(ordered), FLUSH):
        window.apply(ordered[start : start + FLUSH])
    return window


class inserting:
    """While the block lasts, transfers of the insert stream are written through the sink in a thread of its own."""

    def __init__(self, sink: GraphSink, world: FinBench, *, start: int) -> None:
        self._sink, self._world, self._start = sink, world, start
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._error: Exception | None = None
        self.written = 0

    def __enter__(self) -> inserting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        entries = [
            LogEntry(self._start + place, 0, movement(f"fb-stream-{place}", each, MovementKind.TRANSFER))
            for place, each in enumerate(self._world.stream, start=1)
        ]
        try:
            for start in range(0, len(entries), STREAM_BATCH):
                if self._stop.is_set():
                    return
                self._sink.write(entries[start : start + STREAM_BATCH])
                self.written = start + STREAM_BATCH
        except Exception as error:  # told to whoever waits for the block to end
            self._error = error


def questions(world: FinBench, each: int) -> Asked:
    """Seeded parameters of every read, the busiest among them; windows end before the insert stream begins."""
    chance = random.Random(5)
    moves = world.transfers
    accounts = sorted({m.source for m in moves} | {m.target for m in moves})
    busiest = sorted(accounts, key=lambda name: -sum(name in (m.source, m.target) for m in moves[:5_000]))[:8]
    persons = sorted(name for name in world.owns if name.startswith("person:"))
    guarantors = sorted({tie.source for tie in world.guarantees if tie.source.startswith("person:")})
    investors = sorted({tie.source for tie in world.invests})
    loans = sorted({m.source for m in world.deposits})
    cards = sorted({m.target for m in world.withdrawals})
    first, last = min(m.ts for m in moves), max(m.ts for m in moves)

    def window() -> tuple[int, int]:
        if chance.random() < 0.5:
            return first, last + 1
        lo = chance.randrange(first, last - 20 * DAY)
        return lo, min(last + 1, lo + chance.choice((20, 60, 150)) * DAY)

    def account() -> str:
        return chance.choice(busiest if chance.random() < 0.2 else accounts)

    def least() -> int:
        return chance.choice((0, 10_000_000, 100_000_000))

    pairs = {(m.source, m.target) for m in moves}
    after: dict[str, set[str]] = {}
    for source, target in pairs:
        after.setdefault(source, set()).add(target)
    rings = sorted((a, b) for a, b in pairs if a != b and any((third, a) in pairs for third in after.get(b, ())))

    def pair() -> tuple[str, str]:
        return chance.choice(rings if chance.random() < 0.7 else sorted(pairs)[:500])

    made: dict[str, Callable[[], tuple[Any, ...]]] = {
        "tcr1": lambda: (account(), *window()),
        "tcr2": lambda: (chance.choice(persons), *window()),
        "tcr3": lambda: (account(), account(), *window()),
        "tcr4": lambda: (*pair(), first, last + 1),
        "tcr5": lambda: (chance.choice(persons), *window()),
        "tcr6": lambda: (chance.choice(cards), first, last + 1, least(), least()),
        "tcr7": lambda: (account(), *window(), least()),
        "tcr8": lambda: (chance.choice(loans), *window(), chance.choice((1_000, 5_000))),
        "tcr9": lambda: (account(), *window(), least()),
        "tcr10": lambda: (chance.choice(investors), chance.choice(investors), first, last + 1),
        "tcr11": lambda: (chance.choice(guarantors), first, last + 1),
        "tcr12": lambda: (chance.choice(persons), *window()),
        "tsr1": lambda: (account(),),
        "tsr2": lambda: (account(), *window()),
        "tsr3": lambda: (account(), *window(), least()),
        "tsr4": lambda: (account(), *window(), least()),
        "tsr5": lambda: (account(), *window(), least()),
        "tsr6": lambda: (account(), *window()),
    }
    oracle = Oracle(world)

    def telling(name: str) -> tuple[Any, ...]:
        """A question that has an answer, if one is drawn soon enough."""
        drawn = made[name]()
        for _ in range(TRIES):
            if says_something(getattr(oracle, name)(*drawn)):
                break
            drawn = made[name]()
        return drawn

    return {name: [(telling if n % 3 else lambda of: made[of]())(name) for n in range(each)] for name in READS}


def says_something(answer: Answer) -> bool:
    """Whether an answer is more than none, zero or -1 throughout."""
    return any(value not in (0, -1) for row in answer for value in row)


def check(place: str, reads: Reads, asked: Asked, expected: dict[str, list[Answer]]) -> None:
    """End the benchmark at the first answer that differs from brute force."""
    for name, own in asked.items():
        for params, wanted in zip(own, expected[name], strict=True):
            answer = getattr(reads, name)(*params)
            if answer != wanted:
                raise SystemExit(f"{place} answers {name}{params} with {answer[:3]}, brute force with {wanted[:3]}")


def measured(reads: Reads, asked: Asked, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every question, by read."""

    def times(name: str) -> Iterator[float]:
        for _ in range(rounds):
            for params in asked[name]:
                started = time.perf_counter()
                getattr(reads, name)(*params)
                yield (time.perf_counter() - started) * 1000

    return {name: sorted(times(name)) for name in asked}


def at(times: Sequence[float], percent: int) -> float:
    """A percentile of sorted times."""
    return round(times[min(len(times) - 1, len(times) * percent // 100)], 2)


def show(times: dict[str, dict[str, list[float]]]) -> None:
    """Print p50 and p99 of each read by place, and who wins it at p99."""
    places = list(times)
    print(f"{'read':6}" + "".join(f"{place + ' p50':>14}{place + ' p99':>14}" for place in places) + "  wins")
    for read in READS:
        own = {place: times[place][read] for place in places if read in times[place]}
        cells = "".join(
            f"{at(own[place], 50):>14}{at(own[place], 99):>14}" if place in own else f"{'-':>14}{'-':>14}"
            for place in places
        )
        print(f"{read:6}{cells}  {min(own, key=lambda place: at(own[place], 99))}")


if __name__ == "__main__":
    main()
