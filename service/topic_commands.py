"""`tarrafa topics`: the declared topics and how the broker has them."""

from __future__ import annotations

from typing import Annotated

import typer

from graph.errors import ConfigurationError
from ingest.topics import TOPICS
from service.settings import load_settings
from service.show import show_rows
from service.terminal import complaints, console


def topics(
    create: Annotated[bool, typer.Option("--create", help="Make those that the broker does not have.")] = False,
) -> None:
    """Show every topic that is read or written; beside a broker how it has them, status 1 when one is absent."""
    kafka = load_settings().kafka
    columns = ("topic", "goes", "schema", "key", "partitions", "kept days", "carries", "on the broker")
    if not kafka.bootstrap:
        if create:
            raise ConfigurationError("no broker is named", cure="set TARRAFA_KAFKA_BOOTSTRAP to its host:port")
        states = ["no broker named"] * len(TOPICS)
        absent = False
    else:
        from ingest.kafka_topics import topic_states

        found = topic_states(kafka.bootstrap, TOPICS, prefix=kafka.prefix, create=create)
        states = [one.problem or ("made" if one.made else f"{one.partitions} partitions") for one in found]
        absent = any(not one.partitions for one in found)
    rows = [
        (
            kafka.prefix + topic.name,
            str(topic.direction),
            f"{topic.schema} v{topic.version}",
            topic.key,
            str(topic.partitions),
            str(topic.retention_hours // 24),
            topic.meaning,
            state,
        )
        for topic, state in zip(TOPICS, states, strict=True)
    ]
    show_rows(console, columns, rows)
    if absent:
        complaints.print("some topics are absent: `tarrafa topics --create` makes them", highlight=False)
        raise typer.Exit(1)
