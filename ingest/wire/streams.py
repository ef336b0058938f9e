"""Transactions, access logs and authentications as a bank's streams carry them, each keyed by the account."""

from __future__ import annotations

from decimal import Decimal

from graph.errors import RejectedRecord
from graph.events import Access, AuthenticationAttempt, Event, Movement, MovementKind
from graph.identity import canonical_account, canonical_device, canonical_domain_name
from ingest.validate import parse_currency, plain_text
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

MAX_CHANNEL = 64


class TransactionMessage(Message, frozen=True, kw_only=True):
    """Money moved from `account_id` to `counterparty_id`; `type` is one of the kinds of a canonical file."""

    transaction_id: Text
    timestamp: Time
    account_id: Text
    counterparty_id: Text
    amount: Decimal
    currency: str = "BRL"
    type: str | None = None
    channel: str = ""
    device_id: Text | None = None
    ip_address: str | None = None
    domain: str | None = None


class AccessMessage(Message, frozen=True, kw_only=True):
    """An account was used from a device or an address, without money moving."""

    event_id: Text
    timestamp: Time
    account_id: Text
    device_id: Text | None = None
    ip_address: str | None = None
    domain: str | None = None


class AuthenticationMessage(Message, frozen=True, kw_only=True):
    """Someone tried to prove they own an account."""

    event_id: Text
    timestamp: Time
    account_id: Text
    success: bool
    device_id: Text | None = None
    ip_address: str | None = None


def _account(value: Text, field: str, reading: Reading) -> str:
    return canonical_account(text_of(value, field), reading.keys)


def _device(value: Text | None) -> str | None:
    text = optional_text(value, "device_id")
    return None if text is None else canonical_device(text)


def _domain(value: str | None) -> str | None:
    text = optional_text(value, "domain")
    return None if text is None else canonical_domain_name(text)


def _movement(message: TransactionMessage, reading: Reading) -> Movement:
    ip, port = address_of(message.ip_address, "ip_address")
    return Movement(
        event_id=f"tx:{text_of(message.transaction_id, 'transaction_id')}",
        ts=time_of(message.timestamp, reading),
        source=_account(message.account_id, "account_id", reading),
        target=_account(message.counterparty_id, "counterparty_id", reading),
        amount_cents=cents_of(message.amount),
        currency=parse_currency(message.currency),
        kind=kind_of(message.type, otherwise=MovementKind.TRANSFER),
        channel=plain_text(message.channel, "channel", MAX_CHANNEL),
        device=_device(message.device_id),
        ip=ip,
        ip_port=port,
        domain=_domain(message.domain),
    )


def _access(message: AccessMessage, reading: Reading) -> Access:
    ip, port = address_of(message.ip_address, "ip_address")
    return Access(
        event_id=text_of(message.event_id, "event_id"),
        ts=time_of(message.timestamp, reading),
        account=_account(message.account_id, "account_id", reading),
        device=_device(message.device_id),
        ip=ip,
        ip_port=port,
        domain=_domain(message.domain),
    )


def _authentication(message: AuthenticationMessage, reading: Reading) -> AuthenticationAttempt:
    ip, port = address_of(message.ip_address, "ip_address")
    return AuthenticationAttempt(
        event_id=text_of(message.event_id, "event_id"),
        ts=time_of(message.timestamp, reading),
        account=_account(message.account_id, "account_id", reading),
        succeeded=message.success,
        device=_device(message.device_id),
        ip=ip,
        ip_port=port,
    )


def _transaction_message(event: Event) -> TransactionMessage:
    movement = movement_in(event, "transactions")
    return TransactionMessage(
        transaction_id=movement.tx_id,
        timestamp=movement.ts,
        account_id=movement.source,
        counterparty_id=movement.target,
        amount=amount_of(movement.amount_cents),
        currency=movement.currency,
        type=str(movement.kind),
        channel=movement.channel,
        device_id=movement.device,
        ip_address=address_text(movement.ip, movement.ip_port),
        domain=movement.domain,
    )


def _access_message(event: Event) -> AccessMessage:
    if not isinstance(event, Access):
        raise _other(event, "accesses")
    return AccessMessage(
        event_id=event.event_id,
        timestamp=event.ts,
        account_id=event.account,
        device_id=event.device,
        ip_address=address_text(event.ip, event.ip_port),
        domain=event.domain,
    )


def _authentication_message(event: Event) -> AuthenticationMessage:
    if not isinstance(event, AuthenticationAttempt):
        raise _other(event, "authentications")
    return AuthenticationMessage(
        event_id=event.event_id,
        timestamp=event.ts,
        account_id=event.account,
        success=event.succeeded,
        device_id=event.device,
        ip_address=address_text(event.ip, event.ip_port),
    )


def _other(event: Event, carried: str) -> RejectedRecord:
    name = type(event).__name__
    return RejectedRecord("not_in_this_form", field="event", value=name, cure=f"this topic carries {carried} only")


def _account_key(message: TransactionMessage | AccessMessage | AuthenticationMessage) -> str:
    return str(message.account_id)


TRANSACTIONS = Form(
    name="transaction",
    version=1,
    kind=TransactionMessage,
    meaning="money moved between two accounts",
    key=_account_key,
    to_event=_movement,
    to_message=_transaction_message,
)
ACCESSES = Form(
    name="access",
    version=1,
    kind=AccessMessage,
    meaning="an account was used from a device or address",
    key=_account_key,
    to_event=_access,
    to_message=_access_message,
)
AUTHENTICATIONS = Form(
    name="authentication",
    version=1,
    kind=AuthenticationMessage,
    meaning="someone tried to prove they own an account",
    key=_account_key,
    to_event=_authentication,
    to_message=_authentication_message,
)
