"""A store keeps the newest movements one by one: which ones depends on the movements alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.log.protocol import LogEntry
from graph.store.digest import graph_digest
from graph.store.kept import HOUR_MS, KeptMovements
from graph.store.protocol import GraphStore
from graph.store.sink import GraphSink
from tests.store.conftest import INGEST
from tests.store.worlds import NOW, movement

KEEP = 30
TIMES = "MATCH (:Account)-[s:SENT]->(:Account) RETURN s.ts AS ts ORDER BY ts, s.tx_id"
LINKS = "MATCH (:Account)-[u:USED_DEVICE]->(:Device) RETURN sum(u.count) AS n"


def newest(times: Sequence[int], keep: int) -> list[int]:
    """Whole hours from the newest on while they hold no more than `keep`; at least one."""
    kept: list[int] = []
    for hour in sorted({ts // HOUR_MS for ts in times}, reverse=True):
        more = [ts for ts in times if ts // HOUR_MS == hour]
        if kept and len(kept) + len(more) > keep:
            break
        kept += more
    return sorted(kept)


@given(batches=st.lists(st.lists(st.integers(0, 12 * HOUR_MS), max_size=12), max_size=8), keep=st.integers(1, 20))
def test_whole_hours_are_kept_from_the_newest_backwards(batches: list[list[int]], keep: int) -> None:
    kept = KeptMovements(keep)
    for batch in batches:
        kept.add(batch)
    times = [ts for batch in batches for ts in batch]
    wanted = newest(times, keep)
    assert kept.count == len(wanted)
    assert sorted(ts for ts in times if ts >= kept.since_ms) == wanted


def test_without_a_limit_everything_is_kept() -> None:
    kept = KeptMovements(None)
    kept.add(range(0, 1000 * HOUR_MS, HOUR_MS))
    assert (kept.count, kept.left, kept.since_ms) == (1000, 0, 0)


def entries() -> list[LogEntry]:
    """200 movements over 50 hours."""
    return [
        movement(n, f"a{n % 7}", f"a{n % 5}", ts=NOW + n * HOUR_MS // 4, device=f"d{n % 3}", event_id=f"tx:{n:03}")
        for n in range(1, 201)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_batches_end_in_the_same_graph(store: GraphStore, seed: int) -> None:
    sink = GraphSink(store, INGEST, "log-1", keep=KEEP)
    sink.write(entries())
    sink.settle()
    in_order = graph_digest(store)
    wanted = newest([entry.event.ts for entry in entries()], KEEP)
    assert [row["ts"] for row in store.read(TIMES, {})] == wanted
    assert store.read(LINKS, {})[0]["n"] == 200  # what was used stays counted

    store.clear()
    rng = random.Random(seed)
    events = [entry.event for entry in entries()]
    rng.shuffle(events)
    shuffled = iter([LogEntry(offset, NOW, event) for offset, event in enumerate(events, 1)])
    sink = GraphSink(store, INGEST, "log-1", keep=KEEP)
    while batch := list(islice(shuffled, rng.randint(1, 60))):
        sink.write(batch)
    sink.settle()
    assert graph_digest(store) == in_order
    sink.check()


def test_while_events_stream_in_no_more_than_a_tenth_too_much_is_there(store: GraphStore) -> None:
    sink = GraphSink(store, INGEST, "log-1", keep=KEEP)
    for entry in entries():
        sink.write([entry])
        assert len(store.read(TIMES, {})) <= KEEP * 1.1 + 4  # four in an hour


def test_a_restart_finds_what_a_killed_process_did_not_drop(store: GraphStore) -> None:
    first = GraphSink(store, INGEST, "log-1")  # kept all
    first.write(entries())
    again = GraphSink(store, INGEST, "log-1", keep=KEEP)
    again.prime(entries())
    again.check()
    assert len(store.read(TIMES, {})) == len(newest([entry.event.ts for entry in entries()], KEEP))
