"""Wire bodies to movements, pure: canonical ids, exact cents, UTC milliseconds, keyed hashes for what is personal.

Who receives the money where the caller does not say: the named receiver, else the holder of the payment key (account
`key:<hash>`), else the betting site's collection account (`site:<domain>`). See docs/adr/0009.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from api.rest.wire import BetIn, PaymentIn, PaySimRow
from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, MAX_AMOUNT_CENTS, IdentifierKind, IdentifierRef, Movement, MovementKind
from graph.identity import (
    IdentifierKeys,
    canonical_account,
    canonical_device,
    canonical_domain,
    canonical_ip,
    canonical_payment_key,
)

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
FUTURE_TOLERANCE_MS = DAY_MS  # other clocks run ahead; a date of next year is a mistake
MILLISECONDS_FROM = 100_000_000_000  # whole numbers from here on are milliseconds, below seconds

#: When step 0 of PaySim begins: 2020-01-01, the same day as for files of that format.
STEP_BASE_MS = 1_577_836_800_000
PAYSIM_KINDS = {
    "CASH_IN": MovementKind.DEPOSIT,
    "CASH_OUT": MovementKind.WITHDRAWAL,
    "DEBIT": MovementKind.WITHDRAWAL,
    "PAYMENT": MovementKind.TRANSFER,
    "TRANSFER": MovementKind.TRANSFER,
}
_KINDS = {str(kind): kind for kind in MovementKind if kind is not MovementKind.LINK}


def bet_movement(body: BetIn, *, keys: IdentifierKeys, now_ms: int) -> Movement:
    """The movement of `POST /api/transactions/score`; raise `RejectedRecord` for what cannot be one."""
    site = canonical_domain(body.bet_site)
    ip, port = canonical_ip(body.user_ip) if body.user_ip else (None, None)
    target = f"site:{site.registrable}"
    identifiers: tuple[IdentifierRef, ...] = ()
    if body.payment_key:
        kind, canonical = canonical_payment_key(body.payment_key)
        key_id = keys.hash(str(kind), canonical)
        target = f"key:{key_id}"
        identifiers = (IdentifierRef(kind=kind, id=key_id, holder="target"),)
    if body.receiver:
        target = canonical_account(body.receiver, keys)
    return Movement(
        event_id=f"tx:{body.transaction_id}",
        ts=instant(body.timestamp, now_ms=now_ms),
        source=canonical_account(body.user_id, keys),
        target=target,
        amount_cents=cents(body.amount_brl, field="amount_brl"),
        kind=_kind(body.kind),
        channel="api",
        device=canonical_device(body.device_fingerprint) if body.device_fingerprint else None,
        ip=ip,
        ip_port=port,
        domain=site.name,
        identifiers=identifiers,
    )


def paysim_movement(row: PaySimRow, *, keys: IdentifierKeys) -> Movement:
    """The movement of one row of `POST /api/v1/score`; raise `RejectedRecord` for what cannot be one."""
    kind = PAYSIM_KINDS.get(row.type.upper().replace("-", "_"))
    if kind is None:
        raise RejectedRecord(
            "unknown_kind", field="type", value=row.type, cure=f"give one of {', '.join(PAYSIM_KINDS)}"
        )
    balances = {
        "new_balance_source": row.newbalanceOrig,
        "new_balance_target": row.newbalanceDest,
        "old_balance_source": row.oldbalanceOrg,
        "old_balance_target": row.oldbalanceDest,
    }
    return Movement(
        event_id=f"tx:{row.transaction_id}",
        ts=STEP_BASE_MS + row.step * HOUR_MS,
        source=canonical_account(row.nameOrig, keys),
        target=canonical_account(row.nameDest, keys),
        amount_cents=cents(row.amount, field="amount"),
        kind=kind,
        channel=row.type.lower(),
        attributes=tuple(
            (name, format(value.normalize(), "f")) for name, value in balances.items() if value is not None
        ),
    )


def payment_id(body: PaymentIn) -> str:
    """The transaction id inside: merchants number their payments themselves, so it carries the merchant."""
    return f"{body.merchant_id}/{body.transaction_id}"


def payment_movement(body: PaymentIn, *, keys: IdentifierKeys, ts: int) -> Movement:
    """The movement of `POST /api/v1/analyze`; raise `RejectedRecord` for what cannot be one.

    The hashes given are hashed again under our key: what someone else made without a key could be guessed back.
    """
    ip, port = canonical_ip(body.customer_ip) if body.customer_ip else (None, None)
    document = keys.hash(IdentifierKind.DOCUMENT, f"given:{body.customer_document_hash}")
    identifiers = [IdentifierRef(kind=IdentifierKind.DOCUMENT, id=document)]
    if body.customer_email_hash:
        email = keys.hash(IdentifierKind.EMAIL, f"given:{body.customer_email_hash}")
        identifiers.append(IdentifierRef(kind=IdentifierKind.EMAIL, id=email))
    attributes = {"card_bin": body.card_bin, "card_country": body.card_country, "tenant": body.merchant_id}
    method = body.payment_method.lower()
    return Movement(
        event_id=f"tx:{payment_id(body)}",
        ts=ts,
        source=f"customer:{document}",
        target=f"merchant:{body.merchant_id}",
        amount_cents=cents(body.amount, field="amount"),
        currency=body.currency.upper(),
        kind=MovementKind.CARD_PAYMENT if "card" in method else MovementKind.TRANSFER,
        channel=method,
        device=canonical_device(body.device_fingerprint) if body.device_fingerprint else None,
        ip=ip,
        ip_port=port,
        identifiers=tuple(identifiers),
        attributes=tuple((name, value) for name, value in attributes.items() if value),
    )


def cents(amount: Decimal, *, field: str) -> int:
    """Exact cents; raise `RejectedRecord` for negative, immense or fractional-cent amounts: nothing is rounded."""
    if amount < 0:
        raise RejectedRecord(
            "negative_amount", field=field, value=str(amount), cure="swap payer and receiver, or give the kind refund"
        )
    if amount * 100 > MAX_AMOUNT_CENTS:
        raise RejectedRecord(
            "amount_out_of_range", field=field, value=str(amount), cure="give 0 to 10^12 units of money"
        )
    whole = amount * 100
    if whole != whole.to_integral_value():
        raise RejectedRecord("fraction_of_a_cent", field=field, value=str(amount), cure="give at most two decimals")
    return int(whole)


def instant(text: str, *, now_ms: int, field: str = "timestamp") -> int:
    """UTC epoch milliseconds of ISO 8601 with zone or of epoch seconds or milliseconds.

    Raises `RejectedRecord`: not a time, no zone, before 2000, or more than a day after `now_ms`.
    """
    try:
        number = Decimal(text) if text.replace(".", "", 1).isdigit() and len(text) < 24 else None
        moment = datetime.fromisoformat(text) if number is None else None
    except ValueError as error:
        raise RejectedRecord(
            "bad_time", field=field, value=text, cure="give ISO 8601 with zone, or epoch seconds"
        ) from error
    if number is not None:
        ts = int(number if number >= MILLISECONDS_FROM else number * 1_000)
    elif moment is None or moment.tzinfo is None:
        raise RejectedRecord(
            "no_time_zone", field=field, value=text, cure="append Z for UTC or an offset such as -03:00"
        )
    else:
        delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
        ts = delta.days * DAY_MS + delta.seconds * 1_000 + delta.microseconds // 1_000
    if ts < EARLIEST_TS:
        raise RejectedRecord("time_out_of_range", field=field, value=text, cure="give a time after 2000")
    if ts > now_ms + FUTURE_TOLERANCE_MS:
        raise RejectedRecord("time_in_future", field=field, value=text, cure="give a time that has passed")
    return ts


def _kind(text: str | None) -> MovementKind:
    if not text:
        return MovementKind.BET
    kind = _KINDS.get(text.strip().lower())
    if kind is None:
        raise RejectedRecord(
            "unknown_kind", field="kind", value=text, cure=f"give one of {', '.join(_KINDS)}, or nothing"
        )
    return kind
