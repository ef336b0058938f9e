"""What the API counts of its scoring calls, and how the numbers leave it."""

from __future__ import annotations

from graph.errors import StopWork
from tests.api.conftest import Client, make_client
from tests.api.test_scoring_calls import BET, PAYMENT
from tests.api.world import World

BETS, PAYMENTS = "/api/transactions/score", "/api/v1/analyze"


def test_every_scoring_call_is_timed_under_its_route_and_status_and_no_other_call(client: Client, world: World) -> None:
    client.post(BETS, json=BET)
    client.post(BETS, json=BET)
    client.post(BETS, json={})
    client.post(PAYMENTS, json=PAYMENT)
    client.get("/api/rings")
    assert world.watched == {f"{BETS} 200": 2, f"{BETS} 422": 1, f"{PAYMENTS} 200": 1}


def test_refused_and_crashed_calls_are_timed_too(world: World) -> None:
    client = make_client(world, token="correct-horse-battery")
    client.post(BETS, json=BET)
    world.broken["score_all"] = ZeroDivisionError()
    client.post(BETS, json=BET, headers={"x-api-key": "correct-horse-battery"})
    assert (world.watched[f"{BETS} 401"], world.watched[f"{BETS} 500"]) == (1, 1)


def test_a_payment_without_a_score_is_counted_as_undecided(client: Client, world: World) -> None:
    client.post(PAYMENTS, json=PAYMENT)
    assert world.watched["undecided"] == 0
    world.broken["score_all"] = StopWork("the disk is full")
    assert client.post(PAYMENTS, json=PAYMENT | {"transaction_id": "t-2"}).json()["decision"] == "review"
    assert world.watched["undecided"] == 1


def test_the_numbers_leave_as_the_text_they_are_and_say_their_format(client: Client, world: World) -> None:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.text) == (200, "numbers 1\n")
    assert answer.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert world.asked["scrape"] == 1
