"""The numbers of an open service as a monitoring system reads them, collected when it asks and at no other time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from math import isinf

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from graph.durations import Durations
from graph.errors import TarrafaError
from ingest.letters import place_of
from scoring.microbatch import LiveScorer
from service.bootstrap import Service, now_ms
from service.intake import TopicIntake
from service.metrics import METRICS, Kind
from service.publishing import Publishing

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
#: Values of one metric by the values of its labels.
Values = Mapping[tuple[str, ...], float | Durations]


class Watch(Collector):
    """See `api.watching.Watching`. `intake` and `telling` are there where a broker is."""

    def __init__(
        self, service: Service, scorer: LiveScorer, *, intake: TopicIntake | None, telling: Publishing | None
    ) -> None:
        self._service, self._scorer, self._intake, self._telling = service, scorer, intake, telling
        self._http: dict[tuple[str, ...], Durations] = {}
        self._undecided = 0
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (route, str(status))
        if key not in self._http:
            self._http[key] = Durations()
        self._http[key].add(seconds)

    def undecided(self) -> None:
        """Count one payment for which no score could be had."""
        self._undecided += 1

    def scrape(self) -> tuple[bytes, str]:
        """All numbers as text, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Family]:
        """Every metric of which something is known now."""
        found = self._path() | self._ledger() | self._window() | self._topics()
        for metric in METRICS:
            values = found.get(metric.name)
            if values:
                yield _family(metric.name, metric.kind, metric.meaning, metric.labels, values)

    def _path(self) -> dict[str, Values]:
        """The way of events: log, steps, what waits on it, and calls over HTTP."""
        running = self._service.running
        waits = running.waiting()
        found: dict[str, Values] = {
            "tarrafa_events": {(name,): count for name, count in running.tally.outcomes.items()},
            "tarrafa_step_seconds": {(name,): took for name, took in running.tally.steps().items()},
            "tarrafa_retries": {(part,): running.patience.retries[part] for part in ("store", "ledger")},
            "tarrafa_unwritten_events": _one(waits.events),
            "tarrafa_oldest_unwritten_seconds": _one(
                0.0 if waits.since_ms is None else max(0, now_ms() - waits.since_ms) / 1_000
            ),
            "tarrafa_unscored_movements": _one(self._scorer.waiting),
            "tarrafa_oldest_unscored_seconds": _one(self._scorer.oldest_seconds),
            "tarrafa_undecided_answers": _one(self._undecided),
            "tarrafa_http_request_seconds": dict(self._http),
        }
        with suppress(TarrafaError):  # a log that cannot be read has no number; GET /health says why
            found["tarrafa_log_events"] = _one(self._service.log.head())
        return found

    def _ledger(self) -> dict[str, Values]:
        """What the ledger counts; only that it is down, when it is."""
        try:
            summary = self._service.ledger.summary()
            waiting = None if self._telling is None else self._service.ledger.outbox.size()
        except TarrafaError:
            return {"tarrafa_ledger_up": _one(0)}
        found: dict[str, Values] = {
            "tarrafa_ledger_up": _one(1),
            "tarrafa_scores": {(decision,): count for decision, count in summary.decisions.items()},
            "tarrafa_degraded_scores": _one(summary.degraded),
            "tarrafa_dead_letters": {(reason,): count for reason, count in summary.set_aside.items()},
        }
        if waiting is not None:
            found["tarrafa_outbox_messages"] = _one(waiting)
        return found

    def _window(self) -> dict[str, Values]:
        facts = self._service.running.checkpoints.facts()
        return {
            "tarrafa_window_events": _one(facts["events"]),
            "tarrafa_window_bytes": _one(sum(size for name, size in facts.items() if name.endswith("_bytes"))),
            "tarrafa_window_dropped_events": _one(facts["dropped"]),
        }

    def _topics(self) -> dict[str, Values]:
        if self._intake is None:
            return {}
        lag: Values = {
            (place.topic, str(place.partition)): messages
            for source, messages in self._intake.lag.items()
            if (place := place_of(source)) is not None
        }
        return {"tarrafa_topic_lag_messages": lag, "tarrafa_topic_messages": _one(self._intake.taken)}


def _one(value: float) -> Values:
    return {(): value}


def _family(name: str, kind: Kind, meaning: str, labels: Sequence[str], values: Values) -> Family:
    if kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(name, meaning, labels=labels)
        for key, took in values.items():
            assert isinstance(took, Durations)
            buckets = [("+Inf" if isinf(bound) else str(bound), count) for bound, count in took.up_to()]
            histogram.add_metric(key, buckets, took.sum_seconds)
        return histogram
    family: CounterMetricFamily | GaugeMetricFamily
    if kind is Kind.COUNTER:
        family = CounterMetricFamily(name, meaning, labels=labels)
    else:
        family = GaugeMetricFamily(name, meaning, labels=labels)
    for key, value in values.items():
        assert not isinstance(value, Durations)
        family.add_metric(key, value)
    return family
