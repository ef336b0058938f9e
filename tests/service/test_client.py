"""The Python client against a served process: every call, a killed server, a wrong token."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from decimal import Decimal

import pytest

from api.client import AsyncTarrafaClient, BetIn, CallRefused, NoAnswer, PaymentIn, PaySimRow, TarrafaClient
from api.client.calls import Retries
from tests.service.command import serving
from tests.service.conftest import PlayedHome

pytestmark = pytest.mark.slow

TOKEN = "a token for tests only"
PATIENT = "60000"  # ms: a busy machine is not what is tested here
PATIENT_SECONDS = 60.0
BET = BetIn(
    transaction_id="c-1",
    user_id="u-9",
    amount_brl=Decimal("150.75"),
    user_ip="200.1.2.3",
    bet_site="luckyfox.bet.br",
    timestamp="2026-01-20T10:00:00-03:00",
)
ROW = PaySimRow(transaction_id="c-2", step=5, type="CASH_OUT", amount=Decimal("99.9"), nameOrig="C1", nameDest="C2")
PAYMENT = PaymentIn(
    transaction_id="c-3",
    merchant_id="shop-1",
    amount=Decimal("49.90"),
    payment_method="pix",
    customer_document_hash="9f86d081884c7d65",
)


def test_both_clients_make_every_call_and_agree(played_home: PlayedHome) -> None:
    with serving(played_home.home, TARRAFA_API_TOKEN=TOKEN, TARRAFA_API_SCORE_DEADLINE_MS=PATIENT) as (_, address):
        with TarrafaClient(address, token=TOKEN, timeout_seconds=PATIENT_SECONDS) as client:
            bet = client.score_bet(BET, key="one")
            rows = client.score_rows([ROW, {"transaction_id": "c-4"}], key="two")
            payment = client.analyze(PAYMENT, key="three")
            found = client.graphql("query One($id: ID!) { transaction(id: $id) { id } }", id="c-1")
            pdf = client.report("ring", played_home.ring_id)
            with pytest.raises(CallRefused) as refused:
                client.score_bet(BET, key="x" * 201)
        assert (bet.transaction_id, bet.versions["model"], len(bet.trace_id)) == ("c-1", "absent", 32)
        assert 0 <= bet.fraud_score <= 1
        assert [row.error and row.error.code for row in rows] == [None, "invalid_request"]
        assert payment.decision in ("approve", "review", "deny")
        assert found == {"transaction": {"id": "c-1"}}
        assert pdf.startswith(b"%PDF")
        assert refused.value.code == "bad_idempotency_key"

        async def again() -> None:
            async with AsyncTarrafaClient(address, token=TOKEN, timeout_seconds=PATIENT_SECONDS) as client:
                assert await client.score_bet(BET, key="one") == bet
                assert await client.score_rows([ROW, {"transaction_id": "c-4"}], key="two") == rows
                assert await client.analyze(PAYMENT, key="three") == payment
                assert (await client.report("ring", played_home.ring_id, form="json")).startswith(b"{")
                many = await asyncio.gather(
                    *(client.score_bet(BET.model_copy(update={"transaction_id": f"m-{n}"})) for n in range(40))
                )
                assert [one.transaction_id for one in many] == [f"m-{n}" for n in range(40)]

        asyncio.run(again())
        with (
            TarrafaClient(address, token="a wrong token, long enough") as client,
            pytest.raises(CallRefused) as refused,
        ):
            client.graphql("{ __typename }")
        assert (refused.value.status, refused.value.code) == (401, "unauthenticated")


def test_an_answer_under_a_key_is_the_same_bytes_after_a_kill(played_home: PlayedHome) -> None:
    body = BET.model_dump_json(exclude_none=True).encode()

    def ask(address: str) -> bytes:
        headers = {"content-type": "application/json", "idempotency-key": "kept"}
        request = urllib.request.Request(f"{address}/api/transactions/score", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENT_SECONDS) as answer:
            content: bytes = answer.read()
            return content

    with serving(played_home.home, TARRAFA_API_SCORE_DEADLINE_MS=PATIENT) as (process, address):
        first = ask(address)
        process.kill()
        process.wait()
        with TarrafaClient(address, retries=Retries(2, 0.01)) as client, pytest.raises(NoAnswer):
            client.score_bet(BET)
    with serving(played_home.home, TARRAFA_API_SCORE_DEADLINE_MS=PATIENT) as (_, address):
        assert ask(address) == first
    assert json.loads(first)["transaction_id"] == "c-1"
