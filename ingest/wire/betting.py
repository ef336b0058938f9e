"""Bets and payments around them, as betting backends publish them (topic `bets-transactions`, keyed by user).

The same body over HTTP (`POST /api/transactions/score`) and over the topic is the same movement: a test holds the two
together.
"""

from __future__ import annotations

from decimal import Decimal

from graph.errors import RejectedRecord
from graph.events import Event, IdentifierRef, Movement, MovementKind
from graph.identity import canonical_account, canonical_device, canonical_domain, canonical_payment_key
from ingest.wire.fields import (
    Text,
    Time,
    address_of,
    address_text,
    amount_of,
    cents_of,
    kind_of,
    movement_in,
    optional_text,
    text_of,
    time_of,
)
from ingest.wire.form import Form, Message, Reading


class Bet(Message, frozen=True, kw_only=True):
    """A bet or a payment around one; without `receiver` the holder of `payment_key` is paid, else the site."""

    transaction_id: Text
    user_id: Text
    amount_brl: Decimal
    bet_site: str
    timestamp: Time
    user_ip: str | None = None
    device_fingerprint: Text | None = None
    receiver: Text | None = None
    payment_key: Text | None = None
    kind: str | None = None


def _event(bet: Bet, reading: Reading) -> Movement:
    site = canonical_domain(text_of(bet.bet_site, "bet_site"))
    ip, port = address_of(bet.user_ip, "user_ip")
    device = optional_text(bet.device_fingerprint, "device_fingerprint")
    target = f"site:{site.registrable}"
    identifiers: tuple[IdentifierRef, ...] = ()
    payment_key = optional_text(bet.payment_key, "payment_key")
    if payment_key is not None:
        kind, canonical = canonical_payment_key(payment_key)
        key_id = reading.keys.hash(str(kind), canonical)
        target = f"key:{key_id}"
        identifiers = (IdentifierRef(kind=kind, id=key_id, holder="target"),)
    receiver = optional_text(bet.receiver, "receiver")
    if receiver is not None:
        target = canonical_account(receiver, reading.keys)
    return Movement(
        event_id=f"tx:{text_of(bet.transaction_id, 'transaction_id')}",
        ts=time_of(bet.timestamp, reading),
        source=canonical_account(text_of(bet.user_id, "user_id"), reading.keys),
        target=target,
        amount_cents=cents_of(bet.amount_brl),
        kind=kind_of(bet.kind, otherwise=MovementKind.BET),
        channel="api",
        device=canonical_device(device) if device is not None else None,
        ip=ip,
        ip_port=port,
        domain=site.name,
        identifiers=identifiers,
    )


def _message(event: Event) -> Bet:
    movement = movement_in(event, "bets")
    if movement.domain is None:
        raise RejectedRecord("not_in_this_form", field="bet_site", cure="bets name the betting site: give a domain")
    return Bet(
        transaction_id=movement.tx_id,
        user_id=movement.source,
        amount_brl=amount_of(movement.amount_cents),
        bet_site=movement.domain,
        timestamp=movement.ts,
        user_ip=address_text(movement.ip, movement.ip_port),
        device_fingerprint=movement.device,
        receiver=movement.target,
        kind=str(movement.kind),
    )


BETTING = Form(
    name="betting",
    version=1,
    kind=Bet,
    meaning="a bet or a payment around one, as betting backends send it",
    key=lambda bet: str(bet.user_id),
    to_event=_event,
    to_message=_message,
)
