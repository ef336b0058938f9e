"""Events from a broker's topic into an open service, in a thread of their own.

Where each partition was read to is kept by the log, in the transaction that holds its events: a process killed
anywhere goes on behind the last event it took in. A broker that does not answer is asked again until the service
stops; what only a person can put right (messages that the topic no longer holds, a failed pipeline) ends the intake
and is said in the health.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

from api.context import PartHealth
from graph.errors import RetryLater
from ingest.consume import PartitionReader, consume
from service.bootstrap import Service
from service.settings import KafkaSection

RETRY_SECONDS = 2.0
ANSWER_SECONDS = 1.0


class ClosingReader(PartitionReader, Protocol):
    """A partition reader that leaves its group when closed."""

    def close(self) -> None: ...


#: Connects to the broker; raises RetryLater when it does not answer.
OpenReader = Callable[[], ClosingReader]


class TopicIntake:
    """Takes in what `open_reader` reads while the block lasts; `health` says how that goes.

    `answers` says whether the broker can be reached now: a reader waits for a lost broker without a word.
    """

    def __init__(self, service: Service, open_reader: OpenReader, *, answers: Callable[[], bool], place: str) -> None:
        self._service, self._open_reader, self._answers, self._place = service, open_reader, answers, place
        self._stop = threading.Event()
        self._health = PartHealth("broker", "down", f"{place}: not answered yet")
        self._thread = threading.Thread(target=self._run, name="tarrafa-intake", daemon=True)

    def __enter__(self) -> TopicIntake:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def health(self) -> PartHealth:
        """`ok` while the topic is read, else `down` with the cause."""
        health = self._health
        if health.state == "ok" and not self._answers():
            return PartHealth("broker", "down", f"{self._place}: does not answer; reading goes on when it does")
        return health

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(self._open_reader()) as reader:
                    self._read(reader)
            except RetryLater as error:
                self._down(f"{error}; asked again every {RETRY_SECONDS:.0f} s")
                self._stop.wait(RETRY_SECONDS)
            except Exception as error:  # whatever it is, the health says it: a thread would end in silence
                self._down(f"{error}; nothing more is read from {self._place}")
                return

    def _read(self, reader: ClosingReader) -> None:
        service, taken = self._service, 0
        size = service.settings.pipeline.batch_rows
        while not self._stop.is_set():
            taken += consume(reader, intake=service.running, aside=service.ledger, size=size)
            self._health = PartHealth("broker", "ok", f"{self._place}, {taken} messages read")

    def _down(self, detail: str) -> None:
        self._health = PartHealth("broker", "down", detail)


def topic_intake(service: Service) -> TopicIntake | None:
    """The intake that the settings ask for; None when they name no broker."""
    kafka = service.settings.kafka
    if not kafka.bootstrap:
        return None
    return TopicIntake(
        service,
        lambda: _reader(service, kafka),
        answers=lambda: reachable(kafka.bootstrap),
        place=f"{kafka.bootstrap}, topic {kafka.topic}",
    )


def reachable(bootstrap: str) -> bool:
    """Whether any of the addresses (host:port, with commas between them) takes a connection within a second."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
        except (OSError, ValueError):
            continue
        return True
    return False


def _reader(service: Service, kafka: KafkaSection) -> ClosingReader:
    from ingest.kafka import KafkaReader  # only where a broker was named: the client takes memory and start-up time

    # A restarted service is the same member, so it has its partitions back at once.
    member = f"tarrafa-{service.log.log_id}"
    return KafkaReader(kafka.bootstrap, kafka.topic, group=kafka.group, positions=service.log, member=member)
