"""Files into topics, topics into a home, and what it says out to topics: the commands, on a real broker."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from deploy.servers.kafka import KafkaServer
from graph.errors import TarrafaError
from graph.log.sqlite import SqliteEventLog
from ingest.topics import TOPICS
from service.bootstrap import open_service
from service.settings import load_settings
from tests.ingest.wire import worlds
from tests.service.command import Ended, ended, start

ROWS = 400
HEADER = ("tx_id", "ts", "source", "target", "amount", "domain")


@dataclass(frozen=True)
class Broker:
    """The broker as one installation sees it: its topics have a prefix of their own."""

    bootstrap: str
    prefix: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TARRAFA_KAFKA_BOOTSTRAP": self.bootstrap,
            "TARRAFA_KAFKA_PREFIX": self.prefix,
            "TARRAFA_KAFKA_GROUP": self.prefix,
            "TARRAFA_IDENTITY_SECRET": "a secret for tests only",
        }

    def run(self, *arguments: object) -> Ended:
        return ended(start(*arguments, limit=None, **self.environment), within=180)

    def messages(self, topic: str) -> list[dict[str, Any]]:
        """Everything on a topic, partition by partition."""
        reader = KafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", group_id=None)
        partitions = [TopicPartition(self.prefix + topic, n) for n in reader.partitions_for_topic(self.prefix + topic)]
        reader.assign(partitions)
        left = sum(reader.end_offsets(partitions).values())
        found: list[dict[str, Any]] = []
        while len(found) < left:
            for records in reader.poll(timeout_ms=500).values():
                found += [json.loads(record.value) for record in records]
        reader.close()
        return found

    def send(self, topic: str, values: Sequence[bytes]) -> None:
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for value in values:
            producer.send(self.prefix + topic, value)
        producer.flush()
        producer.close()


@pytest.fixture
def broker(kafka_server: KafkaServer) -> Iterator[Broker]:
    """The shared broker with topics of our own, removed at the end."""
    ours = Broker(kafka_server.bootstrap, f"s{uuid.uuid4().hex[:10]}-")
    yield ours
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    present = [name for name in admin.list_topics() if name.startswith(ours.prefix)]
    if present:
        admin.delete_topics(present)
    admin.close()


@pytest.fixture
def bets(tmp_path: Path) -> Path:
    """Bets as a canonical file: a few hundred people, one of them paid by very many."""
    path = tmp_path / "bets.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(ROWS):
            target = "collector" if n % 2 else f"shop{n % 9}"
            writer.writerow((f"b{n}", 1_750_000_000 + n * 60, f"u{n % 60}", target, f"{n % 50}.10", "x.bet.example"))
        writer.writerow(("bad", "1970-01-01T00:00:00Z", "a", "b", "1", "x.bet.example"))
    return path


def state_hash(home: Path, patch: pytest.MonkeyPatch) -> str:
    """The state hash of a home that stopped cleanly."""
    patch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    with open_service(load_settings(home=home), work=False) as service:
        assert service.pipeline is None, "the stop was not clean"
        return service.state_hash()


@pytest.mark.server
def test_topics_are_made_as_declared_and_left_alone_afterwards(broker: Broker) -> None:
    absent = broker.run("topics")
    assert (absent.status, "absent" in absent.out) == (1, True)
    assert broker.run("topics", "--create").well().out.count(" made") == len(TOPICS)
    again = broker.run("topics").well()
    assert again.out.count("4 partitions") == len(TOPICS)


@pytest.mark.server
def test_a_file_played_into_a_topic_and_taken_in_is_the_file_and_what_it_leads_to_is_told(
    broker: Broker, bets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = broker.run("produce", bets, "--topic", "bets-transactions").well()
    assert f"messages sent | {ROWS}" in " ".join(sent.out.replace("│", "|").split())
    assert "left out: time out of range" in sent.out
    broker.send("bets-transactions", [b"poison", json.dumps(worlds.BET | {"loyalty": 1}).encode()])
    home = tmp_path / "home"
    taken = broker.run(
        "consume", "--home", home, "--topics", "bets-transactions,transactions", "--until-caught-up"
    ).well()
    assert f"{ROWS + 2} messages read; stopped cleanly" in taken.out

    scores = broker.messages("scores")
    assert {one["transaction_id"] for one in scores} == {f"b{n}" for n in range(ROWS)} | {"b-1"}
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    with open_service(load_settings(home=home), work=False) as service:
        newest = {one["transaction_id"]: one for one in scores}
        for tx_id, score in service.ledger.scores_of(list(newest)).items():
            assert (newest[tx_id]["score"], newest[tx_id]["decision"]) == (score.value, str(score.decision))
        rings = service.ledger.rings().items
        assert {ring.ring_id for ring in rings} <= {one["ring_id"] for one in broker.messages("ring-changes")}
        assert service.ledger.outbox.size() == 0
        assert [one.field for one in service.ledger.letters.drift()] == ["loyalty"]
    (letter,) = broker.messages("dead-letters")
    assert letter["reason"] == "bad_message"

    # The same bets from the file, said as messages say them: the same events, so the same state.
    replayed = tmp_path / "replayed"
    with open_service(load_settings(home=replayed), work=True) as service:
        log = SqliteEventLog(home / "log.sqlite")
        service.running.submit([entry.event for entry in log.read()])
        log.close()
        assert service.state_hash() == state_hash(home, monkeypatch)


@pytest.mark.server
def test_a_consumer_killed_again_and_again_ends_in_the_undisturbed_state_and_tells_everything(
    broker: Broker, bets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.run("produce", bets, "--topic", "transactions").well()
    home = tmp_path / "killed"
    command = ("consume", "--home", home, "--topics", "transactions")
    slow = broker.environment | {"TARRAFA_PIPELINE_BATCH_ROWS": "20", "TARRAFA_PIPELINE_FLUSH_EVENTS": "30"}
    for kill in range(2):
        process = start(*command, limit=None, **slow)
        _wait_for_head(process, home, 100 * (kill + 1))
        process.kill()
        assert process.wait(timeout=30) == -signal.SIGKILL
    broker.run(*command, "--until-caught-up").well()

    calm = tmp_path / "calm"
    monkeypatch.setenv("TARRAFA_KAFKA_GROUP", f"{broker.prefix}calm")
    other = broker.environment | {"TARRAFA_KAFKA_GROUP": f"{broker.prefix}calm", "TARRAFA_KAFKA_PUBLISH": "false"}
    ended(
        start("consume", "--home", calm, "--topics", "transactions", "--until-caught-up", limit=None, **other),
        within=180,
    ).well()
    assert state_hash(home, monkeypatch) == state_hash(calm, monkeypatch)

    scores = broker.messages("scores")
    assert {one["transaction_id"] for one in scores} == {f"b{n}" for n in range(ROWS)}
    by_id: dict[str, tuple[str, float]] = {}
    for one in scores:  # whatever came twice has the same id and says the same
        assert by_id.setdefault(one["id"], (one["transaction_id"], one["score"])) == (
            one["transaction_id"],
            one["score"],
        )


@pytest.mark.server
def test_a_rate_is_held(broker: Broker, bets: Path) -> None:
    began = time.monotonic()
    sent = broker.run("produce", bets, "--topic", "tarrafa-events", "--rate", 100, "--limit", 200).well()
    assert "of 100.0 asked" in sent.out
    assert time.monotonic() - began > 2.0


def test_without_a_broker_or_with_a_name_that_is_not_declared_the_commands_say_what_to_set(tmp_path: Path) -> None:
    named = {"TARRAFA_KAFKA_BOOTSTRAP": "127.0.0.1:9"}
    assert "TARRAFA_KAFKA_BOOTSTRAP" in ended(start("consume", "--home", tmp_path / "h")).err
    slip = ended(start("consume", "--topics", "bet-transactions", "--home", tmp_path / "h", limit=None, **named))
    assert (slip.status, "name some of" in " ".join(slip.err.split())) == (2, True)
    closed = ended(start("produce", __file__, "--topic", "payment-events", limit=None, **named))
    assert closed.status == 2


def _wait_for_head(process: subprocess.Popen[str], home: Path, count: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with suppress(TarrafaError):  # not made yet
            log = SqliteEventLog(home / "log.sqlite", create=False)
            head = log.head()
            log.close()
            if head >= count:
                return
        time.sleep(0.02)
    raise AssertionError(f"never held {count} events: {process.poll()}")
