"""`tarrafa serve` as a process of its own, asked over HTTP; what it answered survives a kill -9."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.command import Tarrafa, serving
from tests.service.conftest import SECRET, PlayedHome

pytestmark = pytest.mark.server

BET = {
    "transaction_id": "bet-1",
    "user_id": "U-77",
    "amount_brl": 250.0,
    "user_ip": "198.51.100.7",
    "device_fingerprint": "phone-77",
    "bet_site": "lucky.example.com",
    "timestamp": "2025-03-20T12:00:00Z",
}
PAYSIM = {
    "transaction_id": "ps-1",
    "step": 30,
    "type": "TRANSFER",
    "amount": 1_000.5,
    "nameOrig": "C1",
    "oldbalanceOrg": 2_000,
    "newbalanceOrig": 999.5,
    "nameDest": "C2",
    "oldbalanceDest": 0,
    "newbalanceDest": 1_000.5,
}
PAYMENT = {
    "transaction_id": "pay-1",
    "merchant_id": "M-1",
    "amount": 99.9,
    "currency": "BRL",
    "payment_method": "pix",
    "customer_document_hash": "ab" * 16,
    "customer_email_hash": "cd" * 16,
    "customer_ip": "198.51.100.9",
    "device_fingerprint": "phone-9",
    "metadata": {"timestamp": "2025-03-20T12:30:00Z"},
}


@pytest.fixture(scope="module")
def client(demo_home: PlayedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the served demo."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(demo_home.home, home)
    with serving(home, TARRAFA_IDENTITY_SECRET=SECRET) as (_, address), httpx.Client(base_url=address) as found:
        yield found


def ask(client: httpx.Client, text: str, **variables: object) -> Any:
    """The data of a GraphQL answer without errors."""
    answer = client.post("/graphql", json={"query": text, "variables": variables}).json()
    assert "errors" not in answer, answer
    return answer["data"]


def lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the transaction, without what it says of the call."""
    return {name: value for name, value in answer.items() if name not in ("processing_time_ms", "trace_id")}


def test_the_three_scoring_calls_answer_in_their_forms_and_repeat_themselves(client: httpx.Client) -> None:
    for path, body in (
        ("/api/transactions/score", BET),
        ("/api/v1/score", {"transactions": [PAYSIM]}),
        ("/api/v1/analyze", PAYMENT),
    ):
        first, again = (client.post(path, json=body).raise_for_status().json() for _ in range(2))
        answer, repeated = (each[0] if isinstance(each, list) else each for each in (first, again))
        score = answer["risk_score"] / 100 if "risk_score" in answer else answer["fraud_score"]
        assert 0 <= score <= 1
        assert answer["decision"] in ("approve", "review", "deny")
        assert not answer["degraded"]
        assert lasting(repeated) == lasting(answer)


def test_a_bad_call_says_what_to_change(client: httpx.Client) -> None:
    answer = client.post("/api/transactions/score", json=BET | {"transaction_id": "bet-2", "amount_brl": -1})
    assert answer.status_code == 422
    assert "amount" in answer.text


def test_graphql_tells_of_rings_accounts_money_and_operators(client: httpx.Client, demo_home: PlayedHome) -> None:
    rings = ask(client, "{ rings { nodes { id kind score size } pageInfo { hasNextPage } } }")["rings"]["nodes"]
    assert demo_home.ring_id in {ring["id"] for ring in rings}
    ring = ask(
        client,
        "query ($id: ID!) { ring(id: $id) { id size members { role score account { id rings { id } } }"
        " evidence { code eventIds } transactions(first: 5) { id } } }",
        id=demo_home.ring_id,
    )["ring"]
    assert len(ring["members"]) == ring["size"]
    assert all(demo_home.ring_id in {each["id"] for each in m["account"]["rings"]} for m in ring["members"])
    assert any(evidence["eventIds"] for evidence in ring["evidence"])

    by_decision = "{ transactionsByDecision(first: 1) { nodes { id source { id } target { id } score { value } } } }"
    newest = ask(client, by_decision)["transactionsByDecision"]["nodes"][0]
    one = "query ($id: ID!) { transaction(id: $id) { id score { value decision signals { name points } } } }"
    transaction = ask(client, one, id=newest["id"])["transaction"]
    assert transaction["score"]["value"] == newest["score"]["value"]
    account = ask(client, "query ($id: ID!) { account(id: $id) { totals { outCount } } }", id=newest["source"]["id"])[
        "account"
    ]
    assert account["totals"]["outCount"] >= 1
    between = {"from": newest["source"]["id"], "to": newest["target"]["id"]}
    path = ask(
        client,
        "query ($from: ID!, $to: ID!) { path(source: $from, target: $to) { found steps { transactionId } } }",
        **between,
    )["path"]
    assert path["found"]
    assert len(path["steps"]) == 1

    operator = "query ($id: ID!) { operator(id: $id) { id footprint { kind label id count } } }"
    assert ask(client, operator, id=demo_home.operator_id)["operator"]["id"] == demo_home.operator_id
    assert {part["name"]: part["state"] for part in ask(client, "{ health { name state } }")["health"]}["log"] == "ok"


def test_a_job_runs_over_graphql(client: httpx.Client) -> None:
    found = ask(client, 'mutation { runJob(name: "shared_device") { rows findings { code } truncated } }')["runJob"]
    assert len(found["rows"]) == len(found["findings"]) > 0


def test_a_job_is_asked_for_watched_and_published_and_a_query_saved_over_http(client: httpx.Client) -> None:
    analysis = "/api/v1/analysis"
    asked = client.post(f"{analysis}/jobs/fan_in/runs", json={"publish": True}, params={"author": "ana"})
    assert asked.status_code == 202
    start = 'mutation { startJob(name: "shared_ip", by: "bia") { id status } }'
    for run_id in (asked.json()["run_id"], ask(client, start)["startJob"]["id"]):
        for _ in range(100):
            run = client.get(f"{analysis}/runs/{run_id}").json()
            if run["status"] == "finished":
                break
            time.sleep(0.2)
        assert (run["status"], run["row_count"]) == ("finished", len(run["rows"]))
    one = "query ($id: ID!) { jobRun(id: $id) { caller rowCount findings { code } truncated } }"
    assert ask(client, one, id=str(asked.json()["run_id"]))["jobRun"]["caller"] == "ana"

    text = "MATCH (o:Operator)\nRETURN o.id AS id\nORDER BY id"
    saved = client.put(f"{analysis}/queries/operators_known", json={"text": text})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    refused = client.put(f"{analysis}/queries/evil", json={"text": "MATCH (a:Account {id: 'x'}) DELETE a"})
    assert refused.status_code == 400
    assert "DELETE writes" in refused.text
    assert ask(client, "{ savedQueries { name author } }")["savedQueries"] == [
        {"name": "operators_known", "author": "api"}
    ]
    scheduled = client.put(f"{analysis}/schedules/operators_known", json={"every_seconds": 3600})
    assert scheduled.json()["every_ms"] == 3_600_000
    assert client.delete(f"{analysis}/queries/operators_known").status_code == 204
    assert client.get(f"{analysis}/schedules").json() == []
    assert client.get(f"{analysis}/runs/999999").status_code == 422
    assert {job["name"] for job in client.get(f"{analysis}/jobs").json()} >= {"fan_in", "stack"}


def test_an_answered_score_survives_a_kill_at_once(played_home: PlayedHome, tarrafa: Tarrafa, tmp_path: Path) -> None:
    one = "query ($id: ID!) { transaction(id: $id) { amountCents score { value decision } } }"
    with serving(played_home.home) as (process, address), httpx.Client(base_url=address) as client:
        answer = client.post("/api/transactions/score", json=BET).raise_for_status().json()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with serving(played_home.home) as (_, address), httpx.Client(base_url=address) as client:
        assert lasting(client.post("/api/transactions/score", json=BET).json()) == lasting(answer)
        kept = ask(client, one, id=BET["transaction_id"])["transaction"]
    assert kept["amountCents"] == 25_000
    assert kept["score"]["value"] == pytest.approx(answer["fraud_score"] * 100, abs=0.01)
    assert kept["score"]["decision"].lower() == answer["decision"]

    undisturbed = tmp_path / "undisturbed"
    tarrafa("demo", "--events", 3_000, "--no-serve", "--home", undisturbed).well()
    with serving(undisturbed) as (process, address):
        httpx.post(f"{address}/api/transactions/score", json=BET).raise_for_status()
        process.send_signal(signal.SIGINT)
        process.wait(20)
    hashes = [tarrafa("state-hash", "--home", home).well().out for home in (undisturbed, played_home.home)]
    assert hashes[0] == hashes[1]
