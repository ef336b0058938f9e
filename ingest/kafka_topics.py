"""The broker's topics beside the table of `ingest.topics`: what is there, what differs, and making what is missing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError

from ingest import kafka_errors
from ingest.kafka_errors import translated
from ingest.topics import Topic

SETTLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class TopicState:
    """One declared topic as the broker has it: `partitions` is 0 where it is absent. `made` says it was created now."""

    topic: Topic
    name: str
    partitions: int
    made: bool = False

    @property
    def problem(self) -> str:
        """What differs from the table, and what to do; '' where nothing does."""
        if not self.partitions:
            return "absent: `tarrafa topics --create` makes it"
        if self.partitions < self.topic.partitions:
            return f"{self.partitions} of {self.topic.partitions} partitions: fewer workers can share it"
        return ""


def topic_states(
    bootstrap: str, topics: Sequence[Topic], *, prefix: str = "", create: bool = False
) -> list[TopicState]:
    """Return how each topic stands on the broker, first making those that are absent where `create` says so.

    Topics that exist are never changed: partitions cannot be taken back, and retention is the broker owner's to set.
    Raises `StoreUnavailable` when no broker answers.
    """
    with translated(bootstrap):
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=kafka_errors.BOOTSTRAP_TIMEOUT_MS)
        try:
            names = [prefix + topic.name for topic in topics]
            present = _partitions(admin, names)
            missing = [topic for topic in topics if not present.get(prefix + topic.name)]
            if create and missing:
                _create(admin, missing, prefix)
                present = _settled(admin, names)
        finally:
            admin.close()
    made = {topic.name for topic in missing} if create else set()
    return [
        TopicState(topic, prefix + topic.name, present.get(prefix + topic.name, 0), made=topic.name in made)
        for topic in topics
    ]


def _partitions(admin: Any, names: Sequence[str]) -> dict[str, int]:
    return {found["name"]: len(found["partitions"]) for found in admin.describe_topics(names)}


def _settled(admin: Any, names: Sequence[str]) -> dict[str, int]:
    """The partitions once the broker tells everybody of what it just made, or after some seconds as far as it does."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        present = _partitions(admin, names)
        if all(present.values()) or time.monotonic() > until:
            return present
        time.sleep(0.05)


def _create(admin: Any, topics: Sequence[Topic], prefix: str) -> None:
    for topic in topics:
        wanted = NewTopic(
            name=prefix + topic.name,
            num_partitions=topic.partitions,
            replication_factor=-1,  # the broker's default
            topic_configs=topic.settings,
        )
        try:
            admin.create_topics([wanted])
        except TopicAlreadyExistsError:  # another process was first
            continue
