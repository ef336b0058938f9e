"""A real broker: what is published arrives once, whatever dies in between."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from deploy.servers.kafka import KafkaServer
from graph.errors import StopWork, StoreUnavailable
from graph.events import Event, Movement
from graph.log.sqlite import SqliteEventLog
from ingest import kafka_errors
from ingest.consume import consume
from ingest.kafka import KafkaReader, source_name
from ingest.kafka_out import KafkaPublisher
from tests.conftest import REPOSITORY
from tests.ingest.kafka_consumer import LogIntake, Rows, reader_of

PARTITIONS = 2


def _movements(count: int) -> list[Movement]:
    return [
        Movement(
            event_id=f"tx:{n}", ts=1_700_000_000_000 + n, source=f"account-{n % 7}", target="collector", amount_cents=n
        )
        for n in range(count)
    ]


@pytest.fixture
def topic(kafka_server: KafkaServer) -> str:
    """A topic of its own with two partitions."""
    name = f"events-{uuid.uuid4().hex[:12]}"
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    admin.create_topics([NewTopic(name=name, num_partitions=PARTITIONS, replication_factor=1)])
    admin.close()
    return name


def _committed(kafka_server: KafkaServer, topic: str) -> int:
    """How many messages Kafka was told are taken in, over all partitions."""
    asking = KafkaConsumer(bootstrap_servers=kafka_server.bootstrap, group_id=f"{topic}-readers")
    offsets = [asking.committed(TopicPartition(topic, n)) or 0 for n in range(PARTITIONS)]
    asking.close(autocommit=False)
    return sum(offsets)


def _consumer(kafka_server: KafkaServer, topic: str, log: Path, *, messages: int, die_at: int) -> Any:
    arguments = [kafka_server.bootstrap, topic, str(log), str(messages), "40", str(die_at)]
    command = [sys.executable, "-m", "tests.ingest.kafka_consumer", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=90, check=False)


class RefusesSometimes(LogIntake):
    """Takes in every second batch it is given."""

    calls = refused = 0

    def submit(self, events: Sequence[Event], *, source: str, position: int) -> None:
        self.calls += 1
        if self.calls % 2:
            self.refused += 1
            raise StoreUnavailable(store="it", address="here", cause="busy", cure="wait")
        super().submit(events, source=source, position=position)


def _drain(reader: KafkaReader) -> None:
    """Poll long enough to be given partitions."""
    for _ in range(40):
        reader.poll(10)


@pytest.mark.server
def test_a_consumer_killed_between_log_and_commit_loses_and_doubles_nothing(
    kafka_server: KafkaServer, topic: str, tmp_path: Path
) -> None:
    events = _movements(300)
    publisher = KafkaPublisher(kafka_server.bootstrap, topic)
    publisher.publish(events)
    publisher.close()
    path = tmp_path / "events.log"

    killed = _consumer(kafka_server, topic, path, messages=300, die_at=3)
    assert killed.returncode == 9, killed.stderr
    log = SqliteEventLog(path)
    taken = log.head()
    ahead = sum(log.source_position(source_name(topic, n)) or 0 for n in range(PARTITIONS))
    log.close()
    assert 0 < taken < 300
    assert ahead == taken
    assert _committed(kafka_server, topic) < taken, "it died before Kafka heard of the last piece"

    resumed = _consumer(kafka_server, topic, path, messages=300 - taken, die_at=0)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout) == {"messages": 300 - taken, "repeats": 0, "set_aside": 0}
    log = SqliteEventLog(path)
    arrived = [entry.event for entry in log.read()]
    log.close()
    assert sorted(event.event_id for event in arrived) == sorted(event.event_id for event in events)
    for account in {event.source for event in events}:
        of_account = [event for event in arrived if isinstance(event, Movement) and event.source == account]
        assert of_account == [event for event in events if event.source == account], "order of one account"
    assert _committed(kafka_server, topic) == 300


@pytest.mark.server
def test_poison_messages_are_set_aside_and_the_rest_arrives(
    kafka_server: KafkaServer, topic: str, tmp_path: Path
) -> None:
    good = _movements(3)
    raw = KafkaProducer(bootstrap_servers=kafka_server.bootstrap, acks="all")
    for value in (b"\x00\xff", b'{"event": {}, "type": "movement"}', None):
        raw.send(topic, value, key=b"somebody", partition=0)
    raw.flush()
    raw.close()
    publisher = KafkaPublisher(kafka_server.bootstrap, topic)
    publisher.publish(good)
    publisher.publish(good)
    publisher.close()

    log = SqliteEventLog(tmp_path / "events.log")
    intake, rows = LogIntake(log), Rows()
    reader = reader_of(kafka_server.bootstrap, topic, log)
    done = 0
    while done < 9:
        done += consume(reader, intake=intake, aside=rows, size=100)
    reader.close()
    assert log.head() == 3
    assert intake.repeats == 3
    log.close()
    assert [(row.line, row.reason) for row in rows.rows.values()] == [
        (0, "bad_message"),
        (1, "bad_event"),
        (2, "bad_message"),
    ]


@pytest.mark.server
def test_what_could_not_be_taken_in_comes_again(kafka_server: KafkaServer, topic: str, tmp_path: Path) -> None:
    publisher = KafkaPublisher(kafka_server.bootstrap, topic)
    publisher.publish(_movements(60))
    publisher.close()
    log = SqliteEventLog(tmp_path / "events.log")
    reader = reader_of(kafka_server.bootstrap, topic, log)
    intake = RefusesSometimes(log)
    while log.head() < 60:
        with suppress(StoreUnavailable):
            consume(reader, intake=intake, aside=Rows(), size=15)
    reader.close()
    assert intake.refused > 2
    assert (log.head(), intake.repeats) == (60, 0)
    log.close()


@pytest.mark.server
def test_messages_that_the_topic_no_longer_holds_stop_the_reader(
    kafka_server: KafkaServer, topic: str, tmp_path: Path
) -> None:
    publisher = KafkaPublisher(kafka_server.bootstrap, topic)
    publisher.publish(_movements(50))
    publisher.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    admin.delete_records({TopicPartition(topic, n): -1 for n in range(PARTITIONS)})
    admin.close()
    log = SqliteEventLog(tmp_path / "events.log")
    for n in range(PARTITIONS):
        log.append([], learned_at=1, source=source_name(topic, n), source_position=1)
    reader = reader_of(kafka_server.bootstrap, topic, log)
    with pytest.raises(StopWork, match="no longer holds the next offset"):
        _drain(reader)
    reader.close()
    log.close()


def test_a_broker_that_does_not_answer_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_errors, "BOOTSTRAP_TIMEOUT_MS", 300)
    with pytest.raises(StoreUnavailable, match=r"Kafka at 127\.0\.0\.1:9 does not answer"):
        KafkaPublisher("127.0.0.1:9", "events")
