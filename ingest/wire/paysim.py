"""PaySim-shaped transactions (topic `paysim-transactions`, keyed by who pays), as rows of `POST /api/v1/score`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from graph.errors import RejectedRecord
from graph.events import Event, Movement, MovementKind
from graph.identity import canonical_account
from ingest.validate import checked_time
from ingest.wire.fields import Text, amount_of, cents_of, movement_in, text_of
from ingest.wire.form import Form, Message, Reading

HOUR_MS = 3_600_000
#: When step 0 begins: 2020-01-01, the same day as over HTTP and in files of that format.
STEP_BASE_MS = 1_577_836_800_000
MAX_STEP = 500_000
KINDS = {
    "CASH_IN": MovementKind.DEPOSIT,
    "CASH_OUT": MovementKind.WITHDRAWAL,
    "DEBIT": MovementKind.WITHDRAWAL,
    "PAYMENT": MovementKind.TRANSFER,
    "TRANSFER": MovementKind.TRANSFER,
}
_WORDS = {MovementKind.DEPOSIT: "CASH_IN", MovementKind.WITHDRAWAL: "CASH_OUT", MovementKind.TRANSFER: "TRANSFER"}
_BALANCES = {
    "new_balance_source": "newbalanceOrig",
    "new_balance_target": "newbalanceDest",
    "old_balance_source": "oldbalanceOrg",
    "old_balance_target": "oldbalanceDest",
}


class PaySimTransaction(Message, frozen=True, kw_only=True):
    """One transaction; `step` counts hours, balances are kept beside the movement."""

    transaction_id: Text
    step: int
    type: str
    amount: Decimal
    nameOrig: Text
    nameDest: Text
    oldbalanceOrg: Decimal | None = None
    newbalanceOrig: Decimal | None = None
    oldbalanceDest: Decimal | None = None
    newbalanceDest: Decimal | None = None


def _event(row: PaySimTransaction, reading: Reading) -> Movement:
    if not 0 <= row.step <= MAX_STEP:
        raise RejectedRecord("bad_step", field="step", value=row.step, cure=f"give hours from 0 to {MAX_STEP}")
    word = text_of(row.type, "type")
    kind = KINDS.get(word.upper().replace("-", "_"))
    if kind is None:
        raise RejectedRecord("unknown_kind", field="type", value=word, cure=f"give one of {', '.join(KINDS)}")
    balances = {name: getattr(row, field) for name, field in _BALANCES.items()}
    return Movement(
        event_id=f"tx:{text_of(row.transaction_id, 'transaction_id')}",
        ts=checked_time(STEP_BASE_MS + row.step * HOUR_MS, given=row.step, now_ms=reading.now_ms),
        source=canonical_account(text_of(row.nameOrig, "nameOrig"), reading.keys),
        target=canonical_account(text_of(row.nameDest, "nameDest"), reading.keys),
        amount_cents=cents_of(row.amount),
        kind=kind,
        channel=word.lower(),
        attributes=tuple((name, _plain(value, name)) for name, value in balances.items() if value is not None),
    )


def _plain(balance: Decimal, field: str) -> str:
    if not balance.is_finite() or balance.adjusted() > 20:
        raise RejectedRecord("bad_amount", field=field, value=str(balance), cure="give the balance as a number")
    return format(balance.normalize(), "f")


def _message(event: Event) -> PaySimTransaction:
    movement = movement_in(event, "PaySim rows")
    word = movement.channel.upper()
    if KINDS.get(word) is not movement.kind:
        word = _WORDS.get(movement.kind, "")
    step, rest = divmod(movement.ts - STEP_BASE_MS, HOUR_MS)
    if not word or rest or not 0 <= step <= MAX_STEP:
        raise RejectedRecord(
            "not_in_this_form",
            field="step" if word else "type",
            value=movement.ts if word else str(movement.kind),
            cure="PaySim rows have whole hours from 2020 on, deposits, withdrawals and transfers",
        )
    attributes = dict(movement.attributes)
    balances: dict[str, Any] = {
        field: Decimal(attributes[name]) for name, field in _BALANCES.items() if name in attributes
    }
    return PaySimTransaction(
        transaction_id=movement.tx_id,
        step=step,
        type=word,
        amount=amount_of(movement.amount_cents),
        nameOrig=movement.source,
        nameDest=movement.target,
        **balances,
    )


PAYSIM_MESSAGE = Form(
    name="paysim",
    version=1,
    kind=PaySimTransaction,
    meaning="a PaySim-shaped mobile money transaction",
    key=lambda row: str(row.nameOrig),
    to_event=_event,
    to_message=_message,
)
