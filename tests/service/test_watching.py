"""The numbers of `GET /metrics`, read as a monitoring system reads them and compared with what was sent."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.settings import ApiSettings
from graph.errors import StoreUnavailable
from graph.set_aside import SetAside
from ingest.consume import PartitionBatch
from scoring.microbatch import LiveScorer
from service.answers import LedgerAnswers
from service.bootstrap import Service, now_ms, open_service
from service.intake import TopicIntake
from service.metrics import METRICS, PAGE, page_with_table
from service.settings import load_settings
from service.web import app_context
from tests.service.command import serving

BET = {"user_id": "u1", "user_ip": "203.0.113.9", "device_fingerprint": "d1", "bet_site": "bets.example"}
SCORE = "/api/transactions/score"
LETTERS = [
    SetAside("kafka:bets-transactions/1", line, reason, "give another", "x", 1)
    for line, reason in ((1, "bad_amount"), (2, "bad_amount"), (3, "type_clash"))
]
#: One number: its name as exposed and its labels.
Name = tuple[str, frozenset[tuple[str, str]]]


class Numbers(dict[Name, float]):
    """What a scrape says, by name and labels; also the types it declares."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/plain; version=")
        families = list(text_string_to_metric_families(answer.text))
        super().__init__(
            ((sample.name, frozenset(sample.labels.items())), sample.value)
            for family in families
            for sample in family.samples
        )
        self.kinds = {family.name: family.type for family in families}

    def of(self, name: str, **labels: str) -> float:
        """One number; it must be there."""
        return self[name, frozenset(labels.items())]

    def by(self, name: str, label: str) -> dict[str, float]:
        """The numbers of one name by the only label they have."""
        return {dict(labels)[label]: value for (found, labels), value in self.items() if found == name}


def bet(number: int, amount: float = 50.0) -> dict[str, Any]:
    return BET | {
        "transaction_id": f"b-{number}",
        "amount_brl": amount,
        "timestamp": f"2024-05-01T10:{number:02}:00Z",
    }


@pytest.mark.slow
def test_a_scrape_of_the_served_service_says_what_was_sent(home: Path) -> None:
    with open_service(load_settings(home=home), work=True) as service:
        service.ledger.set_aside(LETTERS)
    patient = {"TARRAFA_API_SCORE_DEADLINE_MS": "300000"}
    with serving(home, **patient) as (_, address), httpx.Client(base_url=address, timeout=300) as client:
        answers = [client.post(SCORE, json=bet(number)) for number in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        assert client.post(SCORE, json=bet(0)).status_code == 200
        assert client.post(SCORE, json=bet(1, amount=60.0)).status_code == 200
        assert client.post(SCORE, json={}).status_code == 422
        until = time.monotonic() + 60
        while (found := Numbers(client.get("/metrics"))).of("tarrafa_unwritten_events") and time.monotonic() < until:
            time.sleep(0.05)
    assert found.by("tarrafa_events_total", "outcome") == {"accepted": 5, "repeat": 1, "conflict": 1}
    decisions = Counter(answer.json()["decision"] for answer in answers)
    scores = found.by("tarrafa_scores", "decision")
    assert {name: count for name, count in scores.items() if count} == decisions
    assert found.by("tarrafa_dead_letters", "reason") == {"bad_amount": 2, "type_clash": 1}
    assert found.by("tarrafa_retries_total", "part") == {"store": 0, "ledger": 0}
    assert found.of("tarrafa_http_request_seconds_count", route=SCORE, status="200") == 7
    assert found.of("tarrafa_http_request_seconds_count", route=SCORE, status="422") == 1
    steps = found.by("tarrafa_step_seconds_count", "step")
    assert (steps["log"], steps["apply"]) == (7, 5), "one observation per batch"
    assert 1 <= steps["store"] <= 5
    assert steps["store"] == steps["record"]
    assert all(seconds > 0 for seconds in found.by("tarrafa_step_seconds_sum", "step").values())
    assert found.of("tarrafa_log_events") == found.of("tarrafa_window_events") == 5
    assert found.of("tarrafa_window_bytes") > 0
    assert found.of("tarrafa_ledger_up") == 1
    for name in ("unscored_movements", "oldest_unscored_seconds", "oldest_unwritten_seconds", "degraded_scores"):
        assert found.of(f"tarrafa_{name}") == 0
    assert not any("lag" in name for name in found.kinds), "no broker was named: nothing is said about topics"
    declared = {metric.name: str(metric.kind) for metric in METRICS}
    assert found.kinds.items() <= declared.items()


class Partitions:
    """A reader of two partitions that brings nothing; `down` makes the broker go away."""

    def __init__(self) -> None:
        self.down, self.asked = threading.Event(), threading.Event()

    def poll(self, size: int) -> list[PartitionBatch]:
        assert size > 0
        if self.down.wait(0.01):
            raise StoreUnavailable(store="Kafka", address="there", cause="gone", cure="start it")
        return []

    def commit(self, piece: PartitionBatch) -> None:
        raise AssertionError(f"nothing was read, {piece} neither")

    def unread(self, pieces: Sequence[PartitionBatch]) -> None:
        assert not pieces

    def lag(self) -> Mapping[str, int]:
        self.asked.set()
        return {"kafka:bets-transactions/0": 4, "kafka:bets-transactions/1": 0}

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    with open_service(load_settings(home=home), work=True) as opened:
        yield opened


def served(stack: ExitStack, service: Service, intake: TopicIntake | None = None) -> TestClient:
    """A client on the application over `service`; nothing is written until somebody flushes."""
    scorer = stack.enter_context(LiveScorer(service.running, most_together=256, most_waiting=100))
    answers = stack.enter_context(LedgerAnswers(service.ledger, clock=now_ms))
    context = app_context(service, scorer=scorer, answers=answers, intake=intake)
    api = ApiSettings.model_validate({"score_deadline_ms": 300_000})
    return TestClient(create_app(context, api), base_url="http://127.0.0.1")


def test_what_waits_for_the_writer_is_counted_and_ages_until_it_is_written(service: Service) -> None:
    with ExitStack() as stack:
        client = served(stack, service)
        for number in range(3):
            assert client.post(SCORE, json=bet(number)).status_code == 200
        time.sleep(0.05)
        before = Numbers(client.get("/metrics"))
        service.running.flush(settle=True)
        after = Numbers(client.get("/metrics"))
    assert (before.of("tarrafa_unwritten_events"), after.of("tarrafa_unwritten_events")) == (3, 0)
    assert before.of("tarrafa_oldest_unwritten_seconds") >= 0.05
    assert after.of("tarrafa_oldest_unwritten_seconds") == 0
    decided = [sum(found.by("tarrafa_scores", "decision").values()) for found in (before, after)]
    assert decided == [0, 3]


def test_a_ledger_that_is_down_leaves_its_numbers_out_and_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: object) -> None:
        raise StoreUnavailable(store="Postgres", address="there", cause="gone", cure="start it")

    with ExitStack() as stack:
        client = served(stack, service)
        monkeypatch.setattr(type(service.ledger), "summary", lost)
        found = Numbers(client.get("/metrics"))
    assert found.of("tarrafa_ledger_up") == 0
    assert not {"tarrafa_scores", "tarrafa_dead_letters"} & found.kinds.keys()
    assert found.of("tarrafa_log_events") == 0


def test_the_lag_of_each_partition_is_said_while_the_broker_is_read_and_not_after(service: Service) -> None:
    reader = Partitions()
    intake = TopicIntake(service, lambda: reader, answers=lambda: True, place="there")
    with ExitStack() as stack:
        client = served(stack, service, intake)
        stack.enter_context(intake)
        assert reader.asked.wait(30)
        until = time.monotonic() + 30
        while not intake.lag and time.monotonic() < until:
            time.sleep(0.01)
        read = Numbers(client.get("/metrics"))
        reader.down.set()
        while intake.lag and time.monotonic() < until:
            time.sleep(0.01)
        lost = Numbers(client.get("/metrics"))
    assert read.of("tarrafa_topic_lag_messages", topic="bets-transactions", partition="0") == 4
    assert read.of("tarrafa_topic_lag_messages", topic="bets-transactions", partition="1") == 0
    assert read.of("tarrafa_topic_messages_total") == 0
    assert "tarrafa_topic_lag_messages" not in lost.kinds


def test_the_page_holds_the_table_of_every_metric() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "python -m service.metrics"
