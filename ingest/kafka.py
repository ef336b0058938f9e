"""Kafka as a reader of partitions.

Delivery is at least once; the event id makes it exactly once. On every start and rebalance reading goes on from the
position that the log holds (`PositionBook`), never from the offset committed to Kafka.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from graph.errors import StopWork
from graph.events import Event
from graph.identity import IdentifierKeys
from graph.set_aside import SetAside
from ingest import kafka_errors
from ingest.consume import PartitionBatch, PartitionReader, PositionBook
from ingest.in_step import InStep, Message
from ingest.kafka_errors import translated
from ingest.source import Batch
from ingest.wire.form import Form, Reading

PATIENCE_S = 5.0  # longest time that partitions wait for one that says it has more and does not bring it


class KafkaReader(PartitionReader):
    """Reads topics as a member of consumer group `group`, all partitions in step by the time of what happened.

    `forms` says which form the messages of each topic have. With `member` (a name that a process keeps over restarts) a
    restarted process gets its partitions back at once, not after the session timeout. Partitions move between members
    one by one (cooperative rebalance): those that stay are read on meanwhile. Raises `StoreUnavailable` when no broker
    answers, and `StopWork` when a topic no longer holds the offset that comes next: messages are missing, and skipping
    them is a person's decision.
    """

    def __init__(
        self,
        bootstrap: str,
        forms: Mapping[str, Form],
        *,
        group: str,
        positions: PositionBook,
        keys: IdentifierKeys,
        clock_ms: Callable[[], int],
        member: str = "",
    ) -> None:
        self._bootstrap, self._forms, self._keys, self._clock_ms = bootstrap, forms, keys, clock_ms
        self._in_step: InStep[Any] = InStep()
        self._brought_at = time.monotonic()
        with translated(bootstrap):
            self._consumer = KafkaConsumer(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=kafka_errors.BOOTSTRAP_TIMEOUT_MS,
                group_id=group,
                group_instance_id=member or None,
                partition_assignment_strategy=[CooperativeStickyAssignor],
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
            )
            self._consumer.subscribe(list(forms), listener=_GoOn(self._consumer, positions, self._in_step.forget))

    def poll(self, size: int, *, timeout_ms: int = 500) -> list[PartitionBatch]:
        """Return at most `size` messages, a piece per partition that has some; empty after `timeout_ms` without any."""
        with translated(self._bootstrap):
            taken = self._taken(size)
            if not taken:
                self._fetch(size, timeout_ms=timeout_ms)
                taken = self._taken(size)
        return [_piece(partition, messages) for partition, messages in taken.items()]

    def _fetch(self, size: int, *, timeout_ms: int) -> None:
        # Partitions with enough waiting are not paused meanwhile: kafka-python 3.0 then never brings the rest of what
        # it has fetched of them. What waits is bounded by one fetch of each partition.
        try:
            polled = self._consumer.poll(timeout_ms=timeout_ms, max_records=size)
        except OffsetOutOfRangeError as error:
            raise StopWork(
                f"a topic no longer holds the next offset to read: {error}",
                cure="bring the messages back, or start a new home; the topic was cut or made anew",
            ) from error
        now_ms = self._clock_ms()
        for partition, records in polled.items():
            self._in_step.put(partition, [self._message(partition, record, now_ms) for record in records])
            self._brought_at = time.monotonic()

    def _message(self, partition: Any, record: Any, now_ms: int) -> Message:
        reading = Reading(self._keys, now_ms=now_ms, arrived_ms=record.timestamp)
        source = source_name(partition.topic, partition.partition)
        form = self._forms[partition.topic]
        arrived = form.read(record.value or b"", source=source, offset=record.offset, reading=reading)
        return Message(record.offset, arrived.read, arrived.unknown)

    def _taken(self, size: int) -> dict[Any, list[Message]]:
        patient = time.monotonic() - self._brought_at < PATIENCE_S
        unfinished = [each for each in self._consumer.assignment() if self._has_more(each)] if patient else []
        return self._in_step.take(size, unfinished=unfinished)

    def _has_more(self, partition: Any) -> bool:
        """Whether the broker holds more of `partition` than was fetched; True until it was first asked."""
        end = self._consumer.highwater(partition)
        return end is None or self._consumer.position(partition) < end

    def lag(self) -> dict[str, int]:
        """How many messages of each partition of ours were not handed out yet, as far as the broker has said."""
        behind = {}
        for partition in self._consumer.assignment():
            end = self._consumer.highwater(partition)
            if end is not None:
                name = source_name(partition.topic, partition.partition)
                unread = end - self._consumer.position(partition)
                behind[name] = max(0, unread) + self._in_step.waiting(partition)
        return behind

    def commit(self, piece: PartitionBatch) -> None:
        """Tell Kafka that `piece` was taken in. A partition that moved to another member meanwhile is that one's to
        commit; the log holds the position either way."""
        partition = TopicPartition(piece.topic, piece.partition)
        with translated(self._bootstrap):
            try:
                self._consumer.commit({partition: OffsetAndMetadata(piece.batch.position, "", -1)})
            except (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError):
                return

    def unread(self, pieces: Sequence[PartitionBatch]) -> None:
        """Read `pieces` again at the next poll, as far as their partitions are still ours."""
        for piece in pieces:
            partition = TopicPartition(piece.topic, piece.partition)
            if partition in self._consumer.assignment():
                self._consumer.seek(partition, piece.first)
                self._in_step.forget(partition)

    def close(self) -> None:
        self._consumer.close(autocommit=False)


def _piece(partition: Any, messages: Sequence[Message]) -> PartitionBatch:
    events = tuple(message.read for message in messages if isinstance(message.read, Event))
    aside = tuple(message.read for message in messages if isinstance(message.read, SetAside))
    batch = Batch(events, aside, rows=len(messages), position=messages[-1].offset + 1)
    source = source_name(partition.topic, partition.partition)
    unknown = Counter(name for message in messages for name in message.unknown)
    return PartitionBatch(
        source, partition.topic, partition.partition, messages[0].offset, batch, tuple(unknown.items())
    )


class _GoOn(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """Sends every newly assigned partition to the position the log holds, or to its beginning."""

    def __init__(self, consumer: Any, positions: PositionBook, forget: Callable[[Any], None]) -> None:
        self._consumer, self._positions, self._forget = consumer, positions, forget

    def on_partitions_revoked(self, revoked: Sequence[Any]) -> None:
        """Drop what waits: it is read again by whoever has the partition next."""
        for partition in revoked:
            self._forget(partition)

    def on_partitions_assigned(self, assigned: Sequence[Any]) -> None:
        for partition in assigned:
            self._forget(partition)
            position = self._positions.source_position(source_name(partition.topic, partition.partition))
            if position is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, position)


def source_name(topic: str, partition: int) -> str:
    """Name of a partition in the log's source column."""
    return f"kafka:{topic}/{partition}"
