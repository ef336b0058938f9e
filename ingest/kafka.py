"""Kafka as publisher and as reader of partitions.

Delivery is at least once in both directions; the event id makes it exactly once. On every start and rebalance reading
goes on from the position that the log holds (`PositionBook`), never from the offset committed to Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from graph.errors import RejectedRecord, StopWork, StoreUnavailable
from graph.events import Event
from graph.set_aside import SetAside
from ingest.consume import EventPublisher, PartitionBatch, PartitionReader, PositionBook
from ingest.in_step import InStep, Message
from ingest.message import from_message, key_of, to_message
from ingest.source import Batch

BOOTSTRAP_TIMEOUT_MS = 10_000
PUBLISH_TIMEOUT_S = 30.0
PATIENCE_S = 5.0  # longest time that partitions wait for one that says it has more and does not bring it


class KafkaPublisher(EventPublisher):
    """Publishes to one topic. Raises `StoreUnavailable` when no broker answers."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        with _translated(bootstrap):
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
            )

    def publish(self, events: Sequence[Event]) -> None:
        """Send `events`; `RejectedRecord` when one is larger than the broker takes (the ones before it are sent)."""
        with _translated(self._bootstrap):
            try:
                sent = [self._producer.send(self._topic, to_message(event), key=key_of(event)) for event in events]
            finally:
                self._producer.flush(timeout=PUBLISH_TIMEOUT_S)
            for future in sent:
                future.get(timeout=PUBLISH_TIMEOUT_S)

    def close(self) -> None:
        self._producer.close()


class KafkaReader(PartitionReader):
    """Reads one topic as a member of consumer group `group`, its partitions in step by the time of what happened.

    With `member` (a name that a process keeps over restarts) a restarted process gets its partitions back at once, not
    after the session timeout. Raises `StoreUnavailable` when no broker answers, and `StopWork` when the topic no longer
    holds the offset that comes next: messages are missing, and skipping them is a person's decision.
    """

    def __init__(self, bootstrap: str, topic: str, *, group: str, positions: PositionBook, member: str = "") -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._in_step: InStep[Any] = InStep()
        self._brought_at = time.monotonic()
        with _translated(bootstrap):
            self._consumer = KafkaConsumer(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                group_id=group,
                group_instance_id=member or None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
            )
            self._consumer.subscribe([topic], listener=_GoOn(self._consumer, positions, self._in_step.forget))

    def poll(self, size: int, *, timeout_ms: int = 500) -> list[PartitionBatch]:
        """Return at most `size` messages, a piece per partition that has some; empty after `timeout_ms` without any."""
        with _translated(self._bootstrap):
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
                f"topic {self._topic} no longer holds the next offset to read: {error}",
                cure="bring the messages back, or start a new home; the topic was cut or made anew",
            ) from error
        for partition, records in polled.items():
            source = source_name(partition.topic, partition.partition)
            read = (Message(each.offset, _read(each, source)) for each in records)
            self._in_step.put(partition, read)
            self._brought_at = time.monotonic()

    def _taken(self, size: int) -> dict[Any, list[Message]]:
        patient = time.monotonic() - self._brought_at < PATIENCE_S
        unfinished = [each for each in self._consumer.assignment() if self._has_more(each)] if patient else []
        return self._in_step.take(size, unfinished=unfinished)

    def _has_more(self, partition: Any) -> bool:
        """Whether the broker holds more of `partition` than was fetched; True until it was first asked."""
        end = self._consumer.highwater(partition)
        return end is None or self._consumer.position(partition) < end

    def commit(self, piece: PartitionBatch) -> None:
        """Tell Kafka that `piece` was taken in. A partition that moved to another member meanwhile is that one's to
        commit; the log holds the position either way."""
        partition = TopicPartition(piece.topic, piece.partition)
        with _translated(self._bootstrap):
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


def _read(record: Any, source: str) -> Event | SetAside:
    return from_message(record.value or b"", source=source, offset=record.offset)


def _piece(partition: Any, messages: Sequence[Message]) -> PartitionBatch:
    events = tuple(message.read for message in messages if isinstance(message.read, Event))
    aside = tuple(message.read for message in messages if isinstance(message.read, SetAside))
    batch = Batch(events, aside, rows=len(messages), position=messages[-1].offset + 1)
    source = source_name(partition.topic, partition.partition)
    return PartitionBatch(source, partition.topic, partition.partition, messages[0].offset, batch)


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


@contextmanager
def _translated(bootstrap: str) -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise RejectedRecord("message_too_large", field="event", value=str(error), cure="shorten its texts") from error
    except KafkaError as error:
        cause = f"{type(error).__name__}: {error}"
        raise StoreUnavailable(store="Kafka", address=bootstrap, cause=cause, cure="start the broker") from error
