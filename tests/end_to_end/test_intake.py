"""The intake of a service beside a broker that fails: it goes on, it stops, and the health says which."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from graph.errors import StopWork, StoreUnavailable
from graph.events import Movement
from ingest.consume import PartitionBatch
from ingest.source import Batch
from service import intake
from service.bootstrap import Service, open_service
from service.intake import TopicIntake, topic_intake
from service.settings import KafkaSection, load_settings

PAYMENT = Movement(event_id="tx:1", ts=1_760_000_000_000, source="a", target="b", amount_cents=500)
PIECE = PartitionBatch("kafka:t/0", "t", 0, 0, Batch((PAYMENT,), (), rows=1, position=1))


class Reader:
    """A partition reader that plays its answers in turn, then has nothing more; errors are raised."""

    def __init__(self, *answers: list[PartitionBatch] | Exception) -> None:
        self._answers = list(answers)
        self.given_back: list[PartitionBatch] = []
        self.committed: list[PartitionBatch] = []
        self.closed = False

    def poll(self, size: int) -> list[PartitionBatch]:
        assert size > 0
        answer = self._answers.pop(0) if self._answers else []
        if isinstance(answer, Exception):
            raise answer
        time.sleep(0.01)
        return answer

    def commit(self, piece: PartitionBatch) -> None:
        self.committed.append(piece)

    def unread(self, pieces: Sequence[PartitionBatch]) -> None:
        self.given_back.extend(pieces)

    def lag(self) -> dict[str, int]:
        return {"kafka:t/0": sum(len(answer) for answer in self._answers if isinstance(answer, list))}

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", "a secret for tests only")
    monkeypatch.setattr(intake, "RETRY_SECONDS", 0.02)
    with open_service(load_settings(home=tmp_path / "home"), work=True) as opened:
        yield opened


def soon(condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes true within some seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.005)
    return False


def lost() -> StoreUnavailable:
    return StoreUnavailable(store="Kafka", address="there", cause="gone", cure="start the broker")


def test_a_lost_broker_is_asked_again_and_what_it_holds_is_taken_in(service: Service) -> None:
    readers = [Reader(lost()), Reader([PIECE])]
    opened = iter(readers)
    with TopicIntake(service, lambda: next(opened), answers=lambda: True, place="there, topic t") as taking:
        assert soon(lambda: taking.health().state == "ok")
        assert soon(lambda: service.log.head() == 1)
        assert soon(lambda: readers[1].committed == [PIECE])
    assert service.log.source_position("kafka:t/0") == 1
    assert all(reader.closed for reader in readers)


def test_a_broker_that_was_never_there_is_down_with_its_cure_and_the_service_stops_cleanly(service: Service) -> None:
    def never() -> Reader:
        raise lost()

    with TopicIntake(service, never, answers=lambda: False, place="there") as taking:
        assert soon(lambda: "start the broker" in taking.health().detail)
        assert taking.health().state == "down"


def test_missing_messages_end_the_intake_and_the_health_keeps_saying_so(service: Service) -> None:
    reader = Reader([PIECE], StopWork("the topic was cut", cure="bring it back"))
    with TopicIntake(service, lambda: reader, answers=lambda: True, place="there") as taking:
        assert soon(lambda: reader.closed)
        assert soon(lambda: taking.health().state == "down")
        assert "the topic was cut; bring it back; nothing more is read" in taking.health().detail


def test_a_broker_lost_while_its_reader_waits_without_a_word_is_down(service: Service) -> None:
    answering = [True]
    with TopicIntake(service, Reader, answers=lambda: answering[0], place="there") as taking:
        assert soon(lambda: taking.health().state == "ok")
        answering[0] = False
        assert taking.health().state == "down"
        answering[0] = True
        assert taking.health().state == "ok"


def test_no_broker_named_means_no_intake(service: Service) -> None:
    assert topic_intake(service) is None


def test_a_named_broker_is_down_until_it_was_read_from(service: Service) -> None:
    kafka = KafkaSection(bootstrap="127.0.0.1:9")
    taking = topic_intake(replace(service, settings=service.settings.model_copy(update={"kafka": kafka})))
    assert taking is not None
    assert taking.health().state == "down"
    assert "127.0.0.1:9" in taking.health().detail


def test_any_of_the_addresses_of_a_broker_will_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert intake.reachable(f"127.0.0.1:9, 127.0.0.1:{listening.getsockname()[1]}")
    assert not intake.reachable("127.0.0.1:9,no port")
