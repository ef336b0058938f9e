"""One input over 1, 2 and 4 partitions, read by two workers at once: one graph, one set of scores and rings."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from deploy.servers.kafka import KafkaServer
from graph.events import Event
from ingest.consume import consume
from ingest.kafka import KafkaReader
from ingest.kafka_out import KafkaPublisher
from ingest.simulator.world import World
from ingest.wire.canonical import CANONICAL
from service.bootstrap import Service, now_ms, open_service
from service.settings import load_settings
from tests.ingest.kafka_consumer import Rows

EVENTS = 1_200
WORKERS = 2
PARTITIONS = (1, 2, 4)


@pytest.fixture(scope="module")
def world() -> list[Event]:
    return [event for batch in World(seed=9, events=EVENTS).batches(1_000) for event in batch.events]


@pytest.fixture
def topics(kafka_server: KafkaServer) -> Iterator[dict[int, str]]:
    """A topic per number of partitions, removed at the end."""
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    names = {count: f"spread-{uuid.uuid4().hex[:10]}" for count in PARTITIONS}
    admin.create_topics(
        [NewTopic(name=name, num_partitions=count, replication_factor=1) for count, name in names.items()]
    )
    yield names
    admin.delete_topics(list(names.values()))
    admin.close()


@pytest.mark.server
def test_partitions_and_workers_do_not_matter(
    kafka_server: KafkaServer,
    topics: dict[int, str],
    world: list[Event],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    hashes = {}
    with open_service(load_settings(home=tmp_path / "undisturbed"), work=True) as service:
        service.running.submit(world)
        undisturbed = service.state_hash()
    for count, topic in topics.items():
        publisher = KafkaPublisher(kafka_server.bootstrap, topic)
        publisher.publish(world)
        publisher.close()
        with ExitStack() as stack:
            services, readers = [], []
            for worker in range(WORKERS):
                home = tmp_path / f"{count}-{worker}"
                services.append(stack.enter_context(open_service(load_settings(home=home), work=True)))
                readers.append(_reader(kafka_server, topic, services[-1], worker))
                stack.callback(readers[-1].close)
            for worker in _in_turn(services, len(world)):  # pieces of other sizes: other cuts and another order
                size = 60 + 47 * worker
                consume(readers[worker], intake=services[worker].running, aside=Rows(), size=size)
            for worker, service in enumerate(services):
                hashes[count, worker] = service.state_hash()
    assert set(hashes.values()) == {undisturbed}, hashes


def _reader(server: KafkaServer, topic: str, service: Service, worker: int) -> KafkaReader:
    return KafkaReader(
        server.bootstrap,
        {topic: CANONICAL},
        group=f"{topic}-{worker}",
        positions=service.log,
        keys=service.keys,
        clock_ms=now_ms,
    )


def _in_turn(services: list[Service], count: int) -> Iterator[int]:
    """The workers that have not read everything yet, one after the other."""
    while waiting := [worker for worker, service in enumerate(services) if service.log.head() < count]:
        yield from waiting
