"""How many transactions a second reach a store, full model: `python -m bench.sink --store kglite`.

Three shapes write the same stream into the same engine in one run: the sink, the plain shape and a loop of one
statement per transaction (`bench.rivals`). After each, everything in the store is compared with sums kept in plain
dictionaries; a shape with a wrong answer has no speed. A JSON file with the numbers goes to `--out`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.rivals import LINKS, one_by_one, plain
from bench.stores import open_store
from bench.stream import entries
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink
from graph.store.statements import ingest_statements, texts

PLAIN_BATCH = 2_000
LOOP_SHARE = 50  # the slow loop writes one transaction in so many
WARM_UP = 40_000  # a JVM's first transactions run at half speed
READ_MS = 300_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("kglite", "neo4j"), default="kglite")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--flush", type=int, default=5_000, help="transactions the sink coalesces")
    parser.add_argument("--habit", type=float, default=0.0, help="share of movements from usual devices (see stream)")
    parser.add_argument("--rounds", type=int, default=2, help="each shape's best round counts")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    stream = list(entries(arguments.events, seed=arguments.seed, habit=arguments.habit))
    store = open_store(arguments.store)
    if arguments.store == "neo4j":
        write_sink(store, stream[:WARM_UP], flush=arguments.flush)
        store.clear()
    shapes: dict[str, tuple[Sequence[LogEntry], Callable[[Sequence[LogEntry]], None]]] = {
        f"sink, flush {arguments.flush}": (stream, lambda part: write_sink(store, part, flush=arguments.flush)),
        f"plain, batch {PLAIN_BATCH}": (stream, lambda part: plain(store, part, batch=PLAIN_BATCH)),
        "one statement per transaction": (
            stream[: len(stream) // LOOP_SHARE],
            lambda part: one_by_one(store, part),
        ),
    }
    best: dict[str, dict[str, Any]] = {}
    for _ in range(arguments.rounds):  # shapes take turns, so that other work on the machine hits all of them
        for name, (part, write) in shapes.items():
            started, started_cpu = time.perf_counter(), time.process_time()
            write(part)
            seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
            wrong = differences(store, part)
            if wrong:
                raise SystemExit(f"{name}: the store holds wrong answers, such as {wrong[:3]}")
            store.clear()
            if name not in best or seconds < best[name]["seconds"]:
                best[name] = {
                    "shape": name,
                    "transactions": len(part),
                    "seconds": seconds,
                    "tx_per_s": len(part) / seconds,
                    "client_cpu_us_per_tx": cpu_seconds / len(part) * 1e6,
                }
    store.close()
    report(arguments, list(best.values()))


def write_sink(store: GraphStore, part: Sequence[LogEntry], *, flush: int) -> None:
    """Write `part` through the sink, `flush` entries at a time."""
    sink = GraphSink(store, texts(ingest_statements()), "bench")
    for start in range(0, len(part), flush):
        sink.write(part[start : start + flush])


def differences(store: GraphStore, part: Sequence[LogEntry]) -> list[object]:
    """Compare everything in `store` with sums over `part`; return what differs."""
    seen: dict[str, dict[str, list[int]]] = {"Account": {}, "Device": {}, "Ip": {}, "Domain": {}}
    links: dict[str, dict[tuple[str, str], list[int]]] = {type_: {} for type_, _, _ in LINKS}
    sent: dict[str, tuple[Any, ...]] = {}
    for entry in part:
        event: Any = entry.event
        sent[event.tx_id] = (event.source, event.target, event.ts, event.amount_cents, event.kind.value, event.channel)
        named = [("Account", event.source), ("Account", event.target)]
        for type_, label, field in LINKS:
            end = getattr(event, field)
            named.append((label, end))
            sums = links[type_].setdefault((event.source, end), [0, 0, event.ts, event.ts])
            links[type_][event.source, end] = [
                sums[0] + 1,
                sums[1] + event.amount_cents,
                min(sums[2], event.ts),
                max(sums[3], event.ts),
            ]
        for label, key in named:
            first, last = seen[label].get(key, [event.ts, event.ts])
            seen[label][key] = [min(first, event.ts), max(last, event.ts)]

    wrong: list[object] = []
    for label, rows in seen.items():
        text = f"MATCH (n:{label}) RETURN n.id AS id, n.first_seen AS a, n.last_seen AS b"
        found = {row["id"]: [row["a"], row["b"]] for row in store.read(text, {}, timeout_ms=READ_MS)}
        wrong += [(label, key) for key in found.keys() | rows.keys() if found.get(key) != rows.get(key)]
    for type_, label, _ in LINKS:
        text = (
            f"MATCH (a:Account)-[u:{type_}]->(b:{label}) RETURN a.id AS a, b.id AS b, u.count AS n, "
            "u.sum_cents AS cents, u.first_seen AS first, u.last_seen AS last"
        )
        stored = store.read(text, {}, timeout_ms=READ_MS)
        pairs = {(row["a"], row["b"]): [row["n"], row["cents"], row["first"], row["last"]] for row in stored}
        wrong += [(type_, key) for key in pairs.keys() | links[type_].keys() if pairs.get(key) != links[type_].get(key)]
        wrong += [(type_, "repeated links")] * (len(stored) != len(pairs))
    text = (
        "MATCH (a:Account)-[s:SENT]->(b:Account) RETURN s.tx_id AS id, a.id AS a, b.id AS b, s.ts AS ts, "
        "s.amount_cents AS cents, s.kind AS kind, s.channel AS channel"
    )
    rows_sent = store.read(text, {}, timeout_ms=READ_MS)
    moved = {row["id"]: tuple(row[name] for name in ("a", "b", "ts", "cents", "kind", "channel")) for row in rows_sent}
    wrong += [("SENT", key) for key in moved.keys() | sent.keys() if moved.get(key) != sent.get(key)]
    wrong += [("SENT", "repeated links")] * (len(rows_sent) != len(sent))
    return wrong


def report(arguments: argparse.Namespace, results: list[dict[str, Any]]) -> None:
    """Print the table, and write the JSON where asked."""
    first = results[0]["tx_per_s"]
    print(f"{arguments.store}, {arguments.events} transactions, habit {arguments.habit}: all answers checked")
    print(f"{'shape':32} {'tx/s':>9} {'sink is':>9} {'client CPU us/tx':>17}")
    for row in results:
        ratio = first / row["tx_per_s"]
        print(f"{row['shape']:32} {row['tx_per_s']:9,.0f} {ratio:8.1f}x {row['client_cpu_us_per_tx']:17.0f}")
    if arguments.out is not None:
        settings = {name: value for name, value in vars(arguments).items() if name != "out"}
        arguments.out.write_text(json.dumps({"settings": settings, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
