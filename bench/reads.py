"""How long the five anchored reads take on both stores over finbench-small: `python -m bench.reads`.

The real files are read by the loader and written by the sink; then account, neighbourhood, shared means, flow and path
hop are asked about 200 accounts, 20 of them the busiest. Every answer of both engines is compared with one worked out
in plain Python from the events, before any time is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.stores import open_store
from cypher.catalog import Catalog
from graph.events import Event, Movement
from graph.identity.keys import IdentifierKeys
from graph.links import LinkTouch, touches
from graph.log.protocol import LogEntry
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink
from ingest.formats import open_source

HUBS, OTHERS = 20, 180
DAY_MS = 86_400_000
WINDOW_DAYS = 60
LIMIT = 200
FLUSH = 5_000
NOW_MS = 1_790_000_000_000
Rows = list[dict[str, Any]]
Answer = Callable[[str], Rows]


def main() -> None:
    """Load, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=("kglite", "neo4j"), default=["kglite", "neo4j"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    entries = finbench()
    movements = [entry.event for entry in entries if isinstance(entry.event, Movement)]
    lo = sorted(event.ts for event in movements)[len(movements) // 2]
    hi = lo + WINDOW_DAYS * DAY_MS
    accounts = asked(movements)
    oracle = answers([entry.event for entry in entries], lo=lo, hi=hi)
    catalog = Catalog.load()
    results = []
    for name in arguments.stores:
        store = open_store(name)
        sink = GraphSink(store, catalog.statements("ingest"), "bench")
        for start in range(0, len(entries), FLUSH):
            sink.write(entries[start : start + FLUSH])
        reads = questions(catalog, store, lo=lo, hi=hi)
        for query, ask in reads.items():
            for account in accounts:
                if ask(account) != oracle[query](account):
                    raise SystemExit(f"{name} answers {query} about {account} wrongly")
        for query, ask in reads.items():
            times = sorted(timed(ask, account) for _ in range(arguments.rounds) for account in accounts)
            p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
            results.append({"store": name, "read": query, "p50_ms": p50, "p99_ms": p99, "max_ms": times[-1]})
        store.clear()
        store.close()
    print(f"finbench-small: {len(movements)} movements, {len(accounts)} accounts, every answer checked")
    print(f"{'store':8} {'read':24} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    for row in results:
        print(f"{row['store']:8} {row['read']:24} {row['p50_ms']:8.2f} {row['p99_ms']:8.2f} {row['max_ms']:8.2f}")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(results, indent=1) + "\n")


def finbench() -> list[LogEntry]:
    """Read finbench-small as a log: each event id once."""
    data = Path(os.environ.get("TARRAFA_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    keys = IdentifierKeys.from_secret(b"bench" * 8)
    events: dict[str, Event] = {}
    for batch in open_source(data / "finbench-small", keys=keys, now_ms=NOW_MS).batches(10_000):
        for event in batch.events:
            events.setdefault(event.event_id, event)
    return [LogEntry(offset, NOW_MS, event) for offset, event in enumerate(events.values(), 1)]


def asked(movements: list[Movement]) -> list[str]:
    """Return the busiest accounts and a seeded draw of others."""
    degree: dict[str, int] = defaultdict(int)
    for event in movements:
        degree[event.source] += 1
        degree[event.target] += 1
    ranked = sorted(degree, key=lambda account: (-degree[account], account))
    return ranked[:HUBS] + random.Random(7).sample(ranked[HUBS:], OTHERS)


def questions(catalog: Catalog, store: GraphStore, *, lo: int, hi: int) -> Mapping[str, Answer]:
    """Return the five reads as functions of an account."""
    return {
        "read/account": lambda a: catalog.read(store, "read/account", id=a),
        "read/neighbourhood": lambda a: catalog.read(store, "read/neighbourhood", id=a, limit=LIMIT),
        "read/shared_means": lambda a: catalog.read(store, "read/shared_means", id=a, limit=LIMIT),
        "read/flow_out_hop": lambda a: catalog.read(
            store, "read/flow_out_hop", rows=[{"id": a, "ts": lo}], hi=hi, limit=LIMIT
        ),
        "read/path_hop": lambda a: catalog.read(store, "read/path_hop", ids=[a], lo=lo, hi=hi, limit=LIMIT),
    }


def timed(ask: Answer, account: str) -> float:
    """Return how long one question took, in milliseconds."""
    started = time.perf_counter()
    ask(account)
    return (time.perf_counter() - started) * 1000


def answers(events: list[Event], *, lo: int, hi: int) -> Mapping[str, Answer]:
    """Return what each read must answer, from plain sums over the events."""
    sent: dict[str, list[Movement]] = defaultdict(list)
    received: dict[str, list[Movement]] = defaultdict(list)
    seen: dict[str, list[int]] = {}
    links: dict[tuple[str, str, str, str, str], list[int]] = {}
    for event in events:
        if isinstance(event, Movement):
            sent[event.source].append(event)
            received[event.target].append(event)
        for touch in touches(event):
            if isinstance(touch, LinkTouch):
                key = (touch.kind.name, touch.source_kind.value, touch.source, touch.target_kind.value, touch.target)
                n, cents, first, last = links.get(key, (0, 0, event.ts, event.ts))
                links[key] = [n + 1, cents + touch.amount_cents, min(first, event.ts), max(last, event.ts)]
            elif touch.kind.value == "Account":
                first, last = seen.get(touch.id, [event.ts, event.ts])
                seen[touch.id] = [min(first, event.ts), max(last, event.ts)]
    used: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    holders: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for kind, _, source, label, target in links:
        if kind in ("USED_DEVICE", "FROM_IP", "HAS_IDENTIFIER"):
            used[source].append((kind, label, target))
            holders[kind, label, target].append(source)

    def account(a: str) -> Rows:
        return [
            {
                "id": a,
                "first_seen": seen[a][0],
                "last_seen": seen[a][1],
                "in_count": len(received[a]),
                "in_cents": sum(event.amount_cents for event in received[a]),
                "out_count": len(sent[a]),
                "out_cents": sum(event.amount_cents for event in sent[a]),
            }
        ]

    def neighbourhood(a: str) -> Rows:
        rows = [
            _pair("SENT", ("Account", event.source), ("Account", event.target), group)
            for group in _groups([*sent[a], *(event for event in received[a] if event.source != a)])
            for event in group[:1]
        ]
        for (kind, label, source, target_label, target), sums in links.items():
            outward = kind in ("USED_DEVICE", "FROM_IP", "HAS_IDENTIFIER", "BET_AT", "FLAGGED_BY")
            if (label == "Account" and source == a and outward) or (kind == "COLLECTS_WITH" and target == a):
                rows.append(_row(kind, (label, source), (target_label, target), sums))
        rows.sort(
            key=lambda r: (-r["count"], r["kind"], r["source_label"], r["target_label"], r["source"], r["target"])
        )
        return rows[:LIMIT]

    def shared(a: str) -> Rows:
        rows: Rows = []
        for kind, label, means in used[a]:
            for other in holders[kind, label, means]:
                if other != a:
                    n, cents, first, last = links[kind, "Account", other, label, means]
                    row: dict[str, Any] = {"kind": kind, "label": label, "means_id": means, "other": other}
                    row |= {"holders": len(holders[kind, label, means]), "count": n, "sum_cents": cents}
                    rows.append(row | {"first_seen": first, "last_seen": last})
        rows.sort(key=lambda r: (r["holders"], r["label"], r["means_id"], r["other"]))
        return rows[:LIMIT]

    def flow(a: str) -> Rows:
        rows: Rows = [
            {"id": a, "other": group[0].target, **_sums(group)}
            for group in _groups([event for event in sent[a] if lo < event.ts < hi])
        ]
        rows.sort(key=lambda r: (-r["sum_cents"], r["other"]))
        return rows[:LIMIT]

    def hop(a: str) -> Rows:
        reached = sorted({event.target for event in sent[a] if lo <= event.ts < hi})
        return [{"id": target, "via": a} for target in reached][:LIMIT]

    return {
        "read/account": account,
        "read/neighbourhood": neighbourhood,
        "read/shared_means": shared,
        "read/flow_out_hop": flow,
        "read/path_hop": hop,
    }


def _groups(events: list[Movement]) -> list[list[Movement]]:
    groups: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for event in events:
        groups[event.source, event.target].append(event)
    return list(groups.values())


def _sums(group: list[Movement]) -> dict[str, int]:
    times = [event.ts for event in group]
    cents = sum(event.amount_cents for event in group)
    return {"count": len(group), "sum_cents": cents, "first_seen": min(times), "last_seen": max(times)}


def _pair(kind: str, source: tuple[str, str], target: tuple[str, str], group: list[Movement]) -> dict[str, Any]:
    return _row(kind, source, target, list(_sums(group).values()))


def _row(kind: str, source: tuple[str, str], target: tuple[str, str], sums: list[int]) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": kind, "source_label": source[0], "source": source[1]}
    row |= {"target_label": target[0], "target": target[1]}
    return row | dict(zip(("count", "sum_cents", "first_seen", "last_seen"), sums, strict=True))


if __name__ == "__main__":
    main()
