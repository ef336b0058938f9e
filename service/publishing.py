"""Telling other systems: scores, alerts, ring changes, dead letters and audit, from the outbox to their topics.

A thread of its own: a broker that is down holds up nobody, what must be told waits in the ledger.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

from api.context import PartHealth
from graph.errors import RetryLater
from ingest.publishing import Sender, publish_waiting
from ingest.topics import TOPICS, Direction
from service.bootstrap import Service, now_ms

RETRY_SECONDS = 2.0
IDLE_SECONDS = 0.05  # well below what a reader of scores may wait
PUBLISH_ROWS = 1_000


class ClosingSender(Sender, Protocol):
    """A sender that lets go of its connections when closed."""

    def close(self) -> None: ...


class Publishing:
    """Publishes what the outbox holds while the block lasts, at its end until nothing waits."""

    def __init__(self, service: Service, open_sender: Callable[[], ClosingSender], *, place: str) -> None:
        self._service, self._open_sender, self._place = service, open_sender, place
        self._stop = threading.Event()
        self._problem = f"{place}: not answered yet"
        self._thread = threading.Thread(target=self._run, name="tarrafa-publish", daemon=True)

    def __enter__(self) -> Publishing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def health(self) -> PartHealth:
        """`ok` while the broker takes what is published, else `down` with the cause; both say how much waits."""
        waiting = f"{self._service.ledger.outbox.size()} messages wait"
        if self._problem:
            return PartHealth("publisher", "down", f"{self._problem}; {waiting} and are sent when it answers")
        return PartHealth("publisher", "ok", f"{self._place}, {waiting}")

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(self._open_sender()) as sender:
                    self._problem = ""
                    self._publish(sender)
            except RetryLater as error:
                self._problem = str(error)
                self._stop.wait(RETRY_SECONDS)
            except Exception as error:  # whatever it is, the health says it: a thread would end in silence
                self._problem = f"{error}; nothing more is published to {self._place}"
                return

    def _publish(self, sender: Sender) -> None:
        ledger, prefix = self._service.ledger, self._service.settings.kafka.prefix
        while True:
            stopping = self._stop.is_set()
            done = publish_waiting(ledger.outbox, ledger, sender, prefix=prefix, now_ms=now_ms(), size=PUBLISH_ROWS)
            if not done:
                if stopping:
                    return
                self._stop.wait(IDLE_SECONDS)


def publishing(service: Service) -> Publishing | None:
    """The publishing that the settings ask for; None where they name no broker or say that nothing is published."""
    kafka = service.settings.kafka
    if not kafka.bootstrap or not kafka.publish:
        return None

    def sender() -> ClosingSender:
        # Only where a broker was named: the client takes memory and start-up time.
        from ingest.kafka_out import KafkaSender
        from ingest.kafka_topics import topic_states

        written = [topic for topic in TOPICS if topic.direction is Direction.OUT]
        topic_states(kafka.bootstrap, written, prefix=kafka.prefix, create=kafka.create)
        return KafkaSender(kafka.bootstrap)

    return Publishing(service, sender, place=kafka.bootstrap)
