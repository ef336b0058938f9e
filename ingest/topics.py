"""Every topic that this service reads or writes, declared in one table: key, form, partitions, retention, direction.

Names are those that earlier systems use. A prefix stands before each where several installations share one broker.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graph.errors import ConfigurationError
from ingest.wire.betting import BETTING
from ingest.wire.canonical import CANONICAL
from ingest.wire.form import Form
from ingest.wire.payments import PAYMENTS
from ingest.wire.paysim import PAYSIM_MESSAGE
from ingest.wire.sites import SITES
from ingest.wire.streams import ACCESSES, AUTHENTICATIONS, TRANSACTIONS

DAY_HOURS = 24
PARTITIONS = 4


class Direction(StrEnum):
    """Who writes: `IN` topics are read here, `OUT` topics are written here."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` says in words what orders its messages, `form` is None for topics that are only written."""

    name: str
    direction: Direction
    schema: str  # name of the form in docs/schemas
    version: int
    key: str
    meaning: str
    form: Form | None = None
    partitions: int = PARTITIONS
    retention_hours: int = 7 * DAY_HOURS

    @property
    def settings(self) -> dict[str, str]:
        """The broker's settings of this topic."""
        return {"retention.ms": str(self.retention_hours * 3_600_000), "cleanup.policy": "delete"}


def _read(name: str, form: Form, key: str, *, retention_hours: int = 7 * DAY_HOURS) -> Topic:
    return Topic(name, Direction.IN, form.name, form.version, key, form.meaning, form, retention_hours=retention_hours)


def _written(name: str, schema: str, key: str, meaning: str, *, retention_hours: int = 7 * DAY_HOURS) -> Topic:
    return Topic(name, Direction.OUT, schema, 1, key, meaning, retention_hours=retention_hours)


SCORES, ALERTS, RING_CHANGES, DEAD_LETTERS, AUDIT = (
    "scores",
    "fraud-alerts",
    "ring-changes",
    "dead-letters",
    "audit-logs",
)

TOPICS: tuple[Topic, ...] = (
    _read("tarrafa-events", CANONICAL, "account", retention_hours=30 * DAY_HOURS),
    _read("bets-transactions", BETTING, "user_id", retention_hours=30 * DAY_HOURS),
    _read("paysim-transactions", PAYSIM_MESSAGE, "nameOrig", retention_hours=30 * DAY_HOURS),
    _read("payment-events", PAYMENTS, "customer_document_hash", retention_hours=30 * DAY_HOURS),
    _read("transactions", TRANSACTIONS, "account_id", retention_hours=30 * DAY_HOURS),
    _read("access-logs", ACCESSES, "account_id"),
    _read("authentications", AUTHENTICATIONS, "account_id"),
    _read("site-blocking-events", SITES, "domain", retention_hours=30 * DAY_HOURS),
    _written(SCORES, "score", "transaction_id", "every score, and every one that replaced another"),
    _written(ALERTS, "alert", "transaction_id", "scores that may raise an alert", retention_hours=30 * DAY_HOURS),
    _written(
        RING_CHANGES, "ring-change", "ring_id", "rings that came, changed or went", retention_hours=30 * DAY_HOURS
    ),
    _written(
        DEAD_LETTERS, "dead-letter", "source", "messages set aside, with the reason", retention_hours=30 * DAY_HOURS
    ),
    _written(AUDIT, "audit", "part", "what people changed", retention_hours=90 * DAY_HOURS),
)
_BY_NAME = {topic.name: topic for topic in TOPICS}
FORMS = {topic.form.name: topic.form for topic in TOPICS if topic.form is not None}


def read_topics(names: str) -> tuple[Topic, ...]:
    """Return the topics of a list with commas that this service reads, each once; `all` means every one.

    A topic that is called otherwise is named with its form, as in `payments-br=transaction`. Raises
    `ConfigurationError` for a name that is not declared.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if wanted == ["all"]:
        return tuple(topic for topic in TOPICS if topic.direction is Direction.IN)
    if not wanted:
        raise ConfigurationError("no topic is named", cure="name some with commas between them, or all")
    return tuple(_topic(name) for name in wanted)


def _topic(name: str) -> Topic:
    called, separator, form_name = name.partition("=")
    if separator:
        form = FORMS.get(form_name)
        if form is None or not called:
            raise ConfigurationError(
                f"{name} names no form of messages", cure=f"write NAME=FORM with one of {', '.join(FORMS)}"
            )
        return _read(called, form, "account")
    topic = _BY_NAME.get(name)
    if topic is None or topic.direction is not Direction.IN:
        known = ", ".join(one.name for one in TOPICS if one.direction is Direction.IN)
        raise ConfigurationError(
            f"{name} is no topic that is read here", cure=f"name some of {known}, or another as {name}=FORM"
        )
    return topic
