"""How the scoring calls are described in the OpenAPI document: shapes, and an example of each body."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from fastapi import FastAPI

from api.idempotency import HEADER
from api.rest.wire import Answer, BetIn, BetOut, PaymentIn, PaymentOut, PaySimIn, PaySimOut, PaySimRow, Wire

REFERENCE = "#/components/schemas/{name}"
_VERSIONS = {"features": "3", "rules": "2", "lists": "0", "typologies": "1", "policy": "1", "model": "absent"}
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_SIGNAL = {
    "name": "velocity",
    "points": 35.5,
    "text": "7 transactions within 1 hour",
    "event_ids": ["tx:b-1"],
    "total_events": 7,
}
_ROW = {
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
EXAMPLES: dict[type, Any] = {
    BetIn: {
        "transaction_id": "b-1",
        "user_id": "u-9",
        "amount_brl": "150.75",
        "user_ip": "200.1.2.3",
        "device_fingerprint": "AA:BB:CC:DD:EE:FF",
        "bet_site": "luckyfox.bet.br",
        "timestamp": "2026-01-20T10:00:00-03:00",
    },
    BetOut: {
        "transaction_id": "b-1",
        "fraud_score": 0.355,
        "risk_level": "medium",
        "decision": "review",
        "reasons": [_SIGNAL],
        "versions": _VERSIONS,
        "degraded": [],
        "truncated": [],
        "processing_time_ms": 1.204,
        "trace_id": _TRACE,
    },
    PaySimIn: {"transactions": [_ROW]},
    PaySimOut: {
        "transaction_id": "p-1",
        "fraud_score": 0.1,
        "risk_level": "low",
        "decision": "approve",
        "reasons": [],
        "versions": _VERSIONS,
        "degraded": [],
        "truncated": [],
        "error": None,
        "processing_time_ms": 1.87,
        "trace_id": _TRACE,
    },
    PaymentIn: {
        "transaction_id": "t-1",
        "merchant_id": "shop-1",
        "amount": "49.90",
        "currency": "BRL",
        "payment_method": "pix",
        "customer_document_hash": "9f86d081884c7d65",
        "customer_email_hash": "60303ae22b998861",
        "customer_ip": "200.1.2.3",
        "metadata": {"timestamp": "2026-01-20T10:00:00-03:00"},
    },
    PaymentOut: {
        "transaction_id": "t-1",
        "risk_score": 35.5,
        "decision": "review",
        "rules_triggered": ["velocity"],
        "ml_score": None,
        "processing_time_ms": 1.31,
        "recommendations": ["Hold the money until a person has looked at the transaction."],
        "reasons": ["7 transactions within 1 hour"],
        "signals": [_SIGNAL],
        "versions": _VERSIONS,
        "degraded": False,
        "causes": [],
        "truncated": [],
        "trace_id": _TRACE,
    },
}


def documented(given: type[Wire], answered: Any) -> dict[str, Any]:
    """Arguments of a route that say what its body and its answer look like."""
    record: type[Answer] = (get_args(answered) or (answered,))[0]
    shape: dict[str, Any] = {"$ref": REFERENCE.format(name=record.__name__)}
    listed = record is not answered
    key = {"name": HEADER, "in": "header", "required": False, "schema": {"type": "string"}}
    body = {"schema": {"$ref": REFERENCE.format(name=given.__name__)}, "example": EXAMPLES[given]}
    answer = {
        "schema": {"type": "array", "items": shape} if listed else shape,
        "example": [EXAMPLES[record]] if listed else EXAMPLES[record],
    }
    return {
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"application/json": body}},
            "parameters": [key | {"description": "The same key and body again get the same answer, byte for byte."}],
        },
        "responses": {200: {"content": {"application/json": answer}}},
    }


def describe(app: FastAPI) -> None:
    """Add the shapes that `documented` names to the OpenAPI document of `app`."""
    plain = app.openapi

    def with_shapes() -> dict[str, Any]:
        document = plain()
        shapes = document.setdefault("components", {}).setdefault("schemas", {})
        _, answers = msgspec.json.schema_components([BetOut, PaySimOut, PaymentOut], ref_template=REFERENCE)
        shapes.update(answers)
        shapes.update((kind.__name__, kind.model_json_schema()) for kind in (BetIn, PaySimIn, PaySimRow, PaymentIn))
        shapes["PaySimIn"]["properties"]["transactions"]["items"] = {"$ref": REFERENCE.format(name="PaySimRow")}
        return document

    app.openapi = with_shapes  # type: ignore[method-assign]  # the way FastAPI names for it
