"""`tarrafa serve` beside a real broker: what is published is taken in once, whatever dies in between."""

from __future__ import annotations

import json
import signal
import urllib.request
import uuid
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from deploy.servers.kafka import KafkaServer
from graph.events import Event
from graph.log.sqlite import SqliteEventLog
from ingest.kafka_out import KafkaPublisher
from ingest.simulator.world import World
from service.bootstrap import open_service
from service.settings import load_settings
from tests.end_to_end.serving import serving, wait_for_head

EVENTS = 2_000


@pytest.fixture
def topic(kafka_server: KafkaServer) -> str:
    """A topic of its own with two partitions."""
    name = f"service-{uuid.uuid4().hex[:12]}"
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    admin.create_topics([NewTopic(name=name, num_partitions=2, replication_factor=1)])
    admin.close()
    return name


@pytest.fixture
def world(kafka_server: KafkaServer, topic: str) -> list[Event]:
    """A small world, published with one message in its middle that nobody can read."""
    events = [event for batch in World(seed=5, events=EVENTS).batches(1_000) for event in batch.events]
    publisher = KafkaPublisher(kafka_server.bootstrap, topic)
    publisher.publish(events[: EVENTS // 2])
    poison = KafkaProducer(bootstrap_servers=kafka_server.bootstrap)
    poison.send(topic, b"not an event").get(timeout=30)
    poison.close()
    publisher.publish(events[EVENTS // 2 :])
    publisher.close()
    return events


def broker_state(address: str) -> str:
    """What /health says about the broker."""
    with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
        return str(json.load(answer)["parts"]["broker"]["state"])


@pytest.mark.server
def test_a_service_killed_in_the_middle_of_a_topic_ends_in_the_undisturbed_state(
    kafka_server: KafkaServer, topic: str, world: list[Event], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    home = tmp_path / "home"
    environment = {
        "TARRAFA_KAFKA_BOOTSTRAP": kafka_server.bootstrap,
        "TARRAFA_KAFKA_TOPIC": f"{topic}=event",
        "TARRAFA_KAFKA_GROUP": topic,
        "TARRAFA_PIPELINE_BATCH_ROWS": "50",
    }
    with serving(home, environment) as (process, _):
        wait_for_head(process, home, count=400)
        process.kill()
        assert process.wait(timeout=30) == -signal.SIGKILL
    log = SqliteEventLog(home / "log.sqlite")
    assert 400 <= log.head() < len(world)
    log.close()
    with serving(home, environment) as (process, address):
        wait_for_head(process, home, count=len(world))
        assert broker_state(address) == "ok"
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    with open_service(load_settings(home=home), work=False) as service:
        assert service.pipeline is None, "the stop was not clean"
        (aside,) = service.ledger.set_asides(limit=10).items
        assert (aside.reason, aside.raw) == ("bad_message", "not an event")
        through_the_broker = service.state_hash()
    with open_service(load_settings(home=tmp_path / "undisturbed"), work=True) as service:
        service.running.submit(world)
        assert service.state_hash() == through_the_broker
