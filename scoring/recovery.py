"""Starting from a checkpoint, and making the next one.

A checkpoint is taken between two batches: memory is copied while events wait, the files are written by the thread that
writes the stores, once these hold everything up to the same place of the log. So a checkpoint never says more than
store and ledger do, and what a start takes from it, plus the rest of the log, is what the whole log says.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec

from graph.checkpoint import CheckpointRefused, Checkpoints, Frozen, Place, below, prefixed
from graph.errors import StopWork
from graph.log.protocol import EventLog
from graph.window.size import window_facts
from scoring.checkpoint import freeze_projection, thaw_projection
from scoring.projection import Projection


class Freezing(Protocol):
    """A sink that can say what it knows of its store, and be told."""

    def position(self) -> int: ...
    def freeze(self) -> Frozen: ...
    def thaw(self, frozen: Frozen, position: int) -> None: ...


class CheckpointKeeper:
    """Checkpoints of one projection and one sink.

    `every` events at least lie between two of them; 0 keeps none. `refused` says why checkpoints were not used,
    `problem` why the last one could not be written.
    """

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        *,
        every: int,
        log: EventLog,
        projection: Projection,
        sink: Freezing,
        on_stage: Callable[[str, int], None],
    ) -> None:
        self._checkpoints = checkpoints if every else None
        self._every, self._log, self._projection, self._sink = every, log, projection, sink
        self._on_stage = on_stage
        self.newest = 0  # offset of the newest checkpoint, used or made; 0 for none
        self.refused: list[str] = []
        self.problem = ""

    def restore(self, held: int) -> int:
        """Start from the newest checkpoint that fits; return its offset, 0 for none: then the whole log is to be read.

        `held` is the offset up to which store and ledger both hold everything.
        """
        if self._checkpoints is None:
            return 0
        for offset in self._checkpoints.offsets():
            try:
                frozen = self._readable(offset, held)
            except CheckpointRefused as refusal:
                self.refused.append(f"the checkpoint at entry {offset} was not used: {refusal}")
                continue
            with _uncollected():
                self._thaw(offset, frozen)
            self.newest = offset
            return offset
        return 0

    def copy_if_due(self, position: int, *, now: bool) -> Frozen | None:
        """Copy what the projection holds at log offset `position` when enough came since, or anything and `now`."""
        if self._checkpoints is None or position - self.newest < (1 if now else self._every):
            return None
        self.newest = position
        return freeze_projection(self._projection)

    def write(self, position: int, copied: Frozen) -> None:
        """Write the checkpoint of `position`, which store and ledger hold by now; a full disk only leaves it out."""
        assert self._checkpoints is not None
        if self._sink.position() != position:
            raise StopWork(f"the store is at {self._sink.position()} and the checkpoint at {position}")
        parts = {**dict(prefixed("projection", copied)), **dict(prefixed("store", self._sink.freeze()))}
        try:
            self._checkpoints.write(
                Place(self._log.log_id, position, self._log.chain_at(position)),
                parts,
                facts=self.facts(),
                on_part=lambda: self._on_stage("checkpointing", position),
            )
            self.problem = ""
        except OSError as error:
            self.problem = f"the checkpoint at entry {position} could not be written: {error.strerror}"
        else:
            self._on_stage("checkpointed", position)

    def facts(self) -> dict[str, int]:
        """What the window holds now, see `window_facts`."""
        return window_facts(self._projection.window)

    def _readable(self, offset: int, held: int) -> Frozen:
        assert self._checkpoints is not None
        if offset > held:
            raise CheckpointRefused(f"graph store and ledger hold the log only up to entry {held}")
        return self._checkpoints.read(offset, self._log)

    def _thaw(self, offset: int, frozen: Frozen) -> None:
        try:
            self._sink.thaw(below("store", frozen), offset)
            thaw_projection(self._projection, below("projection", frozen))
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise StopWork(
                f"the checkpoint at entry {offset} is whole but cannot be understood: {error}",
                cure="run `tarrafa rebuild`",
            ) from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Many records are made at once and none of them is garbage: looking for cycles among them would take longest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
