"""Payments as an orchestrator publishes them (topic `payment-events`, keyed by the customer's document hash).

The same as `POST /api/v1/analyze`. Personal fields are hashes of the sender's making and are hashed again under our
key: what someone else made without a key could be guessed back. So these messages cannot be written from events.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from graph.errors import RejectedRecord
from graph.events import IdentifierKind, IdentifierRef, Movement, MovementKind
from graph.identity import canonical_device
from ingest.wire.fields import Text, address_of, cents_of, optional_text, text_of, time_of
from ingest.wire.form import Form, Message, Reading


class Payment(Message, frozen=True, kw_only=True):
    """A payment by card, instant payment, boleto or wallet; `metadata.timestamp` is its time where given."""

    transaction_id: Text
    merchant_id: Text
    amount: Decimal
    payment_method: str
    customer_document_hash: Text
    currency: str = "BRL"
    customer_email_hash: Text | None = None
    customer_ip: str | None = None
    device_fingerprint: Text | None = None
    card_bin: Text | None = None
    card_country: str | None = None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


def _event(payment: Payment, reading: Reading) -> Movement:
    keys = reading.keys
    merchant = text_of(payment.merchant_id, "merchant_id")
    ip, port = address_of(payment.customer_ip, "customer_ip")
    device = optional_text(payment.device_fingerprint, "device_fingerprint")
    given = text_of(payment.customer_document_hash, "customer_document_hash")
    document = keys.hash(IdentifierKind.DOCUMENT, f"given:{given}")
    identifiers = [IdentifierRef(kind=IdentifierKind.DOCUMENT, id=document)]
    email = optional_text(payment.customer_email_hash, "customer_email_hash")
    if email is not None:
        identifiers.append(
            IdentifierRef(kind=IdentifierKind.EMAIL, id=keys.hash(IdentifierKind.EMAIL, f"given:{email}"))
        )
    method = text_of(payment.payment_method, "payment_method").lower()
    when = payment.metadata.get("timestamp")
    if when is not None and not isinstance(when, str | int | float):
        raise RejectedRecord("bad_time", field="metadata.timestamp", value=when, cure="give ISO 8601 with zone")
    attributes = {"card_bin": _bin(payment.card_bin), "card_country": payment.card_country, "tenant": merchant}
    return Movement(
        event_id=f"tx:{merchant}/{text_of(payment.transaction_id, 'transaction_id')}",
        ts=time_of(when, reading),
        source=f"customer:{document}",
        target=f"merchant:{merchant}",
        amount_cents=cents_of(payment.amount),
        currency=payment.currency.upper(),
        kind=MovementKind.CARD_PAYMENT if "card" in method else MovementKind.TRANSFER,
        channel=method,
        device=canonical_device(device) if device is not None else None,
        ip=ip,
        ip_port=port,
        identifiers=tuple(identifiers),
        attributes=tuple((name, value) for name, value in attributes.items() if value),
    )


def _bin(value: Text | None) -> str | None:
    """The first digits of a card; more than eight would be the card itself."""
    text = optional_text(value, "card_bin")
    if text is not None and not (text.isdigit() and 6 <= len(text) <= 8):
        raise RejectedRecord(
            "bad_card_bin", field="card_bin", cure="give the first 6 to 8 digits, never the whole number"
        )
    return text


PAYMENTS = Form(
    name="payment",
    version=1,
    kind=Payment,
    meaning="a payment as a payment orchestrator sends it, personal fields as hashes",
    key=lambda payment: str(payment.customer_document_hash),
    to_event=_event,
)
