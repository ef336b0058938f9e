"""Every number that `GET /metrics` gives: name, kind, labels, unit and meaning, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"
BEGIN, END = "<!-- metrics -->\n", "<!-- end of metrics -->\n"
HEAD = "| metric | kind | labels | unit | meaning |\n|---|---|---|---|---|\n"


class Kind(StrEnum):
    """How a number moves: up only since the start, up and down, or counted between bounds since the start."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, or one per combination of `labels`. A counter is exposed as `{name}_total`."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def exposed(self) -> str:
        """The name as monitoring asks for it."""
        return f"{self.name}_total" if self.kind is Kind.COUNTER else self.name


METRICS: Final = (
    Metric(
        "tarrafa_events",
        Kind.COUNTER,
        "events",
        "events handed to the log, from any side: `accepted`, `repeat` (known, changes nothing) or `conflict` (known"
        " otherwise, kept aside)",
        ("outcome",),
    ),
    Metric("tarrafa_log_events", Kind.GAUGE, "events", "events in the log"),
    Metric(
        "tarrafa_step_seconds",
        Kind.HISTOGRAM,
        "seconds",
        "one batch: `log` (durable), `apply` (window, scores, rings), `store` and `record` (graph store and ledger,"
        " waiting for one that is down included)",
        ("step",),
    ),
    Metric(
        "tarrafa_retries",
        Kind.COUNTER,
        "attempts",
        "times that a `store` or `ledger` that did not answer was asked again",
        ("part",),
    ),
    Metric("tarrafa_unwritten_events", Kind.GAUGE, "events", "accepted events that store or ledger do not hold yet"),
    Metric(
        "tarrafa_oldest_unwritten_seconds",
        Kind.GAUGE,
        "seconds",
        "since the first of these was accepted; 0 without any",
    ),
    Metric("tarrafa_unscored_movements", Kind.GAUGE, "movements", "movements of HTTP calls that nobody works on yet"),
    Metric(
        "tarrafa_oldest_unscored_seconds",
        Kind.GAUGE,
        "seconds",
        "since the first HTTP call came that has no score yet; 0 without any",
    ),
    Metric(
        "tarrafa_scores",
        Kind.GAUGE,
        "transactions",
        "scores that hold, by decision; one that is corrected moves",
        ("decision",),
    ),
    Metric("tarrafa_degraded_scores", Kind.GAUGE, "transactions", "scores that hold and miss a source, and say so"),
    Metric(
        "tarrafa_undecided_answers",
        Kind.COUNTER,
        "answers",
        "payments answered with review because no score could be had",
    ),
    Metric(
        "tarrafa_dead_letters",
        Kind.GAUGE,
        "rows and messages",
        "what was set aside, mended or not, by reason",
        ("reason",),
    ),
    Metric(
        "tarrafa_ledger_up",
        Kind.GAUGE,
        "0 or 1",
        "whether the ledger answered; without it scores, dead letters and outbox are left out",
    ),
    Metric("tarrafa_window_events", Kind.GAUGE, "events", "events in the window"),
    Metric("tarrafa_window_bytes", Kind.GAUGE, "bytes", "memory of the window: arrays, names and ids"),
    Metric(
        "tarrafa_window_dropped_events",
        Kind.COUNTER,
        "events",
        "events that left the window before their time, because it was full",
    ),
    Metric(
        "tarrafa_topic_lag_messages",
        Kind.GAUGE,
        "messages",
        "messages not taken in yet, as the broker last said; none while it is not read",
        ("topic", "partition"),
    ),
    Metric("tarrafa_topic_messages", Kind.COUNTER, "messages", "messages read from topics"),
    Metric("tarrafa_outbox_messages", Kind.GAUGE, "messages", "messages to publish that the broker does not have yet"),
    Metric(
        "tarrafa_http_request_seconds",
        Kind.HISTOGRAM,
        "seconds",
        "calls of the three scoring routes, from head to last byte, refused ones too",
        ("route", "status"),
    ),
)


def table() -> str:
    """The metrics as a table in Markdown."""
    rows = [
        f"| `{metric.exposed}` | {metric.kind} | {', '.join(metric.labels)} | {metric.unit} | {metric.meaning} |\n"
        for metric in METRICS
    ]
    return HEAD + "".join(rows)


def page_with_table(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
