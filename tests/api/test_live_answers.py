"""What the answers of all three scoring calls have in common: versions, proof, trace, idempotency keys, limits."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from graph.errors import StoreUnavailable
from scoring.microbatch import AnswerLate, Overloaded
from tests.api.conftest import Client
from tests.api.story import NOW, VERSIONS
from tests.api.test_scoring_calls import BET, PAYMENT, ROW
from tests.api.world import Crash, World, context_of, make_world

CALLS: dict[str, dict[str, Any]] = {
    "/api/transactions/score": BET,
    "/api/v1/score": {"transactions": [ROW]},
    "/api/v1/analyze": PAYMENT,
}
DAY_MS = 86_400_000
every_call = pytest.mark.parametrize(("path", "body"), list(CALLS.items()), ids=list(CALLS))


def test_every_answer_says_which_versions_it_was_made_with_and_what_proves_it(client: Client, world: World) -> None:
    world.scored_values |= {"b-1": 60.0, "p-1": 60.0, "shop-1/t-1": 60.0}
    bet, rows, payment = (client.post(path, json=body).json() for path, body in CALLS.items())
    for answer, signals, tx_id in (
        (bet, "reasons", "b-1"),
        (*rows, "reasons", "p-1"),
        (payment, "signals", "shop-1/t-1"),
    ):
        assert answer["versions"] == dict(VERSIONS)
        assert [signal["event_ids"] for signal in answer[signals]] == [[f"tx:{tx_id}"]]
        assert answer["processing_time_ms"] >= 0
        assert len(answer["trace_id"]) == 32


@every_call
@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"', b'{"transactions": 7}', b"\xff"])
def test_a_body_that_cannot_be_read_is_refused(client: Client, path: str, body: dict[str, Any], raw: bytes) -> None:
    answer = client.post(path, content=raw, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert client.post(path, json=body).status_code == 200


def test_a_full_queue_says_when_to_come_again(client: Client, world: World) -> None:
    world.broken["score_all"] = Overloaded(waiting=2_000, limit=2_000)
    refused = client.post("/api/transactions/score", json=BET)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    reviewed = client.post("/api/v1/analyze", json=PAYMENT)
    assert (reviewed.status_code, reviewed.json()["decision"], reviewed.json()["degraded"]) == (200, "review", True)
    assert reviewed.json()["causes"][0].startswith("overloaded: ")
    assert refused.headers["retry-after"] == reviewed.headers["retry-after"] == "1"


def test_past_the_deadline_a_payment_is_reviewed_and_other_calls_say_so(client: Client, world: World) -> None:
    world.broken["score_all"] = AnswerLate(deadline_ms=1_000)
    assert client.post("/api/transactions/score", json=BET).status_code == 504
    reviewed = client.post("/api/v1/analyze", json=PAYMENT).json()
    assert (reviewed["decision"], reviewed["degraded"], reviewed["risk_score"]) == ("review", True, None)
    assert reviewed["causes"][0].startswith("answer_late: no answer within 1000 ms")


def test_the_document_of_the_interface_shows_each_body_by_an_example_that_works(client: Client) -> None:
    document = client.get("/openapi.json").json()
    for path in CALLS:
        call = document["paths"][path]["post"]
        given = call["requestBody"]["content"]["application/json"]
        answer = call["responses"]["200"]["content"]["application/json"]
        found = client.post(path, json=given["example"])
        assert found.status_code == 200, found.text
        listed = isinstance(answer["example"], list)
        shown, said = (answer["example"][0], found.json()[0]) if listed else (answer["example"], found.json())
        assert set(shown) == set(said)
        for shape in (given["schema"], answer["schema"].get("items", answer["schema"])):
            assert shape["$ref"].rpartition("/")[2] in document["components"]["schemas"]


@every_call
def test_the_same_key_and_body_get_the_same_bytes_and_run_once(
    client: Client, world: World, path: str, body: dict[str, Any]
) -> None:
    first, again = (client.post(path, json=body, headers={"idempotency-key": "k-1"}) for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert world.asked["score_all"] == 1
    assert client.post(path, json=body).content != first.content  # without the key its time is its own


@every_call
def test_the_same_key_with_another_body_is_refused_with_words(client: Client, path: str, body: dict[str, Any]) -> None:
    client.post(path, json=body, headers={"idempotency-key": "k-2"})
    refused = client.post(path, json=body | {"note": "other"}, headers={"idempotency-key": "k-2"})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "idempotency_key_reused"
    assert "new key" in refused.json()["error"]["cure"]


def test_one_key_for_two_kinds_of_call_is_two_keys(client: Client) -> None:
    answers = [client.post(path, json=body, headers={"idempotency-key": "k-3"}) for path, body in CALLS.items()]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_a_key_is_forgotten_when_its_time_is_over(client: Client, world: World) -> None:
    headers = {"idempotency-key": "k-4"}
    client.post("/api/transactions/score", json=BET, headers=headers)
    ((place, kept),) = world.answers.items()
    assert kept.until_ms == NOW + DAY_MS
    world.answers[place] = kept.__class__(kept.scope, kept.key, kept.fingerprint, kept.body, NOW)
    assert client.post("/api/transactions/score", json=BET | {"note": "other"}, headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 201, "é"])
def test_a_key_that_cannot_be_one_is_refused(client: Client, key: str) -> None:
    refused = client.post("/api/transactions/score", json=BET, headers=[(b"idempotency-key", key.encode())])
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_idempotency_key")


@every_call
def test_a_failure_is_not_kept_so_the_same_key_runs_again(
    client: Client, world: World, path: str, body: dict[str, Any]
) -> None:
    headers = {"idempotency-key": "k-5"}
    world.broken["score_all"] = Overloaded(waiting=9, limit=9)
    client.post(path, json=body, headers=headers)
    del world.broken["score_all"]
    good = client.post(path, json=body, headers=headers)
    assert (good.status_code, "idempotent-replayed" in good.headers) == (200, False)


@pytest.mark.parametrize("place", ["kept_answer", "keep_answer"])
@pytest.mark.parametrize("error", [Crash("secret"), StoreUnavailable(store="l", address="a", cause="c", cure="d")])
def test_keys_that_cannot_be_kept_are_a_failure_not_a_score(
    client: Client, world: World, place: str, error: Exception
) -> None:
    world.broken[place] = error
    headers = {"idempotency-key": "k-6"}
    assert client.post("/api/transactions/score", json=BET, headers=headers).status_code in (500, 503)
    reviewed = client.post("/api/v1/analyze", json=PAYMENT, headers=headers).json()
    assert (reviewed["decision"], reviewed["degraded"], reviewed["risk_score"]) == ("review", True, None)


def test_calls_under_one_key_at_the_same_time_run_once() -> None:
    world = make_world()
    entered, go = asyncio.Event(), asyncio.Event()

    class Slow:
        async def score(self, movements: Any, *, deadline_ms: float | None = None) -> Any:
            assert deadline_ms
            entered.set()
            await go.wait()
            return world.score_all(movements)

    context = context_of(world)
    app = create_app(
        context.__class__(**{n: getattr(context, n) for n in context.__slots__} | {"scorer": Slow()}),
        ApiSettings.model_validate({}),
    )

    async def both() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:

            def call(body: dict[str, Any]) -> asyncio.Task[httpx.Response]:
                return asyncio.create_task(
                    client.post("/api/transactions/score", json=body, headers={"idempotency-key": "k"})
                )

            first = call(BET)
            await entered.wait()
            second, other = call(BET), call(BET | {"amount_brl": 1})
            await other
            go.set()
            return [await first, await second, other.result()]

    first, second, other = asyncio.run(both())
    assert first.content == second.content
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    assert world.asked["score_all"] == 1


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_trace_of_the_caller_is_kept(client: Client) -> None:
    answer = client.post(
        "/api/transactions/score", json=BET, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    )
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"] == TRACE


@pytest.mark.parametrize(
    "given",
    [
        "",
        "00",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-00f067aa0ba902b7-01x",
    ],
)
def test_what_is_no_trace_gets_a_new_one(client: Client, given: str) -> None:
    one, other = (client.get("/health/live", headers={"traceparent": given}).headers["x-trace-id"] for _ in range(2))
    assert len(one) == 32
    assert one not in (other, TRACE)


def test_a_failure_is_logged_under_its_trace(client: Client, world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.broken["score_all"] = Crash("inside")
    answer = client.post("/api/v1/analyze", json=PAYMENT)
    assert f"trace={answer.headers['x-trace-id']}" in caplog.text
