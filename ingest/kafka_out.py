"""Publishing to Kafka: idempotent, and done only when every in-sync replica has it.

Sending again after an error is safe everywhere: events carry unique ids, and what we publish carries ids made from its
content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kafka import KafkaProducer

from graph.events import Event
from graph.identity import IdentifierKeys
from ingest import kafka_errors
from ingest.consume import EventPublisher
from ingest.kafka_errors import translated
from ingest.wire.canonical import CANONICAL
from ingest.wire.form import Form
from ingest.wire.outgoing import Outgoing

PUBLISH_TIMEOUT_S = 30.0
#: Events of ours name nobody in clear: writing them needs no key of the installation.
_NO_KEYS = IdentifierKeys("none", b"events hold hashes already")


class KafkaSender:
    """Sends messages. On return of `send` the broker has all of them, in order per topic and key.

    Raises `StoreUnavailable` when no broker answers and `RejectedRecord` when a message is larger than it takes; some
    may be stored then, and sending all of them again is safe.
    """

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        with translated(bootstrap):
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=kafka_errors.BOOTSTRAP_TIMEOUT_MS,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
            )

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Send the messages and wait until they are stored."""
        with translated(self._bootstrap):
            try:
                sent = [self._producer.send(one.topic, one.value, key=one.key) for one in messages]
            finally:
                self._producer.flush(timeout=PUBLISH_TIMEOUT_S)
            for future in sent:
                future.get(timeout=PUBLISH_TIMEOUT_S)

    def close(self) -> None:
        self._producer.close()


class KafkaPublisher(EventPublisher):
    """Publishes events to one topic in one form, canonical where none is given."""

    def __init__(
        self, bootstrap: str, topic: str, *, form: Form = CANONICAL, keys: IdentifierKeys | None = None
    ) -> None:
        self._topic, self._form, self._keys = topic, form, keys or _NO_KEYS
        self._sender = KafkaSender(bootstrap)

    def publish(self, events: Sequence[Event]) -> None:
        """Send `events`; raise as `KafkaSender.send` does."""
        written = (self._form.write(event, keys=self._keys) for event in events)
        self._sender.send(Outgoing(self._topic, one.key, one.value) for one in written)

    def close(self) -> None:
        self._sender.close()
