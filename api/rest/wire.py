"""Bodies of the scoring calls as earlier systems send and expect them (names and shapes must not change).

What comes in is checked by pydantic; what goes out was made here, so it is plain msgspec records.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from graph.evidence import Decision

Text = Annotated[str, Field(min_length=1, max_length=256)]
Optional = Annotated[str | None, Field(max_length=256)]
Amount = Annotated[Decimal, Field(max_digits=30)]


class Wire(BaseModel):
    """Unknown fields are ignored (callers grow), numbers given for ids are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class BetIn(Wire):
    """A bet or a payment around one. `timestamp` is ISO 8601 with zone, or epoch seconds or milliseconds."""

    transaction_id: Text
    user_id: Text
    amount_brl: Amount
    user_ip: Optional = None
    device_fingerprint: Optional = None
    bet_site: Text
    timestamp: Text
    receiver: Optional = None
    payment_key: Optional = None
    kind: Optional = None


class PaySimRow(Wire):
    """A PaySim-shaped transaction; `step` counts hours, balances are kept as attributes."""

    transaction_id: Text
    step: int = Field(ge=0, le=500_000)
    type: Text
    amount: Amount
    nameOrig: Text
    oldbalanceOrg: Amount | None = None
    newbalanceOrig: Amount | None = None
    nameDest: Text
    oldbalanceDest: Amount | None = None
    newbalanceDest: Amount | None = None


class PaySimIn(Wire):
    """Rows are checked one by one: a bad one gets its own error."""

    transactions: list[Any]


class PaymentIn(Wire):
    """A payment as the orchestrator sends it; personal fields are hashes of the sender's making."""

    transaction_id: Text
    merchant_id: Text
    amount: Amount
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "BRL"
    payment_method: Text
    customer_document_hash: Text
    customer_email_hash: Optional = None
    customer_ip: Optional = None
    device_fingerprint: Optional = None
    card_bin: Annotated[str | None, Field(pattern=r"^\d{6,8}$")] = None
    card_country: Annotated[str | None, Field(pattern=r"^[A-Za-z]{2,3}$")] = None
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Traced:
    """The call that is being answered: its trace id, and when it began (seconds of `perf_counter`)."""

    trace_id: str
    started: float

    def elapsed_ms(self) -> float:
        """Milliseconds since it began."""
        return round((perf_counter() - self.started) * 1_000, 3)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer."""


class Reason(Answer, frozen=True, kw_only=True):
    """One signal that counted: its share of the 0-100 score, in words, and the events that prove it (the first ones;
    `total_events` says how many there were)."""

    name: str
    points: float
    text: str
    event_ids: list[str]
    total_events: int


class BetOut(Answer, frozen=True, kw_only=True):
    """`fraud_score` is 0 to 1; `risk_level` low, medium or high as the decision is approve, review or deny.

    `degraded` names sources that could not answer, `truncated` searches that were cut at a budget. `model_version` is
    "absent" while no learnt model is in force; `probability` is the model's own, null where it did not answer.
    """

    transaction_id: str
    fraud_score: float
    risk_level: str
    decision: Decision
    reasons: list[Reason]
    versions: dict[str, str]
    degraded: list[str]
    truncated: list[str]
    model_version: str
    probability: float | None
    processing_time_ms: float
    trace_id: str


class RowError(Answer, frozen=True, kw_only=True):
    """Why one row was not scored, and what to change."""

    code: str
    field: str
    message: str
    cure: str


class PaySimOut(Answer, frozen=True, kw_only=True):
    """A score or an error, in the place of the row it answers. `confidence` is how sure the learnt model is of what it
    says, 0.5 to 1; null where there is none or it did not answer."""

    transaction_id: str | None
    fraud_score: float | None = None
    risk_level: str | None = None
    decision: Decision | None = None
    reasons: list[Reason] = []
    versions: dict[str, str] = {}
    degraded: list[str] = []
    truncated: list[str] = []
    model_version: str | None = None
    confidence: float | None = None
    error: RowError | None = None
    processing_time_ms: float
    trace_id: str


class PaymentOut(Answer, frozen=True, kw_only=True):
    """`risk_score` is 0 to 100, or null when it could not be computed: then `decision` is review, `degraded` is true
    and `causes` says why. `reasons` are the words of `rules_triggered`, in their order; `signals` are the strongest of
    them with points and evidence."""

    transaction_id: str
    risk_score: float | None
    decision: Decision
    rules_triggered: list[str]
    ml_score: float | None
    processing_time_ms: float
    recommendations: list[str]
    reasons: list[str] = []
    signals: list[Reason] = []
    versions: dict[str, str] = {}
    degraded: bool
    causes: list[str]
    truncated: list[str] = []
    trace_id: str
