"""Bodies of the scoring calls as earlier systems send and expect them (names and shapes must not change)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from graph.evidence import Decision

Text = Annotated[str, Field(min_length=1, max_length=256)]
Optional = Annotated[str | None, Field(None, max_length=256)]
Amount = Annotated[Decimal, Field(max_digits=30)]


class Wire(BaseModel):
    """Unknown fields are ignored (callers grow), numbers given for ids are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class BetIn(Wire):
    """A bet or a payment around one. `timestamp` is ISO 8601 with zone, or epoch seconds or milliseconds."""

    transaction_id: Text
    user_id: Text
    amount_brl: Amount
    user_ip: Optional
    device_fingerprint: Optional
    bet_site: Text
    timestamp: Text
    receiver: Optional
    payment_key: Optional
    kind: Optional


class BetOut(Wire):
    """`fraud_score` is 0 to 1; `risk_level` low, medium or high as the decision is approve, review or deny."""

    transaction_id: str
    fraud_score: float
    risk_level: str
    decision: Decision
    degraded: list[str]
    truncated: list[str]


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

    transactions: list[dict[str, Any]]


class RowError(Wire):
    """Why one row was not scored, and what to change."""

    code: str
    field: str
    message: str
    cure: str


class PaySimOut(Wire):
    """A score or an error, in the place of the row it answers."""

    transaction_id: str | None
    fraud_score: float | None = None
    risk_level: str | None = None
    decision: Decision | None = None
    versions: dict[str, str] = {}
    degraded: list[str] = []
    error: RowError | None = None


class PaymentIn(Wire):
    """A payment as the orchestrator sends it; personal fields are hashes of the sender's making."""

    transaction_id: Text
    merchant_id: Text
    amount: Amount
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "BRL"
    payment_method: Text
    customer_document_hash: Text
    customer_email_hash: Optional
    customer_ip: Optional
    device_fingerprint: Optional
    card_bin: Annotated[str | None, Field(None, pattern=r"^\d{6,8}$")]
    card_country: Annotated[str | None, Field(None, pattern=r"^[A-Za-z]{2,3}$")]
    metadata: dict[str, Any] = {}


class PaymentOut(Wire):
    """`risk_score` is 0 to 100, or null when it could not be computed: then `decision` is review, `degraded` is true
    and `causes` says why. `reasons` are the words of `rules_triggered`, in their order."""

    transaction_id: str
    risk_score: float | None
    decision: Decision
    rules_triggered: list[str]
    ml_score: float | None
    processing_time_ms: float
    recommendations: list[str]
    reasons: list[str]
    degraded: bool
    causes: list[str]
