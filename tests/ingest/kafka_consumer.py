"""A consumer process for `test_kafka.py`: takes a topic into a log, and dies where it is told to.

Arguments: bootstrap, topic, log file, messages to read, messages per poll, and after how many pieces to die between
taking in and committing (0: never).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graph.events import Event
from graph.log.protocol import EventLog
from graph.log.sqlite import SqliteEventLog
from graph.set_aside import SetAside
from ingest.consume import PartitionBatch, PositionBook, consume
from ingest.kafka import KafkaReader
from ingest.wire.canonical import CANONICAL
from ingest.wire.form import Form
from tests.ingest.wire.reading import KEYS, NOW_MS


class LogIntake:
    """Takes events straight into a log; counts what the log had already."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.repeats = 0

    def submit(self, events: Sequence[Event], *, source: str, position: int) -> None:
        appended = self._log.append(events, learned_at=1_700_000_000_000, source=source, source_position=position)
        self.repeats += appended.repeats


class Rows:
    """Set-aside rows in memory, one per place."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], SetAside] = {}
        self.drift: dict[tuple[str, str], tuple[int, int]] = {}

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        self.rows.update({(row.source, row.line): row for row in rows})

    def note_drift(self, source: str, unknown: Mapping[str, int], *, topic: str, offset: int) -> None:
        assert source.startswith(f"kafka:{topic}/")
        for name, count in unknown.items():
            seen, _ = self.drift.get((source, name), (0, 0))
            self.drift[source, name] = seen + count, offset


class DyingReader(KafkaReader):
    """Ends the process without any goodbye before the n-th commit."""

    die_at = 0
    pieces = 0

    def commit(self, piece: PartitionBatch) -> None:
        self.pieces += 1
        if self.pieces == self.die_at:
            os._exit(9)
        super().commit(piece)


def reader_of(bootstrap: str, topic: str, log: PositionBook, *, form: Form = CANONICAL) -> KafkaReader:
    """A reader of one topic whose messages have `form`."""
    return KafkaReader(bootstrap, {topic: form}, **_with(topic, log))


def _with(topic: str, log: PositionBook) -> dict[str, Any]:
    return {"group": f"{topic}-readers", "positions": log, "keys": KEYS, "clock_ms": lambda: NOW_MS}


def main() -> None:
    bootstrap, topic, log_file, messages, size, die_at = sys.argv[1:]
    log = SqliteEventLog(Path(log_file))
    intake, rows = LogIntake(log), Rows()
    reader = DyingReader(bootstrap, {topic: CANONICAL}, member="one", **_with(topic, log))
    reader.die_at = int(die_at)
    done = 0
    while done < int(messages):
        done += consume(reader, intake=intake, aside=rows, size=int(size))
    reader.close()
    log.close()
    print(json.dumps({"messages": done, "repeats": intake.repeats, "set_aside": len(rows.rows)}))


if __name__ == "__main__":
    main()
