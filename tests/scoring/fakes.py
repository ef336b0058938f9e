"""A sink and a book that keep what they are given, and can be made to fail or to wait."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graph.checkpoint import Checkpoints, Frozen
from graph.events import GovernanceChanged, LabelGiven
from graph.evidence import Ring, RingChanges, Score
from graph.lineage import LineageStep
from graph.log.protocol import LogEntry
from graph.log.sqlite import SqliteEventLog
from ledger.records import LateEvent
from scoring.pipeline import Pipeline
from scoring.projection import Projection


class FakeSink:
    """Holds entries by offset and rings by id."""

    def __init__(self) -> None:
        self.held: dict[int, LogEntry] = {}
        self.primed: list[int] = []
        self.rings: dict[str, Ring] = {}
        self.writes = 0
        self.settled = 0
        self.failure: Exception | None = None
        self.mismatch: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def position(self) -> int:
        return max(self.held, default=0)

    def write(self, entries: Sequence[LogEntry], rings: RingChanges) -> None:
        self.gate.wait(20)
        if self.failure is not None:
            raise self.failure
        self.writes += 1
        self.held.update((entry.offset, entry) for entry in entries)
        self.rings.update((ring.ring_id, ring) for ring in rings.changed)
        for ring_id, _ in rings.gone:
            self.rings.pop(ring_id, None)

    def prime(self, entries: Sequence[LogEntry]) -> None:
        self.primed.extend(entry.offset for entry in entries)

    def settle(self) -> None:
        self.settled += 1

    def reconcile(self, rings: Sequence[Ring]) -> None:
        self.rings = {ring.ring_id: ring for ring in rings}

    def check(self) -> None:
        if self.mismatch is not None:
            raise self.mismatch

    def freeze(self) -> Frozen:
        return {"position": str(self.position()).encode()}

    def thaw(self, frozen: Frozen, position: int) -> None:
        assert frozen["position"] == str(position).encode()


class FakeBook:
    """Holds scores by transaction, rings by id and where the ones that are gone went."""

    def __init__(self) -> None:
        self.at = 0
        self.scores: dict[str, Score] = {}
        self.rings: dict[str, Ring] = {}
        self.gone: dict[str, str | None] = {}
        self.labels: dict[str, LabelGiven] = {}
        self.governed: list[GovernanceChanged] = []
        self.late: list[LateEvent] = []
        self.steps: dict[int, LineageStep] = {}
        self.features: dict[str, NDArray[np.float64]] = {}
        self.failure: Exception | None = None

    def position(self, log_id: str) -> int:
        assert log_id
        return self.at

    def ring_ids(self) -> list[str]:
        return sorted(self.rings)

    def score(self, tx_id: str) -> Score | None:
        return self.scores.get(tx_id)

    def record(
        self,
        *,
        log_id: str,
        position: int,
        scores: Sequence[Score],
        rings: RingChanges,
        labels: Sequence[LabelGiven] = (),
        features: Mapping[str, NDArray[np.float64]] | None = None,
        governed: Sequence[GovernanceChanged] = (),
        steps: Sequence[LineageStep] = (),
        late: Sequence[LateEvent] = (),
    ) -> None:
        assert log_id
        self.late += late
        if self.failure is not None:
            raise self.failure
        self.at = max(self.at, position)
        self.scores.update((score.tx_id, score) for score in scores)
        self.rings.update((ring.ring_id, ring) for ring in rings.changed)
        for ring_id, survivor in rings.gone:
            self.rings.pop(ring_id, None)
            self.gone[ring_id] = survivor
        self.features.update(features or {})
        self.labels.update((label.event_id, label) for label in labels)
        self.governed.extend(governed)
        self.steps.update((step.position, step) for step in steps)


class Bench:
    """A log on disk with a sink and a book, and pipelines over them: each `open` is a new process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.sqlite"
        self.checkpoints = Checkpoints(folder / "checkpoints", {"code": "tests"})
        self.log = SqliteEventLog(self.path)
        self.sink, self.book = FakeSink(), FakeBook()
        self.stages: list[tuple[str, int]] = []

    def open(self, *, flush_events: int = 10, checkpoint_events: int = 0) -> Pipeline:
        pipeline = Pipeline(
            log=self.log,
            projection=Projection(),
            sink=self.sink,
            book=self.book,
            clock_ms=lambda: 1_700_000_000_000,
            flush_events=flush_events,
            checkpoints=self.checkpoints,
            checkpoint_events=checkpoint_events,
            on_stage=lambda stage, position: self.stages.append((stage, position)),
        )
        pipeline.recover()
        return pipeline

    def state(self) -> tuple[object, ...]:
        """Everything a reader can see, to be compared between two benches that were told the same."""
        held = {offset: entry.event for offset, entry in self.sink.held.items()}
        return held, self.sink.rings, self.book.at, self.book.scores, self.book.rings, self.book.labels
