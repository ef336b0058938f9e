"""The scoring calls as earlier systems send and expect them."""

from __future__ import annotations

from typing import Any

import pytest

from graph.errors import StoreUnavailable
from graph.events import MovementKind
from graph.evidence import Evidence
from reports.formats import Language
from reports.phrases import phrase
from tests.api.conftest import Client
from tests.api.story import NOW, VERSIONS
from tests.api.world import Crash, World

BET = {
    "transaction_id": "b-1",
    "user_id": "u-9",
    "amount_brl": 150.75,
    "user_ip": "::ffff:200.1.2.3",
    "device_fingerprint": "AA:BB:CC:DD:EE:FF",
    "bet_site": "https://www.LuckyFox.bet.br/play",
    "timestamp": "2026-01-20T10:00:00-03:00",
}
ROW = {
    "transaction_id": "p-1",
    "step": 5,
    "type": "CASH_OUT",
    "amount": 99.9,
    "nameOrig": "C1",
    "oldbalanceOrg": 100,
    "newbalanceOrig": 0.1,
    "nameDest": "C2",
    "oldbalanceDest": 0,
    "newbalanceDest": 99.9,
}
PAYMENT = {
    "transaction_id": "t-1",
    "merchant_id": "shop-1",
    "amount": "49.90",
    "currency": "BRL",
    "payment_method": "credit_card",
    "customer_document_hash": "a1b2",
    "customer_email_hash": "c3d4",
    "customer_ip": "200.1.2.3",
    "metadata": {},
}


def test_a_bet_gets_a_score_between_0_and_1_and_a_risk_level(client: Client, world: World) -> None:
    world.scored_values["b-1"] = 55.5
    answer = client.post("/api/transactions/score", json=BET)
    assert answer.status_code == 200
    found = answer.json()
    assert found.pop("processing_time_ms") >= 0
    assert found.pop("trace_id") == answer.headers["x-trace-id"]
    assert found == {
        "transaction_id": "b-1",
        "fraud_score": 0.555,
        "risk_level": "medium",
        "decision": "review",
        "reasons": [
            {
                "name": "velocity",
                "points": 55.5,
                "text": phrase(Evidence("velocity", (("count", 7), ("hours", 1))), Language.EN),
                "event_ids": ["tx:b-1"],
                "total_events": 1,
            }
        ],
        "versions": dict(VERSIONS),
        "model_version": "absent",
        "probability": None,
        "degraded": [],
        "truncated": [],
    }


def test_a_bet_becomes_one_canonical_movement(client: Client, world: World) -> None:
    client.post("/api/transactions/score", json=BET)
    event = world.movements["tx:b-1"]
    assert (event.source, event.target) == ("u-9", "site:luckyfox.bet.br")
    assert (event.amount_cents, event.ts, event.kind) == (15_075, 1_768_914_000_000, MovementKind.BET)
    assert (event.ip, event.device, event.domain) == ("200.1.2.3", "aa-bb-cc-dd-ee-ff", "www.luckyfox.bet.br")


def test_the_receiver_is_named_else_the_key_holder_else_the_site(client: Client, world: World) -> None:
    key = {"payment_key": "Someone@Mail.example"}
    client.post("/api/transactions/score", json=BET | {"transaction_id": "r1", "receiver": "acct-77"} | key)
    client.post("/api/transactions/score", json=BET | {"transaction_id": "r2"} | key)
    client.post("/api/transactions/score", json=BET | {"transaction_id": "r3"})
    named, holder, site = (world.movements[f"tx:r{number}"] for number in (1, 2, 3))
    assert named.target == "acct-77"
    assert holder.target == f"key:{holder.identifiers[0].id}"
    assert holder.identifiers == named.identifiers
    assert holder.identifiers[0].holder == "target"
    assert "mail.example" not in repr(holder)
    assert site.target == "site:luckyfox.bet.br"


def test_the_same_transaction_again_gets_its_first_answer(client: Client, world: World) -> None:
    first = client.post("/api/transactions/score", json=BET).json()
    world.scored_values["b-1"] = 99.0
    again = client.post("/api/transactions/score", json=BET | {"amount_brl": 1}).json()
    own = ("processing_time_ms", "trace_id")
    assert {name: again[name] for name in again if name not in own} == {n: first[n] for n in first if n not in own}
    assert world.movements["tx:b-1"].amount_cents == 15_075


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timestamp": "2026-01-20T10:00:00"}, "no_time_zone"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "time_out_of_range"),
        ({"timestamp": "2027-06-01T00:00:00Z"}, "time_in_future"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": "1_768_914_000"}, "bad_time"),
        ({"amount_brl": -1}, "negative_amount"),
        ({"amount_brl": 10.001}, "fraction_of_a_cent"),
        ({"amount_brl": 10**18}, "amount_out_of_range"),
        ({"amount_brl": "NaN"}, "invalid_request"),
        ({"amount_brl": "many"}, "invalid_request"),
        ({"user_ip": "127.0.0.1"}, "ip_of_nobody"),
        ({"bet_site": "not a site"}, "bad_domain"),
        ({"kind": "theft"}, "unknown_kind"),
        ({"kind": "link"}, "unknown_kind"),
        ({"transaction_id": ""}, "invalid_request"),
        ({"transaction_id": "x\u0000y"}, "bad_identifier"),
        ({"user_id": None}, "invalid_request"),
    ],
)
def test_a_wrong_bet_is_refused_with_what_to_change(
    client: Client, world: World, change: dict[str, Any], code: str
) -> None:
    answer = client.post("/api/transactions/score", json=BET | change)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["cure"]
    assert world.asked["score_all"] == 0


def test_epoch_seconds_and_milliseconds_mean_the_same(client: Client, world: World) -> None:
    times = ("1768914000", 1768914000000, "1768914000.0", "2026-01-20T13:00:00Z")
    for place, given in enumerate(times):
        client.post("/api/transactions/score", json=BET | {"transaction_id": f"e{place}", "timestamp": given})
    assert {world.movements[f"tx:e{place}"].ts for place in range(len(times))} == {1_768_914_000_000}


def test_a_store_that_is_down_gives_no_score_and_does_not_tell_where_it_lives(client: Client, world: World) -> None:
    world.broken["score_all"] = StoreUnavailable(
        store="neo4j", address="10.0.0.7:7687", cause="refused", cure="start it"
    )
    answer = client.post("/api/transactions/score", json=BET)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "store_unavailable"
    assert "10.0.0.7" not in answer.text


def test_one_bad_row_gets_its_own_error_and_the_others_their_scores(client: Client, world: World) -> None:
    world.scored_values |= {"p-1": 10.0, "p-3": 90.0}
    rows = [
        ROW,
        ROW | {"transaction_id": "p-2", "amount": -5},
        ROW | {"transaction_id": "p-3"},
        {"transaction_id": "p-4"},
        ROW | {"transaction_id": "p-5", "type": "GIFT"},
    ]
    answer = client.post("/api/v1/score", json={"transactions": rows})
    assert answer.status_code == 200
    found = answer.json()
    assert [row["transaction_id"] for row in found] == ["p-1", "p-2", "p-3", "p-4", "p-5"]
    assert [row["fraud_score"] for row in found] == [0.1, None, 0.9, None, None]
    assert [row["risk_level"] for row in found] == ["low", None, "high", None, None]
    codes = [row["error"] and row["error"]["code"] for row in found]
    assert codes == [None, "negative_amount", None, "invalid_request", "unknown_kind"]
    assert found[0]["versions"]["model"] == "absent"
    assert world.asked["score_all"] == 1


def test_a_row_that_is_no_object_gets_its_own_error_too(client: Client) -> None:
    found = client.post("/api/v1/score", json={"transactions": [7, ROW, None]}).json()
    assert [row["error"] and row["error"]["code"] for row in found] == ["invalid_request", None, "invalid_request"]
    assert [row["transaction_id"] for row in found] == [None, "p-1", None]


def test_rows_of_one_id_get_the_answer_of_the_first(client: Client, world: World) -> None:
    found = client.post("/api/v1/score", json={"transactions": [ROW, ROW | {"amount": 1}]}).json()
    assert found[0] == found[1]
    assert world.movements["tx:p-1"].amount_cents == 9_990


def test_no_rows_give_no_answers_and_too_many_are_refused(client: Client) -> None:
    assert client.post("/api/v1/score", json={"transactions": []}).json() == []
    refused = client.post("/api/v1/score", json={"transactions": [{}] * 1_001})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "too_many_rows")


@pytest.mark.parametrize(
    ("value", "decision"), [(30.0, "approve"), (30.01, "review"), (70.0, "review"), (70.01, "deny")]
)
def test_a_payment_is_decided_by_the_bands(client: Client, world: World, value: float, decision: str) -> None:
    world.scored_values["shop-1/t-1"] = value
    found = client.post("/api/v1/analyze?lang=en", json=PAYMENT).json()
    assert (found["risk_score"], found["decision"]) == (value, decision)
    assert found["transaction_id"] == "t-1"
    assert found["rules_triggered"] == ["velocity"]
    assert len(found["reasons"]) == 1
    assert found["ml_score"] is None
    assert found["degraded"] is False
    assert found["recommendations"]
    assert found["processing_time_ms"] >= 0


def test_two_merchants_numbering_alike_do_not_meet(client: Client, world: World) -> None:
    world.scored_values |= {"shop-1/t-1": 10.0, "shop-2/t-1": 90.0}
    one = client.post("/api/v1/analyze", json=PAYMENT).json()
    other = client.post("/api/v1/analyze", json=PAYMENT | {"merchant_id": "shop-2"}).json()
    assert (one["risk_score"], other["risk_score"]) == (10.0, 90.0)


def test_the_merchant_is_the_tenant_of_its_payments(client: Client, world: World) -> None:
    client.post("/api/v1/analyze", json=PAYMENT | {"card_bin": "411111"})
    assert world.movements["tx:shop-1/t-1"].attributes == (("card_bin", "411111"), ("tenant", "shop-1"))


def test_the_profile_of_the_caller_stands_on_the_movement(client: Client, world: World) -> None:
    client.post("/api/v1/analyze", json=PAYMENT, headers={"X-Caller-Profile": "app"})
    assert world.movements["tx:shop-1/t-1"].attributes == (("tenant", "shop-1"), ("profile", "app"))
    refused = client.post("/api/v1/analyze", json=PAYMENT, headers={"X-Caller-Profile": "a" * 65})
    assert refused.status_code == 422
    assert "X-Caller-Profile" in refused.text


def test_hashes_of_others_are_hashed_again_under_our_key(client: Client, world: World) -> None:
    client.post("/api/v1/analyze", json=PAYMENT)
    event = world.movements["tx:shop-1/t-1"]
    assert "a1b2" not in repr(event)
    assert "c3d4" not in repr(event)
    assert event.source == f"customer:{event.identifiers[0].id}"


def test_one_customer_is_one_account_and_two_are_two(client: Client, world: World) -> None:
    for place, document in enumerate(("a1b2", "a1b2", "ffff")):
        client.post(
            "/api/v1/analyze", json=PAYMENT | {"transaction_id": f"d{place}", "customer_document_hash": document}
        )
    first, again, other = (world.movements[f"tx:shop-1/d{place}"].source for place in range(3))
    assert first == again
    assert first != other


def test_a_payment_sent_again_later_is_the_same_fact(client: Client, world: World) -> None:
    client.post("/api/v1/analyze", json=PAYMENT)
    first = world.movements["tx:shop-1/t-1"]
    assert first.ts == NOW
    world.movements["tx:shop-1/t-1"] = event = first.__class__(
        **{name: getattr(first, name) for name in first.__dataclass_fields__} | {"ts": NOW - 5_000}
    )
    del world.known["shop-1/t-1"]
    client.post("/api/v1/analyze", json=PAYMENT)
    assert world.movements["tx:shop-1/t-1"] == event


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (StoreUnavailable(store="log", address="/x", cause="disk full", cure="free space"), "store_unavailable"),
        (Crash("secret path /etc/x"), "internal_error"),
    ],
)
def test_a_failure_inside_is_a_review_with_its_cause_never_an_approval(
    client: Client, world: World, error: Exception, cause: str
) -> None:
    world.broken["score_all"] = error
    answer = client.post("/api/v1/analyze", json=PAYMENT)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["decision"], found["degraded"], found["risk_score"]) == ("review", True, None)
    assert found["causes"][0].startswith(cause)
    assert "secret" not in answer.text


def test_a_wrong_payment_is_refused_not_reviewed(client: Client) -> None:
    assert client.post("/api/v1/analyze", json=PAYMENT | {"amount": "-3"}).status_code == 422


def test_advice_is_given_in_the_language_asked_for(client: Client, world: World) -> None:
    world.scored_values["shop-1/t-1"] = 90.0
    portuguese = client.post("/api/v1/analyze", json=PAYMENT, headers={"accept-language": "pt-BR"}).json()
    english = client.post("/api/v1/analyze", json=PAYMENT, headers={"accept-language": "en"}).json()
    assert portuguese["recommendations"][0].startswith("Recuse")
    assert english["recommendations"][0].startswith("Refuse")
