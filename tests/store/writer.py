"""A process that writes a seeded stream into an embedded store until it is killed."""

from __future__ import annotations

import sys

from graph.store.kglite import KgliteStore
from graph.store.sink import GraphSink
from tests.store.conftest import INGEST, SCHEMA
from tests.store.worlds import movement

ENTRIES = [
    movement(n, f"a{n * 7 % 31}", f"a{n * 13 % 29}", device=f"d{n % 17}", ip=f"10.0.0.{n % 23}") for n in range(1, 6001)
]
BATCH = 25


def main(path: str) -> None:
    """Write batch after batch and print each offset once it is committed."""
    store = KgliteStore(path)
    store.apply_schema(SCHEMA)
    sink = GraphSink(store, INGEST, "log-1")
    for start in range(0, len(ENTRIES), BATCH):
        sink.write(ENTRIES[start : start + BATCH])
        print(sink.position(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
