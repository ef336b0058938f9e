"""The same body over HTTP and over a topic is the same movement, so that sending it both ways counts once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.rest.mapping import bet_movement, instant, payment_movement, paysim_movement
from api.rest.wire import BetIn, PaymentIn, PaySimRow
from ingest.wire.betting import BETTING
from ingest.wire.payments import PAYMENTS
from ingest.wire.paysim import PAYSIM_MESSAGE
from tests.ingest.wire import worlds
from tests.ingest.wire.reading import KEYS, NOW_MS, event_of

MOMENT = "2025-04-01T12:00:00Z"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"payment_key": None},
        {"payment_key": None, "receiver": "ana@example.com"},
        {"user_id": 4711, "timestamp": 1_743_508_800},
        {"timestamp": "1743508800123", "user_ip": "::ffff:200.1.2.3", "kind": "deposit"},
        {"amount_brl": "10", "device_fingerprint": "AA:BB:CC:DD:EE:FF"},
    ],
)
def test_a_bet(change: dict[str, Any]) -> None:
    body = json.dumps(worlds.BET | change)
    over_http = bet_movement(BetIn.model_validate_json(body), keys=KEYS, now_ms=NOW_MS)
    assert event_of(BETTING, body.encode()) == over_http


@pytest.mark.parametrize("change", [{}, {"type": "cash-in"}, {"oldbalanceOrg": None, "newbalanceDest": "12.50"}])
def test_a_paysim_row(change: dict[str, Any]) -> None:
    body = json.dumps(worlds.ROW | change)
    assert event_of(PAYSIM_MESSAGE, body.encode()) == paysim_movement(PaySimRow.model_validate_json(body), keys=KEYS)


@pytest.mark.parametrize(
    "change", [{}, {"payment_method": "PIX", "card_bin": None, "card_country": None}, {"currency": "usd"}]
)
def test_a_payment(change: dict[str, Any]) -> None:
    body = json.dumps(worlds.PAYMENT | change)
    ts = instant(MOMENT, now_ms=NOW_MS)
    assert event_of(PAYMENTS, body.encode()) == payment_movement(PaymentIn.model_validate_json(body), keys=KEYS, ts=ts)
