"""How the scoring calls are described in the OpenAPI document: shapes, and an example of each body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        "model_version": "absent",
        "probability": None,
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
        "model_version": "absent",
        "confidence": None,
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


@dataclass(frozen=True, slots=True)
class _Call:
    """One scoring call as the document shows it; `listed` when it answers with a list."""

    name: str
    meaning: str
    given: type[Wire]
    answered: type[Answer]
    listed: bool = False

    def operation(self) -> dict[str, Any]:
        """The operation in OpenAPI's words."""
        shape: dict[str, Any] = {"$ref": REFERENCE.format(name=self.answered.__name__)}
        example = EXAMPLES[self.answered]
        answer = (
            {"schema": {"type": "array", "items": shape}, "example": [example]}
            if self.listed
            else {"schema": shape, "example": example}
        )
        body = {"schema": {"$ref": REFERENCE.format(name=self.given.__name__)}, "example": EXAMPLES[self.given]}
        again = "The same key and body again get the same answer, byte for byte."
        return {
            "tags": ["scoring"],
            "summary": self.name.replace("_", " ").capitalize(),
            "description": self.meaning,
            "operationId": self.name,
            "parameters": [{"name": HEADER, "in": "header", "schema": {"type": "string"}, "description": again}],
            "requestBody": {"required": True, "content": {"application/json": body}},
            "responses": {
                "200": {"description": "Scored", "content": {"application/json": answer}},
                "422": {"description": "Refused: the error says what to change"},
                "503": {"description": "Too much is waiting, or a store does not answer: try again later"},
            },
        }


BET_PATH, ROWS_PATH, PAYMENT_PATH = "/api/transactions/score", "/api/v1/score", "/api/v1/analyze"
_CALLS = {
    BET_PATH: _Call(
        "score_transaction",
        "Score a bet or a payment around one. The same transaction again gets its first answer.",
        BetIn,
        BetOut,
    ),
    ROWS_PATH: _Call(
        "score_batch",
        "Score PaySim-shaped transactions; the answer has one entry per row, in order. A bad row gets its own error.",
        PaySimIn,
        PaySimOut,
        listed=True,
    ),
    PAYMENT_PATH: _Call(
        "analyze",
        "Judge a payment. When judging fails the decision is review, with the cause; it is never a silent approval.",
        PaymentIn,
        PaymentOut,
    ),
}


def describe(app: FastAPI) -> None:
    """Add the scoring calls to the OpenAPI document of `app`."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        document = plain()
        document["paths"].update((path, {"post": call.operation()}) for path, call in _CALLS.items())
        shapes = document.setdefault("components", {}).setdefault("schemas", {})
        _, answers = msgspec.json.schema_components([BetOut, PaySimOut, PaymentOut], ref_template=REFERENCE)
        shapes.update(answers)
        shapes.update((kind.__name__, kind.model_json_schema()) for kind in (BetIn, PaySimIn, PaySimRow, PaymentIn))
        shapes["PaySimIn"]["properties"]["transactions"]["items"] = {"$ref": REFERENCE.format(name="PaySimRow")}
        return document

    app.openapi = whole  # type: ignore[method-assign]  # the way FastAPI names for it
