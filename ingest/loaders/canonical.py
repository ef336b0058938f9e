"""Tarrafa's own row: which columns it has, and how fourteen texts become a movement and its label."""

from __future__ import annotations

from graph.errors import RejectedRecord
from graph.events import LabelGiven, Movement
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.time_order import Group
from ingest.validate import parse_cents, parse_label, parse_time, plain_text

REQUIRED = ("tx_id", "ts", "source", "target", "amount")
OPTIONAL = ("currency", "kind", "channel", "device", "ip", "domain", "operator", "label", "ring")
COLUMNS = REQUIRED + OPTIONAL
MAX_TX_ID = 200
MAX_RING = 128


def why_not_columns(names: list[str]) -> str | None:
    """Return None when a header holds every required column once, else what is wrong with it."""
    absent = [name for name in REQUIRED if name not in names]
    if absent:
        return f"no column {', '.join(absent)}"
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    return f"column {', '.join(twice)} twice" if twice else None


class RowReader:
    """Turns the texts of one row, in the order of `COLUMNS` ("" where absent), into events.

    Raises `RejectedRecord` for a row that cannot be a movement. A label that cannot be read is set aside alone: what
    happened must not depend on what somebody later said about it.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def events(self, line: int, cells: tuple[str, ...], raw: str) -> Group:
        """Return the movement and, where the row has one, its label at the same time."""
        tx, time, source, target, amount, currency, kind, channel, device, ip, domain, operator, label, ring = cells
        intake = self._intake
        tx = tx.strip()
        if not tx or len(tx) > MAX_TX_ID:
            raise RejectedRecord(
                "bad_tx_id",
                field="tx_id",
                value=tx,
                cure=f"give an id of 1 to {MAX_TX_ID} characters, unique per payment",
            )
        address, port = intake.ips[ip] if ip else (None, None)
        movement = Movement(
            event_id=f"tx:{tx}",
            ts=parse_time(time.strip(), now_ms=intake.now_ms),
            source=_account(intake, "source", source),
            target=_account(intake, "target", target),
            amount_cents=parse_cents(amount),
            currency=intake.currencies[currency],
            kind=intake.kinds[kind],
            channel=intake.channels[channel],
            device=intake.devices[device] if device else None,
            ip=address,
            ip_port=port,
            domain=intake.domains[domain] if domain else None,
            operator=intake.operators[operator] if operator else None,
        )
        if movement.source == movement.target:
            intake.note("self_transfer")
        given = self._label(movement, label, ring, line, raw) if label or ring else None
        return (movement,) if given is None else (movement, given)

    def _label(self, movement: Movement, label: str, ring: str, line: int, raw: str) -> LabelGiven | None:
        try:
            value = parse_label(label)
            if value is None and not ring.strip():
                return None
            # a row that names its ring and no label belongs to that ring
            return tx_label(movement, 1 if value is None else value, ring=plain_text(ring, "ring", MAX_RING))
        except RejectedRecord as error:
            self._intake.reject(line, error, raw, row_kept=True)
            return None


def _account(intake: Intake, field: str, text: str) -> str:
    try:
        return intake.accounts[text]
    except RejectedRecord as error:
        raise RejectedRecord(error.code, field=field, value=error.value, cure=error.cure) from error
