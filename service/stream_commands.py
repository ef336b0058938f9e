"""`tarrafa consume` and `tarrafa produce`: the service as a reader of topics, and files as a stream."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from graph.errors import ConfigurationError, StopWork
from ingest.formats import open_source
from ingest.topics import read_topics
from service.bootstrap import now_ms
from service.flushing import Flushing
from service.home import installation_keys
from service.intake import TopicIntake, topic_intake
from service.producing import Producer
from service.publishing import publishing
from service.run import progress_bar
from service.settings import Settings, load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

TOLD_EVERY_SECONDS = 10.0
LOOK_SECONDS = 0.1


def consume(
    topics: Annotated[
        str | None,
        typer.Option("--topics", help="Topics to read, with commas; all; NAME=FORM. Else TARRAFA_KAFKA_TOPIC."),
    ] = None,
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Stop when nothing more waits on the topics.")
    ] = False,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Take in what topics bring, score it, publish scores, alerts and ring changes; Ctrl-C or SIGTERM stops."""
    settings = _with_broker(load_settings(home=home, store=store), topics)
    with opened(settings) as service:
        intake = topic_intake(service)
        assert intake is not None  # a broker is named
        with _stopping() as stop, publishing(service) or nullcontext():
            with Flushing(service), intake:
                console.print(f"consuming {intake.place} - Ctrl-C stops", highlight=False, soft_wrap=True)
                _watch(intake, stop, until_caught_up=until_caught_up)
            if intake.ended:
                raise StopWork(intake.ended)
            service.running.flush(settle=True)  # what it leads to is published before the end
        console.print(f"{intake.taken:,} messages read; stopped cleanly", highlight=False)


def produce(
    path: Annotated[Path, typer.Argument(help="A file or folder in any supported format.")],
    topic: Annotated[str, typer.Option("--topic", help="Topic of the table (`tarrafa topics`), or NAME=FORM.")],
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="Messages a second; 0 as fast as the broker takes them.")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Most messages; 0 all.")] = 0,
    format_name: Annotated[str | None, typer.Option("--format", help="Format; found out when absent.")] = None,
) -> None:
    """Play a file into a topic as a stream, in time order, at a steady rate."""
    settings = _with_broker(load_settings(), topic)
    (chosen,) = read_topics(topic)
    keys = installation_keys(settings.identity)
    source = open_source(path, format=format_name, keys=keys, now_ms=now_ms())
    with progress_bar() as bar:
        sent = Producer(settings.kafka, chosen, keys=keys).play(source, rate=rate, limit=limit, progress=bar)
    rows = [
        ("messages sent", f"{sent.messages:,}"),
        ("messages/s", f"{sent.per_second:,.1f}" + (f" of {rate:,.1f} asked" if rate else "")),
        *((f"left out: {reason.replace('_', ' ')}", f"{count:,}") for reason, count in sorted(sent.left_out.items())),
        *((f"sent without: {name}", f"{count:,}") for name, count in sorted(sent.lost.items())),
    ]
    show_rows(console, (f"{source.name} to {settings.kafka.prefix}{chosen.name}", ""), rows)
    if rate and sent.per_second < 0.95 * rate:
        complaints.print("the rate was not held: the broker or this process is slower", highlight=False)
        raise typer.Exit(1)


def _with_broker(settings: Settings, topics: str | None) -> Settings:
    """The settings with the topics asked for; raises where no broker is named or a topic is not declared."""
    if not settings.kafka.bootstrap:
        raise ConfigurationError("no broker is named", cure="set TARRAFA_KAFKA_BOOTSTRAP to its host:port")
    chosen = topics or settings.kafka.topic
    read_topics(chosen)
    return settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"topic": chosen})})


def _watch(intake: TopicIntake, stop: threading.Event, *, until_caught_up: bool) -> None:
    """Wait until asked to stop or the intake ends; say now and then how far it is."""
    waited = 0.0
    while not stop.wait(LOOK_SECONDS) and not intake.ended:
        if until_caught_up and intake.caught_up:
            return
        waited += LOOK_SECONDS
        if waited >= TOLD_EVERY_SECONDS:
            waited = 0.0
            complaints.print(intake.health().detail, highlight=False, soft_wrap=True)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set: the batch under way is finished."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
