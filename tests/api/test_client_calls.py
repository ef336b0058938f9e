"""When the client sends a call again, and what it makes of answers; no network."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.client import BetIn, CallRefused, NoAnswer
from api.client.calls import Call, Retries, Sent, graphql, score_bet, score_rows

BET = BetIn(transaction_id="b", user_id="u", amount_brl=Decimal("1.50"), bet_site="a.example", timestamp="1768914000")
GOOD = b'{"transaction_id": "b"}'
LOST = httpx.ReadTimeout("slow")


def call(**changes: Any) -> Call[bytes]:
    return Call("POST", "/x", bytes, **changes)


def outcome(exchange: Generator[float, Sent, Any], *came: Sent) -> tuple[Any, list[float]]:
    """What the exchange returns when these come, and the pauses it asked for."""
    pauses = [next(exchange)]
    for one in came:
        try:
            pauses.append(exchange.send(one))
        except StopIteration as end:
            return end.value, pauses
    raise AssertionError("it wants to send more")


def answer(status: int, content: bytes = GOOD, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=content, headers={name.replace("_", "-"): headers[name] for name in headers})


def test_a_lost_answer_is_asked_for_again_with_growing_pauses() -> None:
    found, pauses = outcome(call().exchange(Retries(4, 0.5)), LOST, answer(503), answer(502), answer(200))
    assert (found, pauses) == (GOOD, [0.0, 0.5, 1.0, 2.0])


def test_the_pause_the_service_asks_for_is_kept_up_to_a_bound() -> None:
    wanted = [answer(503, retry_after="3"), answer(503, retry_after="9999"), answer(200)]
    assert outcome(call().exchange(Retries(3, 0.1)), *wanted)[1] == [0.0, 3.0, 10.0]


def test_after_the_last_attempt_the_cause_is_told() -> None:
    with pytest.raises(NoAnswer, match="slow"):
        outcome(call().exchange(Retries(2)), LOST, LOST)
    body = b'{"error": {"code": "overloaded", "message": "m", "field": "", "cure": "c"}}'
    with pytest.raises(CallRefused) as caught:
        outcome(call().exchange(Retries(2)), answer(503), answer(503, body, x_trace_id="t"))
    error = caught.value
    assert (error.status, error.code, error.message, error.cure, error.trace) == (503, "overloaded", "m", "c", "t")


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
def test_what_would_come_out_the_same_is_not_sent_again(status: int) -> None:
    with pytest.raises(CallRefused) as caught:
        outcome(call().exchange(Retries(5)), answer(status, b"<html>"))
    assert (caught.value.status, caught.value.code) == (status, "http_error")


def test_a_call_that_changes_something_is_sent_once_only() -> None:
    with pytest.raises(NoAnswer):
        outcome(graphql("mutation { runJob }", {}).exchange(Retries(5)), LOST)
    assert graphql("query mutations { rings { items { id } } }", {}).repeatable


def test_scoring_calls_carry_one_key_for_all_attempts_and_a_new_one_each() -> None:
    first, second, own = score_bet(BET, key=None), score_bet(BET, key=None), score_bet(BET, key="k")
    keys = [one.headers["Idempotency-Key"] for one in (first, second, own)]
    assert len(set(keys)) == 3
    assert keys[2] == "k"


def test_amounts_go_out_exactly_and_rows_as_given() -> None:
    assert b'"amount_brl":"1.50"' in score_bet(BET, key=None).body
    assert score_rows([{"amount": 0.1, "odd": 1}], key=None).body == b'{"transactions":[{"amount":0.1,"odd":1}]}'


def test_an_error_of_graphql_is_an_error() -> None:
    with pytest.raises(CallRefused, match="no such field"):
        outcome(graphql("{ x }", {}).exchange(Retries()), answer(200, b'{"errors": [{"message": "no such field"}]}'))
