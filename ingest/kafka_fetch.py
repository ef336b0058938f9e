"""One message of a topic, by its place: what a person wants to look at or send again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from ingest import kafka_errors
from ingest.kafka_errors import translated

WAIT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as it stands on its topic, and when it was put there (UTC epoch ms)."""

    value: bytes
    arrived_ms: int


def message_at(bootstrap: str, topic: str, partition: int, offset: int) -> Fetched | None:
    """Return the message at that offset, or None where the topic no longer holds it.

    Raises `StoreUnavailable` when no broker answers.
    """
    with translated(bootstrap):
        reader = KafkaConsumer(
            bootstrap_servers=bootstrap,
            bootstrap_timeout_ms=kafka_errors.BOOTSTRAP_TIMEOUT_MS,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        with closing(reader):
            place = TopicPartition(topic, partition)
            reader.assign([place])
            if not reader.beginning_offsets([place])[place] <= offset < reader.end_offsets([place])[place]:
                return None
            reader.seek(place, offset)
            for record in reader.poll(timeout_ms=WAIT_MS, max_records=1).get(place, []):
                if record.offset == offset:
                    return Fetched(record.value or b"", record.timestamp)
    return None
