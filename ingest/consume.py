"""Taking in what arrives over partitions: the order of steps that lets a process be killed at any point.

Where a partition was read to is kept by the event log, in the transaction that holds the events. What the broker is
told afterwards only shows operators how far behind a group is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.events import Event
from graph.set_aside import SetAside
from ingest.source import Batch


class EventPublisher(Protocol):
    """Hands events on to other processes. Guarantees: on return every event is stored by the broker, in order per key;
    on an error some may be, and publishing all of them again is safe."""

    def publish(self, events: Sequence[Event]) -> None: ...


class PositionBook(Protocol):
    """Knows how far a source was read, by its name; the event log is one."""

    def source_position(self, source: str) -> int | None: ...


class Intake(Protocol):
    """Takes events in. Guarantees: on return the events and the source's position survive a killed process, together;
    an event taken before changes nothing."""

    def submit(self, events: Sequence[Event], *, source: str, position: int) -> object: ...


class SetAsideBook(Protocol):
    """Keeps what could not be accepted; the same row again changes nothing. `note_drift` counts fields that the form of
    a source does not know, at least once each, and keeps where each was last seen."""

    def set_aside(self, rows: Sequence[SetAside]) -> None: ...
    def note_drift(self, source: str, unknown: Mapping[str, int], *, topic: str, offset: int) -> None: ...


@dataclass(frozen=True, slots=True)
class PartitionBatch:
    """A piece of one partition (`source` names it), from offset `first` on; `batch.position` is the next to read.

    `unknown` counts fields, by name, that the messages had and their form does not know."""

    source: str
    topic: str
    partition: int
    first: int
    batch: Batch
    unknown: tuple[tuple[str, int], ...] = ()


class PartitionReader(Protocol):
    """Reads partitions in pieces. Guarantees: pieces of one partition come in order and without gaps, going on after a
    restart behind the last position that was taken in; pieces that are given back (`unread`) come again."""

    def poll(self, size: int) -> list[PartitionBatch]: ...
    def commit(self, piece: PartitionBatch) -> None: ...
    def unread(self, pieces: Sequence[PartitionBatch]) -> None: ...


def consume(reader: PartitionReader, *, intake: Intake, aside: SetAsideBook, size: int) -> int:
    """Take in what one poll of at most `size` messages brings; return how many messages that were.

    Order matters: set aside, take in (with the position), and only then commit to Kafka. When a step fails, this piece
    and those behind it come again at the next call, and the error goes on to the caller.
    """
    pieces = reader.poll(size)
    done = 0
    try:
        for piece in pieces:
            if piece.batch.set_aside:
                aside.set_aside(piece.batch.set_aside)
            if piece.unknown:
                aside.note_drift(piece.source, dict(piece.unknown), topic=piece.topic, offset=piece.first)
            intake.submit(piece.batch.events, source=piece.source, position=piece.batch.position)
            reader.commit(piece)
            done += 1
    finally:
        reader.unread(pieces[done:])
    return sum(piece.batch.rows for piece in pieces)
