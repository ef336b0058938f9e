"""PaySim CSV: steps of an hour, mobile-money payments with balances, `isFraud` per row."""

from __future__ import annotations

from graph.errors import RejectedRecord
from graph.events import Movement, MovementKind
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.row_format import RowFormat
from ingest.loaders.step_time import HOUR_MS, StepClock, parse_step
from ingest.loaders.time_order import Group
from ingest.validate import parse_label, rounded_cents

_COLUMNS = (
    "step",
    "type",
    "amount",
    "nameOrig",
    "oldbalanceOrg",
    "newbalanceOrig",
    "nameDest",
    "oldbalanceDest",
    "newbalanceDest",
    "isFraud",
)
_CLOCK = StepClock(HOUR_MS)
_KINDS = {
    "CASH_IN": MovementKind.DEPOSIT,
    "CASH_OUT": MovementKind.WITHDRAWAL,
    "DEBIT": MovementKind.WITHDRAWAL,
    "PAYMENT": MovementKind.CARD_PAYMENT,
    "TRANSFER": MovementKind.TRANSFER,
}


def _events(cells: tuple[str, ...], intake: Intake) -> Group:
    step, kind, amount, origin, _, _, target, _, _, fraud = cells
    if kind not in _KINDS:
        raise RejectedRecord("unknown_kind", field="type", value=kind, cure=f"give one of {', '.join(_KINDS)}")
    tx_id, ts = _CLOCK.place(parse_step(step), ",".join(cells[:-1]))
    source, destination = (target, origin) if kind == "CASH_IN" else (origin, target)
    movement = Movement(
        event_id=f"tx:paysim-{tx_id}",
        ts=ts,
        source=intake.accounts[source],
        target=intake.accounts[destination],
        amount_cents=rounded_cents(amount),
        kind=_KINDS[kind],
        channel=kind.lower(),
    )
    label = parse_label(fraud)
    return (movement,) if label is None else (movement, tx_label(movement, label))


#: The published layout (`isFlaggedFraud` is not read). A CASH_IN moves money from the agent to the customer.
PAYSIM = RowFormat("paysim", _COLUMNS, _events)
