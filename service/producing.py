"""A file played into a topic: in time order, at the rate asked for, and everything that did not go is counted."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from rich.progress import Progress

from graph.errors import ConfigurationError, RejectedRecord
from graph.events import Event
from graph.identity import IdentifierKeys
from ingest.source import Source
from ingest.topics import Topic
from ingest.wire.form import Form
from ingest.wire.outgoing import Outgoing
from service.settings import KafkaSection

READ_ROWS = 1_000
TURNS_PER_SECOND = 20  # as often a piece is sent where a rate is held


@dataclass(slots=True)
class Sent:
    """What playing came to: messages the broker has, events left out by reason, and fields the form cannot say."""

    messages: int = 0
    seconds: float = 0.0
    left_out: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Messages per second of wall time."""
        return self.messages / self.seconds if self.seconds else 0.0


class Producer:
    """Plays sources into one topic; `play` returns when the broker has every message."""

    def __init__(self, kafka: KafkaSection, topic: Topic, *, keys: IdentifierKeys) -> None:
        self._kafka, self._topic, self._keys = kafka, topic, keys
        form = topic.form
        if form is None or form.to_message is None:
            raise ConfigurationError(
                f"files cannot be played into {topic.name}: its messages hold what events do not",
                cure="choose tarrafa-events, which carries every event",
            )
        self._form: Form = form

    def play(self, source: Source, *, rate: float, limit: int, progress: Progress) -> Sent:
        """Send the events of `source`, at most `limit` (0 all), `rate` a second (0 as fast as it goes)."""
        # The client takes memory and start-up time.
        from ingest.kafka_out import KafkaSender
        from ingest.kafka_topics import topic_states

        bootstrap, name = self._kafka.bootstrap, self._kafka.prefix + self._topic.name
        topic_states(bootstrap, [self._topic], prefix=self._kafka.prefix, create=self._kafka.create)
        sent = Sent()
        piece_size = max(1, round(rate / TURNS_PER_SECOND)) if rate else READ_ROWS
        task = progress.add_task("messages", total=limit or source.total_rows)
        with closing(KafkaSender(bootstrap)) as sender:
            started = time.perf_counter()
            waiting: list[Outgoing] = []

            def send() -> None:
                if rate:
                    time.sleep(max(0.0, started + sent.messages / rate - time.perf_counter()))
                sender.send(waiting)
                sent.messages += len(waiting)
                progress.update(task, completed=sent.messages)
                waiting.clear()

            for batch in source.batches(READ_ROWS):
                sent.left_out.update(row.reason for row in batch.set_aside)
                sent.left_out.update(dict(batch.dropped))
                for event in batch.events:
                    message = self._written(event, name, sent)
                    if message is None:
                        continue
                    waiting.append(message)
                    if len(waiting) == piece_size or (limit and sent.messages + len(waiting) == limit):
                        send()
                    if limit and sent.messages == limit:
                        sent.seconds = time.perf_counter() - started
                        return sent
            send()
            if rate:  # the last piece has its time too
                time.sleep(max(0.0, started + sent.messages / rate - time.perf_counter()))
            sent.seconds = time.perf_counter() - started
        return sent

    def _written(self, event: Event, name: str, sent: Sent) -> Outgoing | None:
        try:
            written = self._form.write(event, keys=self._keys)
        except RejectedRecord as error:
            sent.left_out[error.code] += 1
            return None
        sent.lost.update(written.lost)
        return Outgoing(name, written.key, written.value)
