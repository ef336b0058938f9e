"""Events from a broker's topic into an open service, in a thread of their own.

Where each partition was read to is kept by the log, in the transaction that holds its events: a process killed
anywhere goes on behind the last event it took in. A broker that does not answer is asked again until the service
stops; what only a person can put right (messages that the topic no longer holds, a failed pipeline) ends the intake
and is said in the health.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Protocol

from api.context import PartHealth
from graph.errors import RetryLater, StoreUnavailable
from graph.set_aside import SetAside
from ingest.consume import PartitionReader, consume
from ingest.topics import Topic, read_topics
from ledger import Ledger
from service.bootstrap import Service, now_ms
from service.settings import KafkaSection

RETRY_SECONDS = 2.0
ANSWER_SECONDS = 1.0


class ClosingReader(PartitionReader, Protocol):
    """A partition reader that leaves its group when closed; `lag` says how many messages of each partition wait."""

    def lag(self) -> Mapping[str, int]: ...
    def close(self) -> None: ...


#: Connects to the broker; raises RetryLater when it does not answer.
OpenReader = Callable[[], ClosingReader]


class TopicIntake:
    """Takes in what `open_reader` reads while the block lasts; `health` says how that goes.

    `answers` says whether the broker can be reached now: a reader waits for a lost broker without a word.
    """

    def __init__(self, service: Service, open_reader: OpenReader, *, answers: Callable[[], bool], place: str) -> None:
        self._service, self._open_reader, self._answers, self.place = service, open_reader, answers, place
        #: Messages read so far; why nothing more is read, '' while it is; whether every partition was read to its end.
        self.taken, self.ended, self.caught_up = 0, "", False
        #: Messages that wait, by partition; empty while the broker is not read.
        self.lag: Mapping[str, int] = {}
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
            return PartHealth("broker", "down", f"{self.place}: does not answer; reading goes on when it does")
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
                self.ended = f"{error}; nothing more is read from {self.place}"
                self._down(self.ended)
                return

    def _read(self, reader: ClosingReader) -> None:
        service = self._service
        size = service.settings.pipeline.batch_rows
        while not self._stop.is_set():
            taken = consume(reader, intake=service.running, aside=_Aside(service.ledger), size=size)
            self.taken += taken
            self.lag = lag = reader.lag()
            waiting = sum(lag.values())
            self.caught_up = bool(lag) and not taken and not waiting
            self._health = PartHealth("broker", "ok", f"{self.place}, {self.taken} messages read, {waiting} wait")

    def _down(self, detail: str) -> None:
        self.lag = {}
        self._health = PartHealth("broker", "down", detail)


class _Aside:
    """Keeps what could not be accepted in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        self._ledger.set_aside(rows)

    def note_drift(self, source: str, unknown: Mapping[str, int], *, topic: str, offset: int) -> None:
        self._ledger.letters.note_drift(source, unknown, topic=topic, offset=offset)


def topic_intake(service: Service) -> TopicIntake | None:
    """The intake that the settings ask for; None when they name no broker."""
    kafka = service.settings.kafka
    if not kafka.bootstrap:
        return None
    topics = read_topics(kafka.topic)
    return TopicIntake(
        service,
        lambda: _reader(service, kafka, topics),
        answers=lambda: reachable(kafka.bootstrap),
        place=f"{kafka.bootstrap}, topic {', '.join(kafka.prefix + topic.name for topic in topics)}",
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


def _reader(service: Service, kafka: KafkaSection, topics: Sequence[Topic]) -> ClosingReader:
    # Only where a broker was named: the client takes memory and start-up time.
    from ingest.kafka import KafkaReader
    from ingest.kafka_topics import topic_states

    absent = [
        state.name
        for state in topic_states(kafka.bootstrap, topics, prefix=kafka.prefix, create=kafka.create)
        if not state.partitions
    ]
    if absent:
        raise StoreUnavailable(
            store="Kafka",
            address=kafka.bootstrap,
            cause=f"no topic {', '.join(absent)}",
            cure="tarrafa topics --create",
        )
    return KafkaReader(
        kafka.bootstrap,
        {kafka.prefix + topic.name: topic.form for topic in topics if topic.form is not None},
        group=kafka.group,
        positions=service.log,
        keys=service.keys,
        clock_ms=now_ms,
        member=f"tarrafa-{service.log.log_id}",  # a restarted service is the same member: its partitions are its again
    )
