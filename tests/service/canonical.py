"""Canonical files made from the seeded world."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph.events import Movement
from ingest.simulator.world import World
from service.run import iso

Row = dict[str, str]


def world_rows(events: int = 3_000, *, account: Callable[[str], str] = str) -> list[Row]:
    """The movements of the world as canonical rows; `account` says how its accounts are written."""
    return [
        {
            "tx_id": event.tx_id,
            "ts": iso(event.ts),
            "source": account(event.source),
            "target": account(event.target),
            "amount": f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}",
            "kind": str(event.kind),
            "channel": event.channel,
            "device": event.device or "",
            "ip": event.ip or "",
            "domain": event.domain or "",
            "operator": event.operator or "",
        }
        for batch in World(seed=1, events=events).batches(1_000)
        for event in batch.events
        if isinstance(event, Movement)
    ]


def write_csv(path: Path, rows: list[Row]) -> Path:
    """Write the rows with a header of their keys."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: list[Row]) -> Path:
    """Write the rows as text columns."""
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in rows[0]}), path)
    return path
