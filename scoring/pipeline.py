"""The one path of every event: log, then window, scores and rings, then the graph store and the ledger.

The log is written first and is the truth; what follows can be killed anywhere and is worked out again from it. The
graph store and the ledger each keep the log offset they hold in the same transaction as their content, so `recover`
knows what to send again, and sending again changes nothing.

One thread applies events (callers queue on a lock); a second one writes, so that storing batch n overlaps with scoring
batch n + 1, in pieces between the answers to callers (`turns`). At most two batches wait; then callers wait too. A
store or ledger that does not answer is asked again until it does (`patience`): what was accepted is in the log.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.checkpoint import Checkpoints, Frozen
from graph.errors import StopWork, TarrafaError
from graph.events import Event, GovernanceChanged, LabelGiven, Movement
from graph.evidence import Ring, RingChanges, Score
from graph.lineage import LineageStep
from graph.log.protocol import Conflict, EventLog, LogEntry
from graph.turns import Turns
from ledger.records import LateEvent
from scoring.lateness import MINUTE_MS, Lateness
from scoring.patience import Patience
from scoring.projection import Projection, Scored
from scoring.recovery import CheckpointKeeper
from scoring.tally import Tally
from scoring.waiting import Unwritten, Waiting, Work, waiting


class GraphSink(Protocol):
    """Writes entries and rings into the graph store, idempotently (see `graph.store.sink`)."""

    def position(self) -> int: ...
    def write(self, entries: Sequence[LogEntry], rings: RingChanges) -> None: ...
    def settle(self) -> None: ...
    def prime(self, entries: Sequence[LogEntry]) -> None: ...
    def reconcile(self, rings: Sequence[Ring]) -> None: ...
    def check(self) -> None: ...
    def freeze(self) -> Frozen: ...
    def thaw(self, frozen: Frozen, position: int) -> None: ...


class DecisionBook(Protocol):
    """Keeps scores, rings and labels, idempotently (see `ledger.ledger`)."""

    def position(self, log_id: str) -> int: ...
    def ring_ids(self) -> list[str]: ...
    def score(self, tx_id: str) -> Score | None: ...
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
    ) -> None: ...


CLOSING_SECONDS = 10.0  # how long a stop waits for a store or ledger that does not answer
LOOK_SECONDS = 0.1

#: Called as `on_stage(stage, position)`, with stage "logged", "applied", "stored", "recorded", "checkpointing" (each
#: part of a checkpoint) or "checkpointed".
StageObserver = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of submitted events."""

    accepted: int
    repeats: int
    conflicts: tuple[Conflict, ...]
    scores: tuple[Score, ...]  # of the new movements, and of earlier ones whose score may have changed


class Pipeline:
    """Runs the path over one log. Thread-safe."""

    def __init__(
        self,
        *,
        log: EventLog,
        projection: Projection,
        sink: GraphSink,
        book: DecisionBook,
        clock_ms: Callable[[], int],
        flush_events: int = 5_000,
        checkpoints: Checkpoints | None = None,
        checkpoint_events: int = 0,
        lateness_ms: int = 10 * MINUTE_MS,
        turns: Turns | None = None,
        on_stage: StageObserver | None = None,
    ) -> None:
        self._log, self._projection, self._sink, self._book = log, projection, sink, book
        self._clock_ms, self._flush_events = clock_ms, flush_events
        self._on_stage = on_stage or _unobserved
        self._turns = turns or Turns()
        self.patience = Patience()
        self.tally = Tally()
        self._lateness = Lateness(lateness_ms)
        self.checkpoints = CheckpointKeeper(
            checkpoints,
            every=checkpoint_events,
            log=log,
            projection=projection,
            sink=sink,
            on_stage=self._on_stage,
        )
        self._lock = threading.RLock()
        self._unwritten = Unwritten()
        self._in_flight: list[Unwritten] = []
        self._queue: queue.Queue[Work | None] = queue.Queue(maxsize=2)
        self._failure: BaseException | None = None
        self._writer: threading.Thread | None = None

    # --- life -----------------------------------------------------------------------------------------------------

    def recover(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Bring window, rings, store and ledger to the head of the log; return the head. Call once, before `submit`.

        Starts from a checkpoint where one fits. `progress(done, head)` is called after every chunk. Raises
        StoreMismatch when the store does not hold what the log says it must.
        """
        with self._lock:
            head = self._log.head()
            stored, recorded = self._sink.position(), self._book.position(self._log.log_id)
            if max(stored, recorded) > head:
                raise StopWork(
                    f"the log ends at {head} but the store or ledger holds {max(stored, recorded)}",
                    cure="restore the log from its backup; the log is the record, it must not be shorter",
                )
            chunk: list[LogEntry] = []
            after = self.checkpoints.restore(min(stored, recorded))
            self._lateness.begin(self._projection.window.newest[0])
            for entry in self._log.read(after=after):
                chunk.append(entry)
                if len(chunk) == self._flush_events:
                    self._recover_chunk(chunk, stored, recorded)
                    if progress is not None:
                        progress(chunk[-1].offset, head)
                    chunk = []
            if chunk:
                self._recover_chunk(chunk, stored, recorded)
            self._projection.ring_changes(settle=True)
            rings = self._projection.rings()
            self._sink.reconcile(rings)
            self._sink.check()
            known = {ring.ring_id for ring in rings}
            lost = [ring_id for ring_id in self._book.ring_ids() if ring_id not in known]
            gone = tuple(self._projection.survivors(lost).items())
            if head:
                changes = RingChanges(changed=tuple(rings), gone=gone)
                self._book.record(log_id=self._log.log_id, position=head, scores=(), rings=changes)
            self._writer = threading.Thread(target=self._write_loop, name="tarrafa-writer", daemon=True)
            self._writer.start()
            return head

    def _recover_chunk(self, chunk: list[LogEntry], stored: int, recorded: int) -> None:
        scored = self._projection.apply(chunk)
        self._sink.prime([entry for entry in chunk if entry.offset <= stored])
        missing = [entry for entry in chunk if entry.offset > stored]
        if missing:
            self._sink.write(missing, RingChanges())
        steps, late = self._projection.ring_steps(), self._lateness.late(chunk)
        if chunk[-1].offset > recorded:
            self._record(chunk, scored.scores, RingChanges(), steps, late, features=scored.features())

    def close(self) -> None:
        """Write what is waiting and stop the writer; raises what the writer met."""
        if self._writer is None:
            return
        self.patience.give_up_in(CLOSING_SECONDS)
        try:
            if self._failure is None:
                self._hand_over_and_wait(settle=True, stopping=True)
        finally:
            self._queue.put(None)
            self._writer.join()
            self._writer = None
        self._raise_failure()

    def abandon(self) -> None:
        """Stop the writer without writing what waits (it is in the log); nothing after a clean `close`."""
        if self._writer is None:
            return
        self._failure = self._failure or StopWork("the pipeline was abandoned")
        self.patience.give_up_in(0)
        self._queue.put(None)
        self._writer.join()
        self._writer = None

    # --- events ---------------------------------------------------------------------------------------------------

    def submit(self, events: Sequence[Event], *, source: str = "", position: int | None = None) -> Taken:
        """Log `events` and work them out. When this returns they survive a killed process."""
        with self._lock:
            self._raise_failure()
            began = perf_counter()
            appended = self._log.append(events, learned_at=self._clock_ms(), source=source, source_position=position)
            self.tally.log.add(perf_counter() - began)
            self.tally.taken(
                accepted=len(appended.entries), repeats=appended.repeats, conflicts=len(appended.conflicts)
            )
            if appended.entries:
                self._on_stage("logged", appended.entries[-1].offset)
            scored = self._apply(appended.entries)
            unwritten = self._unwritten
            unwritten.add(appended.entries, scored)
            if appended.entries:
                self._on_stage("applied", appended.entries[-1].offset)
            if len(unwritten.entries) >= self._flush_events:
                self._hand_over(settle=False)
            return Taken(len(appended.entries), appended.repeats, appended.conflicts, scored.scores)

    def _apply(self, entries: Sequence[LogEntry]) -> Scored:
        if not entries:
            return Scored((), ())
        began = perf_counter()
        try:
            scored = self._projection.apply(entries)
        except BaseException as error:  # logged but not worked out: only a restart can put that right
            self._failure = error
            raise
        self.tally.apply.add(perf_counter() - began)
        return scored

    def score(self, movements: Sequence[Movement]) -> list[Score]:
        """Scores of `movements`, in their order; a transaction seen before gets the score it has."""
        with self._lock:
            self.submit(movements)
            return [self._known(movement.tx_id) for movement in movements]

    def govern(self, change: GovernanceChanged, *, labels: Sequence[LabelGiven] = ()) -> None:
        """Log a change of what is in force, so that it holds for everything after, with the labels that it implies;
        refuse what cannot be read."""
        with self._lock:
            self._projection.governance.check(change)
            self.submit([change, *labels])

    def _known(self, tx_id: str) -> Score:
        for piece in (self._unwritten, *reversed(self._in_flight)):
            if tx_id in piece.scores:
                return piece.scores[tx_id]
        score = self._book.score(tx_id)
        if score is None:
            raise StopWork(f"transaction {tx_id} is in the log but has no score", cure="run `tarrafa rebuild`")
        return score

    def waiting(self) -> Waiting:
        """What was accepted and is not in both store and ledger; takes no lock, so it answers while these do not."""
        unwritten = self._unwritten  # looked at first: it is in flight before another takes its place
        return waiting((unwritten, *self._in_flight))

    def flush(self, *, settle: bool) -> None:
        """Hand everything to the writer and wait until store and ledger hold it.

        While one of them does not answer for longer than a moment, this raises what it said instead of waiting: nothing
        is lost, what was accepted is in the log and is written when it answers.
        """
        if (error := self.patience.stuck) is not None:
            raise error
        self._hand_over_and_wait(settle=settle, stopping=False)

    def _hand_over_and_wait(self, *, settle: bool, stopping: bool) -> None:
        with self._lock:
            self._raise_failure()
            self._hand_over(settle=settle, stopping=stopping)
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                self._queue.all_tasks_done.wait(LOOK_SECONDS)
                if (error := self.patience.stuck) is not None and not stopping:
                    raise error
        self._raise_failure()

    # --- writing --------------------------------------------------------------------------------------------------

    def _hand_over(self, *, settle: bool, stopping: bool = False) -> None:
        unwritten, position = self._unwritten, self._log.head()
        rings = self._projection.ring_changes(settle=settle)
        work = Work(
            tuple(unwritten.entries),
            tuple(unwritten.scores.values()),
            tuple(unwritten.scored),
            rings,
            self._projection.ring_steps(),
            position,
            settle,
            self.checkpoints.copy_if_due(position, now=stopping),
        )
        if work.content or settle or work.memory is not None:
            self._in_flight.append(unwritten)
            self._unwritten = Unwritten()
            self._queue.put(work)

    def _write_loop(self) -> None:
        while True:
            work = self._queue.get()
            if work is None:
                self._queue.task_done()
                return
            try:
                if self._failure is None:
                    self._write(work)
            except Exception as error:  # whatever it is, the next caller must hear it and nothing more may be written
                self._failure = error
            finally:
                self._queue.task_done()

    def _write(self, work: Work) -> None:
        if work.content:
            began = perf_counter()
            self.patience.run(lambda: self._sink.write(work.entries, work.rings), of="store")
            self.tally.store.add(perf_counter() - began)
            self._on_stage("stored", work.position)
            self._turns.give_way()
            features = {tx: row for scored in work.scored for tx, row in scored.features().items()}
            late = self._lateness.late(work.entries)
            began = perf_counter()
            self.patience.run(
                lambda: self._record(
                    work.entries, work.scores, work.rings, work.steps, late, features=features, position=work.position
                ),
                of="ledger",
            )
            self.tally.record.add(perf_counter() - began)
            self._on_stage("recorded", work.position)
        self._in_flight.pop(0)
        if work.settle:
            self.patience.run(self._sink.settle, of="store")
        if work.memory is not None:
            self.checkpoints.write(work.position, work.memory)

    def _record(
        self,
        entries: Sequence[LogEntry],
        scores: Sequence[Score],
        rings: RingChanges,
        steps: Sequence[LineageStep],
        late: Sequence[LateEvent],
        *,
        features: Mapping[str, NDArray[np.float64]],
        position: int | None = None,
    ) -> None:
        labels = [entry.event for entry in entries if isinstance(entry.event, LabelGiven)]
        self._book.record(
            log_id=self._log.log_id,
            position=entries[-1].offset if position is None else position,
            scores=scores,
            rings=rings,
            labels=labels,
            features=features,
            governed=[entry.event for entry in entries if isinstance(entry.event, GovernanceChanged)],
            late=late,
            steps=steps,
        )

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        if isinstance(self._failure, TarrafaError):
            raise self._failure
        raise StopWork(
            f"writing failed: {self._failure!r}", cure="start again: everything accepted is in the log"
        ) from self._failure


def _unobserved(_stage: str, _position: int) -> None:
    """Observe nothing."""
